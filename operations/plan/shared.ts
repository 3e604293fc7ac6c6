import type { Plan } from "./steps.ts";

/** A secret that a stack has in common with another one. */
export interface SharedSecret {
  /** Where it stands: the name of its variable, or its path. Never the secret. */
  readonly place: string;
  readonly other: string;
  /** The same value; or what opens one opens the other. */
  readonly how: "value" | "passphrase";
}

/** Shorter ones are equal by chance, and can be guessed anyway. */
const shortest = 8;

/** What two stacks have in common, by their secrets in the clear. Pure. */
export function sharedValues(own: Plan["secrets"], other: string, theirs: Plan["secrets"]): SharedSecret[] {
  const places = [...own].filter(([secret]) => secret.length >= shortest && theirs.has(secret)).map(([, place]) => place);
  return [...new Set(places)].sort().map((place) => ({ place, other, how: "value" }));
}
