import type { TrustedSources } from "../database/trusted.ts";
import { opsCommand } from "../commands.ts";
import type { Pulumi } from "../pulumi.ts";
import { adopt } from "./adopt.ts";
import { type Look, lookAt } from "./copy.ts";
import { dangerWords, inOrder } from "./harm.ts";
import { secretsIn } from "./held.ts";
import { type Finding, judge } from "./judge.ts";
import { keyOf, restore } from "./remedies.ts";
import { withoutSessions } from "./sessions.ts";
import type { StackOptions } from "./stack-options.ts";
import { type Beside, membersOnly, placeWords, thingText, type Unmanaged } from "./unmanaged.ts";

/** What differs between what a stack was deployed as and the cloud. */
export interface Drift {
  readonly stack: string;
  readonly findings: readonly Finding[];
  /** What could not be compared, in whole sentences. */
  readonly notes: readonly string[];
  /** What belongs to the stack and is in no state. No drift: nobody says that it must not be there, and it opens no issue. */
  readonly unmanaged: readonly Unmanaged[];
}

/** Compares a stack's state with the cloud, and changes neither. */
export async function driftOf(pulumi: Pulumi, stack: string): Promise<Drift> {
  return (await seen(pulumi, stack)).drift;
}

/** What a look found. */
export interface Seen {
  readonly drift: Drift;
  readonly secrets: readonly string[];
  /** What a run that broke off had begun. */
  readonly pending: readonly string[];
}

/**
 * The same with the secrets that it came across, which must not leave with what is said of it.
 *
 * @param beside Asks what no stack manages. Left out, only the stack's own project is looked at.
 * @param trusted Who may reach databases. Left out, an entry of a session is anybody's.
 */
export async function seen(
  pulumi: Pulumi,
  stack: string,
  beside?: (look: Look) => Promise<Beside>,
  trusted?: Pick<TrustedSources, "read">,
): Promise<Seen> {
  const look = await lookAt(pulumi, stack);
  const secrets = [...look.expected, ...look.actual.values()].flatMap(secretsIn);
  const { look: compared, notes: live } = await withoutSessions(look, trusted, new Date());
  const { findings, notes } = judge(compared);
  const { unmanaged, notes: more } = (await beside?.(look)) ?? { unmanaged: membersOnly(look), notes: [] };
  return {
    drift: { stack, findings, notes: [...live, ...notes, ...more], unmanaged },
    secrets: [...new Set(secrets)],
    pending: look.pending ?? [],
  };
}

/** What the ways out are told by. */
export interface Ways {
  /** Words of the command line that choose system and sandbox. */
  readonly choice: string;
  /** What the stack file can say; undefined where that is not known, and so nothing of what can be kept. */
  readonly options: StackOptions | undefined;
}

/** For the terminal, the worst first. @param ways Left out, no way out is named. */
export function renderDrift({ stack, findings, notes, unmanaged }: Drift, ways?: Ways): string {
  const differing = findings.filter(({ kind }) => kind !== "unread");
  const isWhole = differing.length === findings.length;
  const head =
    differing.length > 0
      ? "differs from what was last deployed"
      : isWhole
        ? "no drift"
        : "no drift in what could be read, and not all of it could";
  const ordered = inOrder(findings);
  return [
    `${stack}: ${head}`,
    ...ordered.flatMap(renderFinding),
    ...notes.map((note) => `  note: ${note}`),
    ...unmanaged.map((one) => `  in no state, ${placeWords[one.where]}: ${thingText(one)}`),
    ...(ways === undefined ? [] : renderWays(stack, ordered, ways)),
  ].join("\n");
}

/** How to go on. The example of each way is the worst one that it is a way for. */
function renderWays(stack: string, ordered: readonly Finding[], { choice, options }: Ways): string[] {
  const restored = ordered.find((finding) => restore(stack, finding, choice).commands.length > 0);
  const kept = options && ordered.map((finding) => ({ finding, ...adopt(stack, finding, choice, options) })).filter(isKept);
  // Better one that is kept whole.
  const adopted = (kept?.find(({ reasons }) => reasons.length === 0) ?? kept?.[0])?.finding;
  const line = (words: string, way: string, finding: Finding | undefined): string[] =>
    finding === undefined ? [] : [`    ${words}: ${opsCommand(choice, "drift", "--stack", stack, way, keyOf(finding))}`];
  const lines = [...line("back to what was deployed", "--restore", restored), ...line("keep what is there", "--adopt", adopted)];
  return lines.length === 0 ? [] : ["  one at a time, by its name:", ...lines];
}

const isKept = ({ commands }: { readonly commands: readonly string[] }): boolean => commands.length > 0;

function renderFinding(finding: Finding): string[] {
  const { kind, type, name, properties, why } = finding;
  const what = `${type.split(":").at(-1)} ${name}`;
  if (kind === "unread") return [`  could not be read: ${what}`, ...(why ?? "").split("\n").map((line) => `    ${line.trim()}`)];
  const danger = finding.opening ?? dangerWords(finding);
  const head = `  ${kind === "gone" ? "gone from the cloud" : "changed"}: ${what}${danger === "" ? "" : ` (${danger})`}`;
  return [head, ...properties.map(({ path, expected, actual }) => `    ${path}: expected ${expected}, is ${actual}`)];
}
