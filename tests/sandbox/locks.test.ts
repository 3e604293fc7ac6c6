import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { afterEach, expect, test } from "vitest";
import { isHeld, type Lock } from "../../sandbox/locks.ts";

const started: (() => void)[] = [];
afterEach(() => started.splice(0).forEach((end) => end()));

/** A process, and the one that has started it and does not notice when it ends. */
async function careless(): Promise<{ pid: number; parent: number }> {
  const shell = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  const parent = shell.pid ?? 0;
  started.push(() => process.kill(-parent, "SIGKILL"));
  const [said] = (await once(shell.stdout, "data")) as [Buffer];
  return { pid: Number(said.toString()), parent };
}

const lock = (pid: number, seconds = 0): Lock => ({
  pid,
  username: "ann",
  hostname: hostname(),
  timestamp: new Date(Date.now() + seconds * 1000).toISOString(),
});

test("a run that lives holds its lock, one on another machine may", async () => {
  const { pid } = await careless();
  expect(isHeld(lock(pid))).toBe(true);
  expect(isHeld({ ...lock(pid), hostname: "other" })).toBe("unknown");
});

test("one whose number is free, or has passed to a later one, does not", async () => {
  expect(isHeld(lock(2 ** 22 + 1))).toBe(false);
  expect(isHeld(lock((await careless()).pid, -3600))).toBe(false);
});

test.runIf(existsSync("/proc/self"))("nor one that was killed and nobody has noticed", async () => {
  const { pid, parent } = await careless();
  // Until then it is the shell, which does notice.
  await expect.poll(() => readFileSync(`/proc/${parent}/comm`, "utf8")).toBe("sleep\n");
  process.kill(pid, "SIGKILL");
  await expect.poll(() => isHeld(lock(pid))).toBe(false);
  expect(() => process.kill(pid, 0), "its number is still taken").not.toThrow();
});
