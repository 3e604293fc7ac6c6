import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { repository, withLock } from "../../sandbox/toolchain/common.mjs";
import { type Started, start, temporaryFolder } from "./harness.ts";

vi.setConfig({ testTimeout: 60_000 }); // processes, on machines that have much to do

const holder = join(repository, "tests", "toolchain", "hold-lock.ts");
const hold = (path: string, time: number): Started =>
  start(process.execPath, ["--disable-warning=ExperimentalWarning", holder, path, String(time)]);

test("two starts at once take turns, and the second says whom it waits for", async () => {
  const path = join(temporaryFolder(), "lock");
  const first = hold(path, 60_000);
  await first.says("has it");
  const next = hold(path, 0);
  await next.says("waiting for process");
  first.child.kill("SIGUSR2");
  const second = await next.ended;
  const { stdout } = await first.ended;
  expect(second.code).toBe(0);
  expect(second.stderr).toContain(`groundwork: a test: waiting for process ${first.child.pid}, which is at it …\n`);
  expect(Number(/has it (\d+)/.exec(second.stdout)?.[1])).toBeGreaterThanOrEqual(Number(/up (\d+)/.exec(stdout)?.[1]));
});

test("eight starts at once never overlap", async () => {
  const path = join(temporaryFolder(), "lock");
  const all = await Promise.all(Array.from({ length: 8 }, () => hold(path, 30).ended));
  const spans = all.map(({ stdout }) => [...stdout.matchAll(/ (\d+)\n/g)].map(([, time]) => Number(time)) as [number, number]);
  spans.sort(([a], [b]) => a - b);
  for (const [i, [from]] of spans.entries()) expect(from).toBeGreaterThanOrEqual(spans[i - 1]?.[1] ?? 0);
  expect(readdirSync(path)).toEqual([]);
});

test("a killed holder and killed waiters are not waited for, and leave nothing", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "lock");
  const first = hold(path, 60_000);
  await first.says("has it");
  const waiter = hold(path, 60_000);
  await waiter.says("waiting for process");
  waiter.child.kill("SIGKILL");
  first.child.kill("SIGKILL");
  await Promise.all([first.ended, waiter.ended]);
  const second = await hold(path, 0).ended;
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect(readdirSync(folder)).toEqual(["lock"]);
  expect(readdirSync(path)).toEqual([]);
});

test.runIf(process.platform === "linux")("a holder whose number another process has now is not waited for", async () => {
  const path = join(temporaryFolder(), "lock");
  mkdirSync(path);
  writeFileSync(join(path, `${process.pid}-12345`), "started long ago");
  expect(await withLock(path, "a test", () => Promise.resolve("done"))).toBe("done");
});

test("a failure gives the lock up", async () => {
  const path = join(temporaryFolder(), "lock");
  await expect(withLock(path, "a test", () => Promise.reject(new Error("broken")))).rejects.toThrow(new Error("broken"));
  expect(await withLock(path, "a test", async () => sleep(1, "again"))).toBe("again");
});
