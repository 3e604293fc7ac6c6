import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Result } from "../../sandbox/captured.ts";
import type { Pulumi } from "../pulumi.ts";
import { pendingIn, unreadable } from "../stack-state.ts";
import { type Held, parseHeld } from "./held.ts";

/** What a refresh read. */
export interface Look {
  /** What the state says. */
  readonly expected: readonly Held[];
  /** What the cloud says, by URN; what is gone is missing. */
  readonly actual: ReadonlyMap<string, Held>;
  /** The properties that differ to the engine, as paths; by URN. */
  readonly named: ReadonlyMap<string, readonly string[]>;
  /** What could not be read, by URN, with the provider's words. */
  readonly unread: ReadonlyMap<string, string>;
  /** What a run that broke off had begun, by the state; left out: nothing. */
  readonly pending?: readonly string[];
}

/**
 * Refreshes a copy of a stack's state in a folder of its own, so that neither the state nor the cloud can change, and nobody is kept
 * waiting by a lock. A preview of a refresh would hide the values: it shows a list with one secret in it as one secret.
 */
export async function lookAt(pulumi: Pulumi, stack: string): Promise<Look> {
  const exported = await stateOf(pulumi, stack);
  const folder = mkdtempSync(join(tmpdir(), "groundwork-drift-"));
  try {
    const project = /"urn": ?"urn:pulumi:[^:"]+::([^:"]+)::/.exec(exported)?.[1];
    const pending = pendingIn((JSON.parse(exported) as Exported).deployment ?? {});
    if (project === undefined) return { expected: [], actual: new Map(), named: new Map(), unread: new Map(), pending };
    writeFileSync(join(folder, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    // The same password or key, so that what lies in the folder is encrypted as it is in the state.
    const copy = pulumi.elsewhere(folder, { PULUMI_BACKEND_URL: `file://${folder}` });
    await say(copy, ["stack", "init", "--stack", stack, "--no-select"], "a copy of the state cannot be made");
    await say(copy, ["stack", "import", "--stack", stack], "a copy of the state cannot be made", exported);
    const plain = async (): Promise<Held[]> =>
      parseHeld(await say(copy, ["stack", "export", "--show-secrets", "--stack", stack], `the state of ${stack} cannot be read`));
    const expected = await plain();
    const { named, unread } = await refresh(copy, stack);
    if (lastChanges(await stateOf(pulumi, stack)) !== lastChanges(exported))
      throw new Error(
        `${stack} was deployed while it was compared, so that the cloud is newer than the state that was looked at. Look again.`,
      );
    return { expected, actual: new Map((await plain()).map((one) => [one.urn, one])), named, unread, pending };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

const stateOf = (pulumi: Pulumi, stack: string): Promise<string> => say(pulumi, ["stack", "export", "--stack", stack], { stack });

interface Exported {
  readonly deployment?: Parameters<typeof pendingIn>[0] & {
    readonly resources?: readonly { readonly urn: string; readonly id?: string; readonly modified?: string }[];
  };
}

/** When each resource was last changed, by the state. A run that changes none writes secrets and order anew all the same. */
function lastChanges(exported: string): string {
  const { deployment } = JSON.parse(exported) as Exported;
  return (deployment?.resources ?? [])
    .flatMap(({ urn, id, modified = "" }) => (id === undefined ? [] : [`${urn} ${id} ${modified}`]))
    .sort()
    .join("\n");
}

/** One resource that cannot be read ends a refresh, so it goes on without those, so many times at most. */
const rounds = 6;

async function refresh(copy: Pulumi, stack: string): Promise<Pick<Look, "named" | "unread">> {
  const named = new Map<string, readonly string[]>();
  const unread = new Map<string, string>();
  for (let round = 1; ; round++) {
    const without = [...unread.keys()].flatMap((urn) => ["--exclude", urn]);
    const args = ["refresh", "--stack", stack, "--yes", "--skip-preview", "--clear-pending-creates", "--json", ...without];
    const result = await copy.capture(args);
    const { differs, failed } = parseEvents(result.stdout);
    for (const [urn, paths] of differs) if (!named.has(urn)) named.set(urn, paths);
    if (result.code === 0) return { named, unread };
    for (const [urn, words] of failed) unread.set(urn, words);
    if (failed.size === 0 || round === rounds) throw new Error(`what is in the cloud cannot be read for ${stack}:\n${wordsOf(result)}`);
  }
}

interface Event {
  readonly resOutputsEvent?: {
    readonly metadata: { readonly op: string; readonly urn: string; readonly detailedDiff?: Readonly<Record<string, unknown>> | null };
  };
  readonly diagnosticEvent?: { readonly urn?: string; readonly severity: string; readonly message: string };
}

/** What the engine says while it refreshes, one event in each line. Pure. */
export function parseEvents(text: string): { differs: Map<string, readonly string[]>; failed: Map<string, string>; errors: string[] } {
  const differs = new Map<string, readonly string[]>();
  const failed = new Map<string, string>();
  const errors: string[] = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("{")) continue;
    const { resOutputsEvent, diagnosticEvent } = JSON.parse(line) as Event;
    if (resOutputsEvent?.metadata.op === "update")
      differs.set(resOutputsEvent.metadata.urn, Object.keys(resOutputsEvent.metadata.detailedDiff ?? {}).sort());
    if (diagnosticEvent?.severity !== "error") continue;
    const words = withoutColours(diagnosticEvent.message);
    errors.push(words);
    const { urn = "" } = diagnosticEvent;
    if (urn !== "" && !urn.includes("::pulumi:")) failed.set(urn, [failed.get(urn), words].filter((one) => one !== undefined).join("\n"));
  }
  return { differs, failed, errors };
}

const wordsOf = ({ stdout, stderr }: Result): string => {
  const { errors } = parseEvents(stdout);
  return (errors.join("\n") || stderr || stdout).trim();
};

const withoutColours = (text: string): string => text.replaceAll(/<\{%.*?%\}>/g, "").trim();

/** Whose state is read. */
interface Stack {
  readonly stack: string;
}

async function say(pulumi: Pulumi, args: readonly string[], failure: string | Stack, input?: string): Promise<string> {
  const { code, stdout, stderr } = await pulumi.capture(args, {}, input);
  if (code === 0) return stdout;
  if (typeof failure === "object") throw unreadable(failure.stack, stderr || stdout);
  throw new Error(`${failure}: ${(stderr || stdout).trim().replace(/^error: /, "")}`);
}
