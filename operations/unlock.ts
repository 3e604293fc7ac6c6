import { isSpoiled, MissingStack, spoiledText } from "./backend.ts";
import { withFile } from "./private-file.ts";
import { type Deployment, type ExportedResource, settle } from "./settle.ts";

/** Whoever runs pulumi for a verb: in the sandbox, or with the user's own environment. */
export interface Runner {
  capture(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }>;
}

export interface UnlockOptions {
  readonly stack: string;
  /** The run that holds the stack; undefined where the backend does not tell. */
  readonly holder: Holder | undefined;
  /** The user vouches that nobody works on the stack. */
  readonly force: boolean;
  /** What became of an interrupted create: an id, null for nothing, undefined for unknown. */
  readonly find: (resource: ExportedResource) => string | null | undefined;
  /** Takes away what the kill left half written beside the state, so that it can be read; tells which files. */
  readonly clean: () => readonly string[];
  readonly say: (line: string) => void;
}

/** Who holds a stack. Whether a run on another machine still lives cannot be seen from here. */
export interface Holder {
  readonly text: string;
  readonly alive: boolean | "unknown";
}

/** In milliseconds. No run takes longer: the slowest wait of a provider, a database cluster, ends after two hours. */
export const longestRun = 2 * 3_600_000;

/**
 * Whether somebody works on the stack now, as far as can be told: a run that lives, or one on another machine that has not had the stack for too
 * long. Pure.
 *
 * @param since Since when it has the stack; an ISO time
 */
export function isAtWork(holder: Holder | undefined, since: string | undefined, now: Date): boolean {
  if (holder === undefined || holder.alive === false) return false;
  return holder.alive === true || since === undefined || now.getTime() - Date.parse(since) <= longestRun;
}

/** There is no lock. */
export const nobody: Holder = { text: "nobody", alive: false };

/** What stands in the way of unlocking; says what to do. */
export class UnlockError extends Error {}

/**
 * Makes a stack usable after a run was killed: takes its lock away, and settles what the run was creating, so that state and cloud agree
 * again. Refuses while the holder of the lock lives. Changes nothing in the cloud; the next `up` finishes the work.
 */
export async function unlock(runner: Runner, { stack, holder, force, find, clean, say }: UnlockOptions): Promise<void> {
  if (holder?.alive === true)
    throw new UnlockError(`${stack} is held by ${holder.text}, which is still running. Wait for it to end, or stop it first.`);
  if ((!holder || holder.alive === "unknown") && !force) {
    const who = holder ? `${holder.text} holds ${stack}, on another machine` : `this backend does not show who holds ${stack}`;
    throw new UnlockError(`${who}. Make sure that nobody works on it any more, then add --force.`);
  }
  const pulumi = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runner.capture([...args, "--stack", stack]);
    if (code !== 0 && /no stack named/.test(stderr)) throw new MissingStack(stack);
    if (code !== 0 && isSpoiled(stderr)) throw new UnlockError(spoiledText(stack));
    if (code !== 0) throw new UnlockError(`pulumi ${args[0]} failed:\n${(stderr || stdout).trim()}`);
    return stdout;
  };
  for (const file of clean()) say(`Was half written, and is not needed: ${file}`);
  await pulumi("cancel", "--yes");
  if (holder !== nobody) say(`The lock of ${holder ? holder.text : "a former run"} is gone.`);

  const exported = JSON.parse(await pulumi("stack", "export")) as { deployment: Deployment };
  const settled = settle(exported.deployment, find);
  const { adopted, dropped, doubtful, unknown } = settled;
  // Before anything is changed: an import forgets what is pending.
  if (unknown.length > 0) {
    throw new UnlockError(
      [
        "a create was interrupted, and nothing here tells whether it happened. Look it up at the provider, then run this again with:",
        ...unknown.map(({ urn }) => `  --created '${urn}=<id>', or '${urn}=' if it does not exist`),
      ].join("\n"),
    );
  }
  if (adopted.length > 0 || dropped.length > 0 || doubtful.length > 0) {
    await withFile(JSON.stringify({ ...exported, deployment: settled.deployment }), (file) => pulumi("stack", "import", "--file", file));
    for (const { urn, id } of adopted) say(`Exists, taken into the state: ${nameOf(urn)} (${id})`);
    for (const urn of dropped) say(`Was not created: ${nameOf(urn)}`);
    for (const urn of doubtful) say(`Was being changed, read again: ${nameOf(urn)}`);
  }
  // Nothing else is read: reading an App changes how the state holds its secrets, and so makes the next up deploy it.
  const targets = [...adopted.map(({ urn }) => urn), ...doubtful].flatMap((urn) => ["--target", urn]);
  if (targets.length > 0) await pulumi("refresh", "--yes", "--skip-preview", ...targets);
  say(`${stack} can be used again. The next up finishes what was interrupted.`);
}

const nameOf = (urn: string): string => urn.split("::").slice(2).join(" ").replace(/^.*\$/, "");
