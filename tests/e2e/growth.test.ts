import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { Home, repository } from "../../sandbox/home.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";
import { TestEngine } from "../engine.ts";
import { openState } from "../fixtures/state.ts";
import { openTemplate, stepsOf } from "./template.ts";

const tiny = join(repository, "tests", "systems", "tiny");

test("a system that stands outside systems/ comes up through the same index.ts, and its second preview is clean", async () => {
  await using engine = await TestEngine.open("tests/systems/tiny");
  for (const stack of ["shared", "staging"]) {
    await engine.sandbox.ensureStack(stack);
    await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
    await engine.expect(["preview", "--stack", stack, "--expect-no-changes"]);
  }
  const outputs = JSON.parse(await engine.expect(["stack", "output", "--stack", "staging", "--json"])) as Record<string, string>;
  expect(outputs).toMatchObject({ webUrl: "https://www.staging.example.net", platform: "app-platform", domain: "staging.example.net" });
});

test("a sixth system in systems/ runs with plain pulumi from its own folder", async () => {
  await using engine = await TestEngine.open("tests/systems/tiny");
  const clone = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-sixth-")));
  try {
    for (const name of readdirSync(repository).filter((name) => !name.startsWith(".") && name !== "node_modules" && name !== "tests")) {
      cpSync(join(repository, name), join(clone, name), { recursive: true });
    }
    symlinkSync(join(repository, "node_modules"), join(clone, "node_modules"));
    const folder = join(clone, "systems", "sixth");
    cpSync(tiny, folder, { recursive: true });
    edit(join(folder, "system.ts"), [/\.\.\/\.\.\/\.\.\/systems\//g, "../"], [/\.\.\/\.\.\/\.\.\//g, "../../"]);
    edit(join(folder, "Pulumi.yaml"), ["name: tiny", "name: sixth"], ["../../../index.ts", "../../index.ts"]);
    const plain = (...args: string[]): Promise<string> => engine.expect(["-C", folder, ...args], { folder: clone });
    await plain("stack", "init", "staging");
    const text = await plain("preview", "--stack", "staging");
    expect(text).toContain("sixth-staging");
    expect(text).toContain("digitalocean:index:App app create");

    // With a copied name it would be planned over the template's state.
    edit(join(folder, "Pulumi.yaml"), ["name: sixth", "name: template"]);
    await plain("stack", "init", "staging");
    const { code, stdout } = await engine.run(["-C", folder, "preview", "--stack", "staging"], { folder: clone });
    expect(code).toBe(1);
    expect(stdout).toContain('name: "template" is the system in systems/template. Give this one a name of its own.');
  } finally {
    rmSync(clone, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});

test("the sandbox refuses a stack file before it starts Pulumi, which could not see a secret in the open beside encrypted ones", async () => {
  mkdirSync(join(repository, ".sandbox"), { recursive: true });
  const parent = mkdtempSync(join(repository, ".sandbox", "test-"));
  const home = new Home(realpathSync(mkdtempSync(join(tmpdir(), "groundwork-test-"))));
  try {
    const folder = join(parent, "tiny");
    cpSync(tiny, folder, { recursive: true });
    const sandbox = await Sandbox.open(home, folder);
    const secret = "sk-live-4f1d07planted";
    const provided = `  groundwork:provided:\n    a: { secure: v1:x }\n    b: ${secret}\n`;
    edit(join(folder, "Pulumi.staging.yaml"), [/$/, provided]);
    const said = await sandbox.run(["preview", "--stack", "staging"]).catch((error: unknown) => String(error));
    expect(said).toMatch(/Pulumi\.staging\.yaml:\n {2}line 11: a value under groundwork:provided is not encrypted \(not shown\)\./);
    expect(said).not.toContain(secret);
    expect(home.hasStack("tiny", "staging")).toBe(false);
  } finally {
    for (const path of [parent, home.root]) rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});

test("a renamed component replaces nothing with an alias; without one it is made anew", async () => {
  await using engine = await TestEngine.open("tests/systems/tiny");
  const project = engine.home.project("tiny");
  for (const stack of ["shared", "staging"]) {
    await engine.sandbox.ensureStack(stack);
    await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
  }
  // A copy of the system in place of the link, beside the same packages.
  symlinkSync(join(repository, "node_modules"), join(engine.home.root, "node_modules"));
  const rename = async (name: string, options: string): Promise<string[]> => {
    const file = join(project, "system.ts");
    rmSync(file);
    cpSync(join(tiny, "system.ts"), file);
    edit(
      file,
      [/"(\.\.\/){3}/g, `"${repository}/`],
      ['new EdgeProxy("edge", {', `new EdgeProxy("${name}", {`],
      [/(\[host, web\]\)\) \})\)/, `$1${options})`],
    );
    expect(readFileSync(file, "utf8")).toContain(`new EdgeProxy("${name}", {`);
    return (await stepsOf(engine, "staging")).map(({ op, type, name }) => `${op} ${type} ${name}`).sort();
  };
  expect(await rename("edge", "")).toEqual([]);
  expect(await rename("front", "")).toEqual([
    "create DnsRecord front-www",
    "create EdgeProxy front",
    "delete DnsRecord edge-www",
    "delete EdgeProxy edge",
  ]);
  expect(await rename("front", ', { aliases: [{ name: "edge" }] }')).toEqual([]);
});

test("a renamed database keeps its cluster and what is in it, with an alias", async () => {
  await using engine = await TestEngine.open("tests/systems/data");
  for (const stack of ["shared", "staging"]) {
    await engine.sandbox.ensureStack(stack);
    await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
  }
  symlinkSync(join(repository, "node_modules"), join(engine.home.root, "node_modules"));
  const folder = engine.home.project("data");
  rmSync(join(folder, "system.ts"));
  cpSync(join(repository, "tests", "systems", "data", "system.ts"), join(folder, "system.ts"));
  edit(
    join(folder, "system.ts"),
    [/"(\.\.\/){3}/g, `"${repository}/`],
    [/"\.\.\/(?=\w)/g, `"${repository}/tests/systems/`],
    [/new Database\(\s*"main",/, 'new Database(\n "store",'],
  );
  const text = readFileSync(join(folder, "system.ts"), "utf8");
  expect(text).toContain('"store",');
  const at = closing(text, text.indexOf("new Database("));
  writeFileSync(join(folder, "system.ts"), `${text.slice(0, at)}, { aliases: [{ name: "main" }] }${text.slice(at)}`);
  const gone = (await stepsOf(engine, "staging")).filter(({ op }) => op !== "update");
  // Pools, replicas and settings bear the component's name in theirs alone, and hold no data.
  expect(gone.filter(({ type }) => /^Database(Cluster|Db|User)$/.test(type))).toEqual([]);
});

/** Where the parenthesis closes that opens after a place. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = text.indexOf("(", from); at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return at;
  }
  throw new Error("nothing closes it");
}

test("no generated secret stands in the open in the state, not even as an id", async () => {
  await using engine = await openTemplate();
  const open = await engine.expect(["stack", "export", "--stack", "staging"]);
  const whole = JSON.parse(await engine.expect(["stack", "export", "--stack", "staging", "--show-secrets"])) as {
    deployment: { resources: { urn: string; outputs?: { result?: { plaintext: string } } }[] };
  };
  const made = whole.deployment.resources.flatMap(({ urn, outputs }) =>
    urn.includes("RandomPassword") ? [JSON.parse(outputs?.result?.plaintext ?? '""') as string] : [],
  );
  expect(made.map(({ length }) => length)).toEqual([86]);
  for (const secret of made) expect(open).not.toContain(secret);
});

test.for(readdirSync(join(repository, "tests", "fixtures")).filter((name) => name.startsWith("state-")))(
  "nothing of the recorded %s is replaced or deleted by today's program",
  async (version) => {
    await using engine = await TestEngine.open("template");
    const stacks = await openState(engine, join(repository, "tests", "fixtures", version));
    expect(stacks.sort()).toEqual(["production", "shared", "staging"]);
    for (const stack of stacks) {
      const steps = await stepsOf(engine, stack);
      expect(steps.filter(({ op }) => op !== "update" && op !== "create")).toEqual([]);
      // The import must not have come out empty.
      const recorded = parseDocument(await engine.expect(["stack", "export", "--stack", stack])).toJS() as {
        deployment: { resources: unknown[] };
      };
      expect(recorded.deployment.resources.length).toBeGreaterThan(4);
    }
  },
);

function edit(file: string, ...changes: readonly (readonly [string | RegExp, string])[]): void {
  const text = changes.reduce((text, [from, to]) => text.replace(from, to), readFileSync(file, "utf8"));
  writeFileSync(file, text);
}
