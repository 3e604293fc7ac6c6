import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { listReleases } from "../../operations/releases.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import { readExport } from "../../operations/stack-state.ts";
import { repository } from "../../sandbox/systems.ts";
import type { TestEngine } from "../engine.ts";
import { types } from "./faults.ts";
import { descendants, tryKill } from "./processes.ts";
import { cloud, leftProcesses, mismatches, objectOf, openTemplate, stepsOf } from "./template.ts";

const image = (letter: string): string => `ghcr.io/acme/backend@sha256:${letter.repeat(64)}`;

/** Runs a verb as somebody would in a terminal; `during` may end it. */
async function ops(
  engine: TestEngine,
  args: readonly string[],
  during: (pid: number, isOver: () => boolean) => Promise<void> = () => Promise.resolve(),
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [join(repository, "operations", "cli.ts"), ...args, "--sandbox"], {
    cwd: repository,
    env: { ...process.env, GROUNDWORK_SANDBOX: engine.home.root, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
  const ended = new Promise<number | null>((done) => child.once("close", done));
  try {
    await during(child.pid ?? 0, () => child.exitCode !== null);
    return { code: await ended, said };
  } finally {
    if (child.exitCode === null && child.signalCode === null)
      for (const pid of [child.pid ?? 0, ...descendants(child.pid ?? 0)]) tryKill(pid);
  }
}

/** Kills the verb and all that it has started, once a fault of the stored cloud holds it up. */
const killWhereItHangs = (engine: TestEngine) => async (pid: number, isOver: () => boolean) => {
  const hangs = (): boolean => cloud(engine, (store) => store.faults().some(({ struck }) => struck > 0));
  while (!hangs()) {
    if (isOver()) throw new Error("the verb ended before it was to be killed");
    await sleep(50);
  }
  await sleep(200); // the effect follows the strike
  for (const one of [pid, ...descendants(pid)]) tryKill(one);
};

test.each([
  ["before the cloud has heard of it", false, "a"],
  ["once the cloud has it, and no state does", true, "b"],
] as const)(
  "a promote that is killed %s: unlock, then the same promote again ends well",
  { timeout: 300_000 },
  async (_, after, letter) => {
    await using engine = await openTemplate();
    engine.sandbox.environment["GROUNDWORK_IMAGES"] = "";
    const promote = ["promote", "--to", "staging", "--images", JSON.stringify({ backend: image(letter) }), "--commit", "1234567", "--yes"];
    const migrations = ["--migrations", '{"backend":{"0001_first":true}}'];
    cloud(engine, (store) => store.addFault({ type: types.app, operation: "update", kind: "slow", after, details: { seconds: 60 } }, 1, 1));
    const killed = await ops(engine, [...promote, ...migrations], killWhereItHangs(engine));
    expect(killed.said).toContain(`backend: `);
    expect(killed.code).toBeNull();
    expect(await leftProcesses(engine)).toEqual([]);
    cloud(engine, (store) => store.clearFaults());

    // Somebody who does not know of it is told the way out.
    const locked = await ops(engine, [...promote, ...migrations]);
    expect(locked.code).toBe(1);
    expect(locked.said).toMatch(
      /^error: staging is held by .*, a run that was killed\. First: npm run ops -- unlock --sandbox --stack staging$/m,
    );
    expect(locked.said, "nobody is told to take a lock away without a look").not.toContain("pulumi cancel");

    const unlocked = await ops(engine, ["unlock", "--stack", "staging"]);
    expect(unlocked).toMatchObject({ code: 0, said: expect.stringContaining("staging can be used again.") as string });
    const again = await ops(engine, [...promote, ...migrations]);
    expect(again.said).toMatch(/staging runs release \d+\./);
    expect(again.code).toBe(0);
    const { services } = objectOf(engine, "App").outputs["spec"] as { services: { name: string; image: { digest: string } }[] };
    expect(services.find(({ name }) => name === "backend")?.image.digest).toBe(image(letter).split("@")[1]);
    const { serving, failure } = listReleases("staging", await readExport(Pulumi.sandbox(engine.sandbox), "staging"));
    expect(serving).toMatchObject({ verdict: "healthy", commit: "1234567", images: { backend: image(letter) } });
    expect(failure).toBeUndefined();
    expect(await stepsOf(engine, "staging")).toEqual([]);
    expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
  },
);
