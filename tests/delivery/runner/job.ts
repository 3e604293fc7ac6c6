import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fields } from "../../../components/github/workflow-file.ts";
import { fields, textOf } from "../../../components/github/workflow-file.ts";
import { type Context, fill, fillAll, holds } from "./expressions.ts";

export type Outcome = "success" | "failure" | "skipped";

/** A step that has had its turn. */
export interface StepRun {
  readonly name: string;
  readonly outcome: Outcome;
  /** What it printed, with secrets as GitHub shows them. */
  readonly said: string;
}

/** Where a job's steps run. */
export interface Workspace {
  readonly folder: string;
  readonly temporary: string;
  readonly home: string;
  /** Folders with programs, the first ones first; actions add to it. */
  readonly path: string[];
  /** What the machine itself has set. */
  readonly environment: Readonly<Record<string, string>>;
}

/** An action by its name: does what the real one would leave behind. */
export type Action = (given: Readonly<Record<string, string>>, workspace: Workspace) => void;

export interface StepsOptions {
  readonly steps: readonly Fields[];
  readonly context: Context;
  /** `defaults` of the workflow. */
  readonly shell: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: Workspace;
  readonly actions: Readonly<Record<string, Action>>;
  readonly running: Set<ChildProcess>;
}

export interface StepsRun {
  readonly runs: readonly StepRun[];
  readonly failed: boolean;
  /** By the id of a step. */
  readonly steps: Readonly<Record<string, { readonly outputs: Readonly<Record<string, string>>; readonly outcome: Outcome }>>;
  readonly summary: string;
}

/** As GitHub starts them. One that is not named is not the same as one that is. */
const shells: Readonly<Record<string, readonly string[]>> = {
  "": ["bash", "-e"],
  bash: ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
};

/** Runs the steps of a job one after the other. */
export async function runSteps(options: StepsOptions): Promise<StepsRun> {
  const { workspace } = options;
  for (const folder of [workspace.folder, workspace.temporary, workspace.home]) mkdirSync(folder, { recursive: true });
  const summary = join(workspace.temporary, "summary.md");
  writeFileSync(summary, "");
  const runs: StepRun[] = [];
  const steps: Record<string, { outputs: Record<string, string>; outcome: Outcome }> = {};
  let failed = false;
  for (const [index, step] of options.steps.entries()) {
    const context = { ...options.context, steps, env: options.env };
    const name = textOf(step["name"]) ?? `step ${index + 1}`;
    const id = textOf(step["id"]) ?? `__${index}`;
    if (!holds(textOf(step["if"]), context, { failed })) {
      steps[id] = { outputs: {}, outcome: "skipped" };
      runs.push({ name, outcome: "skipped", said: "" });
      continue;
    }
    const output = join(workspace.temporary, `output-${index}`);
    writeFileSync(output, "");
    const { ok, said } = await runStep(step, { ...options, context }, { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary });
    const outcome: Outcome = ok ? "success" : "failure";
    steps[id] = { outputs: readOutputs(readFileSync(output, "utf8")), outcome };
    runs.push({ name, outcome, said: masked(said, context) });
    failed ||= !ok && step["continue-on-error"] !== true;
  }
  return { runs, failed, steps, summary: readFileSync(summary, "utf8") };
}

async function runStep(step: Fields, options: StepsOptions, files: Record<string, string>): Promise<{ ok: boolean; said: string }> {
  const { context, workspace, actions, shell } = options;
  const uses = textOf(step["uses"]);
  try {
    if (uses !== undefined) {
      const [name = ""] = uses.split("@");
      const action = actions[name];
      if (!action) throw new Error(`nothing stands in for the action ${name}`);
      action(fillAll(step["with"], context), workspace);
      return { ok: true, said: "" };
    }
    const command = shells[textOf(step["shell"]) ?? shell ?? ""];
    if (!command) throw new Error(`the runner has no shell ${shell}`);
    const script = join(workspace.temporary, "step.sh");
    writeFileSync(script, fill(step["run"], context));
    const folder = join(workspace.folder, fill(step["working-directory"] ?? "", context));
    if (!existsSync(folder)) throw new Error(`there is no folder ${textOf(step["working-directory"])}: is anything checked out?`);
    const env = { ...workspace.environment, ...options.env, ...fillAll(step["env"], context), ...files };
    return await start([...command, script], folder, { ...env, HOME: workspace.home, PATH: workspace.path.join(":") }, options.running);
  } catch (error) {
    return { ok: false, said: error instanceof Error ? error.message : String(error) };
  }
}

function start(
  [command = "", ...args]: readonly string[],
  cwd: string,
  env: Record<string, string>,
  running: Set<ChildProcess>,
): Promise<{ ok: boolean; said: string }> {
  // A group of its own, so that it can be ended whole.
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  running.add(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
  return new Promise((done, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      running.delete(child);
      done({ ok: code === 0, said });
    });
  });
}

/** `name=value` in a line, or `name<<end` with the lines up to the end. */
export function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const [, name, sign, rest = ""] = /^([^=<]+)(=|<<)(.*)$/s.exec(lines[i] ?? "") ?? [];
    if (name === undefined) {
      if (lines[i] !== "") throw new Error(`GITHUB_OUTPUT has a line that is none: ${lines[i]}`);
    } else if (sign === "=") outputs[name] = rest;
    else {
      const end = lines.indexOf(rest, i + 1);
      if (end < 0) throw new Error(`GITHUB_OUTPUT: ${name} has no end`);
      outputs[name] = lines.slice(i + 1, end).join("\n");
      i = end;
    }
  }
  return outputs;
}

const secretsOf = ({ secrets }: Context): string[] =>
  Object.values(fields(secrets))
    .map(String)
    .filter((value) => value !== "");

const masked = (text: string, context: Context): string => secretsOf(context).reduce((all, secret) => all.replaceAll(secret, "***"), text);

/** A job's outputs. GitHub drops one in which it sees a secret. */
export const withoutSecrets = (outputs: Readonly<Record<string, string>>, context: Context): Record<string, string> =>
  Object.fromEntries(Object.entries(outputs).filter(([, value]) => !secretsOf(context).some((secret) => value.includes(secret))));
