import { describe, expect, test } from "vitest";
import * as z from "zod";
import { ConfigError } from "../../config/errors.ts";
import { loadEnvironment } from "../../config/load.ts";
import type { SizeSchemas } from "../../config/schema.ts";

const system = {
  services: ["web"] as const,
  provided: {},
  schema: ({ scale, databaseSize }: SizeSchemas) => ({ sizes: z.strictObject({ web: scale, database: databaseSize }) }),
};

const right: Record<string, unknown> = {
  "pulumi:disable-default-providers": ["docker"],
  "groundwork:environment": "local",
  "groundwork:platform": { type: "docker-host" },
  "groundwork:domain": "shop.localhost",
  "groundwork:sizes": { web: { memory: "100 MB" }, database: { memory: "1 GB", cpu: 0.5 } },
  "groundwork:images": "none",
};

function load(changes: Record<string, unknown> = {}, stack = "local") {
  const values = Object.entries({ ...right, ...changes }).filter(([, value]) => value !== undefined);
  const texts = values.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return loadEnvironment(
    { project: "shop", stack, values: Object.fromEntries(texts) as Record<string, string>, secretKeys: new Set(), images: undefined },
    system,
  );
}

function problems(changes: Record<string, unknown>, stack?: string): string[] {
  try {
    load(changes, stack);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

test("a right file is read whole, with defaults; sizes are any amount", () => {
  expect(load()).toMatchObject({
    platform: { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 },
    domain: "shop.localhost",
    sizes: { web: { memory: 100, dedicated: false, replicas: 1 }, database: { memory: 1024, cpu: 0.5, standby: 0 } },
  });
  expect(load()).not.toHaveProperty("zone");
});

const sizes = (web: object, database: object = {}) => ({
  "groundwork:sizes": { web: { memory: "1 GB", ...web }, database: { memory: "1 GB", ...database } },
});

describe("one thing wrong gives one line", () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      "an image that needs a login",
      { "groundwork:images": { web: `registry.digitalocean.com/house/web@sha256:${"a".repeat(64)}` } },
      'images/web: cannot be pulled from "registry.digitalocean.com", which is private, and a Docker host logs in nowhere yet. Push it to "ghcr.io", "docker.io".',
    ],
    [
      "an engine elsewhere",
      { "groundwork:platform": { type: "docker-host", host: "ssh://root@example.com" } },
      'platform/host: must be the socket of this machine\'s Docker engine, such as "unix:///var/run/docker.sock", got "ssh://root@example.com".',
    ],
    ["no port", { "groundwork:platform": { type: "docker-host", port: 70000 } }, "platform/port: must be at most 65535, got 70000."],
    [
      "an option of App Platform",
      { "groundwork:platform": { type: "docker-host", region: "fra" } },
      'platform: unknown key "region". It is an option of "app-platform", not of "docker-host". Remove it.',
    ],
    [
      "a public domain",
      { "groundwork:domain": "example.com" },
      'domain: "example.com" would need DNS and TLS, which a Docker host does not have yet. Use "localhost", or one that ends in ".localhost" or "localhost.tiangolo.com".',
    ],
    ["a zone", { "groundwork:zone": "shop.localhost" }, "zone: has no meaning on a Docker host, which needs no DNS records. Remove it."],
    [
      "a project",
      { "groundwork:existing": { project: "create" } },
      "existing: has no meaning on a Docker host, which has no projects. Remove it.",
    ],
    [
      "default providers",
      { "pulumi:disable-default-providers": undefined },
      'pulumi:disable-default-providers: must name "docker", so that nothing lands on another engine by mistake. ' +
        "Add pulumi:disable-default-providers: [docker] to the stack file.",
    ],
    ["a range", sizes({ replicas: { min: 1, max: 2 } }), "sizes/web/replicas: must be a number: a Docker host does not scale by itself."],
    ["no replica", sizes({ replicas: 0 }), "sizes/web/replicas: must be at least 1, got 0."],
    [
      "dedicated CPUs",
      sizes({ dedicated: true }),
      "sizes/web/dedicated: does not exist on a Docker host, whose CPUs are shared. Remove it.",
    ],
    [
      "a standby node",
      sizes({}, { standby: 1 }),
      "sizes/database/standby: does not exist on a Docker host: its PostgreSQL is one container. Remove it.",
    ],
    ["hardly any memory", sizes({ memory: "5 MB" }), 'sizes/web/memory: must be at least 6 MB, the least that Docker takes, got "5 MB".'],
    ["a wrong unit", sizes({ memory: "1 TB" }), 'sizes/web/memory: must be an amount of memory such as "512 MB" or "2 GB", got "1 TB".'],
  ])("%s", (_, changes, message) => {
    expect(problems(changes)).toEqual([message]);
  });

  test("outside local", () => {
    expect(problems({ "groundwork:environment": "staging" }, "staging")).toEqual([
      'platform/type: is "docker-host", which serves this machine only, over plain http. Use it in "local", or "app-platform" here.',
    ]);
  });

  test("a host of one's own machine on App Platform", () => {
    const platform = { type: "app-platform", region: "fra", network: "10.42.0.0/20" };
    expect(problems({ ...sizes({}), "groundwork:environment": "staging", "groundwork:platform": platform }, "staging")).toEqual([
      'domain: "shop.localhost" leads to the visitor\'s own machine. Only platform type "docker-host" has such hosts.',
      "zone: is required.",
    ]);
  });
});
