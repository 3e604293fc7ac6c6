/** What a stack may do less well than its environment demands, once its file says so by name. The text says what that costs. */
export const deviations = {
  "one-replica": "losing a machine is an outage until the platform has started another one",
  "no-standby": "losing the database's machine is an outage until its backup is restored",
  "no-rate-limit": "one visitor can ask as often as he likes, unless the services limit him themselves",
  "nobody-told": "that production is down is noticed by its users first",
  "data-not-kept": "what is deleted by mistake is gone, with its backups",
  "overlap-not-over": "what is still encrypted with a key that goes can never be opened again",
} as const;

/** The name of a deviation, as it stands under `acknowledge`. */
export type Deviation = keyof typeof deviations;

/** Which deviations a stack file acknowledges, and which of them it turned out to need. */
export class Acknowledged {
  readonly #given: ReadonlySet<string>;
  readonly #needed = new Set<string>();

  constructor(given: unknown) {
    this.#given = new Set(Array.isArray(given) ? given.filter((name) => typeof name === "string") : []);
  }

  /** Whether a deviation that occurs is acknowledged. */
  covers(name: Deviation): boolean {
    this.#needed.add(name);
    return this.#given.has(name);
  }

  /** What is acknowledged and does not occur: it would hide the day on which it does. */
  unused(): string[] {
    return [...this.#given].filter((name) => Object.hasOwn(deviations, name) && !this.#needed.has(name));
  }
}
