import type { Danger, Judged } from "../dangers.ts";

type Named = Pick<Danger, "name" | "effect">;

/** `delete:DnsRecord/files` in its parts; names of secrets have no type. */
const parts = (name: string): { readonly rule: string; readonly type: string; readonly resource: string } | undefined => {
  const [, rule = "", type = "", resource = ""] = /^([a-z-]+):([A-Z]\w*)\/(.+)$/s.exec(name) ?? [];
  return rule === "" ? undefined : { rule, type, resource };
};

/** Whether all of a type may be accepted by one name: never what loses data or opens something, which wants to be named. */
export const isWholesale = ({ effect }: Pick<Danger, "effect">): boolean => effect !== "data loss" && effect !== "exposure";

/** `delete:UptimeAlert/*` */
export const wholesaleName = ({ name }: Pick<Danger, "name">): string => {
  const told = parts(name);
  return told === undefined ? name : `${told.rule}:${told.type}/*`;
};

/** The name as it was before it had a type: `delete:files`. */
const shortName = (name: string): string | undefined => {
  const told = parts(name);
  return told && `${told.rule}:${told.resource}`;
};

/**
 * Whether a name that somebody accepted means a danger of this plan: its own name; that of all of its type; or the one without a type, where the
 * stack has nothing else of that name, so that it can mean nothing else. Pure.
 */
export function meaningOf(plan: Judged): (accepted: string, danger: Named) => boolean {
  const things = new Map<string, Set<string>>();
  const note = (name: string, type: string): void => void (things.get(name) ?? things.set(name, new Set()).get(name))?.add(type);
  for (const { token, name } of [...(plan.before ?? []), ...(plan.after ?? [])]) note(name, token.split(":").at(-1) ?? "");
  for (const { type, name, custom } of plan.steps) if (custom) note(name, type);
  return (accepted, danger) => {
    if (accepted === danger.name) return true;
    if (isWholesale(danger) && accepted === wholesaleName(danger)) return true;
    const told = parts(danger.name);
    if (told === undefined || accepted !== shortName(danger.name)) return false;
    // A part of an App is no resource; one of the same name beside it makes two.
    return [...(things.get(told.resource) ?? [])].every((type) => type === told.type);
  };
}

/** An acceptance that does nothing, with what it may have been meant for. */
export interface Unused {
  readonly name: string;
  readonly could: readonly string[];
}

/** What was accepted and means nothing in a plan; with the dangers that a name without a type could mean. Pure. */
export function unusedOf(accepted: readonly string[], plan: Judged, dangers: readonly Named[]): Unused[] {
  const means = meaningOf(plan);
  return accepted
    .filter((name) => !dangers.some((danger) => means(name, danger)))
    .map((name) => ({ name, could: dangers.filter((danger) => shortName(danger.name) === name).map((danger) => danger.name) }));
}
