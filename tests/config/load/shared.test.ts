import { describe, expect, test } from "vitest";
import { loadShared } from "../../../config/load.ts";
import { list } from "../../../config/problems.ts";
import { type RegionName, regions, withoutRegistry } from "../../../config/regions.ts";
import { load, problems, problemsOf, source } from "./file.ts";

test("the shared stack's file holds a zone, and nothing else has to be there", () => {
  const shared = (values: Record<string, string>) => ({ ...source({}, { stack: "shared" }), values });
  expect(loadShared(shared({ "groundwork:zone": "example.com" }))).toEqual({
    zone: "example.com",
    existing: { zone: "create", project: "create" },
  });
  expect(problemsOf(() => loadShared(shared({ "groundwork:zone": "example", "groundwork:domain": "example.com" })))).toEqual([
    'zone: must be a domain such as "staging.example.com", got "example".',
    'unknown key "domain". Known: "zone", "registry", "existing", "budget", "accept".',
  ]);
});

describe("a registry", () => {
  const shared = (registry: unknown, existing: unknown = {}, project = "template") =>
    loadShared({
      ...source({}, { stack: "shared" }),
      project,
      values: {
        "groundwork:zone": "example.com",
        "groundwork:existing": JSON.stringify(existing),
        ...(registry === undefined ? {} : { "groundwork:registry": JSON.stringify(registry) }),
      },
    }).registry;
  const basic = { tier: "basic", region: "fra" };

  test("is made under the project's name or its own, or stands already, or there is none", () => {
    expect(shared(undefined)).toBeUndefined();
    expect(shared(basic)).toEqual({ from: "create", name: "template", ...basic });
    expect(shared({ ...basic, name: "house" }, { registry: "create" })).toEqual({ from: "create", name: "house", ...basic });
    expect(shared(undefined, { registry: { reference: "house" } })).toEqual({ from: "reference", name: "house" });
    expect(shared(undefined, { registry: { import: "house" } })).toEqual({ from: "import", name: "house" });
  });

  test.each(Object.keys(withoutRegistry) as RegionName[])("is not offered in %s, and the nearest region that has it is", (region) => {
    const nearest = withoutRegistry[region] ?? region;
    expect(problemsOf(() => shared({ ...basic, region }))).toEqual([
      `registry/region: DigitalOcean keeps no registries in "${region}". Nearest: "${nearest}". It has them in "ams", "blr", "fra", "nyc", "sfo", "sgp", "syd".`,
    ]);
    expect(shared({ ...basic, region: nearest })).toMatchObject({ region: nearest });
  });

  const name = "lower-case letters, digits and hyphens, at most 63";
  test.each<[string, unknown, unknown, string]>([
    ["a tier", { ...basic, tier: "pro" }, {}, 'registry/tier: "pro" is not one of "starter", "basic", "professional".'],
    [
      "a region",
      { ...basic, region: "fra1" },
      {},
      `registry/region: "fra1" is not one of ${list(Object.keys(regions))}. Did you mean "fra"?`,
    ],
    ["a name", { ...basic, name: "House" }, {}, `registry/name: must be a registry's name: ${name} of them, got "House".`],
    [
      "a long name",
      { ...basic, name: "a".repeat(64) },
      {},
      `registry/name: must be a registry's name: ${name} of them, got "${"a".repeat(64)}".`,
    ],
    ["no tier", { region: "fra" }, {}, 'registry/tier: is required: one of "starter", "basic", "professional".'],
    [
      "both",
      basic,
      { registry: { reference: "house" } },
      "registry: describes a registry that is made, but existing/registry names one that stands already and keeps its tier and region. Remove one of the two.",
    ],
    [
      "made of nothing",
      undefined,
      { registry: "create" },
      'existing/registry: says "create", but nothing says what. Add groundwork:registry: { tier: basic, region: fra }, or remove this.',
    ],
    [
      "standing without a name",
      undefined,
      { registry: "reference" },
      'existing/registry: must be "create", { reference: <name> } or { import: <name> }, with the name that images there begin with, got "reference".',
    ],
  ])("%s that is wrong is refused", (_, registry, existing, message) => {
    expect(problemsOf(() => shared(registry, existing))).toEqual([message]);
  });

  test("a project's name that no registry can have asks for another", () => {
    expect(problemsOf(() => shared(basic, {}, "My_Shop"))).toEqual([
      `registry/name: is required, since the project's name "My_Shop" is none that a registry can have: ${name}.`,
    ]);
    expect(shared({ ...basic, name: "my-shop" }, {}, "My_Shop")).toMatchObject({ name: "my-shop" });
  });
});

describe("what stands already", () => {
  const id = "0b5cd0a9-6b7d-4ac7-9e0e-54ec1e1ff3ae";
  const shared = (existing: unknown) => () =>
    loadShared({
      ...source({}, { stack: "shared" }),
      values: { "groundwork:zone": "example.com", "groundwork:existing": JSON.stringify(existing) },
    });

  test("zone and project are made, referenced or imported", () => {
    expect(shared({ zone: "import", project: { reference: id } })().existing).toEqual({ zone: "import", project: { reference: id } });
    expect(load({ "groundwork:existing": { project: { import: id } } }).existing).toEqual({ project: { import: id } });
    expect(load().existing).toEqual({ project: "create" });
  });

  test.each<[string, unknown, string]>([
    ["another word", { zone: "take" }, 'existing/zone: must be "create", "reference" or "import", got "take".'],
    [
      "a project without its id",
      { project: "reference" },
      'existing/project: must be "create", { reference: <id> } or { import: <id> }, with the id that doctl projects list shows, got "reference".',
    ],
    [
      "a project by its name",
      { project: { reference: "shop" } },
      'existing/project/reference: must be the project\'s id, which doctl projects list shows, got "shop".',
    ],
    ["a misspelt key", { zon: "import" }, 'existing: unknown key "zon". Did you mean "zone"?'],
  ])("%s is refused", (_, existing, message) => {
    expect(problemsOf(shared(existing))).toEqual([message]);
  });

  test("an environment has no zone of its own to take", () => {
    expect(problems({ "groundwork:existing": { zone: "import" } })).toEqual(['existing: unknown key "zone". Known: "project".']);
  });
});

test("a budget and accepted dangers are checked, though only operations use them", () => {
  const refused = (values: Record<string, string>): string => {
    try {
      loadShared({ ...source({}, { stack: "shared" }), values: { "groundwork:zone": "example.com", ...values } });
      return "taken";
    } catch (error) {
      return String(error);
    }
  };
  expect(refused({ "groundwork:budget": '{"monthly":-1}' })).toMatch(/budget\/monthly: /);
  expect(refused({ "groundwork:budget": '{"monthly":10,"over":"shout"}' })).toMatch(/budget\/over: .*"warn".*"refuse"/);
  expect(refused({ "groundwork:accept": '[{"what":"everything","until":"2026-12-01T00:00:00Z"}]' })).toContain(
    'such as "replace:DatabaseCluster/database"',
  );
  expect(refused({ "groundwork:accept": '[{"what":"replace:database","until":"soon"}]' })).toContain(
    'must be a time such as "2026-11-21T18:00:00Z"',
  );
  expect(refused({ "groundwork:accept": '[{"what":"replace:database","until":"2999-01-01T00:00:00Z"}]' })).toContain(
    "must lie within 31 days",
  );
  expect(
    refused({ "groundwork:budget": '{"monthly":10}', "groundwork:accept": '[{"what":"replace:database","until":"2026-12-01T00:00:00Z"}]' }),
  ).toBe("taken");
});
