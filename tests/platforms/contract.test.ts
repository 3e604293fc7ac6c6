import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { Service } from "../../components/service.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Platform, PlatformContext, PlatformService } from "../../platforms/platform.ts";
import { record } from "../harness.ts";

/** What every platform has to keep to; one entry per platform. */
const choices: readonly PlatformChoice[] = [{ type: "app-platform", region: "fra", network: "10.42.0.0/20" }];
const context: PlatformContext = { system: "shop", stack: "staging", environment: "staging" };

const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` };
const scale = { memory: 1024, dedicated: false, replicas: 1 };
const service = (name: string): PlatformService => ({
  name,
  image,
  port: 80,
  scale,
  env: { B: "2", A: "1" },
  health: { live: "/l", ready: "/r" },
});

describe.each(choices)("$type", (choice) => {
  /** Runs a program against the platform, completes it, and gives what was registered. */
  const run = async (program: (platform: Platform) => void) =>
    (
      await record(async () => {
        const platform = await loadPlatform(choice, context);
        program(platform);
        platform.complete();
      })
    ).resources;

  /** Runs calls against a completed platform. */
  const late = async (call: (platform: Platform) => unknown) =>
    record(async () => {
      const platform = await loadPlatform(choice, context);
      platform.complete();
      call(platform);
    });

  const steps: ((platform: Platform) => unknown)[] = [
    (platform) => platform.addService(service("web")),
    (platform) => platform.addService(service("api")),
    (platform) => platform.addJob({ name: "api-migrate", image, command: ["migrate"], scale, env: {} }),
    (platform) => platform.addJob({ name: "web-migrate", image, command: ["migrate"], scale, env: {} }),
    (platform) => platform.expose("www.example.com", "web"),
    (platform) => platform.expose("api.example.com", "api"),
  ];

  test("the order in which things are gathered leaves no trace", async () => {
    const forwards = await run((platform) => steps.forEach((step) => step(platform)));
    const backwards = await run((platform) => steps.toReversed().forEach((step) => step(platform)));
    expect(forwards).not.toEqual([]);
    expect(backwards).toEqual(forwards);
  });

  test("nothing is registered before it is completed", async () => {
    const { resources } = await record(async () => {
      const platform = await loadPlatform(choice, context);
      steps.forEach((step) => step(platform));
    });
    expect(resources).toEqual([]);
  });

  test.each<[string, (platform: Platform) => unknown]>([
    ['service "late"', (platform) => platform.addService(service("late"))],
    ['job "late"', (platform) => platform.addJob({ name: "late", image, command: ["x"], scale, env: {} })],
    ['host "late.example.com"', (platform) => platform.expose("late.example.com", "late")],
    ["A network", (platform) => platform.joinNetwork("id")],
    ["A dependency", (platform) => platform.after({} as pulumi.CustomResource)],
    ["A project member", (platform) => platform.addToProject("do:x:1")],
    ["complete()", (platform) => platform.complete()],
  ])("%s is refused afterwards", async (what, call) => {
    await expect(late(call)).rejects.toThrow(
      `${what} came after the platform was completed. Create it while the system's build function runs.`,
    );
  });

  test("two services of one name are refused, and a host that leads nowhere", async () => {
    const twice = (platform: Platform) => [platform.addService(service("web")), platform.addService(service("web"))];
    await expect(run(twice)).rejects.toThrow('There are two services named "web". Give one of them another name.');
    const nowhere = (platform: Platform) => platform.expose("www.example.com", "web");
    await expect(run(nowhere)).rejects.toThrow('www.example.com leads to "web", and there is no such service.');
  });

  test("an image counts as running once it is deployed", async () => {
    const { result } = await record(async () => {
      const platform = await loadPlatform(choice, context);
      const args = { platform, image, port: 80, scale, health: { live: "/l", ready: "/r" }, env: {} };
      const web = new Service("web", args);
      platform.complete();
      return { image: web.image, url: web.url };
    });
    expect(result).toEqual({ image: `ghcr.io/acme/web@${image.digest}`, url: "http://web:80" });
  });
});
