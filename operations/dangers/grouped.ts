import type { Danger } from "../dangers.ts";
import { isWholesale, wholesaleName } from "./accepted.ts";

/** Dangers that mean the same: said once. */
export interface DangerGroup extends Pick<Danger, "severity" | "effect" | "says" | "accepted"> {
  readonly dangers: readonly Danger[];
}

/** So many are told one by one; more are counted. */
const few = 3;

/** What means the same and is as bad is one thing to read. The order stays. Pure. */
export function grouped(dangers: readonly Danger[]): DangerGroup[] {
  const groups = Map.groupBy(dangers, ({ severity, effect, says, accepted }) => JSON.stringify([severity, effect, says, accepted]));
  return [...groups.values()].map((own) => {
    const [{ severity, effect, says, accepted }] = own as [Danger, ...Danger[]];
    return { severity, effect, says, accepted, dangers: own };
  });
}

const firstWord = ({ what }: Danger): string => what.split(" (")[0] ?? what;

/** What happens, line by line; many of a kind are counted: `22 alerts are deleted: a, b, c and 19 more`. */
export function whatOf({ dangers }: DangerGroup): string[] {
  if (dangers.length <= few) return dangers.map(({ what }) => what);
  const byFate = Map.groupBy(dangers, ({ fate }) => (fate === undefined ? "" : `${fate.noun}\n${fate.verb}`));
  return [...byFate].flatMap(([fate, own]) => {
    const [noun = "", verb = ""] = fate.split("\n");
    if (own.length <= few) return own.map(({ what }) => what);
    const names = own.slice(0, few).map(fate === "" ? ({ what }) => what : firstWord);
    const more = `${names.join(fate === "" ? "; " : ", ")} and ${own.length - few} more`;
    return [fate === "" ? more : `${own.length} ${pluralOf(noun)} ${verb.replace(/^is /, "are ")}: ${more}`];
  });
}

/** `alerts`, `bucket policies`, `secrets of workflows`, `database settings` */
function pluralOf(noun: string): string {
  const [, head = "", rest = ""] = /^(.*?)( of .*)?$/.exec(noun) ?? [];
  return `${head.endsWith("s") ? head : /[^aeiou]y$/.test(head) ? `${head.slice(0, -1)}ies` : `${head}s`}${rest}`;
}

/** The names by which all of it is accepted, the fewest that do. */
export function namesOf({ dangers }: DangerGroup): string[] {
  const byType = Map.groupBy(dangers, (danger) => (isWholesale(danger) ? wholesaleName(danger) : danger.name));
  return [...byType].flatMap(([all, own]) => (own.length > few ? [all] : own.map(({ name }) => name)));
}
