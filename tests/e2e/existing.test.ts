import { describe, expect, test } from "vitest";
import type { CloudObject } from "../../sandbox/cloud/store.ts";
import { TestEngine } from "../engine.ts";
import { cloud, configure, objectOf, stateOf, stepsOf } from "./template.ts";

const stranger = "do:domain:stranger.example";

/** A cloud in which the zone stands already, and a project that somebody has made by hand with something of theirs in it; no state knows them. */
async function open(): Promise<{ engine: TestEngine; zone: CloudObject; project: CloudObject } & AsyncDisposable> {
  const engine = await TestEngine.open("tests/systems/pair");
  await engine.sandbox.ensureStack("shared");
  await engine.expect(["up", "--stack", "shared", "--yes", "--skip-preview"]);
  await engine.expect(["stack", "rm", "shared", "--force", "--yes", "--preserve-config"]);
  for (const stack of ["shared", "staging"]) await engine.sandbox.ensureStack(stack);
  const zone = objectOf(engine, "Domain");
  const made = objectOf(engine, "Project");
  const own = { name: "Ours since 2019", description: "by hand", purpose: "Other", environment: "Production", resources: [stranger] };
  const project = { ...made, name: own.name, inputs: own, outputs: { ...made.outputs, ...own } };
  cloud(engine, (store) => {
    store.put({
      ...zone,
      id: "stranger.example",
      name: "stranger.example",
      outputs: { ...zone.outputs, name: "stranger.example", id: "x" },
    });
    store.put(project);
  });
  return { engine, zone, project, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

const up = (engine: TestEngine, stack: string) => engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
const ops = async (engine: TestEngine, stack: string) =>
  (await stepsOf(engine, stack))
    .filter(({ type }) => /^(Domain|Project|ProjectResources)$/.test(type))
    .map(({ op, type }) => `${op} ${type}`);
const find = (engine: TestEngine, { type, id }: CloudObject) => cloud(engine, (store) => store.get(type, id));
const urn = ({ type, id }: CloudObject) => `${type.endsWith(":App") ? "do:app" : "do:domain"}:${id}`;

describe.each(["reference", "import"] as const)("existing: %s", (how) => {
  test("zone and project of the shared stack are not made again, nor changed, and a second preview is clean", async () => {
    await using there = await open();
    const { engine, zone, project } = there;
    configure(engine, "shared", ["groundwork:existing"], { zone: how, project: { [how]: project.id } });
    const taken = how === "import" ? ["create ProjectResources", "import Domain", "import Project"] : [];
    expect((await ops(engine, "shared")).sort()).toEqual(taken);
    await up(engine, "shared");
    await engine.expect(["preview", "--stack", "shared", "--expect-no-changes"]);
    expect(await stepsOf(engine, "shared", ["refresh", "--preview-only"])).toEqual([]);

    expect(find(engine, zone)).toEqual(zone);
    const { resources, ...rest } = find(engine, project)?.outputs as { resources: string[] };
    expect(resources.toSorted()).toEqual((how === "import" ? [urn(zone), stranger] : [stranger]).toSorted());
    expect({ ...rest, resources: [stranger] }).toEqual(project.outputs);
    expect(cloud(engine, (store) => store.list().filter(({ type }) => /:(Domain|Project)$/.test(type)))).toHaveLength(3);
    const inState = stateOf(engine, "shared").resources.map(({ type }) => type.split(":").at(-1));
    expect(inState.includes("Domain")).toBe(how === "import");
    expect(inState.includes("Project")).toBe(how === "import");
  });

  test("destroy leaves them", async () => {
    await using there = await open();
    const { engine, zone, project } = there;
    configure(engine, "shared", ["groundwork:existing"], { zone: how, project: { [how]: project.id } });
    await up(engine, "shared");
    const { code, stdout } = await engine.run(["destroy", "--stack", "shared", "--yes", "--skip-preview"]);
    expect({ failed: code !== 0, protected: stdout.includes("protected") }).toEqual({
      failed: how === "import",
      protected: how === "import",
    });
    expect(find(engine, zone)).toEqual(zone);
    expect(find(engine, project)?.outputs).toMatchObject({
      name: "Ours since 2019",
      resources: expect.arrayContaining([stranger]) as unknown,
    });
  });

  test("an environment puts what it makes into the project", async () => {
    await using there = await open();
    const { engine, project } = there;
    configure(engine, "staging", ["groundwork:existing"], { project: { [how]: project.id } });
    await up(engine, "staging");
    await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);
    const { resources } = find(engine, project)?.outputs as { resources: string[] };
    expect(resources.toSorted()).toEqual([urn(objectOf(engine, "App")), stranger].toSorted());
  });

  test("what does not exist is refused with the way out", async () => {
    await using there = await open();
    const { engine } = there;
    const id = "11111111-1111-4111-8111-111111111111";
    configure(engine, "shared", ["groundwork:zone"], "elsewhere.example");
    configure(engine, "shared", ["groundwork:existing"], { zone: how, project: { [how]: id } });
    const { code, stdout } = await engine.run(["up", "--stack", "shared", "--yes", "--skip-preview"]);
    expect(code).not.toBe(0);
    expect(stdout).toContain('existing/zone: says that it stands, but there is no zone "elsewhere.example"');
    expect(stdout).toContain('existing/project: says that it stands, but there is no project "11111111-');
    expect(stateOf(engine, "shared").resources.filter(({ type }) => !/^pulumi:(pulumi|providers)/.test(type))).toEqual([]);
  });
});

/** A registry that somebody has made by hand, in a tier and a region of their own. */
const registry: CloudObject = {
  type: "digitalocean:index/containerRegistry:ContainerRegistry",
  id: "house",
  provider: "digitalocean",
  name: "house",
  inputs: { name: "house", subscriptionTierSlug: "professional", region: "ams3" },
  outputs: {
    name: "house",
    subscriptionTierSlug: "professional",
    region: "ams3",
    createdAt: "2019-03-01 08:00:00 +0000 UTC",
    endpoint: "registry.digitalocean.com/house",
    serverUrl: "registry.digitalocean.com",
    storageUsageBytes: 4096,
  },
};

/** A cloud in which that registry stands, and a shared stack that says what to do about it. */
async function openRegistry(existing: unknown): Promise<TestEngine> {
  const engine = await TestEngine.open("tests/systems/pair");
  await engine.sandbox.ensureStack("shared");
  cloud(engine, (store) => store.put(registry));
  configure(engine, "shared", ["groundwork:existing"], { registry: existing });
  return engine;
}

const registries = (engine: TestEngine) => cloud(engine, (store) => store.list("digitalocean:index/containerRegistry:ContainerRegistry"));

describe("a registry", () => {
  test("is made once, protected, and stays when the stack goes", async () => {
    await using engine = await TestEngine.open("tests/systems/pair");
    await engine.sandbox.ensureStack("shared");
    configure(engine, "shared", ["groundwork:registry"], { tier: "basic", region: "fra" });
    await up(engine, "shared");
    await engine.expect(["preview", "--stack", "shared", "--expect-no-changes"]);
    const made = objectOf(engine, "ContainerRegistry");
    expect(made).toMatchObject({ id: "pair", outputs: { region: "fra1", subscriptionTierSlug: "basic" } });
    expect(JSON.parse(await engine.expect(["stack", "output", "--stack", "shared", "--json"]))).toMatchObject({
      registry: "registry.digitalocean.com/pair",
    });

    configure(engine, "shared", ["groundwork:registry", "tier"], "professional");
    expect(await stepsOf(engine, "shared")).toMatchObject([
      { op: "update", type: "ContainerRegistry", changes: { subscriptionTierSlug: "update" } },
    ]);
    configure(engine, "shared", ["groundwork:registry"], { tier: "basic", region: "ams" });
    const moved = await engine.run(["preview", "--stack", "shared"]);
    expect(moved.stdout).toContain('registry/region: is "ams", but this stack holds a registry with "fra"');

    configure(engine, "shared", ["groundwork:registry"], { tier: "basic", region: "fra" });
    expect((await engine.run(["destroy", "--stack", "shared", "--yes", "--skip-preview"])).stdout).toContain("protected");
    await engine.expect(["destroy", "--stack", "shared", "--yes", "--skip-preview", "--ignore-protect"]);
    expect(registries(engine)).toEqual([made]);
  });

  test("is not made beside another one of the team", async () => {
    await using engine = await openRegistry("create");
    configure(engine, "shared", ["groundwork:registry"], { tier: "basic", region: "fra" });
    const { code, stdout } = await engine.run(["up", "--stack", "shared", "--yes", "--skip-preview"]);
    expect(code).not.toBe(0);
    expect(stdout).toContain("Error creating container registry: POST https://api.digitalocean.com/v2/registry: 422");
    expect(registries(engine)).toEqual([registry]);
  });

  test.each(["reference", "import"] as const)("that stands already is neither made nor changed nor deleted: %s", async (how) => {
    await using engine = await openRegistry({ [how]: "house" });
    const ops = (await stepsOf(engine, "shared")).filter(({ type }) => type === "ContainerRegistry").map(({ op }) => op);
    expect(ops).toEqual([how === "import" ? "import" : "read"]);
    await up(engine, "shared");
    await engine.expect(["preview", "--stack", "shared", "--expect-no-changes"]);
    expect(await stepsOf(engine, "shared", ["refresh", "--preview-only"])).toEqual([]);
    expect(registries(engine)).toEqual([registry]);
    expect(JSON.parse(await engine.expect(["stack", "output", "--stack", "shared", "--json"]))).toMatchObject({
      registry: "registry.digitalocean.com/house",
    });
    await engine.run(["destroy", "--stack", "shared", "--yes", "--skip-preview", "--ignore-protect"]);
    expect(registries(engine)).toEqual([registry]);
  });

  test("that is referred to can be taken in later", async () => {
    await using engine = await openRegistry({ reference: "house" });
    await up(engine, "shared");
    configure(engine, "shared", ["groundwork:existing"], { registry: { import: "house" } });
    await up(engine, "shared");
    await engine.expect(["preview", "--stack", "shared", "--expect-no-changes"]);
    expect(registries(engine)).toEqual([registry]);
  });

  test.each(["reference", "import"] as const)("that does not exist is refused: %s", async (how) => {
    await using engine = await openRegistry({ [how]: "elsewhere" });
    const { code, stdout } = await engine.run(["up", "--stack", "shared", "--yes", "--skip-preview"]);
    expect(code).not.toBe(0);
    expect(stdout).toContain("ContainerRegistry (registry):\n    error: resource 'elsewhere' does not exist");
    expect(stateOf(engine, "shared").resources.filter(({ type }) => type.includes("containerRegistry"))).toEqual([]);
  });
});
