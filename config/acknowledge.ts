import { didYouMean, list, quote } from "./problems.ts";
import { contentRules } from "./rules/table.ts";

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

/** `<rule>:<VARIABLE>` or `<rule>:<component>.<VARIABLE>`: a finding of a content rule that is wrong here. */
export const acceptedForm = /^([a-z-]+):(?:([a-z][a-z0-9-]*)\.)?([A-Za-z_][A-Za-z0-9_]*)$/;

/** Whether a name under `acknowledge` means this finding. Without a rule: any finding of the variable. */
export function accepts(
  name: string,
  { rule, service, variable }: { readonly rule: string | undefined; readonly service: string; readonly variable: string },
): boolean {
  const [, id, component, key] = acceptedForm.exec(name) ?? [];
  return key === variable && (rule === undefined || id === rule) && (component === undefined || service === "" || component === service);
}

/** What is wrong with a name under `acknowledge`; undefined where nothing is. */
export function acknowledgeProblem(name: string): string | undefined {
  if (Object.hasOwn(deviations, name)) return undefined;
  const [, id] = acceptedForm.exec(name) ?? [];
  if (id === undefined) {
    const way = name.includes(":") ? ' A finding is named as "<rule>:<VARIABLE>" or "<rule>:<component>.<VARIABLE>".' : "";
    return `${quote(name)} is not one of ${list(Object.keys(deviations))}.${way || didYouMean(name, Object.keys(deviations))}`;
  }
  const rule = contentRules.find((one) => one.id === id);
  const ids = contentRules.filter(({ final }) => final !== true).map((one) => one.id);
  if (rule === undefined) return `there is no rule ${quote(id)}.${didYouMean(id, ids) || ` Rules: ${list(ids)}.`}`;
  return rule.final === true ? `what the rule ${quote(id)} finds cannot be accepted. Change the value.` : undefined;
}

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

  /** Whether a finding about a setting of the stack file is accepted, whichever component it is for. */
  accepts(rule: string, variable: string): boolean {
    return [...this.#given].some((name) => accepts(name, { rule, service: "", variable }));
  }

  /** What is acknowledged and does not occur: it would hide the day on which it does. */
  unused(): string[] {
    return [...this.#given].filter((name) => Object.hasOwn(deviations, name) && !this.#needed.has(name));
  }
}
