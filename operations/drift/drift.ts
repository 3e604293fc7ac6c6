import type { Pulumi } from "../pulumi.ts";
import { lookAt } from "./copy.ts";
import { type Finding, judge } from "./judge.ts";

/** What differs between what a stack was deployed as and the cloud. */
export interface Drift {
  readonly stack: string;
  readonly findings: readonly Finding[];
  /** What could not be compared, in whole sentences. */
  readonly notes: readonly string[];
}

/** Compares a stack's state with the cloud, and changes neither. */
export async function driftOf(pulumi: Pulumi, stack: string): Promise<Drift> {
  return { stack, ...judge(await lookAt(pulumi, stack)) };
}

/** For the terminal. */
export function renderDrift({ stack, findings, notes }: Drift): string {
  const head = findings.length === 0 ? `${stack}: no drift` : `${stack}: differs from what was last deployed`;
  return [head, ...findings.flatMap(renderFinding), ...notes.map((note) => `  note: ${note}`)].join("\n");
}

function renderFinding({ kind, type, name, properties, why }: Finding): string[] {
  const what = `${type.split(":").at(-1)} ${name}`;
  if (kind === "gone") return [`  gone from the cloud: ${what}`];
  if (kind === "unread") return [`  not reachable: ${what}`, ...(why ?? "").split("\n").map((line) => `    ${line.trim()}`)];
  return [`  changed: ${what}`, ...properties.map(({ path, expected, actual }) => `    ${path}: expected ${expected}, is ${actual}`)];
}
