import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { verbsWithoutSandbox } from "../../operations/commands.ts";
import type { Verb } from "../../operations/verbs/verb.ts";
import { repository } from "../../sandbox/systems.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "groundwork-test-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const image = (letter: string): string => `ghcr.io/acme/web@sha256:${letter.repeat(64)}`;
const record = (name: string, outputs: object) => ({
  urn: `urn:pulumi:staging::tiny::groundwork:components:ReleaseRecord::${name}`,
  type: "groundwork:components:ReleaseRecord",
  outputs,
});
const releases = [{ number: 1, verdict: "healthy", images: { web: image("a") }, serving: "d1", attempt: 0 }];
const state = {
  version: 3,
  deployment: { resources: [record("releases", { releases, serving: "d1" }), record("failed-releases", { failures: [] })] },
};
const step = {
  op: "update",
  urn: "urn:pulumi:staging::tiny::digitalocean:index/dnsRecord:DnsRecord::note",
  detailedDiff: { value: { kind: "update" } },
};

/** Runs a verb with a `pulumi` that notes how it was called, and answers with the state, or with a plan of these steps. A refresh may change the state. */
function ops(
  args: readonly string[],
  steps: readonly object[] = [],
  refreshed: { readonly before: object; readonly after: object; readonly events: readonly object[] } = {
    before: state,
    after: state,
    events: [],
  },
  /** What it does instead, in words of a shell. */
  failure?: string,
): Promise<{ code: number; stdout: string; stderr: string; calls: string[] }> {
  writeFileSync(join(folder, "state"), JSON.stringify(refreshed.before));
  writeFileSync(join(folder, "after"), JSON.stringify(refreshed.after));
  writeFileSync(join(folder, "events"), refreshed.events.map((event) => JSON.stringify(event)).join("\n"));
  writeFileSync(join(folder, "plan"), JSON.stringify({ steps }));
  writeFileSync(join(folder, "calls"), "");
  const fails = failure === undefined ? "" : `${failure}\n`;
  const script = `#!/bin/sh\n${fails}echo "$1 $GROUNDWORK_IMAGES" >> '${folder}/calls'\ncase "$1" in refresh) [ -f '${folder}/after' ] || exit 0; mv '${folder}/after' '${folder}/state'; cat '${folder}/events'; ! grep -q diagnosticEvent '${folder}/events' ;; stack) cat '${folder}/state' ;; *) cat '${folder}/plan' ;; esac\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
  const env = {
    ...process.env,
    PATH: [folder, process.env["PATH"]].join(delimiter),
    PULUMI_BACKEND_URL: `file://${folder}`,
    DIGITALOCEAN_TOKEN: "",
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(repository, "operations", "cli.ts"), ...args, "--system", "tests/systems/tiny"],
      { cwd: repository, env },
      (error, stdout, stderr) => {
        const calls = readFileSync(join(folder, "calls"), "utf8")
          .trim()
          .split("\n")
          .map((call) => call.trim())
          .sort(); // a preview reads the state beside it, at the same time
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr, calls });
      },
    );
    child.stdin?.end();
  });
}

test("a wrong call is exit code 2, names what is nearest, and starts nothing", async () => {
  const misspelt = await ops(["promte"]);
  expect(misspelt).toMatchObject({ code: 2, calls: [""] });
  expect(misspelt.stderr).toContain('error: unknown verb "promte". Did you mean "promote"? Verbs: "status", ');
  const foreign = await ops(["releases", "--to", "staging"]);
  expect(foreign).toMatchObject({ code: 2, calls: [""] });
  expect(foreign.stderr).toMatch(/Unknown option '--to'[^]*usage: npm run ops -- releases --stack <name>/);
  // The error stays in sight.
  expect((await ops(["comment", "--stak", "staging"])).stderr).toMatch(
    /^error: Unknown option '--stak'\. Did you mean "--stack"\?\n\nusage: .*\n.*\n$/,
  );
  const silent = await ops(["promote", "--to", "staging", "--images", "{}"]);
  expect(silent.stderr).toContain("error: nobody can be asked here: add --yes to do it, or --plan to see what would change");
  expect(silent.code).toBe(2);
});

