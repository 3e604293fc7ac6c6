import * as z from "zod";
import { manual, push } from "../../../components/github/definition.ts";
import { EdgeProxy } from "../../../components/edge-proxy.ts";
import { Service } from "../../../components/service.ts";
import { Zone } from "../../../components/zone.ts";
import { defineSystem } from "../../../systems/define-system.ts";

/** The program has a repository of its own; the application's, which is public, hands over what it builds. Nobody reviews deploys. */
export default defineSystem({
  services: ["api"],
  provided: {},

  delivery: {
    repositories: {
      infrastructure: { visibility: "private", program: true },
      shop: {
        visibility: "public",
        builds: { api: { context: "api" } },
        ci: [{ name: "Test", steps: [{ name: "Test", workingDirectory: "api", run: "[ ! -s broken ]" }] }],
        migrations: [{ service: "api", folder: "api/migrations" }],
      },
    },
    environments: {
      staging: { deploysOn: push("main") },
      production: { deploysOn: manual(), promotes: "staging" },
    },
    tell: "slack",
  },

  schema: ({ scale }) => ({ sizes: z.strictObject({ api: scale }) }),

  shared({ system, zone, existing }) {
    new Zone("zone", { domain: zone, project: system, existing });
    return { zone };
  },

  build({ domain, zone, images, sizes }, platform) {
    const health = { live: "/live", ready: "/ready" };
    const api = new Service("api", { platform, image: images.api, port: 80, scale: sizes.api, health, migrate: ["./migrate"], env: {} });
    new EdgeProxy("edge", { platform, zone, domain, hosts: { api } });
    return {};
  },
});
