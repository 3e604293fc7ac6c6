import type { Pulumi } from "./pulumi.ts";

/** One run that changed a stack, as the backend keeps it. */
export interface Update {
  /** `update`, `refresh`, `destroy` … */
  readonly kind: string;
  readonly result: string;
  /** ISO times. */
  readonly started: string;
  readonly ended?: string;
  /** The commit of the checkout that it ran from, and who wrote that. */
  readonly commit?: string;
  readonly author?: string;
  /** Whether the checkout had changes that are in no commit. */
  readonly dirty: boolean;
  /** The run in CI. */
  readonly run?: string;
}

interface Entry {
  readonly kind?: string;
  readonly result?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The last runs of a stack, newest first. None where the backend keeps no history of it. Needs no passphrase. */
export async function readHistory(pulumi: Pick<Pulumi, "capture">, stack: string, count = 20): Promise<readonly Update[]> {
  const { code, stdout } = await pulumi.capture(["stack", "history", "--stack", stack, "--json", "--page-size", String(count)]);
  if (code !== 0) return [];
  return (JSON.parse(stdout) as readonly Entry[]).map(toUpdate);
}

function toUpdate({ kind = "update", result = "", startTime = "", endTime, environment = {} }: Entry): Update {
  const { "git.head": commit, "git.author": author } = environment;
  const run = environment["ci.build.url"] ?? environment["ci.build.id"];
  return {
    kind,
    result,
    started: startTime,
    ...(endTime === undefined ? {} : { ended: endTime }),
    ...(commit === undefined ? {} : { commit }),
    ...(author === undefined ? {} : { author }),
    dirty: environment["git.dirty"] === "true",
    ...(run === undefined ? {} : { run }),
  };
}

/** The run in which something happened at that time. */
export const updateAt = (history: readonly Update[], time: string): Update | undefined =>
  history.find(
    ({ started, ended }) => Date.parse(started) <= Date.parse(time) && (ended === undefined || Date.parse(time) <= Date.parse(ended) + 999),
  );
