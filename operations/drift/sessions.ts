import { isDeepStrictEqual } from "node:util";
import { longestSession, type Rule, sessionsIn } from "../database/rules.ts";
import type { TrustedSources } from "../database/trusted.ts";
import type { Look } from "./copy.ts";
import { bare, type Held } from "./held.ts";

const firewallType = /:DatabaseFirewall$/;

interface Compared {
  readonly look: Look;
  readonly notes: readonly string[];
}

/**
 * A look without what sessions of `db` that go on have added to a database's trusted sources: they take it away themselves, so it is told and no drift.
 * What a killed one left stays, with the words that tell whose it was. Only the API knows those: the plugin gives back none, so it is asked where
 * somebody was added.
 */
export async function withoutSessions(look: Look, trusted: Pick<TrustedSources, "read"> | undefined, now: Date): Promise<Compared> {
  const firewalls = look.expected.filter(({ urn, type, outputs }) => {
    const after = look.actual.get(urn);
    return firewallType.test(type) && after !== undefined && !isEqual(rulesOf(after), rulesOf({ outputs }));
  });
  const read = await Promise.all(
    firewalls.map(async (firewall) => {
      const cluster = String(bare(firewall.outputs["clusterId"]));
      // Without its words an entry is somebody's, which is told as drift.
      return { firewall, rules: (await trusted?.read(cluster).catch(() => undefined)) ?? [] };
    }),
  );
  return read.reduce<Compared>(
    (found, { firewall, rules }) => {
      const { look: next, notes } = without(found.look, firewall, rules, now);
      return { look: next, notes: [...found.notes, ...notes] };
    },
    { look, notes: [] },
  );
}

/** Pure. @param known The entries as the API tells them. */
function without(look: Look, { urn, name, outputs }: Held, known: readonly Rule[], now: Date): Compared {
  const after = look.actual.get(urn) as Held;
  const sessions = sessionsIn(known);
  const isLive = ({ alive, maker }: (typeof sessions)[number]): boolean =>
    alive !== false && now.getTime() - Date.parse(maker.timestamp) <= longestSession;
  const sessionOf = (rule: Rule) => sessions.find((one) => key(one.rule) === key(rule));
  const asked = rulesOf({ outputs });
  const isAsked = (rule: Rule): boolean => asked.some((one) => key(one) === key(rule));
  const left = rulesOf(after).flatMap((rule) => {
    const session = isAsked(rule) ? undefined : sessionOf(rule);
    if (session === undefined) return [rule];
    return isLive(session) ? [] : [{ ...rule, description: session.rule.description }];
  });
  const actual = new Map(look.actual).set(urn, { ...after, outputs: { ...after.outputs, rules: left } });
  const named = new Map(look.named);
  // The plugin has compared with them.
  if (isEqual(left, asked)) named.delete(urn);
  const notes = sessions
    .filter((one) => isLive(one) && !isAsked(one.rule))
    .map(
      ({ rule, maker }) =>
        `${maker.username}@${maker.hostname} has a session with the database since ${maker.timestamp}, for which ${name} lets ${rule.value} in; its end takes that away.`,
    );
  return { look: { ...look, actual, named }, notes };
}

const rulesOf = ({ outputs }: Pick<Held, "outputs">): readonly Rule[] => (bare(outputs["rules"]) ?? []) as readonly Rule[];

/** The API adds the mask of a single address. */
const key = ({ type, value }: Pick<Rule, "type" | "value">): string => `${type} ${value.replace(/\/32$/, "")}`;

const isEqual = (a: readonly Rule[], b: readonly Rule[]): boolean => isDeepStrictEqual(new Set(a.map(key)), new Set(b.map(key)));
