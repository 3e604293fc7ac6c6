import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lacksSetting } from "../../operations/backend.ts";
import { openDigitalOcean } from "../../operations/digitalocean.ts";
import { repository } from "../../sandbox/systems.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  // As Pulumi has it where it is logged in nowhere.
  const words = "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions";
  writeFileSync(join(folder, "pulumi"), `#!/bin/sh\necho "${words}" >&2\nexit 255\n`, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [["status"]],
  [["releases"]],
  [["logs"]],
  [["db"]],
  [["verify"]],
  [["up", "--plan"]],
  [["drift"]],
  [["drift", "--stack", "production"]],
  [["unlock"]],
  [["restore"]],
])("%j says that no backend is named, and nothing of a token or of force", async ([verb = "", ...more]) => {
  const env = { ...process.env, PATH: [folder, process.env["PATH"]].join(delimiter), PULUMI_BACKEND_URL: undefined };
  const args = [join(repository, "operations", "cli.ts"), verb, "--system", "tests/systems/tiny", "--stack", "staging", ...more];
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((done) =>
    execFile(process.execPath, args, { cwd: repository, env }, (error, _, stderr) => done({ code: error?.code, stderr })),
  );
  const [said = ""] = stderr.split("\n\nusage:");
  expect(said).toContain("PULUMI_BACKEND_URL is not set");
  expect(said).not.toMatch(/PULUMI_ACCESS_TOKEN|--force/);
  expect(code).toBe(2);
});

/** Runs a verb of a small system. */
function ops(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<{ code: unknown; said: string }> {
  const env = { ...process.env, PATH: [folder, process.env["PATH"]].join(delimiter), ...environment };
  const whole = [join(repository, "operations", "cli.ts"), ...args, "--system", "tests/systems/tiny"];
  return new Promise((done) =>
    execFile(process.execPath, whole, { cwd: repository, env }, (error, _, stderr) =>
      done({ code: error?.code, said: stderr.split("\n\nusage:")[0] ?? "" }),
    ),
  );
}

test("restore says where nothing can be kept before it does anything", async () => {
  const backend = { PULUMI_BACKEND_URL: `file://${folder}` };
  const keep = (file: string) => ops(backend, "restore", "--stack", "staging", "--from", file, "--yes", "--keep", file);
  const there = join(folder, "pulumi");
  expect(await keep(there)).toEqual({
    code: 2,
    said: `error: --keep: "${there}" is there already, and is not written over. Name a file that does not exist yet`,
  });
  const nowhere = join(folder, "no", "where");
  expect(await ops(backend, "restore", "--stack", "staging", "--from", there, "--yes", "--keep", join(nowhere, "x"))).toEqual({
    code: 2,
    said: `error: --keep: there is no folder "${nowhere}". Make it first: mkdir -p ${nowhere}`,
  });
});

test("what is no address of a name server is a wrong call", async () => {
  for (const wrong of ["nonsense", "1.1.1", "1.1.1.1:x", "[::1"])
    expect(await ops({}, "doctor", "--resolver", wrong), wrong).toEqual({
      code: 2,
      said: `error: --resolver takes an address such as 1.1.1.1 or 1.1.1.1:53, got "${wrong}"`,
    });
});

test("a token that nobody gave and a passphrase that nobody gave are a wrong call as well", () => {
  const tokens = { DIGITALOCEAN_TOKEN: "", DIGITALOCEAN_ACCESS_TOKEN: "" };
  expect(() => openDigitalOcean(tokens, "an App's logs", ["app:read"])).toThrow(
    expect.objectContaining({ name: "ConfigError", status: 401 }),
  );
  expect(
    lacksSetting("error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables"),
  ).toBe(true);
  expect(lacksSetting("error: incorrect passphrase")).toBe(false);
});