test("a stack that is not there is a wrong call for every verb, with one answer", { timeout: 120_000 }, async () => {
  const known = `[ "$1 $2" = "stack ls" ] && echo '[{"name":"production"}]' && exit\n`;
  const yes = { up: ["--plan"], rollback: ["--plan"], unlock: ["--force"], db: ["--close"] } as Readonly<Record<string, readonly string[]>>;
  const said = 'tiny has no stack "stagin". Did you mean "staging"? Stacks: "production", "shared", "staging".';
  for (const verb of ["releases", "logs", "drift", "up", "verify", "rollback", "unlock", "db", "status", "restore", "promote"]) {
    const asked = verb === "promote" ? ["--to", "stagin", "--plan"] : ["--stack", "stagin", ...(yes[verb] ?? [])];
    const { code, stderr } = await ops(
      [verb, ...asked],
      [],
      undefined,
      `${known}echo "error: no stack named 'stagin' found" >&2; exit 255`,
    );
    const error = stderr.split("\n").find((line) => line.startsWith("error: "));
    expect({ verb, code, error }).toEqual({ verb, code: 2, error: `error: ${said}` });
  }
  for (const verb of ["cost", "doctor"])
    expect((await ops([verb, "--stack", "stagin"], [], undefined, "exit 255")).stderr).toContain(
      'tiny has no stack "stagin". Did you mean "staging"? Stacks: "shared", "staging".',
    );
});

test("a stack that has a file, and was never made, is told how it is made", async () => {
  const fails = `echo "error: no stack named 'staging' found" >&2; exit 255`;
  expect(await ops(["releases", "--stack", "staging"], [], undefined, fails)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      "error: the stack staging of tiny was not made yet: so far it has a file only. It is made by: pulumi -C tests/systems/tiny stack init staging\n",
    ) as unknown,
  });
});

test("what runs no services is offered no images", async () => {
  const { code, stderr } = await ops(["promote", "--to", "shared", "--plan"]);
  expect({ code, error: stderr.split("\n")[0] }).toEqual({ code: 2, error: "error: shared runs no services, so it takes no images" });
});

test("what is refused is exit code 7, and a release that is not there is a wrong call", async () => {
  const first = { ...releases[0], time: "2026-01-01T00:00:00Z" };
  const second = { ...first, number: 2, images: { web: image("b") }, serving: "d2", time: "2026-01-02T00:00:00Z" };
  const service = {
    urn: "urn:pulumi:staging::tiny::groundwork:components:Service::web",
    type: "groundwork:components:Service",
    outputs: { migrates: true },
  };
  const records = [record("releases", { releases: [first, second], serving: "d2" }), service];
  const two = { version: 3, deployment: { resources: records } };
  const looked = { before: two, after: two, events: [] };
  const images = JSON.stringify({ web: image("a") });
  const refused = await ops(["rollback", "--stack", "staging", "--plan"], [], looked);
  expect(refused.stderr).toContain("error: staging cannot go back without a look at its database");
  const back = await ops(["promote", "--to", "staging", "--images", images, "--plan"], [], looked);
  expect(back.stderr).toContain("error: these images would take staging back:");
  expect([refused.code, back.code]).toEqual([7, 7]);
  const missing = await ops(["rollback", "--stack", "staging", "--to", "99", "--plan"], [], looked);
  expect(missing.stderr).toContain("error: staging has no release 99.");
  expect(missing.code).toBe(2);
});

test("a stack that runs no services has nothing to verify", async () => {
  const empty = { version: 3, deployment: { resources: [] } };
  const { code, stderr } = await ops(["verify", "--stack", "shared"], [], { before: empty, after: empty, events: [] });
  expect({ code, error: stderr.split("\n")[0] }).toEqual({
    code: 2,
    error:
      "error: shared runs no services, so there is nothing to verify. Whether all of it is as it was deployed says: npm run ops -- drift --system tests/systems/tiny --stack shared",
  });
});

