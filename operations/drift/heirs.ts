import type { Look } from "./copy.ts";
import { bare, type Held } from "./held.ts";
import type { Finding } from "./judge.ts";

/** Shorter values, such as a port, are in everything by chance. */
const shortest = 8;

/**
 * Who was given a value that the cloud made up, and so has the old one: `App app (spec)`. Taking the new value into the state changes them with
 * the next `up`. Pure.
 */
export function heirsOf(expected: Look["expected"], from: Held, value: unknown): string[] {
  const text = bare(value);
  if (typeof text !== "string" || text.length < shortest) return [];
  const forms = [text, encodeURIComponent(text)].map((form) => JSON.stringify(form).slice(1, -1));
  return expected
    .filter(({ urn, isComponent }) => !isComponent && urn !== from.urn)
    .flatMap(({ type, name, inputs }) => {
      const where = Object.keys(inputs).filter((input) => {
        const given = JSON.stringify(bare(inputs[input])) ?? "";
        return forms.some((form) => given.includes(form));
      });
      return where.length === 0 ? [] : [`${type.split(":").at(-1)} ${name} (${where.sort().join(", ")})`];
    })
    .sort();
}

/** What the next preview changes once the state has what is there, and why; empty where it changes nothing. Whole sentences. Pure. */
export function heirWords({ properties }: Pick<Finding, "properties">): string {
  return properties
    .flatMap(({ path, heirs = [] }) =>
      heirs.length === 0
        ? []
        : [
            `${path}: ${heirs.join(" and ")} ${heirs.length === 1 ? "has" : "have"} the old value, so the next preview changes ${heirs.length === 1 ? "it" : "them"}.`,
          ],
    )
    .join(" ");
}
