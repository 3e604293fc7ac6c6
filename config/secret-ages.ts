import { findResource, type StateResource } from "./state.ts";

/** What a stack's state says of one value of a set of secrets. */
export interface SecretRecord {
  /** Which value this is, where it is generated. */
  readonly generation?: number;
  /** Since when it is this value; an ISO time. */
  readonly since: string;
  /** Fingerprint of the value, where somebody else issues it. Secret. */
  readonly mark?: string;
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
  /** Days after which the generations that are kept are not needed any more. */
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
