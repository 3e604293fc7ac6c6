import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repository } from "../../sandbox/systems.ts";

const system = "tests/systems/tiny";
let folder: string;

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "groundwork-test-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file backend in which somebody holds the stack of the system, and a `pulumi` that only notes where and how it was called. */
function prepare({ pid, host }: { readonly pid: number; readonly host: string }): void {
  const locks = join(folder, ".pulumi", "locks", "organization", "tiny", "staging");
  mkdirSync(locks, { recursive: true });
  writeFileSync(join(locks, "1.json"), JSON.stringify({ pid, username: "ann", hostname: host, timestamp: "2026-01-02T03:04:05Z" }));
  const script = `#!/bin/sh\necho "$PWD $*" >> '${folder}/calls'\necho '{ "version": 3, "deployment": { "resources": [] } }'\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
}

function ops(...args: string[]): Promise<{ code: number; said: string }> {
  const env = { ...process.env, PATH: [folder, process.env["PATH"]].join(delimiter), PULUMI_BACKEND_URL: `file://${folder}` };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(repository, "operations", "cli.ts"), ...args], { cwd: repository, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: `${stdout}${stderr}` }),
    );
  });
}

const calls = (): string[] => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
const unlock = ["unlock", "--system", system, "--stack", "staging"];

test("a system that is given by its path is unlocked in its own project, and its lock found by its own name", async () => {
  prepare({ pid: 2 ** 22 + 1, host: hostname() });
  const { code, said } = await ops(...unlock);
  expect({ code, said }).toEqual({
    code: 0,
    said:
      `The lock of ann@${hostname()} (process ${2 ** 22 + 1}, since 2026-01-02T03:04:05Z) is gone.\n` +
      "staging can be used again. The next up finishes what was interrupted.\n",
  });
  expect(calls()).toEqual([
    `${join(repository, system)} cancel --yes --stack staging --non-interactive`,
    `${join(repository, system)} stack export --stack staging --non-interactive`,
  ]);
});

test("a lock of another machine is only taken away by force", async () => {
  prepare({ pid: 1, host: "elsewhere" });
  expect(await ops(...unlock)).toEqual({
    code: 1,
    said:
      "error: ann@elsewhere (process 1, since 2026-01-02T03:04:05Z) holds staging, on another machine. " +
      "Make sure that nobody works on it any more, then add --force.\n",
  });
  expect(() => calls()).toThrow("ENOENT");
  expect((await ops(...unlock, "--force")).code).toBe(0);
});

test("a path without a system is refused", async () => {
  prepare({ pid: 1, host: hostname() });
  const { code, said } = await ops("unlock", "--system", "tests/systems/none", "--stack", "staging");
  expect(code).toBe(2);
  expect(said).toContain('error: there is no system "tests/systems/none". It has no system.ts.');
});
