import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding, FindingId, Report } from "../../operations/doctor/finding.ts";
import { examine } from "../../operations/doctor/doctor.ts";
import { entryFor, type Rule } from "../../operations/database/rules.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import { runFiles } from "../../sandbox/run-files.ts";
import { findSystem } from "../../sandbox/systems.ts";
import type { TestEngine } from "../engine.ts";
import { engineIds } from "../operations/doctor/engine-ids.ts";
import { Clone } from "./clone.ts";
import { runDocumented } from "./documents.ts";
import { cloud, configure, objectOf, openTemplate } from "./template.ts";

/** What the verb finds, with its exit code. */
async function doctor(
  engine: TestEngine,
  args = "",
  variables: Readonly<Record<string, string>> = {},
): Promise<{ code: number; found: string[]; report: Report }> {
  const { code, stdout, stderr } = await runDocumented(
    engine,
    { page: "", line: 0, command: `npm run ops -- doctor --json ${args}`, codes: [] },
    variables,
  );
  if (!stdout.startsWith("{")) throw new Error(stderr);
  const report = JSON.parse(stdout) as Report;
  return { code, report, found: report.findings.map(({ id, stack = "" }) => `${id} ${stack}`.trim()) };
}

/** Looks in this process, without laying the sandbox out anew: a broken copy of a stack file stays broken. */
async function examined(
  engine: TestEngine,
  stacks: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Report> {
  const { sandbox } = engine;
  const surroundings = { ...sandbox.environment, ...environment };
  const pulumi = Pulumi.sandbox({ ...sandbox, environment: surroundings });
  return examine({
    wish: "template",
    system: findSystem("template"),
    stacks,
    pulumi,
    opened: sandbox,
    environment: surroundings,
    resolver: [],
    now: new Date(),
  });
}

/** What drift says besides what differs, which is nothing here. */
async function notes(engine: TestEngine): Promise<readonly string[]> {
  const { code, stdout, stderr } = await runDocumented(engine, {
    page: "",
    line: 0,
    command: "npm run ops -- drift --stack staging --json",
    codes: [],
  });
  if (code !== 0) throw new Error(stderr);
  const [drift] = JSON.parse(stdout) as [{ findings: unknown[]; notes: string[] }];
  expect(drift.findings).toEqual([]);
  return drift.notes;
}

/** What was broken, seen, mended by its own fix and seen gone here. */
const proven = new Set<FindingId>();

/** Runs the first line of a finding's fix, as its reader would, without the words behind it. */
const fix = async (engine: TestEngine, { findings: [finding] }: Report): Promise<void> => {
  // Nobody answers here what pulumi asks.
  const command = (finding?.fix[0] ?? "")
    .replace(/\s+#.*$/, "")
    .replace(" --sandbox", "")
    .replace("pulumi up", "pulumi up --yes --skip-preview")
    .replace(/ restore .*/, `$& --yes --keep ${join(engine.home.root, "kept.state.json")}`);
  const { code, stdout, stderr } = await runDocumented(engine, { page: "", line: 0, command, codes: [] });
  if (code !== 0) throw new Error(`${command}\n${stdout}\n${stderr}`);
};

test("what a killed run leaves is found, its fix run, and gone", { timeout: 300_000 }, async () => {
  await using engine = await openTemplate();
  expect(await doctor(engine)).toMatchObject({ code: 0, found: [] });

  // A lock whose process is there no more: its number is beyond what the system gives.
  const locks = engine.home.locks("template", "staging");
  mkdirSync(locks, { recursive: true });
  writeFileSync(
    join(locks, "1.json"),
    JSON.stringify({ pid: 4_999_999, username: "ann", hostname: hostname(), timestamp: new Date().toISOString() }),
  );
  expect(await notes(engine)).toEqual([
    expect.stringMatching(
      /^ann@\S+ \(process 4999999, .*\), which does not run any more, still holds staging: npm run ops -- unlock --stack staging/,
    ),
  ]);
  const held = await doctor(engine);
  expect(held).toMatchObject({ code: 7, found: ["lock-left staging"] });
  await fix(engine, held.report);
  expect(await doctor(engine)).toMatchObject({ code: 0, found: [] });
  proven.add("lock-left");

  // What is beside the state, half written.
  const folder = join(engine.home.state, ".pulumi", "stacks", "template");
  const file = readdirSync(folder).find((name) => name === "staging.json.attrs") ?? "";
  writeFileSync(join(folder, file), '{"user.cache');
  const broken = await doctor(engine, "--stack staging");
  expect(broken).toMatchObject({ code: 7, found: ["half-written staging"] });
  await fix(engine, broken.report);
  expect(await doctor(engine, "--stack staging")).toMatchObject({ code: 0, found: [] });
  proven.add("half-written");

  // A create of which nobody knows what became.
  const state = engine.home.stateFile("template", "staging");
  const content = JSON.parse(readFileSync(state, "utf8")) as {
    checkpoint: { latest: { resources: { type: string }[]; pending_operations?: unknown[] } };
  };
  const [vpc] = content.checkpoint.latest.resources.filter(({ type }) => type.endsWith(":Vpc"));
  content.checkpoint.latest.pending_operations = [
    {
      type: "creating",
      resource: { ...vpc, urn: "urn:pulumi:staging::template::digitalocean:index/vpc:Vpc::lost", id: undefined, inputs: { name: "lost" } },
    },
  ];
  writeFileSync(state, JSON.stringify(content));
  rmSync(`${state}.attrs`, { force: true });
  const pending = await doctor(engine, "--stack staging");
  expect(pending).toMatchObject({ code: 7, found: ["pending staging"] });
  expect(pending.report.findings[0]?.what).toBe("a run broke off: creating Vpc lost");
  expect(await notes(engine)).toEqual([
    expect.stringMatching(/^A run that broke off was not done with creating Vpc lost, which no state may know: npm run ops -- unlock /),
  ]);
  await fix(engine, pending.report);
  expect(await doctor(engine, "--stack staging")).toMatchObject({ code: 0, found: [] });
  proven.add("pending");
});

test(
  "a state that is lost, and one that is spoiled: every verb says so, nothing is made anew, and restore brings it back",
  {
    timeout: 300_000,
  },
  async () => {
    await using engine = await openTemplate();
    const state = engine.home.stateFile("template", "staging");
    const [text, before] = [readFileSync(state, "utf8"), cloud(engine, (store) => store.list())];
    const run = runFiles(engine.home.state, "template", "staging").length;
    const ops = async (command: string): Promise<[number, string]> => {
      const { code, stdout, stderr } = await runDocumented(engine, { page: "", line: 0, command: `npm run ops -- ${command}`, codes: [] });
      return [code, stdout + stderr];
    };
    const verbs = ["releases", "verify", "unlock"].map((verb) => `${verb} --stack staging`);

    for (const ending of ["", ".attrs", ".bak", ".bak.attrs"]) rmSync(`${state}${ending}`, { force: true });
    const way = `npm run ops -- restore --sandbox --stack staging --to ${run}`;
    for (const verb of verbs)
      expect(await ops(verb), verb).toEqual([1, expect.stringMatching(/the state of staging is lost: .* Put it back: /)]);
    expect(await ops("status --stack staging")).toEqual([0, expect.stringMatching(/staging {2}state lost[^]*put it back: npm run ops/)]);
    expect((await ops("status --stack staging"))[1]).toContain(way);
    // Nothing is made a second time, and no empty state is put in its place.
    await expect(engine.sandbox.run(["up", "--stack", "staging", "--yes"])).rejects.toThrow("the state of staging is lost");
    expect(engine.home.hasStack("template", "staging")).toBe(false);
    const lost = await doctor(engine);
    expect(lost).toMatchObject({ code: 7, found: ["state-lost staging"] });
    await fix(engine, lost.report);
    expect(await doctor(engine)).toMatchObject({ code: 0, found: [] });
    await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);
    proven.add("state-lost");

    // Cut off, empty, something else.
    for (const broken of [text.slice(0, 5000), "", "no state", "{}"]) {
      rmSync(join(engine.home.root, "kept.state.json"), { force: true });
      writeFileSync(state, broken);
      const spoiled = await doctor(engine);
      expect(spoiled, broken).toMatchObject({ code: 7, found: ["state-spoiled staging"] });
      if (broken === "") {
        for (const verb of verbs)
          expect(await ops(verb), verb).toEqual([1, expect.stringContaining("Put a former one back: npm run ops -- restore")]);
        expect(await ops("status")).toEqual([
          0,
          expect.stringMatching(/staging +unreadable[^]*Put a former one back: npm run ops -- restore[^]*shared +up/),
        ]);
        await expect(engine.sandbox.run(["up", "--stack", "staging", "--yes"])).rejects.toThrow("the state of staging is spoiled");
      }
      await fix(engine, spoiled.report);
      expect(await doctor(engine), broken).toMatchObject({ code: 0, found: [] });
    }
    await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);
    expect(cloud(engine, (store) => store.list())).toEqual(before);
    proven.add("state-spoiled");
  },
);

