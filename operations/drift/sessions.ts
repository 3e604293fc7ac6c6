import { isDeepStrictEqual } from "node:util";
import { longestSession, type Rule, sessionsIn } from "../database/rules.ts";
import type { Look } from "./copy.ts";
import { bare, type Held } from "./held.ts";

const firewallType = /:DatabaseFirewall$/;

/**
 * A look without what sessions of `db` that go on have added to a database's trusted sources: they take it away themselves, so it is told and no drift.
 * What a killed one left stays. Pure.
 */
export function withoutSessions(look: Look, now: Date): { readonly look: Look; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const actual = new Map(look.actual);
  const named = new Map(look.named);
  for (const { urn, type, name, outputs } of look.expected) {
    const after = actual.get(urn);
    if (!firewallType.test(type) || after === undefined) continue;
    const rules = rulesOf(after);
    const live = sessionsIn(rules).filter(
      ({ alive, maker }) => alive !== false && now.getTime() - Date.parse(maker.timestamp) <= longestSession,
    );
    if (live.length === 0) continue;
    const rest = rules.filter((rule) => !live.some((one) => one.rule === rule));
    actual.set(urn, { ...after, outputs: { ...after.outputs, rules: rest } });
    // The plugin has compared with them.
    if (isDeepStrictEqual(new Set(rest.map(key)), new Set(rulesOf({ outputs }).map(key)))) named.delete(urn);
    for (const { rule, maker } of live)
      notes.push(
        `${maker.username}@${maker.hostname} has a session with the database since ${maker.timestamp}, for which ${name} lets ${rule.value} in; its end takes that away.`,
      );
  }
  return { look: { ...look, actual, named }, notes };
}

const rulesOf = ({ outputs }: Pick<Held, "outputs">): readonly Rule[] => (bare(outputs["rules"]) ?? []) as readonly Rule[];

const key = ({ type, value }: Rule): string => `${type} ${value}`;
