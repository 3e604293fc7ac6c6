// `npm test` and `npm run check` (`--quick`): everything that is checked, side by side where it can be. Ends with the counts.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureEngine } from "../sandbox/toolchain/engine.ts";
import type { Counts } from "./reporter.ts";

const repository = resolve(import.meta.dirname, "..");
const quick = process.argv.includes("--quick");
const folder = mkdtempSync(join(tmpdir(), "groundwork-counts-"));
const total: Counts = { passed: 0, failed: 0, skipped: 0, reasons: [] };

/** A tool that passes or fails as a whole. */
const check = (name: string, tool: string, ...args: string[]): Promise<void> =>
  checkWith(name, join(repository, "node_modules", ".bin", tool), ...args);

async function checkWith(name: string, command: string, ...args: string[]): Promise<void> {
  const started = Date.now();
  const { code, output } = await run(command, args, {});
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const shown = code === 0 ? output.split("\n").filter((line) => line.startsWith("warning: ")) : [output];
  console.log([`${code === 0 ? "passed" : "FAILED"}  ${name} (${seconds} s)`, ...shown].join("\n"));
  if (code === 0) total.passed++;
  else total.failed++;
}

/** One project of the test runner; prints its report when it has ended. */
async function tests(project: string, live: boolean): Promise<void> {
  const file = join(folder, project);
  const vitest = join(repository, "node_modules", "vitest", "vitest.mjs");
  const { code, output } = await run(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", vitest, "run", "--project", project],
    { TEST_COUNTS: file },
    live,
  );
  if (!live) console.log(output);
  try {
    const counts = JSON.parse(readFileSync(file, "utf8")) as Counts;
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    total.reasons.push(...counts.reasons);
    if (code !== 0 && counts.failed === 0) total.failed++;
  } catch {
    // The runner ended before it could count.
    total.failed++;
  }
}

/** Without the engine its tests cannot run: in CI that is a failure, elsewhere a skip with the reason. */
async function engineTests(): Promise<void> {
  try {
    await ensureEngine();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (process.env.CI) {
      console.log(`FAILED  engine\n${reason}`);
      total.failed++;
    } else {
      total.skipped++;
      total.reasons.push(`every test on the engine: ${reason}`);
    }
    return;
  }
  await tests("engine", true);
  await tests("alone", true);
}

/** The state of the working tree; nothing where it is not git's. */
const tree = async (): Promise<string> => (await run("git", ["status", "--porcelain"], {})).output;

function run(command: string, args: string[], env: NodeJS.ProcessEnv, live = false): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ["ignore", live ? "inherit" : "pipe", live ? "inherit" : "pipe"],
  });
  let output = "";
  child.stdout?.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (output += data.toString()));
  return new Promise((done, reject) => {
    child.once("error", reject);
    child.once("close", (code) => done({ code: code ?? 1, output }));
  });
}

const before = await tree();
try {
  await Promise.all([
    check("types", "tsc", "--noEmit").then(() => check("format", "prettier", "--check", "--log-level", "warn", "--cache", ".")),
    check(
      "lint",
      "eslint",
      "--max-warnings",
      "0",
      ...(process.env.CI ? [] : ["--cache", "--cache-location", "node_modules/.cache/eslint/"]),
      ".",
    ),
    checkWith("generated files", process.execPath, "operations/generate.ts", "--check"),
    checkWith("versions", process.execPath, "operations/parity.ts"),
    tests("unit", false),
  ]);
  if (!quick) {
    await tests("process", true);
    await engineTests();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// A test that writes into the repository would be committed by somebody sooner or later.
if ((await tree()) === before) total.passed++;
else {
  console.log(`FAILED  the tests changed the working tree:\n${await tree()}`);
  total.failed++;
}
for (const reason of total.reasons) console.log(`skipped ${reason}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
