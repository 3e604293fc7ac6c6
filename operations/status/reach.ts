import { blindness } from "../doctor/online.ts";
import { namesFrom } from "../doctor/network.ts";
import type { Health } from "../health.ts";

/** What public hosts answered, without what says nothing of them. */
export interface Reached {
  readonly health: readonly Health[];
  /** Why hosts could not be looked at. */
  readonly unseen?: string;
}

/**
 * Where no name of the internet can be looked up here, that a host does not answer says nothing of the host.
 *
 * @param blind Why no name can be looked up; undefined where they can. Asked only where a host gave no answer.
 */
export async function reachedOf(health: readonly Health[], blind: () => Promise<string | undefined>): Promise<Reached> {
  const silent = health.filter(({ url, answer }) => !/^\d+$/.test(answer) && !isHere(new URL(url).hostname));
  const why = silent.length === 0 ? undefined : await blind();
  if (why === undefined) return { health };
  const hosts = [...new Set(silent.map(({ url }) => new URL(url).host))];
  return {
    health: health.filter((one) => !silent.includes(one)),
    unseen: `${hosts.join(", ")}: no name of the internet can be looked up here (${why})`,
  };
}

/** Whether a host is this machine, which answers without a network. */
const isHere = (host: string): boolean => /(?:^|\.)localhost$/.test(host) || /^127\./.test(host) || host === "[::1]";

/** Asks the name server once for a whole run. */
export function lookedUp(): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined;
  return () => (asked ??= blindness(namesFrom([])));
}
