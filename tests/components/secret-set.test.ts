import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { derived, fernetKeys, generated, generatedUuid, renewedWithin, SecretSet, type SecretSource } from "../../components/secret-set.ts";
import { Service } from "../../components/service.ts";
import { Acknowledged } from "../../config/acknowledge.ts";
import type { Environment } from "../../config/environments.ts";
import { knownSecret } from "../../config/known-secrets.ts";
import type { SecretRecords } from "../../config/secret-ages.ts";
import { ageWarning, daysSince, generationProblem, overlapProblem } from "../../config/secret-ages.ts";
import { loadPlatform } from "../../platforms/load.ts";
import { acknowledgeAll, record } from "../harness.ts";

const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
const scale = { memory: 1024, dedicated: false, replicas: 1 };

/** What a set registers below itself, and the texts that a service gets. */
async function make(
  values: Readonly<Record<string, SecretSource>>,
  {
    secrets = {},
    read = true,
    environment = "staging",
    acknowledge = [],
  }: { secrets?: SecretRecords; read?: boolean; environment?: Environment; acknowledge?: readonly string[] } = {},
) {
  const warnings: string[] = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation((message) => (warnings.push(message), Promise.resolve()));
  const texts: Record<string, string> = {};
  let outputs: Record<string, unknown> = {};
  vi.spyOn(
    pulumi.ComponentResource.prototype as unknown as { registerOutputs: (outputs: unknown) => void },
    "registerOutputs",
  ).mockImplementation(function (this: unknown, given) {
    if (this instanceof SecretSet) void Promise.resolve(given).then((given) => (outputs = given as Record<string, unknown>));
  });
  const { resources, result } = await record(async () => {
    const choice = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" } as const;
    const platform = await loadPlatform(choice, {
      system: "shop",
      stack: environment,
      environment,
      acknowledged: environment === "production" ? acknowledgeAll() : new Acknowledged([...acknowledge]),
      held: [{ type: "groundwork:components:SecretSet", name: "web", outputs: { values: secrets } }],
    });
    const set = new SecretSet("web", { platform, values });
    if (read) new Service("api", { platform, image, port: 80, scale, health: { live: "/", ready: "/" }, env: {}, secrets: set });
    platform.complete();
    for (const [key, value] of Object.entries(set.env)) value.apply((text) => (texts[key] = text));
    return { env: set.env, readers: set.readers() };
  });
  const own = resources
    .filter(({ parent }) => parent === "SecretSet web")
    .map(({ type, name, inputs }) => ({ type: type.split(":").at(-1), name, inputs }));
  const kept = resources.filter(({ options }) => options["protect"] === true).map(({ name }) => name);
  return { protected: kept.filter((name) => name.startsWith("web-")), resources: own, texts, warnings, outputs, result };
}

afterEach(() => vi.restoreAllMocks());

/** What the program draws from a made-up password: independent of the program's own code. */
const drawn = (name: string, outputLength = 32): Buffer => createHash("shake256", { outputLength }).update(`password of ${name}`).digest();
const urlSafe = (name: string): string => drawn(name).toString("base64").replaceAll("+", "-").replaceAll("/", "_");

