import type { Pulumi } from "../pulumi.ts";
import { type Look, lookAt } from "./copy.ts";
import { dangerOf, dangers, inOrder } from "./harm.ts";
import { secretsIn } from "./held.ts";
import { type Finding, judge } from "./judge.ts";
import { keyOf, word } from "./remedies.ts";
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

/**
 * The same with the secrets that it came across, which must not leave with what is said of it.
 *
 * @param beside Asks what no stack manages. Left out, only the stack's own project is looked at.
 */
export async function seen(
  pulumi: Pulumi,
  stack: string,
  beside?: (look: Look) => Promise<Beside>,
): Promise<{ readonly drift: Drift; readonly secrets: readonly string[] }> {
  const look = await lookAt(pulumi, stack);
  const secrets = [...look.expected, ...look.actual.values()].flatMap(secretsIn);
  const { findings, notes } = judge(look);
  const { unmanaged, notes: more } = (await beside?.(look)) ?? { unmanaged: membersOnly(look), notes: [] };
  return { drift: { stack, findings, notes: [...notes, ...more], unmanaged }, secrets: [...new Set(secrets)] };
}

/** For the terminal, the worst first. @param choice Words of the command line that choose the system; without them no way out is named. */
export function renderDrift({ stack, findings, notes, unmanaged }: Drift, choice?: string): string {
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
    ...(choice === undefined || differing.length === 0 ? [] : renderWays(stack, ordered, choice)),
  ].join("\n");
}

/** How to go on, with the worst one as the example. */
function renderWays(stack: string, [worst]: readonly Finding[], choice: string): string[] {
  if (worst === undefined) return [];
  const command = (way: string): string => `npm run ops -- drift --stack ${word(stack)} --${way} ${word(keyOf(worst))}${choice}`;
  return [
    "  one at a time, by its name:",
    `    back to what was deployed: ${command("restore")}`,
    `    keep what is there: ${command("adopt")}`,
  ];
}

function renderFinding(finding: Finding): string[] {
  const { kind, type, name, properties, why } = finding;
  const what = `${type.split(":").at(-1)} ${name}`;
  if (kind === "unread") return [`  could not be read: ${what}`, ...(why ?? "").split("\n").map((line) => `    ${line.trim()}`)];
  const danger = finding.opening ?? dangers[dangerOf(finding)] ?? "";
  const head = `  ${kind === "gone" ? "gone from the cloud" : "changed"}: ${what}${danger === "" ? "" : ` (${danger})`}`;
  return [head, ...properties.map(({ path, expected, actual }) => `    ${path}: expected ${expected}, is ${actual}`)];
}