test("what a verb says to run next has the choice of the system, wherever it is said", async () => {
  const found = await ops(["rollback", "--stack", "staging", "--to", "99", "--plan"]);
  expect(found.stderr).toContain("npm run ops -- releases --system tests/systems/tiny --stack staging shows them");
  const refused = await ops(
    ["promote", "--to", "staging", "--images", JSON.stringify({ web: image("b") }), "--images-only", "--plan"],
    [step],
  );
  expect(refused.stderr).toContain("by themselves first: npm run ops -- up --system tests/systems/tiny --stack staging");
  const history = join(folder, ".pulumi", "history", "tiny", "staging");
  mkdirSync(history, { recursive: true });
  writeFileSync(join(history, "staging-1.history.json"), JSON.stringify({ kind: "update", result: "succeeded", endTime: 1 }));
  writeFileSync(join(history, "staging-1.checkpoint.json"), "{}");
  expect((await ops(["restore", "--stack", "staging"])).stdout).toContain(
    "Restore one: npm run ops -- restore --system tests/systems/tiny --stack staging --to <number>",
  );
  // A run's number is none of a release.
  const [wrong = ""] = (await ops(["restore", "--stack", "staging", "--to", "x"])).stderr.split("\n\nusage:");
  expect(wrong).toBe(
    'error: --to takes the number of a run, as npm run ops -- restore --system tests/systems/tiny --stack staging lists them, got "x"',
  );
});

test("the verbs that no sandbox is for are those that take no --sandbox", async () => {
  const folder = join(repository, "operations", "verbs");
  const without: string[] = [];
  for (const file of readdirSync(folder)) {
    const { default: verb } = (await import(join(folder, file))) as { readonly default?: Verb };
    if (verb !== undefined && !("sandbox" in verb.options)) without.push(basename(file, ".ts"));
  }
  expect(without.sort()).toEqual([...verbsWithoutSandbox].sort());
});

test("where there is no pulumi, that is all that is said", () => {
  const env = {
    ...process.env,
    PATH: (process.env["PATH"] ?? "")
      .split(delimiter)
      .filter((one) => !existsSync(join(one, "pulumi")))
      .join(delimiter),
  };
  for (const verb of [
    ["comment", "--dry-run"],
    ["up", "--plan"],
  ]) {
    const args = [join(repository, "operations", "cli.ts"), ...verb, "--system", "tests/systems/tiny", "--stack", "staging"];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: repository, env, encoding: "utf8", timeout: 20_000 });
    expect({ verb, status }).toEqual({ verb, status: 1 });
    // A comment says it in its place.
    expect(verb[0] === "comment" ? stdout : stderr).toContain("there is no pulumi on PATH. Install it, or add --sandbox");
    expect(stderr).not.toMatch(/^ +at |file:\/\/\/|^Node\.js v/m);
  }
});

test("releases for machines are JSON alone", async () => {
  const { code, stdout, calls } = await ops(["releases", "--stack", "staging", "--json"]);
  expect({ code, calls }).toEqual({ code: 0, calls: ["stack"] });
  expect(JSON.parse(stdout)).toMatchObject({ stack: "staging", serving: { number: 1, serves: true } });
});

test("a plan deploys nothing; what it finds beside the images is exit code 7 where only they may change", async () => {
  const images = JSON.stringify({ web: image("b") });
  const promote = ["promote", "--to", "staging", "--images", images];
  const planning = ["preview", `preview ${images}`, "stack", "stack", "stack", `stack ${images}`];
  const plan = await ops([...promote, "--plan"], [step]);
  expect(plan).toMatchObject({ code: 0, calls: planning });
  expect(plan.stdout).toBe(
    `staging: images\n  web: ${image("a")} → ${image("b")}\nBeside the images:\n  update DnsRecord note\n    value\n`,
  );
  const idle = await ops([...promote, "--plan", "--accept", "replace:databse"], [step]);
  expect(idle.stdout).toContain("\n--accept replace:databse means nothing here.\n");
  const refused = await ops([...promote, "--images-only", "--yes"], [step]);
  expect(refused).toMatchObject({ code: 7, calls: planning });
  expect(refused.stderr).toContain(
    "error: with --images-only nothing but images may change in staging, and these would as well:\n  update DnsRecord note\n    value\n",
  );
});

test("a run that ended well and changed nothing is not believed", async () => {
  const { code, stderr, calls } = await ops(["promote", "--to", "staging", "--images", JSON.stringify({ web: image("b") }), "--yes"]);
  expect(calls.map((call) => call.split(" ")[0])).toEqual(["preview", "stack", "stack", "stack", "stack", "up"]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `error: staging does not run what was asked for:\n  web: ${image("a")} instead of ${image("b")}\n`,
  });
});

