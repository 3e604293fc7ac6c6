import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
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
  [["status"], 1],
  [["up", "--plan"], 1],
  [["drift"], 1],
  [["unlock"], 2],
  [["restore"], 2],
])("%j says that no backend is named, and nothing of a token or of force", async ([verb = "", ...more], exit) => {
  const env = { ...process.env, PATH: [folder, process.env["PATH"]].join(delimiter), PULUMI_BACKEND_URL: undefined };
  const args = [join(repository, "operations", "cli.ts"), verb, "--system", "tests/systems/tiny", "--stack", "staging", ...more];
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((done) =>
    execFile(process.execPath, args, { cwd: repository, env }, (error, _, stderr) => done({ code: error?.code, stderr })),
  );
  const [said = ""] = stderr.split("\n\nusage:");
  expect(said).toContain("PULUMI_BACKEND_URL is not set");
  expect(said).not.toMatch(/PULUMI_ACCESS_TOKEN|--force/);
  expect(code).toBe(exit);
});
