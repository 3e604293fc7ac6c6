import { findResource, type StateResource } from "./state.ts";

/** What a stack's state says of one value of a set of secrets. */
export interface SecretRecord {
  /** Which value this is, where it is generated. */
  readonly generation?: number;
  /** Since when it is this value; an ISO time. */
  readonly since: string;
  /** Days after which it should be another one, so that it can be looked at without the program. */
  readonly maxAgeDays?: number;
  /** Fingerprint of the value, where somebody else issues it. Secret. */
  readonly mark?: string;
  /** How many generations are kept beside it, in a ring of keys. */
  readonly kept?: number;
  /** For how many days each of them is needed after it was replaced, in a ring of keys. */
  readonly overlapDays?: number;
  /** Generation → since when it was the newest: of those that are kept, in a ring of keys. */
  readonly earlier?: Readonly<Record<string, string>>;
}

/** Variable → what was recorded of it. */
export type SecretRecords = Readonly<Record<string, SecretRecord>>;

/** Part of the components' identity. */
export const secretSetType = "groundwork:components:SecretSet";

/** What a stack's state says of one set of secrets; nothing for a new stack. */
export function readSecretRecords(state: readonly StateResource[], set: string): SecretRecords {
  return (findResource(state, secretSetType, set)?.outputs["values"] ?? {}) as SecretRecords;
}

/** A value of a set as the program wants it. */
export interface WantedSecret {
  readonly generation?: number;
  /** Generations that are kept beside it. 0 where there is one value only. */
  readonly kept: number;
  /** Whether things are encrypted with it that outlive it, so that the key before has to stay for a while. */
  readonly ring?: boolean;
  /** Days after which it should be another one. */
  readonly maxAgeDays?: number | undefined;
  /** Days for which the generations that are kept are needed; after them, they can go. */
  readonly overlapDays?: number | undefined;
}

/** How long ago something was, in whole days. */
export function daysSince(time: string, now: Date): number {
  return Math.floor((now.getTime() - Date.parse(time)) / 86_400_000);
}

/** Why a generation cannot follow the one that the stack holds; undefined where it can. */
export function generationProblem(
  { generation, kept, ring = false }: WantedSecret,
  recorded: SecretRecord | undefined,
): string | undefined {
  const before = recorded?.generation;
  if (before === undefined || generation === undefined) return undefined;
  if (generation < before) {
    return `has generation ${generation}, but this stack is at ${before}, and an older value cannot come back. Write ${before}, or ${before + 1} for a new value.`;
  }
  // A ring that moves on by more than it keeps would drop every key that something is encrypted with.
  if (ring && generation > before && kept === 0) {
    return `has generation ${generation} and keeps none before it, but this stack is at ${before}: what that one encrypted could not be opened any more. Keep one (kept: 1) until the service has encrypted anew.`;
  }
  if ((ring || kept > 0) && generation > before + 1) {
    return `has generation ${generation}, but this stack is at ${before}: the keys in between would be missing. Raise it by one, run up, let the service encrypt anew, then raise it again.`;
  }
  return undefined;
}

/** A generation that would go, and when what was encrypted with it may count as encrypted anew. */
interface Going {
  readonly generation: number;
  /** The first moment at which it may go. */
  readonly from: Date;
}

/**
 * Keys of a ring that the stack holds, that would go now, and whose overlap is not over: each is needed for so many days from the moment on
 * at which the next one took its place.
 */
export function goingTooEarly(wanted: WantedSecret, recorded: SecretRecord | undefined, now: Date): Going[] {
  const { generation, kept, ring = false } = wanted;
  const { generation: before, earlier = {}, since } = recorded ?? {};
  if (!ring || generation === undefined || before === undefined || since === undefined) return [];
  // What a state of an older version does not say is what it is by default: one key is kept.
  const overlapDays = overlapOf(wanted, recorded);
  const oldest = Math.max(1, before - (recorded?.kept ?? 1));
  const replacedAt = (key: number): string | undefined => (key + 1 === before ? since : earlier[String(key + 1)]);
  return Array.from({ length: before - oldest }, (_, index) => oldest + index).flatMap((key) => {
    const replaced = replacedAt(key);
    if (key >= generation - kept || replaced === undefined) return [];
    const from = new Date(Date.parse(replaced) + overlapDays * 86_400_000);
    return from > now ? [{ generation: key, from }] : [];
  });
}

/** The longer of what is wanted now and what the stack holds: a shorter overlap counts from the run after the one that says so. */
const overlapOf = ({ overlapDays = 0 }: WantedSecret, recorded: SecretRecord | undefined): number =>
  Math.max(overlapDays, recorded?.overlapDays ?? 0);

/** Why keys cannot go yet; undefined where none is gone too early. */
export function overlapProblem(wanted: WantedSecret, recorded: SecretRecord | undefined, now: Date): string | undefined {
  const going = goingTooEarly(wanted, recorded, now);
  if (going.length === 0) return undefined;
  const keys = going.map(({ generation }) => generation).join(", ");
  const from = new Date(Math.max(...going.map(({ from }) => from.getTime())));
  return (
    `would lose the key of generation ${keys}, and its overlap of ${overlapOf(wanted, recorded)} days is not over: what is still encrypted with it could not be opened any more. ` +
    `Possible from ${dayText(from)} on. Or lose it now, where everything is encrypted anew or the key is in wrong hands: groundwork:acknowledge: [overlap-not-over].`
  );
}

/** `2026-11-20 03:00 UTC`: to the minute, rounded up, so that it is possible then. */
const dayText = (time: Date): string =>
  `${new Date(Math.ceil(time.getTime() / 60_000) * 60_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** What is due: a value that is too old, or a kept one that is not needed any more. */
export function ageWarning(wanted: WantedSecret, recorded: SecretRecord | undefined, now: Date): string | undefined {
  const { generation, kept, maxAgeDays = Infinity, overlapDays = Infinity } = wanted;
  if (recorded === undefined || recorded.generation !== generation) return undefined;
  const days = daysSince(recorded.since, now);
  if (days > maxAgeDays) {
    const way = generation === undefined ? "Have a new one issued and set it." : `Raise its generation to ${generation + 1}.`;
    return `is ${days} days old, and ${maxAgeDays} were wanted at most. ${way}`;
  }
  if (kept > 0 && days >= overlapDays) {
    return `was renewed ${days} days ago, so what is older can go: kept: 0. Until then both keys open what is encrypted.`;
  }
  return undefined;
}