describe("values", () => {
  test("makes up what is generated, wraps what is given, leaves out what is not there", async () => {
    const { resources, result, texts } = await make({
      SECRET_KEY: generated({ bytes: 64 }),
      ADMIN_PASSWORD: generated({ characters: 24, generation: 2 }),
      ID: generatedUuid(),
      GIVEN: pulumi.output("not yet secret"),
      AGING: renewedWithin(92, knownSecret("issued")),
      LEFT_OUT: undefined,
      AGING_LEFT_OUT: renewedWithin(92, undefined),
    });
    const names = ["SECRET_KEY", "ADMIN_PASSWORD", "ID", "GIVEN", "AGING"];
    expect(result).toEqual({ env: Object.fromEntries(names.map((name) => [name, "[secret]"])), readers: ["api"] });
    expect(resources).toEqual([
      { type: "RandomPassword", name: "web-admin-password", inputs: { length: 24, special: false, keepers: { generation: "2" } } },
      { type: "RandomPassword", name: "web-id", inputs: { length: 22, special: false, keepers: { generation: "1" } } },
      { type: "RandomPassword", name: "web-secret-key", inputs: { length: 86, special: false, keepers: { generation: "1" } } },
    ]);
    const [SECRET_KEY, ADMIN_PASSWORD] = [drawn("web-secret-key", 64).toString("base64"), "password of web-admin-password"];
    expect(texts).toMatchObject({ GIVEN: "not yet secret", AGING: "issued", SECRET_KEY, ADMIN_PASSWORD });
    expect(texts["ID"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("bytes are written as they are asked for, by the same resource", async () => {
    const { resources, texts } = await make({
      A: generated({ bytes: 32 }),
      B: generated({ bytes: 32, as: "base64url" }),
      C: generated({ bytes: 32, as: "hex" }),
    });
    expect(new Set(resources.map(({ type }) => type))).toEqual(new Set(["RandomPassword"]));
    expect(texts).toEqual({
      A: drawn("web-a").toString("base64"),
      B: drawn("web-b").toString("base64url"),
      C: drawn("web-c").toString("hex"),
    });
  });

  test("a secret is put together from others of the set", async () => {
    const { texts, result } = await make({
      URL: derived((secret) => pulumi.interpolate`redis://:${secret("PASSWORD")}@cache:6379`),
      PASSWORD: generated({ characters: 32 }),
    });
    expect(texts).toEqual({ URL: "redis://:password of web-password@cache:6379", PASSWORD: "password of web-password" });
    expect(result.env).toEqual({ URL: "[secret]", PASSWORD: "[secret]" });
    await expect(make({ URL: derived((secret) => secret("NONE")) })).rejects.toThrow(
      'web:\n  "NONE" is asked for, and the set has no such secret.',
    );
    await expect(make({ URL: derived((secret) => secret("URL")) })).rejects.toThrow('web:\n  "URL" is made from itself.');
  });

  test.each<[string, Parameters<typeof fernetKeys>[0], string[], Record<string, string>]>([
    ["first", {}, ["web-key-1"], { KEY: urlSafe("web-key-1") }],
    ["second", { generation: 2 }, ["web-key-1", "web-key-2"], { KEY: `${urlSafe("web-key-2")},${urlSafe("web-key-1")}` }],
    [
      "third, two kept",
      { generation: 3, kept: 2 },
      ["web-key-1", "web-key-2", "web-key-3"],
      { KEY: [3, 2, 1].map((n) => urlSafe(`web-key-${n}`)).join(",") },
    ],
    ["third, none kept", { generation: 3, kept: 0 }, ["web-key-3"], { KEY: urlSafe("web-key-3") }],
    [
      "older ones apart",
      { generation: 2, previous: "OLD" },
      ["web-key-1", "web-key-2"],
      { KEY: urlSafe("web-key-2"), OLD: urlSafe("web-key-1") },
    ],
    ["nothing older yet", { previous: "OLD" }, ["web-key-1"], { KEY: urlSafe("web-key-1") }],
  ])("a ring of keys, newest first: %s", async (_, options, names, env) => {
    const { resources, texts } = await make({ KEY: fernetKeys(options) });
    // Without a keeper: a key is never replaced, only made and deleted.
    expect(resources).toEqual(names.map((name) => ({ type: "RandomPassword", name, inputs: { length: 43, special: false } })));
    expect(texts).toEqual(env);
  });

  test.each<[string, Record<string, SecretSource>, string]>([
    [
      "no whole generation",
      { A: generated({ bytes: 32, generation: 1.5 }) },
      "web:\n  A.generation: must be a whole number from 1 on, got 1.5.",
    ],
    ["a negative number kept", { A: fernetKeys({ kept: -1 }) }, "web:\n  A.kept: must be a whole number between 0 and 100, got -1."],
    [
      "two for one variable",
      { A: fernetKeys({ previous: "B" }), B: generated({ bytes: 32 }) },
      "A: its older keys go to B, which stands in the set already.",
    ],
  ])("%s is refused", async (_, values, message) => {
    await expect(make(values)).rejects.toThrow(message);
  });
});

const day = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * day).toISOString();

describe("generation and age", () => {
  test("are recorded with who reads the set; a value that stays keeps its time", async () => {
    const values = {
      KEY: generated({ bytes: 32 }),
      RING: fernetKeys({ generation: 2 }),
      GIVEN: knownSecret("issued"),
      BUILT: derived(() => pulumi.output("x")),
    };
    const first = await make(values);
    expect(Object.keys(first.outputs)).toEqual(["readers", "values"]);
    expect(first.outputs["readers"]).toEqual(["api"]);
    const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string;
    const mark = expect.anything() as unknown;
    expect(first.outputs["values"]).toEqual({
      KEY: { generation: 1, since },
      RING: { generation: 2, since, kept: 1, overlapDays: 14, earlier: {} },
      GIVEN: { since, mark },
      BUILT: { since },
    });
    const second = await make(values, { secrets: { KEY: { generation: 1, since: ago(40) }, RING: { generation: 1, since: ago(40) } } });
    const kept = second.outputs["values"] as Record<string, { since: string }>;
    expect([daysSince(kept["KEY"]?.since ?? "", new Date()), daysSince(kept["RING"]?.since ?? "", new Date())]).toEqual([40, 0]);
  });

  test.each([
    [92, 91, false],
    [92, 92, false],
    [92, 93, true],
  ])("wanted within %i days, a generated one of %i days is warned of: %s", async (maxAgeDays, days, warned) => {
    const { warnings } = await make(
      { KEY: generated({ bytes: 32, maxAgeDays }) },
      { secrets: { KEY: { generation: 1, since: ago(days) } } },
    );
    expect(warnings).toEqual(warned ? [`web:\n  KEY: is ${days} days old, and 92 were wanted at most. Raise its generation to 2.`] : []);
  });

  test("an issued one counts from the day on which its value changed", async () => {
    const first = await make({ KEY: renewedWithin(92, knownSecret("one")) });
    const { mark } = (first.outputs["values"] as { KEY: { mark: pulumi.Output<string> } }).KEY;
    const text = await new Promise<string>((resolve) => mark.apply(resolve));
    const secrets = { KEY: { since: ago(100), mark: text } };
    const old = await make({ KEY: renewedWithin(92, knownSecret("one")) }, { secrets });
    expect(old.warnings).toEqual(["web:\n  KEY: is 100 days old, and 92 were wanted at most. Have a new one issued and set it."]);
    const renewed = await make({ KEY: renewedWithin(92, knownSecret("two")) }, { secrets });
    expect(renewed.warnings).toEqual([]);
  });

  test.each([
    [13, false],
    [14, true],
    [15, true],
  ])("older keys of a ring that was renewed %i days ago can go: %s", (days, due) => {
    const since = new Date(Date.UTC(2026, 0, 1)).toISOString();
    const now = new Date(Date.UTC(2026, 0, 1 + days, 1));
    const warning = ageWarning({ generation: 2, kept: 1, overlapDays: 14 }, { generation: 2, since }, now);
    expect(warning).toBe(
      due ? `was renewed ${days} days ago, so what is older can go: kept: 0. Until then both keys open what is encrypted.` : undefined,
    );
  });

  test("a generation goes up, that of a ring by one at a time", () => {
    const at = (generation: number) => ({ generation, since: ago(1) });
    expect(generationProblem({ generation: 3, kept: 0 }, at(1))).toBeUndefined();
    expect(generationProblem({ generation: 2, kept: 1 }, at(1))).toBeUndefined();
    expect(generationProblem({ generation: 5, kept: 1 }, undefined)).toBeUndefined();
    expect(generationProblem({ generation: 1, kept: 0 }, at(2))).toBe(
      "has generation 1, but this stack is at 2, and an older value cannot come back. Write 2, or 3 for a new value.",
    );
    // A ring's only key would go, and with it all that it encrypted.
    for (const generation of [2, 7]) {
      expect(generationProblem({ generation, kept: 0, ring: true }, at(1))).toContain("keeps none before it, but this stack is at 1");
    }
    expect(generationProblem({ generation: 2, kept: 0, ring: true }, at(2))).toBeUndefined();
    expect(generationProblem({ generation: 2, kept: 1, ring: true }, at(1))).toBeUndefined();
    expect(generationProblem({ generation: 3, kept: 1 }, at(1))).toBe(
      "has generation 3, but this stack is at 1: the keys in between would be missing. Raise it by one, run up, let the service encrypt anew, then raise it again.",
    );
  });

  describe("a key of a ring goes when its overlap is over, and not before", () => {
    test("a shorter overlap counts only once the state holds it", () => {
      const held = { generation: 2, since: ago(1), kept: 1, earlier: { 1: ago(30) } };
      const wanted = { generation: 3, kept: 1, ring: true, overlapDays: 0 };
      expect(overlapProblem(wanted, { ...held, overlapDays: 14 }, new Date())).toContain("its overlap of 14 days is not over");
      expect(overlapProblem({ ...wanted, generation: 2, kept: 0 }, { ...held, overlapDays: 14 }, new Date())).toContain("generation 1");
      expect(overlapProblem(wanted, { ...held, overlapDays: 0 }, new Date())).toBeUndefined();
    });

    const start = Date.UTC(2026, 0, 1);
    const on = (days: number) => new Date(start + days * day);
    const recorded = { generation: 2, since: on(0).toISOString(), kept: 1, earlier: { "1": on(-90).toISOString() } };
    const said = (wanted: { generation: number; kept: number }, days: number, record: typeof recorded = recorded) =>
      overlapProblem({ ring: true, overlapDays: 14, ...wanted }, record, on(days));
    const refusal =
      "would lose the key of generation 1, and its overlap of 14 days is not over: what is still encrypted with it could not be opened any more. " +
      "Possible from 2026-01-15 00:00 UTC on. Or lose it now, where everything is encrypted anew or the key is in wrong hands: groundwork:acknowledge: [overlap-not-over].";

    test.each([
      [13, refusal],
      [13.9999, refusal],
      [14, undefined],
      [15, undefined],
    ])("on day %f", (days, answer) => {
      expect(said({ generation: 3, kept: 1 }, days)).toBe(answer);
      expect(said({ generation: 2, kept: 0 }, days)).toBe(answer);
      expect(said({ generation: 2, kept: 1 }, days)).toBeUndefined();
      expect(said({ generation: 3, kept: 2 }, days)).toBeUndefined();
    });

    test("each key has its own day", () => {
      const two = {
        generation: 3,
        since: on(10).toISOString(),
        kept: 2,
        earlier: { "1": on(-90).toISOString(), "2": on(0).toISOString() },
      };
      expect(said({ generation: 4, kept: 2 }, 14, two)).toBeUndefined();
      expect(said({ generation: 3, kept: 0 }, 14, two)).toContain("generation 2, and its overlap of 14 days is not over");
      expect(said({ generation: 3, kept: 0 }, 14, two)).toContain("Possible from 2026-01-25 00:00 UTC on.");
    });

    test("a set is refused, and goes on where that is acknowledged", async () => {
      const secrets = { KEY: { generation: 2, since: ago(3), kept: 1 } };
      const values = { KEY: fernetKeys({ generation: 3 }) };
      await expect(make(values, { secrets })).rejects.toThrow(
        "web:\n  KEY: would lose the key of generation 1, and its overlap of 14 days",
      );
      const { resources, outputs } = await make(values, { secrets, acknowledge: ["overlap-not-over"] });
      expect(resources.map(({ name }) => name)).toEqual(["web-key-2", "web-key-3"]);
      expect(outputs["values"]).toMatchObject({ KEY: { generation: 3, kept: 1, earlier: { "2": secrets.KEY.since } } });
    });
  });

  test("where data is kept, what is made up is protected; a generation that is asked for may replace one", async () => {
    const protectedOnes = async (generation: number) =>
      (
        await make(
          { KEY: generated({ bytes: 32, generation }), RING: fernetKeys({ generation: 2 }) },
          { environment: "production", secrets: { KEY: { generation: 1, since: ago(1) }, RING: { generation: 2, since: ago(1) } } },
        )
      ).protected;
    expect(await protectedOnes(1)).toEqual(["web-key", "web-ring-2"]);
    expect(await protectedOnes(2)).toEqual(["web-ring-2"]);
  });

  test("what the state says stops a run before anything is registered", async () => {
    const secrets = { KEY: { generation: 3, since: ago(1) } };
    await expect(make({ KEY: generated({ bytes: 32, generation: 2 }) }, { secrets })).rejects.toThrow(
      "web:\n  KEY: has generation 2, but this stack is at 3,",
    );
  });

  test("a set that nobody reads is warned of", async () => {
    const { warnings, result } = await make({ KEY: generated({ bytes: 32 }) }, { read: false });
    expect(result.readers).toEqual([]);
    expect(warnings).toEqual(["web: no service reads these secrets. Name the set in a service, or remove it."]);
  });
});