test("drift is exit code 7, and no drift is 0", async () => {
  const { urn } = step;
  const note = (value: string) => {
    const type = "digitalocean:index/dnsRecord:DnsRecord";
    const values = { domain: "example.com", name: "note", type: "TXT", value };
    const resources = [{ urn, type, custom: true, id: "7", inputs: { ...values, value: "first" }, outputs: { ...values, id: "7" } }];
    return { version: 3, deployment: { resources } };
  };
  const event = { resOutputsEvent: { metadata: { op: "update", urn, detailedDiff: { value: { kind: "update" } } } } };
  const drift = ["drift", "--stack", "staging"];
  const found = await ops(drift, [], { before: note("first"), after: note("second"), events: [event] });
  expect(found).toMatchObject({ code: 7, calls: ["refresh", "stack", "stack", "stack", "stack", "stack", "stack"] });
  expect(found.stdout).toContain(
    'staging: differs from what was last deployed\n  changed: DnsRecord note\n    value: expected "first", is "second"\n',
  );
  expect(found.stdout).toContain("npm run ops -- drift --stack staging --restore DnsRecord/note");
  expect(found.stderr).toMatch(/^staging: looking at what is there\nstaging: looked at in \d+ s\n$/);
  const machine = await ops([...drift, "--json"], [], { before: note("first"), after: note("second"), events: [event] });
  expect(JSON.parse(machine.stdout)).toMatchObject([
    {
      stack: "staging",
      findings: [{ name: "note", properties: [{ path: "value", expected: "first", actual: "second" }], restore: {}, adopt: {} }],
    },
  ]);
  expect(await ops(drift, [], { before: note("first"), after: note("first"), events: [] })).toMatchObject({
    code: 0,
    stdout: "staging: no drift\n",
  });
});

test("what cannot be read is no drift and exit code 1, with the reason; so is a stack that somebody is changing", async () => {
  const { urn } = step;
  const type = "digitalocean:index/dnsRecord:DnsRecord";
  const state = { version: 3, deployment: { resources: [{ urn, type, custom: true, id: "7", inputs: {}, outputs: { id: "7" } }] } };
  const message = "error: GET https://api.digitalocean.com/v2/domains/example.com/records/7: 500 (request) down";
  const looked = { before: state, after: state, events: [{ diagnosticEvent: { urn, severity: "error", message } }] };
  const drift = ["drift", "--stack", "staging"];
  expect(await ops(drift, [], looked)).toMatchObject({
    code: 1,
    stdout: `staging: no drift in what could be read, and not all of it could\n  could not be read: DnsRecord note\n    ${message}\n`,
  });
  const locks = join(folder, ".pulumi", "locks", "organization", "tiny", "staging");
  mkdirSync(locks, { recursive: true });
  const hold = (pid: number) =>
    writeFileSync(
      join(locks, "1.json"),
      JSON.stringify({ pid, username: "ann", hostname: hostname(), timestamp: new Date().toISOString() }),
    );
  hold(process.pid);
  const held = await ops(drift, [], looked);
  expect(held).toMatchObject({ code: 1, stdout: "", calls: [""] });
  expect(held.stderr).toMatch(
    /^error: staging is held by ann@\S+ \(process \d+, since \S+\), who is changing it, so what is there now is half done/,
  );
  // Beside another stack, and where an act begins with a look.
  expect(await ops([...drift, "--stack", "production", "--json"], [], looked)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"stack": "production"') as unknown,
  });
  expect((await ops([...drift, "--restore", "note", "--plan"], [], looked)).stderr).toContain("staging is held by ann");
  // A lock that a killed run left changes nothing.
  hold(4_999_999);
  expect((await ops(drift, [], looked)).stdout).toContain("could not be read");
});

test("what production would lose is exit code 7 before anything is changed, and accepted by name", async () => {
  const urn = "urn:pulumi:production::tiny::digitalocean:index/databaseCluster:DatabaseCluster::database";
  const replaced = {
    op: "replace",
    urn,
    oldState: { type: "digitalocean:index/databaseCluster:DatabaseCluster", custom: true },
    replaceReasons: ["region"],
  };
  const refused = await ops(["up", "--stack", "production", "--yes"], [replaced]);
  expect(refused).toMatchObject({ code: 7, calls: ["preview", "stack", "stack"] });
  expect(refused.stdout).toContain("refused: data loss: database (database cluster) is replaced");
  expect(refused.stderr).toContain("Accept it for one run: --accept replace:DatabaseCluster/database");
  const taken = await ops(["up", "--stack", "production", "--yes", "--accept", "replace:database"], [replaced]);
  expect(taken.calls).toContain("up");
  expect(taken.stdout).toContain("accepted: data loss: database (database cluster) is replaced");
});
