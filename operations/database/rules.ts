import { isHeld, type Lock } from "../../sandbox/locks.ts";

/** One trusted source of a database, as DigitalOcean's API has it. */
export interface Rule {
  readonly uuid?: string;
  readonly type: string;
  readonly value: string;
  readonly description?: string;
}

/** In milliseconds: no session lasts longer. */
export const longestSession = 12 * 3_600_000;

/** Begins the description of every entry that a session makes; what comes after it says whose. */
export const sessionMark = "groundwork db: ";

/** An entry that lets one address in for a session. */
export function entryFor(address: string, { username, hostname, pid, timestamp }: Lock): Rule {
  return { type: "ip_addr", value: address, description: `${sessionMark}${username}@${hostname} process ${pid} since ${timestamp}` };
}

/** Who made an entry, if a session did. */
export function makerOf({ description = "" }: Rule): Lock | undefined {
  const [, username, hostname, pid, timestamp] = /^groundwork db: (.+)@(\S+) process (\d+) since (\S+)$/.exec(description) ?? [];
  if (username === undefined || hostname === undefined || timestamp === undefined) return undefined;
  return { username, hostname, pid: Number(pid), timestamp };
}

/** An entry of a session, and whether that session goes on; "unknown" on another machine. */
export interface Left {
  readonly rule: Rule;
  readonly maker: Lock;
  readonly alive: boolean | "unknown";
}

/** The entries that sessions have made. */
export const sessionsIn = (rules: readonly Rule[]): Left[] =>
  rules.flatMap((rule) => {
    const maker = makerOf(rule);
    return maker ? [{ rule, maker, alive: isHeld(maker) }] : [];
  });

/** Two rules that let the same in. */
export const isSame = (a: Rule, b: Rule): boolean => a.type === b.type && a.value === b.value && a.description === b.description;

/** Addresses that may connect and that neither the state nor a session knows. Pure. */
export function strangers(rules: readonly Rule[], asked: readonly Rule[]): Rule[] {
  return rules.filter(
    (rule) =>
      rule.type === "ip_addr" &&
      makerOf(rule) === undefined &&
      !asked.some(({ type, value }) => type === rule.type && bare(value) === bare(rule.value)),
  );
}

/** An address and a range of one are the same. */
const bare = (value: string): string => value.replace(/\/32$/, "");
