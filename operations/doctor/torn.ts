import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { parseDocument } from "yaml";
import { repository } from "../../sandbox/systems.ts";
import { word } from "../commands.ts";
import type { PastState } from "../restore/history.ts";
import { parseSavedState, saltOf } from "../restore/saved-state.ts";
import type { Finding } from "./finding.ts";

/** Which of a stack's two the passphrase of this shell opens; undefined: there is nothing to tell by. */
export interface Opened {
  readonly file: boolean | undefined;
  readonly state: boolean | undefined;
}

/** How the two fit together again. */
export type Way =
  /** The stack's own last run left a state that fits the file: what is there now was put in its place. */
  | { readonly run: number }
  /** Takes back the stack file that fits the state. */
  | { readonly checkout: string };

/** A stack file and a state that no single passphrase opens. Pure. @param choice How the verbs are told to work on it. */
export function tornFinding(
  stack: string,
  choice: string,
  { file, state }: { readonly file: boolean; readonly state: boolean },
  way: Way | undefined,
): Finding | undefined {
  if (file === state) return undefined;
  const name = `Pulumi.${stack}.yaml`;
  const restored = way !== undefined && "run" in way;
  // What is brought back opens like the one that stays.
  const needsOther = restored ? !file : !state;
  return {
    id: "passphrase-state",
    stack,
    severity: "error",
    what: file
      ? `PULUMI_CONFIG_PASSPHRASE opens ${name}, and not the state, which is encrypted with another one`
      : `PULUMI_CONFIG_PASSPHRASE opens the state, and not ${name}, which is encrypted with another one`,
    why: 'Every preview ends with "incorrect passphrase", whichever of the two is set.',
    fix: [
      ...(way === undefined
        ? [
            `# take back the ${name} that goes with the state (git pull, or from before somebody encrypted it anew), or the state that goes with the file:`,
            `npm run ops -- restore ${choice}`,
          ]
        : "run" in way
          ? [`npm run ops -- restore ${choice} --to ${way.run}   # the state that the last run left; another one was put in its place`]
          : [`${way.checkout}   # the one that goes with the state; what came since has to be said there again`]),
      ...(needsOther && way !== undefined
        ? [`read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE   # the one that opens the ${file ? "state" : "file"}`]
        : []),
      ...(restored || way === undefined ? [] : ["# to change the passphrase of both: docs/recovery.md"]),
    ],
  };
}

/** The last run, where its state goes with the file. An import and a change of the passphrase are no runs. */
export function runThatFits(history: readonly PastState[], salt: unknown): number | undefined {
  const last = history.at(-1);
  if (last === undefined) return undefined;
  try {
    return saltOf(parseSavedState(readFileSync(last.file, "utf8"))) === salt ? last.number : undefined;
  } catch {
    return undefined;
  }
}

const looked = 50;

/** The newest commit, on any branch, whose stack file goes with the state. */
export async function commitThatFits(project: string, stack: string, salt: string): Promise<{ readonly checkout: string } | undefined> {
  const file = `Pulumi.${stack}.yaml`;
  const git = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)("git", ["-C", project, ...args], { maxBuffer: 2 ** 24 })).stdout;
  try {
    const log = await git("log", "--all", `--max-count=${looked}`, "--format=%h", "--", file);
    for (const commit of log.split("\n").filter((line) => line !== "")) {
      const text = await git("show", `${commit}:./${file}`).catch(() => ""); // this commit took it away
      if (parseDocument(text).get("encryptionsalt") !== salt) continue;
      const path = relative(repository, join(project, file));
      // A system may stand in a repository of its own.
      const [where, name] = path.startsWith("..") ? [` -C ${word(project)}`, file] : ["", path];
      return { checkout: `git${where} checkout ${commit} -- ${word(name)}` };
    }
  } catch {
    // no git here, or no repository
  }
  return undefined;
}
