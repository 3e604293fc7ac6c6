import { writeFileSync } from "node:fs";
import { parseDocument } from "yaml";
import type { Pulumi } from "../pulumi.ts";
import { withFile } from "../private-file.ts";
import type { Holder } from "../unlock.ts";
import { compareStates, type Difference, parseSavedState, type SavedState, SavedStateError, savedStateProblems } from "./saved-state.ts";

export interface RestoreOptions {
  readonly system: string;
  readonly stack: string;
  /** Text of the state that is to be put back, and what to call it in errors. */
  readonly text: string;
  readonly source: string;
  /** Where the present state is kept; must not exist yet. */
  readonly keep: string;
  readonly holder: Holder | undefined;
  readonly say: (line: string) => void;
  /** Whether to go on after the plan; undefined: nobody can be asked. */
  readonly confirm: (() => Promise<boolean>) | undefined;
}

/** What stands in the way of a restore; says what to do. */
export class RestoreError extends Error {}

/**
 * Puts a former state of a stack back. The cloud is not touched: it is only Pulumi's knowledge of it. What it knew last is kept in a
 * file, by which the restore itself can be taken back.
 *
 * @returns Whether it was done, and the file with what was known until then; none where the stack had no state that could be read.
 */
export async function restore(pulumi: Pulumi, options: RestoreOptions): Promise<{ readonly done: boolean; readonly kept?: string }> {
  const { stack, source, keep, holder, say, confirm } = options;
  if (holder?.alive === true)
    throw new RestoreError(`${stack} is held by ${holder.text}, which is still running. Wait for it to end, or stop it first.`);
  const saved = parse(options.text, source);
  const exported = await exportState(pulumi, stack);
  // A state that is broken is a reason to restore, so it is no obstacle.
  const current = exported === undefined || exported === missing ? undefined : readable(exported);
  const problems = savedStateProblems(saved, current ?? saved, {
    ...options,
    fileSalt: parseDocument(pulumi.stackFile(stack)).get("encryptionsalt"),
  });
  if (problems.length > 0) throw new RestoreError(`${source} cannot be restored to ${stack}: ${problems.join("; ")}.`);
  say(renderDifference(stack, source, compareStates(saved, current ?? { version: 3, deployment: {} })));
  if (confirm === undefined || !(await confirm())) return { done: false };
  const isKept = exported !== undefined && exported !== missing;
  if (exported === missing) await ask(pulumi, ["stack", "init", stack, "--no-select"], `${stack} cannot be made anew`);
  else if (isKept) {
    writeFileSync(keep, exported, { mode: 0o600, flag: "wx" });
    say(`What was known until now is kept in ${keep}; restore --from takes it back.`);
  }
  await withFile(JSON.stringify(saved), (file) =>
    ask(pulumi, ["stack", "import", "--stack", stack, "--file", file], "nothing was restored"),
  );
  say(`${stack} knows again what ${source} holds. Nothing in the cloud has changed.`);
  return { done: true, ...(isKept ? { kept: keep } : {}) };
}

function parse(text: string, source: string): SavedState {
  try {
    return parseSavedState(text);
  } catch (error) {
    if (error instanceof SavedStateError) throw new RestoreError(`${source} cannot be restored: ${error.message}.`);
    throw error;
  }
}

/** Undefined where it is JSON and no state. */
function readable(text: string): SavedState | undefined {
  try {
    return parseSavedState(text);
  } catch {
    return undefined;
  }
}

/** Stands for the state of a stack that the backend does not know. */
const missing = Symbol("no such stack");

/** The present state; undefined where Pulumi cannot read it. */
async function exportState(pulumi: Pulumi, stack: string): Promise<string | undefined | typeof missing> {
  const { code, stdout, stderr } = await pulumi.capture(["stack", "export", "--stack", stack]);
  if (code === 0) return stdout;
  if (/no stack named/.test(stderr)) return missing;
  if (/failed to load checkpoint|unexpected end of JSON|EOF/.test(stderr)) return undefined;
  throw new RestoreError(`the state of ${stack} cannot be read: ${(stderr || stdout).trim().replace(/^error: /, "")}`);
}

async function ask(pulumi: Pulumi, args: readonly string[], otherwise: string): Promise<void> {
  const { code, stdout, stderr } = await pulumi.capture(args);
  if (code !== 0) throw new RestoreError(`${otherwise}; pulumi says:\n${(stderr || stdout).trim()}`);
}

function renderDifference(stack: string, source: string, { back, forgotten, other }: Difference): string {
  const part = (title: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`  ${title}`, ...names.map((name) => `    ${name}`)];
  const lines = [
    ...part("known again (drift tells what of it is no longer there):", back),
    ...part("forgotten, though it may stand in the cloud and cost:", forgotten),
    ...part("known by another id:", other),
  ];
  if (lines.length === 0) return `${stack}: ${source} knows the same resources; their values may differ.`;
  return [`${stack}, with ${source}:`, ...lines].join("\n");
}
