import type { PlatformChoice } from "../config/schema.ts";
import type { Platform, PlatformContext } from "./platform.ts";

/** Makes the platform that the stack file chose; the code of the others is not loaded. */
export async function loadPlatform(choice: PlatformChoice, context: PlatformContext): Promise<Platform> {
  switch (choice.type) {
    case "app-platform": {
      const { createAppPlatform } = await import("./app-platform/app-platform.ts");
      return createAppPlatform(choice, context);
    }
    case "docker-host": {
      const { createDockerHost } = await import("./docker-host/docker-host.ts");
      return createDockerHost(choice, context);
    }
  }
}