test("stack files, passphrases, versions and the backend: found, mended, gone", { timeout: 300_000 }, async () => {
  await using engine = await openTemplate();
  const ids = async (stacks: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string[]> =>
    (await examined(engine, stacks, environment)).findings.map(({ id }) => id);
  expect(await ids(["staging", "shared"])).toEqual([]);

  // The wrong passphrase, and none.
  expect(await ids(["staging"], { PULUMI_CONFIG_PASSPHRASE: "wrong" })).toEqual(["passphrase-wrong"]);
  const { PULUMI_CONFIG_PASSPHRASE: passphrase, ...none } = engine.sandbox.environment;
  expect(passphrase).toBe("sandbox");
  const without = await examine({
    wish: "template",
    system: findSystem("template"),
    stacks: ["staging"],
    pulumi: Pulumi.sandbox(engine.sandbox),
    opened: engine.sandbox,
    environment: none,
    resolver: [],
    now: new Date(),
  });
  expect(without.findings.map(({ id }) => id)).toEqual(["passphrase-missing"]);

  // A file that says another network than the stack has; a file that is not YAML; a stack without one.
  configure(engine, "staging", ["groundwork:domain"], "next.example.com");
  expect(await examined(engine, ["staging"])).toMatchObject({
    findings: [{ id: "file-differs", what: 'the stack file says domain "next.example.com", and the stack is on "staging.example.com"' }],
  });
  configure(engine, "staging", ["groundwork:domain"], "staging.example.com");
  expect(await ids(["staging"])).toEqual([]);
  const file = join(engine.home.project("template"), "Pulumi.staging.yaml");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, `${text}\nbroken: [`);
  expect(await ids(["staging"])).toContain("stack-file");
  renameSync(file, `${file}.away`);
  expect(await ids(["staging"])).toEqual(["no-stack-file"]);
  writeFileSync(file, text);
  expect(await ids(["staging"])).toEqual([]);

  // A provider newer than this checkout's; a secret older than the system wants it.
  const state = engine.home.stateFile("template", "staging");
  const original = readFileSync(state, "utf8");
  writeFileSync(state, original.replace(/("version":\s*")4\.80\.1(")/g, "$14.99.0$2"));
  rmSync(`${state}.attrs`, { force: true });
  expect(await ids(["staging"])).toEqual(["older-checkout"]);
  writeFileSync(state, original.replaceAll(/("SECRET_KEY":\s*\{)/g, '$1"maxAgeDays": 30,').replaceAll(/("since":\s*")\d{4}/g, "$12020"));
  expect(await examined(engine, ["staging"])).toMatchObject({
    findings: [
      {
        id: "secret-old",
        fix: ["# raise the generation of SECRET_KEY in backend-secrets to 2 (system.ts), then:", "pulumi up --stack staging"],
      },
    ],
  });
  writeFileSync(state, original);
  expect(await ids(["staging"])).toEqual([]);

  // A provider's plugin that is not there.
  const plugins = join(engine.home.pulumiHome, "plugins");
  const plugin = readdirSync(plugins).find((name) => name.startsWith("resource-random-v")) ?? "";
  renameSync(join(plugins, plugin), join(engine.home.root, plugin));
  expect(await examined(engine, ["staging"])).toMatchObject({
    findings: [
      { id: "plugins", severity: "error", fix: [`pulumi plugin install resource random ${plugin.replace("resource-random-v", "")}`] },
    ],
  });
  // As it would be fetched, from a folder.
  const install = [
    "plugin",
    "install",
    "resource",
    "random",
    plugin.replace("resource-random-v", ""),
    "--file",
    join(engine.home.root, plugin),
  ];
  await engine.expect(install);
  expect(await ids(["staging"])).toEqual([]);

  // A backend that is not there.
  const gone = `file://${engine.home.root}/none`;
  const away = await examined(engine, ["staging"], { PULUMI_BACKEND_URL: gone });
  expect(away.findings).toMatchObject([{ id: "backend-missing", fix: [`mkdir -p '${engine.home.root}/none'`] }]);
  await fix(engine, away);
  expect(await ids(["staging"], { PULUMI_BACKEND_URL: gone })).toEqual([]);
});

test(
  "a state under another passphrase than the stack file's: told with either, mended by what doctor says",
  { timeout: 400_000 },
  async () => {
    await using engine = await openTemplate();
    const staging = ["--stack", "staging"];
    const file = join(engine.home.project("template"), "Pulumi.staging.yaml");
    const pulumi = Pulumi.sandbox(engine.sandbox);
    const text = readFileSync(file, "utf8");
    const state = await engine.expect(["stack", "export", ...staging]);

    // An import that brought a state of another passphrase. The sandbox writes its stack files anew by itself.
    expect(await pulumi.capture(["stack", "change-secrets-provider", "passphrase", ...staging], {}, "another one\n")).toMatchObject({
      code: 0,
    });
    const renewed = readFileSync(file, "utf8");
    const imported = await doctor(engine, "--stack staging");
    expect(imported).toMatchObject({ code: 7, found: ["passphrase-state staging"] });
    expect(imported.report.findings[0]?.what).toContain("opens Pulumi.staging.yaml, and not the state");
    const refused = await engine.run(["preview", ...staging]);
    expect([refused.code === 0, `${refused.stdout}${refused.stderr}`]).toEqual([false, expect.stringContaining("incorrect passphrase")]);
    await fix(engine, imported.report);
    expect(await doctor(engine, "--stack staging")).toMatchObject({ code: 0, found: [] });
    await engine.expect(["preview", ...staging, "--expect-no-changes"]);

    // Somebody encrypted the stack file anew, and the state is as it was; in a checkout, for real.
    using clone = new Clone(engine);
    const own = join(clone.folder, "Pulumi.staging.yaml");
    writeFileSync(own, text);
    clone.commit();
    writeFileSync(own, renewed);
    const look = async (passphrase: string): Promise<Finding[]> => {
      const { stdout, stderr } = await clone.real({ PULUMI_CONFIG_PASSPHRASE: passphrase }, "doctor", "--json", ...staging);
      if (!stdout.startsWith("{")) throw new Error(stderr);
      expect(`${stdout}${stderr}`).not.toMatch(/v1:[\w+/]{6}/);
      return (JSON.parse(stdout) as Report).findings.filter(({ id }) => id.startsWith("passphrase"));
    };
    const byNew = await look("another one");
    expect(byNew.map(({ id }) => id)).toEqual(["passphrase-state"]);
    expect(byNew[0]?.fix[1]).toContain("read -rs PULUMI_CONFIG_PASSPHRASE");
    const byOld = await look("sandbox");
    expect(byOld).toMatchObject([
      { id: "passphrase-state", what: expect.stringContaining("opens the state, and not Pulumi.staging.yaml") as string },
    ]);
    // With the passphrase of neither, nobody can know.
    expect((await look("of neither")).map(({ id }) => id)).toEqual(["passphrase-wrong"]);
    execFileSync("bash", ["-c", byOld[0]?.fix.join("\n") ?? ""], { cwd: clone.folder, stdio: "pipe" });
    expect(await look("sandbox")).toEqual([]);
    expect(readFileSync(own, "utf8")).toBe(text);
    expect(JSON.parse(await engine.expect(["stack", "export", ...staging]))).toMatchObject({
      deployment: { secrets_providers: (JSON.parse(state) as { deployment: { secrets_providers: object } }).deployment.secrets_providers },
    });
    proven.add("passphrase-state");
  },
);

test(
  "who may reach a database: a killed session, a stranger, everybody; each shut out by what doctor says",
  { timeout: 300_000 },
  async () => {
    await using engine = await openTemplate();
    const firewall = objectOf(engine, "DatabaseFirewall");
    const own = firewall.outputs["rules"] as readonly Rule[];
    const put = (rules: readonly Rule[]): void =>
      cloud(engine, (store) => store.put({ ...firewall, outputs: { ...firewall.outputs, rules } }));
    const values = (): string[] => (objectOf(engine, "DatabaseFirewall").outputs["rules"] as readonly Rule[]).map(({ value }) => value);
    const found = async (): Promise<Report> => examined(engine, ["staging"]);
    expect((await found()).findings).toEqual([]);

    const killed = entryFor("203.0.113.7", { username: "ann", hostname: hostname(), pid: 4_999_999, timestamp: new Date().toISOString() });
    // While one goes on, drift says whose it is and nothing more.
    put([...own, entryFor("203.0.113.7", { username: "ann", hostname: "other", pid: 7, timestamp: new Date().toISOString() })]);
    expect(await notes(engine)).toEqual([
      expect.stringMatching(/^ann@other has a session with the database since .* lets 203\.0\.113\.7 in; its end/),
    ]);
    for (const [id, rules] of [
      ["database-session-left", [...own, killed]],
      [
        "database-session-old",
        [...own, entryFor("203.0.113.7", { username: "ann", hostname: "other", pid: 7, timestamp: "2026-01-01T00:00:00Z" })],
      ],
      ["database-stranger", [...own, { type: "ip_addr", value: "203.0.113.7" }]],
      ["database-open", []],
    ] as const) {
      put(rules);
      const broken = await found();
      expect(broken.findings.map((finding) => finding.id)).toEqual([id]);
      await fix(engine, broken);
      expect(values(), id).toEqual(["10.42.0.0/20"]);
      expect((await found()).findings, id).toEqual([]);
      proven.add(id);
    }
  },
);

test("what the table leaves to the real engine was all proven here", () => {
  expect([...proven].sort()).toEqual([...engineIds].sort());
});
