import { describe, expect, test } from "vitest";
import * as z from "zod";
import { accessSchema, sortAccess } from "../../config/access.ts";
import { Acknowledged } from "../../config/acknowledge.ts";
import type { Environment } from "../../config/environments.ts";
import { logsSchema } from "../../config/logs.ts";
import { rateLimitSchema } from "../../config/rate-limit.ts";
import { sizeSchemas } from "../../config/schema.ts";
import { postgresSchema } from "../../config/versions.ts";

const problemsOf = (schema: z.ZodType, value: unknown): string[] =>
  z
    .strictObject({ it: schema })
    .safeParse(value === undefined ? {} : { it: value })
    .error?.issues.map(({ path, message }) => `${path.join("/")}: ${message}`) ?? [];

describe("a limit of requests", () => {
  const limit = { requests: 100, seconds: 60 };
  const problems = (environment: Environment, platform: string, value: unknown, acknowledge: string[] = []): string[] => {
    const acknowledged = new Acknowledged(acknowledge);
    return [...problemsOf(rateLimitSchema(environment, acknowledged, platform), value), ...acknowledged.unused()];
  };

  test.each(["staging", "production"] as const)("is missing in %s until that is acknowledged", (environment) => {
    expect(problems(environment, "app-platform", undefined)).toEqual([
      `it: is missing, and ${environment} is open to everybody. App Platform limits nobody, so let the services limit by themselves, and accept that nobody is limited: acknowledge: ["no-rate-limit"].`,
    ]);
    expect(problems(environment, "app-platform", undefined, ["no-rate-limit"])).toEqual([]);
  });

  test("is refused where nobody counts, with the way out", () => {
    expect(problems("staging", "app-platform", limit)).toEqual([expect.stringContaining("App Platform limits nobody. Remove it")]);
  });

  test("is nothing that a machine of one's own needs, and may be asked of one; then nothing is acknowledged", () => {
    expect(problems("local", "docker-host", undefined)).toEqual([]);
    expect(problems("local", "docker-host", limit)).toEqual([]);
    expect(problems("local", "docker-host", limit, ["no-rate-limit"])).toEqual(["no-rate-limit"]);
    expect(problems("local", "docker-host", { requests: 0, seconds: 60 })).toHaveLength(1);
  });
});

describe("who may reach a database from outside", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const one = (until: string, address = "203.0.113.7") => ({ address, until });

  test("is an address, and for a time", () => {
    const schema = accessSchema("app-platform", now);
    expect(problemsOf(schema, [one("2026-11-21T18:00:00Z")])).toEqual([]);
    expect(problemsOf(schema, [one("2026-12-21T18:00:00Z")])).toEqual(["it/0/until: must lie within 7 days"]);
    expect(problemsOf(schema, [one("tomorrow")])).toHaveLength(1);
    for (const address of ["203.0.113.0/24", "0.0.0.0/0", "2001:db8::1", "*"])
      expect(problemsOf(schema, [one("2026-11-21T18:00:00Z", address)])).toHaveLength(1);
    expect(problemsOf(schema, [{ address: "203.0.113.7" }])).toHaveLength(1);
  });

  test("is shut out once the time has passed", () => {
    const before = one("2026-11-21T11:59:59Z", "203.0.113.8");
    expect(sortAccess([one("2026-11-21T12:00:01Z"), before], now)).toEqual({ open: ["203.0.113.7"], ended: [before] });
  });

  test("has no meaning on a Docker host", () => {
    expect(problemsOf(accessSchema("docker-host", now), [one("2026-11-21T18:00:00Z")])).toEqual([
      "it: has no meaning on a Docker host, whose database you reach with docker exec. Remove it",
    ]);
    expect(problemsOf(accessSchema("docker-host", now), [])).toEqual([]);
  });
});

test("logs go to one receiver, described in full, and a Docker host keeps its own", () => {
  const schema = logsSchema("app-platform");
  expect(problemsOf(schema, undefined)).toEqual([]);
  expect(problemsOf(schema, { to: "papertrail", endpoint: "logs.example.com:1234" })).toEqual([]);
  expect(problemsOf(schema, { to: "papertrail" })).toHaveLength(1);
  expect(problemsOf(schema, { to: "openSearch", endpoint: "http://search.example.com", user: "log" })).toEqual([
    "it/endpoint: must be an https URL",
  ]);
  expect(problemsOf(schema, { to: "logtail", endpoint: "x" })).toHaveLength(1);
  expect(problemsOf(logsSchema("docker-host"), { to: "logtail" })).toEqual([
    "it: has no meaning on a Docker host, which keeps its lines itself (platform/logs). Remove it",
  ]);
});

test("a version of PostgreSQL is one that its platform has", () => {
  expect(problemsOf(postgresSchema("app-platform"), "18")).toHaveLength(1);
  expect(problemsOf(postgresSchema("docker-host"), "16")).toHaveLength(1);
  expect(problemsOf(postgresSchema("docker-host"), "18")).toEqual([]);
  expect(problemsOf(postgresSchema(undefined), "14")).toEqual([]);
  expect(postgresSchema("app-platform").parse(undefined)).toBe("17");
});

test.each(["local", "staging"] as const)("%s promises no https for its zone, so it names no host that is ready", (environment) => {
  expect(problemsOf(sizeSchemas(environment).httpsReady, ["old.example.com"])).toEqual([
    `it: is for production, and ${environment} promises nothing. Remove it`,
  ]);
  expect(problemsOf(sizeSchemas("production").httpsReady, ["old.example.com"])).toEqual([]);
  expect(problemsOf(sizeSchemas("production").httpsReady, ["old"])).toHaveLength(1);
});
