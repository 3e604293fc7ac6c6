import type { Pulumi } from "../pulumi.ts";
import { lookAt } from "./copy.ts";
import { secretsIn } from "./held.ts";
import { type Finding, judge } from "./judge.ts";
import { unmanagedIn } from "./unmanaged.ts";

/** What differs between what a stack was deployed as and the cloud. */
export interface Drift {
  readonly stack: string;
  readonly findings: readonly Finding[];
  /** What could not be compared, in whole sentences. */
  readonly notes: readonly string[];
  /** What is in the stack's project and in no state, by the cloud's names. No drift: nobody says that it must not be there. */
  readonly unmanaged: readonly string[];
}

/** Compares a stack's state with the cloud, and changes neither. */
export async function driftOf(pulumi: Pulumi, stack: string): Promise<Drift> {
  return (await seen(pulumi, stack)).drift;
}

/** The same with the secrets that it came across, which must not leave with what is said of it. */
export async function seen(pulumi: Pulumi, stack: string): Promise<{ readonly drift: Drift; readonly secrets: readonly string[] }> {
  const look = await lookAt(pulumi, stack);
  const secrets = [...look.expected, ...look.actual.values()].flatMap(secretsIn);
  return { drift: { stack, ...judge(look), unmanaged: unmanagedIn(look) }, secrets: [...new Set(secrets)] };
}

/** For the terminal. */
export function renderDrift({ stack, findings, notes, unmanaged }: Drift): string {
  const head = findings.length === 0 ? `${stack}: no drift` : `${stack}: differs from what was last deployed`;
  return [
    head,
    ...findings.flatMap(renderFinding),
    ...notes.map((note) => `  note: ${note}`),
    ...unmanaged.map((name) => `  in the project, and in no state: ${name}`),
  ].join("\n");
}

function renderFinding({ kind, type, name, properties, why }: Finding): string[] {
  const what = `${type.split(":").at(-1)} ${name}`;
  if (kind === "gone") return [`  gone from the cloud: ${what}`];
  if (kind === "unread") return [`  not reachable: ${what}`, ...(why ?? "").split("\n").map((line) => `    ${line.trim()}`)];
  return [`  changed: ${what}`, ...properties.map(({ path, expected, actual }) => `    ${path}: expected ${expected}, is ${actual}`)];
}
