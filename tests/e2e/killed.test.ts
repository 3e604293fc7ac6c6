import { spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { target } from "../../operations/target.ts";
import { unlock } from "../../operations/unlock.ts";
import type { Operation } from "../../sandbox/cloud/store.ts";
import type { TestEngine } from "../engine.ts";
import { descendants, tryKill } from "./processes.ts";
import { cloud, configure, leftProcesses, mismatches, objectOf, openEmpty, openTemplate, stateOf, stepsOf } from "./template.ts";

type Victim = "the command alone" | "its process group" | "the whole tree";

const up = ["up", "--stack", "staging", "--yes", "--skip-preview", "--non-interactive", "--color", "never"];

/** When the kill strikes: after the effect the cloud has an object that no state knows. */
type Moment = "before the effect" | "after the effect";

interface Kill {
  readonly type: string;
  readonly operation?: Operation;
  readonly victim?: Victim;
  readonly moment?: Moment;
  /** Which operation of that kind in this run. @default 1 */
  readonly nth?: number;
}

/** Starts an `up` that hangs in one operation on one type, and kills it there. */
async function killIn(engine: TestEngine, kill: Kill): Promise<void> {
  const { type, operation = "create", victim = "the command alone", moment = "after the effect", nth = 1 } = kill;
  cloud(engine, (store) => {
    store.clearFaults();
    store.addFault({ type, operation, kind: "slow", after: moment === "after the effect", details: { seconds: 60 } }, nth, 1);
  });
  const child = spawn(engine.sandbox.engine.pulumi, up, {
    cwd: engine.home.project("template"),
    env: engine.sandbox.environment,
    stdio: "ignore",
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const struck = (): boolean => cloud(engine, (store) => store.faults().some((fault) => fault.struck > 0));
  try {
    while (!struck() && child.exitCode === null) await sleep(20);
    if (child.exitCode !== null) throw new Error(`up ended before the ${operation} of a ${type}`);
    await sleep(100); // the effect follows the strike
    const pid = child.pid ?? 0;
    const tree = victim === "the whole tree" ? descendants(pid) : [];
    process.kill(victim === "its process group" ? -pid : pid, "SIGKILL");
    for (const one of tree) tryKill(one);
    await ended;
  } finally {
    if (child.exitCode === null && child.signalCode === null) tryKill(-(child.pid ?? 0));
  }
}

/** What a staging stack registers that a provider creates, in the order in which it came about. */
const registrations = (): string[] => {
  const state = readFileSync(join(inject("goldenSandbox"), "state/.pulumi/stacks/template/staging.json"), "utf8");
  const { checkpoint } = JSON.parse(state) as { checkpoint: { latest: { resources: { type: string; id?: string }[] } } };
  return checkpoint.latest.resources.filter(({ type, id }) => id !== undefined && !type.startsWith("pulumi:")).map(({ type }) => type);
};

// The second moment is the worse one, so it is tried with every victim; the first needs no more than one.
const rounds: readonly [Victim, readonly Moment[]][] = [
  ["the command alone", ["before the effect", "after the effect"]],
  ["its process group", ["after the effect"]],
  ["the whole tree", ["after the effect"]],
];

/** The one command, as far as it goes without a process of its own. */
async function recover(engine: TestEngine): Promise<string[]> {
  const said: string[] = [];
  const { holder, find, clean } = await target({ system: "template", stack: "staging", opened: engine.sandbox });
  await unlock(engine.sandbox, { stack: "staging", holder, force: false, find, clean, say: (line) => said.push(line) });
  expect(said.at(-1)).toBe("staging can be used again. The next up finishes what was interrupted.");
  cloud(engine, (store) => store.clearFaults());
  return said;
}

test.for(rounds)(
  "killed at every registration in turn (%s): one command recovers, state and cloud match, no process is left",
  { timeout: 600_000 },
  async ([victim, moments]) => {
    await using engine = await openEmpty();
    await engine.sandbox.ensureStack("shared");
    await engine.sandbox.ensureStack("staging");
    await engine.expect(["up", "--stack", "shared", "--yes", "--skip-preview"]);
    const { root, state, cloud: objects } = engine.home;
    for (const part of [state, objects]) cpSync(part, join(root, "before", basename(part)), { recursive: true });
    const startAgain = (): void => {
      for (const part of [state, objects]) {
        rmSync(part, { recursive: true });
        cpSync(join(root, "before", basename(part)), part, { recursive: true });
      }
    };

    let kills = 0;
    let orphans = 0;
    const types = registrations();
    for (const [index, type] of types.entries()) {
      // The second record of a zone is another registration of the same type.
      const place = types.slice(0, index + 1).filter((one) => one === type).length;
      for (const moment of moments) {
        const where = `${type} ${place}, ${moment}`;
        const standing = (): number => stateOf(engine, "staging").resources.filter((resource) => resource.type === type).length;
        // What is made side by side may have come about in a former round.
        if (standing() >= place) startAgain();
        await killIn(engine, { type, victim, moment, nth: place - standing() });
        kills++;
        expect(await leftProcesses(engine), `processes left: ${where}`).toEqual([]);

        const blocked = await engine.run(["up", "--stack", "staging", "--yes", "--skip-preview"]);
        expect(blocked.code).not.toBe(0);
        // The second is a kill in the midst of writing the state, which the next test makes for certain.
        expect(blocked.stderr).toMatch(/locked by 1 lock.*\(pid \d+\)|failed to load checkpoint: .*EOF/s);

        const said = await recover(engine);
        const left = mismatches(engine, ["shared", "staging"]);
        orphans += left.length;
        expect(left, `${where}:\n${said.join("\n")}`).toEqual([]);
        expect(stateOf(engine, "staging").pending).toEqual([]);
      }
    }
    cloud(engine, (store) => store.clearFaults());
    await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
    expect(await stepsOf(engine, "staging")).toEqual([]);
    expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
    expect(await leftProcesses(engine)).toEqual([]);
    console.log(`${victim}: ${kills} kills, ${orphans} orphans`);
  },
);

test.for(["", '{"user.cache_control":"","us'])("killed while the state is written (%j): the one command recovers", async (left) => {
  await using engine = await openTemplate();
  for (const suffix of ["", ".bak"]) writeFileSync(`${engine.home.stateFile("template", "staging")}${suffix}.attrs`, left);
  const blocked = await engine.run(["preview", "--stack", "staging"]);
  expect(blocked.stderr).toMatch(/failed to load checkpoint: .*EOF/);
  expect((await recover(engine))[0]).toMatch(/^Was half written, and is not needed: .*staging\.json\.attrs$/);
  expect(await stepsOf(engine, "staging")).toEqual([]);
});

test.for<Moment>(["before the effect", "after the effect"])(
  "killed in an update (%s): nothing that happened is overlooked",
  async (moment) => {
    await using engine = await openTemplate();
    const before = objectOf(engine, "App").outputs.spec;
    configure(engine, "staging", ["groundwork:sizes", "backend", "replicas"], 2);
    await killIn(engine, { type: "digitalocean:index/app:App", operation: "update", moment });
    expect(await recover(engine)).toContain("Was being changed, read again: digitalocean:index/app:App app");
    // Whoever takes the change back must not be told that nothing is left to do.
    configure(engine, "staging", ["groundwork:sizes", "backend", "replicas"], 1);
    await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
    expect(instances(objectOf(engine, "App").outputs.spec)).toBe(instances(before));
    expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
    expect(await stepsOf(engine, "staging")).toEqual([]);
  },
);

test.for<Moment>(["before the effect", "after the effect"])("killed in a delete (%s): the next up finishes it", async (moment) => {
  await using engine = await openTemplate();
  configure(engine, "staging", ["groundwork:images"], "none");
  engine.sandbox.environment.GROUNDWORK_IMAGES = "";
  await killIn(engine, { type: "digitalocean:index/dnsRecord:DnsRecord", operation: "delete", moment });
  await recover(engine);
  await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
  expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
  expect(await stepsOf(engine, "staging")).toEqual([]);
});

// No change of the template's stack file replaces anything, so the state that such a kill leaves is made here.
test.for(["before it deletes", "after it has deleted"])(
  "killed in the create of a replacement that creates %s the old one: both are settled",
  async (order) => {
    await using engine = await openTemplate();
    const deletesFirst = order === "after it has deleted";
    const file = engine.home.stateFile("template", "staging");
    const state = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint: { latest: { resources: Record<string, unknown>[]; pending_operations?: unknown[] } };
    };
    const { latest } = state.checkpoint;
    const old = latest.resources.find(({ type }) => type === "digitalocean:index/project:Project");
    if (!old) throw new Error("there is no project");
    latest.pending_operations = [{ type: "creating", resource: { ...old, id: undefined, outputs: undefined } }];
    if (deletesFirst) old.pendingReplacement = true;
    writeFileSync(file, JSON.stringify(state));
    cloud(engine, (store) => {
      const object = store.get("digitalocean:index/project:Project", String(old.id));
      if (!object) throw new Error("there is no project");
      if (deletesFirst) store.remove(object.type, object.id);
      store.put({ ...object, id: "made-by-the-killed-run", outputs: { ...object.outputs, id: "made-by-the-killed-run" } });
    });

    expect((await recover(engine))[0]).toContain(
      "Exists, taken into the state: digitalocean:index/project:Project project (made-by-the-killed-run)",
    );
    expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
    await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
    expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
    expect(
      stateOf(engine, "staging")
        .resources.filter(({ type }) => type.endsWith(":Project"))
        .map(({ id }) => id),
    ).toEqual(["made-by-the-killed-run"]);
    expect(await stepsOf(engine, "staging")).toEqual([]);
  },
);

const instances = (spec: unknown): number | undefined => (spec as { services: { instanceCount: number }[] }).services[0]?.instanceCount;

test("two ups of one stack at once: one works, one names the lock and its holder", async () => {
  await using engine = await openEmpty();
  await engine.sandbox.ensureStack("shared");
  cloud(engine, (store) => store.addFault({ type: "*", operation: "create", kind: "slow", after: false, details: { seconds: 6 } }, 1, 1));
  const first = engine.run(["up", "--stack", "shared", "--yes", "--skip-preview"]);
  while (engine.sandbox.lock("shared") === undefined) await sleep(25);
  const second = await engine.run(["up", "--stack", "shared", "--yes", "--skip-preview"]);
  expect(second.code).not.toBe(0);
  expect(second.stderr).toMatch(/currently locked by 1 lock.*created by \S+@\S+ \(pid \d+\) at /s);
  const { holder, find, clean } = await target({ system: "template", stack: "shared", opened: engine.sandbox });
  await expect(unlock(engine.sandbox, { stack: "shared", holder, force: true, find, clean, say: () => undefined })).rejects.toThrow(
    /is held by .* which is still running/,
  );
  expect((await first).code).toBe(0);
  expect(mismatches(engine, ["shared"])).toEqual([]);
});
