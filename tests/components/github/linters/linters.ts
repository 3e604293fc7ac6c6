import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { cacheDirectory, runQuietly, withLock } from "../../../../sandbox/toolchain/common.mjs";
import { findGo, goEnvironment, goHome } from "../../../../sandbox/toolchain/go.ts";
import { firstLine, pythonWith, type Tool } from "../../../python.ts";

/** The version that linters/actionlint/go.mod names. */
export const actionlintVersion = "1.7.12";

/** actionlint in the cache, built from its Go module once. */
export async function findActionlint(): Promise<Tool<string>> {
  const file = join(cacheDirectory(), `actionlint-${actionlintVersion}`);
  try {
    await withLock(`${file}.lock`, "actionlint", async () => {
      if (existsSync(file)) return;
      const had = existsSync(goHome());
      const go = await findGo();
      const built = `${file}.part`;
      const cwd = join(import.meta.dirname, "actionlint");
      await runQuietly(go, ["build", "-trimpath", "-o", built, "github.com/rhysd/actionlint/cmd/actionlint"], {
        cwd,
        env: goEnvironment(),
        timeout: 300_000,
      });
      renameSync(built, file);
      if (!had) rmSync(goHome(), { recursive: true, force: true });
    });
    return { tool: file };
  } catch (error) {
    return { absent: `actionlint cannot be built: ${firstLine(error)}` };
  }
}

export const findPythonLinters = (): Promise<Tool<string>> => pythonWith("linters", join(import.meta.dirname, "requirements.txt"));

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without a network and without anybody's settings. */
function run(command: string, args: readonly string[], cwd: string): Answer {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 26,
    env: { PATH: "/usr/bin:/bin" },
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** What actionlint finds, with shellcheck over every script, one line each. */
export function actionlint(tool: string, bin: string, folder: string, files: readonly string[]): string[] {
  const { status, stdout, stderr } = run(
    tool,
    ["-no-color", "-oneline", "-shellcheck", join(bin, "shellcheck"), "-pyflakes", "", ...files],
    folder,
  );
  if (status !== 0 && status !== 1) throw new Error(`actionlint ended with ${status}: ${stderr}`);
  return stdout.split("\n").filter((line) => line !== "");
}

/** What zizmor finds as its pedantic self, over a folder of repositories. */
export function zizmor(bin: string, folder: string): string[] {
  const { status, stdout, stderr } = run(
    join(bin, "zizmor"),
    ["--offline", "--pedantic", "--strict-collection", "--no-progress", "--no-exit-codes", "--format", "json", "."],
    folder,
  );
  if (status !== 0) throw new Error(`zizmor ended with ${status}: ${stderr}`);
  const findings = JSON.parse(stdout) as { ident: string; locations: { symbolic: { key: { Local?: { given_path?: string } } } }[] }[];
  return findings.map(({ ident, locations }) => `${locations[0]?.symbolic.key.Local?.given_path ?? "?"}: ${ident}`);
}

/** Files that zizmor has read, by its own account. */
export function readByZizmor(bin: string, folder: string): number {
  const { stderr } = run(join(bin, "zizmor"), ["--offline", "--pedantic", "--no-exit-codes", "--format", "json", "."], folder);
  return [...stderr.matchAll(/completed \S+/g)].length;
}

/** What GitHub's own parser finds. It is written for bundlers and imports JSON as they do, which Node wants to be told of. */
export async function githubParser(files: readonly string[]): Promise<string[]> {
  const hooks = registerHooks({
    load: (url, context, next) =>
      url.includes("/@actions/workflow-parser/") && url.endsWith(".json")
        ? { format: "module", shortCircuit: true, source: `export default ${readFileSync(new URL(url), "utf8")}` }
        : next(url, context),
  });
  try {
    const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = await import("@actions/workflow-parser");
    const found: string[] = [];
    for (const file of files) {
      const { context, value } = parseWorkflow({ name: file, content: readFileSync(file, "utf8") }, new NoOperationTraceWriter());
      found.push(...context.errors.getErrors().map(({ message }) => `${file}: ${message}`));
      if (value === undefined) continue;
      const { errors = [], jobs } = await convertWorkflowTemplate(context, value);
      found.push(...errors.map(({ Message }) => `${file}: ${Message}`));
      if (jobs.length === 0) found.push(`${file}: has no jobs`);
    }
    return found;
  } finally {
    hooks.deregister();
  }
}

export const makeFolder = (folder: string): string => {
  mkdirSync(folder, { recursive: true });
  return folder;
};
