import { readFileSync } from "node:fs";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { findSystem } from "../sandbox/systems.ts";
import { runFiles } from "../sandbox/run-files.ts";
import { type PastState, readHistory } from "./restore/history.ts";
import { parseSavedState } from "./restore/saved-state.ts";

/** What the backend remembers of a stack's runs, whatever became of its state. `pulumi stack rm` forgets them, a file that is lost does not. */
export interface Remembered {
  readonly runs: number;
  /** When the last one was; an ISO time. */
  readonly last?: string;
  /** The newest one that left a state that is whole, as `restore` counts them; undefined: nobody could look. */
  readonly whole?: number;
}

/** Undefined: no run, or nobody could look. */
export async function remembers(
  { system, stack, opened }: { readonly system: string; readonly stack: string; readonly opened?: Sandbox | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Remembered | undefined> {
  const { name } = findSystem(system);
  const url = environment["PULUMI_BACKEND_URL"] ?? "";
  const files = opened?.home.state ?? (url.startsWith("file://") ? url.slice("file://".length) : undefined);
  if (files !== undefined) {
    const whole = newestWhole(readHistory(files, name, stack));
    return rememberedBy(runFiles(files, name, stack), whole);
  }
  if (!url.startsWith("s3://")) return undefined;
  try {
    // Only where it is needed: it brings the signatures of requests with it.
    const { listBucketHistory } = await import("./bucket-locks.ts");
    return rememberedBy(await listBucketHistory(environment, name, stack));
  } catch {
    // What the backend refuses is said by whoever asks it for more.
    return undefined;
  }
}

/** By the names of the files that the runs left. Pure. */
export function rememberedBy(files: readonly string[], whole?: number): Remembered | undefined {
  const names = files.filter((file) => /\.history\.json(\.gz)?$/.test(file)).sort();
  if (names.length === 0) return undefined;
  // Each has the time of its run in its name, in nanoseconds.
  const [, time] = /-(\d{19})\.history\.json/.exec(names.at(-1) ?? "") ?? [];
  return {
    runs: names.length,
    ...(time === undefined ? {} : { last: new Date(Number(time.slice(0, 13))).toISOString() }),
    ...(whole === undefined ? {} : { whole }),
  };
}

/** The newest run that left a state with something in it. */
export const newestWhole = (history: readonly PastState[]): number | undefined =>
  history.findLast(({ file }) => {
    try {
      return (parseSavedState(readFileSync(file, "utf8")).deployment.resources ?? []).length > 0;
    } catch {
      return false;
    }
  })?.number;

/** How a state is put back. Pure. @param choice `--stack staging`, and what else the verb is told. */
export const restoreCommand = (choice: string, remembered?: Pick<Remembered, "whole">): string =>
  `npm run ops -- restore ${choice}${remembered?.whole === undefined ? "" : ` --to ${remembered.whole}`}`;

/** That a state is not there, and was. Pure. */
export function lostWords(stack: string, { runs, last }: Remembered): string {
  const when = last === undefined ? "" : `, ${runs === 1 ? "" : "the last one "}of ${last.slice(0, 16).replace("T", " ")} UTC`;
  return `the state of ${stack} is lost: the backend does not find it, and remembers ${runs === 1 ? "a run" : `${runs} runs`}${when}. What it knew may still stand in the cloud`;
}

/** The same with the way out. Pure. */
export const lostText = (stack: string, remembered: Remembered): string =>
  `${lostWords(stack, remembered)}. Put it back: ${restoreCommand(`--stack ${stack}`, remembered)}`;
