import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

const repository = resolve(import.meta.dirname, "..", "..");

/** A copy of the template with a stack file of its own. */
function copy(change: (stackFile: string) => string, stack = "staging"): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-cost-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(repository, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  symlinkSync(join(repository, "systems", "template", "system.ts"), join(folder, "system.ts"));
  const file = `Pulumi.${stack}.yaml`;
  writeFileSync(join(folder, file), change(readFileSync(join(repository, file), "utf8")));
  return folder;
}

const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [join(repository, "operations", "cli.ts"), "cost", ...args], { encoding: "utf8" });

test("a changed size changes the sum", () => {
  const folder = copy((file) => file.replace("memory: 1 GB, replicas: 1", "memory: 2 GB, replicas: 3"));
  const { status, stdout } = run("--system", folder, "--json");
  expect(status).toBe(0);
  expect((JSON.parse(stdout) as unknown[])[0]).toMatchObject({ stack: "staging", total: { usd: 98.15, most: 98.15, incomplete: false } });
});

test("a production of the smallest sizes costs what README says", () => {
  const small = (file: string): string =>
    file
      .replace(/ {2}groundwork:sizes:\n( {4}.*\n)+/, "  groundwork:sizes: small\n")
      .replace("[no-rate-limit]", "[no-rate-limit, one-replica, no-standby]");
  const folder = copy(small, "production");
  const { stdout } = run("--system", folder);
  expect(stdout).toContain("production: 28.15 USD a month");
  expect(readFileSync(join(repository, "README.md"), "utf8")).toContain("that production costs 28.15 USD a month");
});

test("a stack that has no file is a wrong call: exit code 2 and the nearest name", () => {
  const { status, stderr } = run("--stack", "nope");
  expect(status).toBe(2);
  expect(stderr).toContain('template has no stack "nope". Stacks: ');
  const near = run("--stack", "stagin");
  expect(near.status).toBe(2);
  expect(near.stderr).toContain('"stagin". Did you mean "staging"?');
});

test("a system anywhere finds its packages, though it has no node_modules in reach", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-elsewhere-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(repository, "tests", "systems", "tiny"), folder, { recursive: true });
  const file = join(folder, "system.ts");
  // It imports zod by its name, and components by where they are.
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('"../../../', `"${repository}/`));
  const { status, stdout, stderr } = run("--system", folder, "--stack", "staging");
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toContain("staging: ");
});

test("a wrong stack file is refused with everything that is wrong, and exit code 2", () => {
  const folder = copy((file) => file.replace("memory: 1 GB, replicas: 1", "memory: 1 TB, replcias: 1"));
  const { status, stderr } = run("--system", folder, "--stack", "staging");
  expect(status).toBe(2);
  expect(stderr).toContain("Pulumi.staging.yaml:");
  expect(stderr).toContain("sizes/backend/memory");
  expect(stderr).toContain('Did you mean "replicas"?');
});
