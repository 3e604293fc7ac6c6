import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { isAction, type Job, type RunStep } from "../../../../components/github/actions/model.ts";
import type { DeliveryPlan } from "../../../../components/github/plan.ts";
import { resolveDelivery } from "../../../../components/github/resolve.ts";
import { workflowsOf } from "../../../../components/github/workflows/index.ts";
import { documents } from "../documents/index.ts";

// The scripts of steps, run by bash as GitHub runs them, with programs in place of the ones that talk to the outside.

export let folder = "";

/** Before each test of a file that uses it. */
export function newFolder(): void {
  const made = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-step-")));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  folder = made;
}

export const plans = Object.fromEntries(
  Object.entries(documents).map(([name, { definition, settings }]) => [name, resolveDelivery(definition, settings).plan]),
) as Record<keyof typeof documents, DeliveryPlan>;

export function step(plan: DeliveryPlan, repository: string, file: string, job: string, name: string): RunStep {
  const workflow = workflowsOf(plan, plan.repositories[repository]!)[`.github/workflows/${file}`];
  const found: Job["steps"][number] | undefined = workflow?.jobs[job]?.steps.find((one) => one.name === name);
  if (found === undefined || isAction(found)) throw new Error(`${file} has no step ${job}/${name}`);
  return found;
}

export interface Result {
  readonly status: number | null;
  readonly said: string;
  readonly outputs: string;
}

/** Runs a step with `commands` (name → script) first on PATH. */
export function run({ run: script }: RunStep, env: Record<string, string>, commands: Record<string, string> = {}, cwd = folder): Result {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, text] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const files = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_STEP_SUMMARY: join(folder, "summary"), RUNNER_TEMP: folder };
  writeFileSync(files.GITHUB_OUTPUT, "");
  const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], {
    cwd,
    encoding: "utf8",
    env: { PATH: `${bin}:${process.env["PATH"]}`, HOME: folder, ...files, ...env },
  });
  return { status, said: stdout + stderr, outputs: readFileSync(files.GITHUB_OUTPUT, "utf8") };
}

export const digest = `sha256:${"a".repeat(64)}`;
export const commit = "0123456789012345678901234567890123456789";

export function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    "git",
    ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", ...args],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

export function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
