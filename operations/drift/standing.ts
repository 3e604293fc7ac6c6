import { createHash } from "node:crypto";
import { dangerOf, isAlarming } from "./harm.ts";
import type { Finding } from "./judge.ts";

/** A finding as an issue holds it, out of sight. */
export interface Mark {
  /** When it was found first; an ISO time. */
  readonly since: string;
  /** The place among the dangers; undefined where the issue was written before that was kept. */
  readonly danger?: number;
  /** Differs where what was found differs. */
  readonly digest: string;
}

/** What an issue holds, by the key of each finding. */
export type Marks = ReadonlyMap<string, Mark>;

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** By it a finding is found again in the issue. */
export const sinceKey = ({ urn, kind }: Pick<Finding, "urn" | "kind">): string => hash(`${urn} ${kind}`);

/** What an issue says of these. What it said before keeps its time. Pure. */
export function marksOf(findings: readonly Finding[], standing: Marks, now: Date): Map<string, Mark> {
  return new Map(
    findings.map((finding) => {
      const { kind, properties } = finding;
      const since = standing.get(sinceKey(finding))?.since ?? now.toISOString();
      return [sinceKey(finding), { since, danger: dangerOf(finding), digest: hash(JSON.stringify([kind, properties])) }];
    }),
  );
}

export const renderMarks = (marks: Marks): string[] =>
  [...marks].map(
    ([key, { since, danger, digest }]) => `<!-- ${["since", key, since, ...(danger === undefined ? [] : [danger, digest])].join(" ")} -->`,
  );

/** What an issue holds, by its text. Pure. */
export function marksIn(body: string): Map<string, Mark> {
  const pattern = /<!-- since ([0-9a-f]{12}) (\S+)(?: (\d+) ([0-9a-f]{12}))? -->/g;
  return new Map(
    [...body.matchAll(pattern)].map(([, key = "", since = "", danger, digest = ""]) => [
      key,
      { since, digest, ...(danger === undefined ? {} : { danger: Number(danger) }) },
    ]),
  );
}

/** What the issue says of resources that could not be read this time: it still stands, since nobody knows better. Pure. */
export function carried(findings: readonly Finding[], standing: Marks): Map<string, Mark> {
  const keys = findings
    .filter(({ kind }) => kind === "unread")
    .flatMap(({ urn }) => (["changed", "gone"] as const).map((kind) => sinceKey({ urn, kind })));
  return new Map([...standing].filter(([key]) => keys.includes(key)));
}

/** Whether the issue says all of it already, in the same words. Pure. */
export const isKnown = (marks: Marks, standing: Marks): boolean =>
  [...marks].every(([key, { digest }]) => standing.get(key)?.digest === digest);

/** Findings that hurt, and that the issue did not tell or told as something lesser. Pure. */
export const worseThan = (findings: readonly Finding[], standing: Marks): Finding[] =>
  findings.filter((finding) => {
    const danger = dangerOf(finding);
    const before = standing.get(sinceKey(finding));
    return isAlarming(danger) && (before === undefined || danger < (before.danger ?? 0));
  });
