import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One run that the backend remembers, with the state that it left. */
export interface PastState {
  /** Counts the runs of a stack, from 1. */
  readonly number: number;
  /** `update`, `refresh`, `destroy` … */
  readonly kind: string;
  readonly result: string;
  /** When it ended, as ISO 8601. */
  readonly time: string;
  /** The commit of the program, where Pulumi saw one. */
  readonly commit?: string;
  readonly file: string;
}

interface Entry {
  readonly kind?: string;
  readonly result?: string;
  readonly endTime?: number;
  readonly environment?: { readonly "git.head"?: string };
}

/** The runs that a backend of files keeps, oldest first; half-written entries are left out. */
export function readHistory(files: string, system: string, stack: string): readonly PastState[] {
  const folder = join(files, ".pulumi", "history", system, stack);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".history.json"))
    .sort();
  return names.flatMap((name, index): PastState[] => {
    const file = join(folder, name.replace(/\.history\.json$/, ".checkpoint.json"));
    if (!existsSync(file)) return [];
    try {
      const {
        kind = "unknown",
        result = "unknown",
        endTime = 0,
        environment,
      } = JSON.parse(readFileSync(join(folder, name), "utf8")) as Entry;
      const commit = environment?.["git.head"];
      const time = new Date(endTime * 1000).toISOString();
      return [{ number: index + 1, kind, result, time, file, ...(commit === undefined ? {} : { commit }) }];
    } catch {
      return [];
    }
  });
}

/** For the terminal: newest first. */
export function renderHistory(stack: string, states: readonly PastState[]): string {
  if (states.length === 0) return `${stack}: the backend remembers no run`;
  const rows = [...states]
    .reverse()
    .map(
      ({ number, kind, result, time, commit = "" }) =>
        `  ${String(number).padStart(4)}  ${time.slice(0, 16).replace("T", " ")}  ${kind.padEnd(8)} ${result.padEnd(10)} ${commit.slice(0, 7)}`,
    );
  return [
    `${stack}: the state after each run (time in UTC)`,
    ...rows,
    `Restore one: npm run ops -- restore --stack ${stack} --to <number>`,
  ].join("\n");
}
