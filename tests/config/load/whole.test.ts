import { describe, expect, test } from "vitest";
import * as z from "zod";
import { loadEnvironment } from "../../../config/load.ts";
import { digest, keyCommand, load, problems, source, system } from "./file.ts";

test("a right file is read whole, with defaults, and cannot be changed afterwards", () => {
  const config = load();
  expect(config).toMatchObject({
    environment: "staging",
    platform: { type: "app-platform", region: "fra", network: "10.42.0.0/20" },
    domain: "staging.example.com",
    zone: "example.com",
    sizes: { backend: { memory: 1024, dedicated: false, replicas: 1 }, database: { memory: 1024, standby: 0 } },
    images: { backend: { registry: "ghcr.io", repository: "acme/backend", digest }, worker: { repository: "acme/worker" } },
  });
  expect(() => ((config.sizes.backend as { memory: number }).memory = 1)).toThrow("Cannot assign to read only property 'memory'");
  expect(() => ((config as { domain: string }).domain = "x")).toThrow("Cannot assign to read only property 'domain'");
});

test("several things wrong are all said at once", () => {
  expect(problems({ "groundwork:domain": undefined, "groundwork:provided": {}, "groundwork:environment": "prod" })).toEqual([
    'environment: "prod" is not one of "local", "staging", "production".',
    "domain: is required. The domain of this environment; services get hosts below it.",
    `provided/apiKey: is missing. Set it with ${keyCommand}`,
  ]);
});

test("the file of another environment is refused", () => {
  expect(problems({ "groundwork:environment": "local" })).toEqual([
    'platform/type: is "app-platform", which is public, and rules are lax in "local". Use another environment.',
    'environment: is "local", but the stack is "staging". Is this the file of another stack? An environment\'s stacks are named "local" or "local-…".',
  ]);
});

test("production asks for a second instance and a standby node", () => {
  expect(problems({ "groundwork:environment": "production" }, { stack: "production" })).toEqual([
    'sizes/backend/replicas: must be at least 2 in production, so that losing a machine is not an outage. Or accept that: acknowledge: ["one-replica"].',
    'sizes/database/standby: must be at least 1 in production, so that losing a machine is not an outage. Or accept that: acknowledge: ["no-standby"].',
  ]);
  const large = { backend: { memory: "1 GB", replicas: 2 }, database: { memory: "2 GB", standby: 1 } };
  expect(problems({ "groundwork:environment": "production", "groundwork:sizes": large }, { stack: "production-eu" })).toEqual([]);
});

describe("a deviation", () => {
  const production = (acknowledge: unknown, replicas = 1) =>
    problems(
      {
        "groundwork:environment": "production",
        "groundwork:sizes": { backend: { memory: "1 GB", replicas }, database: { memory: "2 GB", standby: 1 } },
        "groundwork:acknowledge": acknowledge,
      },
      { stack: "production" },
    );

  test("passes once the file acknowledges it by name", () => {
    expect(production(["one-replica"])).toEqual([]);
    expect(production([])).toEqual([expect.stringContaining('Or accept that: acknowledge: ["one-replica"].')]);
  });

  test("stands there once", () => {
    expect(production(["one-replica", "one-replica"])).toEqual(['acknowledge: "one-replica" stands there twice. Remove one of them.']);
  });

  test.each<[string[], string]>([
    [["one-replica", "one-replica"], 'acknowledge: "one-replica" stands there twice. Remove one of them.'],
    [["log-fromat:A", "one-replica"], 'acknowledge/0: there is no rule "log-fromat". Did you mean "log-format"?'],
    [["key-mode:A", "one-replica"], 'acknowledge/0: what the rule "key-mode" finds cannot be accepted. Change the value.'],
    [
      ["log-format:*", "one-replica"],
      'acknowledge/0: "log-format:*" is not one of "one-replica", "no-standby", "no-rate-limit", "nobody-told", "data-not-kept", "overlap-not-over". A finding is named as "<rule>:<VARIABLE>" or "<rule>:<component>.<VARIABLE>".',
    ],
  ])("or a finding is named once, and wholly: %j", (acknowledge, message) => {
    expect(production(acknowledge)).toContain(message);
  });

  test("has a name that is known, and never allows what makes no sense", () => {
    expect(production(["one-replcia"])).toContain(
      'acknowledge/0: "one-replcia" is not one of "one-replica", "no-standby", "no-rate-limit", "nobody-told", "data-not-kept", "overlap-not-over". Did you mean "one-replica"?',
    );
    expect(production(["one-replica"], 0)).toHaveLength(1);
  });
});

test("a time that stands without quotes in the file is the time that was written", () => {
  const { data } = z.object({ until: z.iso.datetime({ offset: true }) }).safeParse(
    (
      loadEnvironment(source({ "groundwork:plan": { until: "2026-11-20 03:00:00 +0100 CET" } }), {
        ...system,
        schema: (sizes) => ({ ...system.schema(sizes), plan: z.strictObject({ until: z.string() }) }),
      }) as unknown as { plan: unknown }
    ).plan,
  );
  expect(data).toEqual({ until: "2026-11-20T03:00:00+01:00" });
});
