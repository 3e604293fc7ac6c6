import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { refuseContent } from "../../components/content-rules.ts";
import { Job } from "../../components/job.ts";
import { SecretSet } from "../../components/secret-set.ts";
import { forBrowser, forBuild, forBuildAndRun, Service, type ServiceArgs } from "../../components/service.ts";
import { StaticSite } from "../../components/static-site.ts";
import { Worker } from "../../components/worker.ts";
import { knownCredentials, readPulled } from "../../platforms/app-platform/pull.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Platform } from "../../platforms/platform.ts";
import { record } from "../harness.ts";

const image = { registry: "ghcr.io" as const, repository: "acme/web", digest: `sha256:${"a".repeat(64)}` };
const source = { github: "acme/web", branch: "main" };
const scale = { memory: 1024, dedicated: false, replicas: 1 };

async function specOf(program: (platform: Platform) => unknown): Promise<Record<string, Record<string, unknown>[]>> {
  const { resources } = await record(async () => {
    const choice = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" } as const;
    const platform = await loadPlatform(choice, { system: "shop", stack: "staging", environment: "staging" });
    program(platform);
    refuseContent(platform);
    platform.complete();
  });
  return resources.find(({ name }) => name === "app")?.inputs["spec"] as Record<string, Record<string, unknown>[]>;
}

const serve = (platform: Platform, more: Partial<ServiceArgs>) =>
  new Service("web", { platform, image, port: 80, scale, health: { live: "/l", ready: "/r" }, env: {}, ...more });

describe("variables", () => {
  const scopes = async (more: Partial<ServiceArgs>) => {
    const { services = [] } = await specOf((platform) => serve(platform, more));
    return Object.fromEntries((services[0]?.["envs"] as { key: string; scope: string }[]).map(({ key, scope }) => [key, scope]));
  };

  test("of the build, of both, and for browsers", async () => {
    const env = { A: "1", B: forBuild("2"), C: forBuildAndRun(pulumi.secret("c-91kd02")), D: forBrowser("4") };
    expect(await scopes({ image: source, env })).toEqual({
      A: "RUN_TIME",
      B: "BUILD_TIME",
      C: "RUN_AND_BUILD_TIME",
      D: "RUN_AND_BUILD_TIME",
    });
    expect(await scopes({ env: { D: forBrowser("4") } })).toEqual({ D: "RUN_TIME" });
  });

  test("for browsers are never what another resource produces", async () => {
    await expect(
      specOf((platform) => serve(platform, { env: { A: forBrowser(pulumi.output("x") as unknown as string) } })),
    ).rejects.toThrow("web:\n  env.A: forBrowser takes plain values");
  });

  test("come from several sets, each from one", async () => {
    const set = (platform: Platform, name: string, key: string) =>
      new SecretSet(name, { platform, values: { [key]: pulumi.output("x-91kd02") } });
    const { services } = await specOf((platform) => serve(platform, { secrets: [set(platform, "a", "A"), set(platform, "b", "B")] }));
    expect(services?.[0]?.["envs"]).toHaveLength(2);
    const twice = specOf((platform) => serve(platform, { secrets: [set(platform, "a", "A"), set(platform, "b", "A")] }));
    await expect(twice).rejects.toThrow("web:\n  A: stands in two sets of secrets. Remove one of them.");
  });

  test("are checked whoever they are for", async () => {
    const open = { BACKEND_CORS_ORIGINS: forBrowser("*") };
    await expect(specOf((platform) => serve(platform, { env: open }))).rejects.toThrow('BACKEND_CORS_ORIGINS: "*" lets every site in');
    const env = { SECRET: "changethis" };
    const others: ((platform: Platform) => unknown)[] = [
      (platform) => new Worker("crew", { platform, image, scale, env }),
      (platform) => new Job("task", { platform, image, scale, env, when: "before", command: ["x"] }),
      (platform) => new StaticSite("site", { platform, source, env }),
    ];
    for (const program of others) await expect(specOf(program)).rejects.toThrow("SECRET: still holds the placeholder of a template");
  });
});

test("workers, jobs and sites are parts of the App by their own names", async () => {
  const spec = await specOf((platform) => {
    new Worker("crew", { platform, image, scale, env: {} });
    new Job("task", { platform, image, scale, env: {}, when: "failed-deploy", command: ["tidy"] });
    new StaticSite("site", { platform, source });
  });
  expect(spec).toMatchObject({
    workers: [{ name: "crew" }],
    jobs: [{ name: "task", kind: "FAILED_DEPLOY" }],
    staticSites: [{ name: "site" }],
  });
});

test("one name is one thing", async () => {
  const twice = (platform: Platform) => {
    new Worker("web", { platform, image, scale, env: {} });
    serve(platform, {});
  };
  await expect(specOf(twice)).rejects.toThrow('There are two services named "web". Give one of them another name.');
});

describe("credentials of private images", () => {
  const pull = { user: "robot", token: pulumi.secret("t"), generation: 2 };
  const program = (name: string) => ({ name, image, scale, env: {}, pull });
  const programs = (...names: string[]) => ({
    services: new Map(names.map((name) => [name, { ...program(name), port: 80, health: { live: { path: "/" }, ready: { path: "/" } } }])),
    workers: new Map(),
    jobs: new Map(),
  });
  const state = (generation: number, ...names: string[]) =>
    readPulled([
      { type: "digitalocean:index/app:App", name: "app", outputs: { spec: { services: names.map((name) => ({ name })) } } },
      { type: "groundwork:components:Service", name: "web", outputs: { pulled: { web: generation } } },
    ]);
  const path = (index: number): string => `spec.services[${index}].image.registryCredentials`;

  test.each([
    ["the same generation in the same place", state(2, "web"), programs("web"), [path(0)]],
    ["another generation", state(1, "web"), programs("web"), []],
    ["another place, where another service's would be kept", state(2, "web"), programs("api", "web"), []],
    ["a new App", readPulled([]), programs("web"), []],
  ])("%s", (_, pulled, asked, ignored) => {
    expect(knownCredentials(asked, pulled)).toEqual(ignored);
  });
});
