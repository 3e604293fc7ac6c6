import type { Look } from "./copy.ts";
import { bare } from "./held.ts";

/**
 * What is in a stack's own project at the cloud, and not in its state: the only place of which it is certain that what is in it belongs to the
 * system. Names and tags prove nothing. By the cloud's own names, such as `do:droplet:4711`. Pure.
 */
export function unmanagedIn({ expected, actual }: Pick<Look, "expected" | "actual">): string[] {
  const held = new Set(expected.filter(({ type }) => !type.endsWith(":Project")).flatMap(({ outputs }) => namesIn(bare(outputs))));
  return expected
    .filter(({ type }) => type.endsWith(":Project"))
    .flatMap(({ urn }) => listOf(actual.get(urn)?.outputs["resources"]))
    .filter((name) => !held.has(name))
    .sort();
}

/** The cloud's names of all that outputs hold. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(namesIn);
  return typeof value === "string" && /^do:[a-z_]+:\S+$/.test(value) ? [value] : [];
}

const listOf = (value: unknown): string[] => {
  const list = bare(value);
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
};
