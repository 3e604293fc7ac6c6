import { isDeepStrictEqual } from "node:util";
import { Secret, bare } from "./held.ts";

/** One property that is not what it was. */
export interface Difference {
  /** `spec.services[backend].envs[LOG_LEVEL].value`: elements of lists by their name where they have one. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
  /** Whether one of the two is marked as a secret, or stands in one. */
  readonly isSecret: boolean;
}

/**
 * Where two values differ, leaf by leaf. Nothing, null and what is empty are one where the other side has nothing, as the plugins have it.
 * Elements are compared by their names, so that a list in another order is the same. Pure.
 */
export function differences(expected: unknown, actual: unknown, path = "", isSecret = false): Difference[] {
  if (expected instanceof Secret || actual instanceof Secret) return differences(inner(expected), inner(actual), path, true);
  if (isSame(expected, actual)) return [];
  if (Array.isArray(expected) && Array.isArray(actual)) return ofLists(expected, actual, path, isSecret);
  if (isObject(expected) && isObject(actual)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
    return names.flatMap((name) => differences(expected[name], actual[name], path === "" ? name : `${path}.${name}`, isSecret));
  }
  // What came or went whole is told by its parts, so that each is judged by itself.
  if (isNothing(expected) && isParted(actual)) return differences(Array.isArray(actual) ? [] : {}, actual, path, isSecret);
  if (isNothing(actual) && isParted(expected)) return differences(expected, Array.isArray(expected) ? [] : {}, path, isSecret);
  return [{ path, expected: bare(expected), actual: bare(actual), isSecret }];
}

function ofLists(expected: readonly unknown[], actual: readonly unknown[], path: string, isSecret: boolean): Difference[] {
  const labels = labelsOf([expected, actual]);
  if (labels !== undefined) {
    const [before, after] = [new Map(expected.map((one) => [labels(one), one])), new Map(actual.map((one) => [labels(one), one]))];
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((label) => {
      const at = `${path}[${label}]`;
      // A named element that came or went is one thing to tell, with all that it holds.
      if (!before.has(label) || !after.has(label))
        return [{ path: at, expected: bare(before.get(label)), actual: bare(after.get(label)), isSecret }];
      return differences(before.get(label), after.get(label), at, isSecret);
    });
  }
  const left = [...actual];
  const gone = expected.filter((one) => {
    const at = left.findIndex((other) => isSame(one, other));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (expected.every(isPlain) && actual.every(isPlain))
    return gone.length + left.length === 0 ? [] : [{ path, expected: bare(expected), actual: bare(actual), isSecret }];
  return Array.from({ length: Math.max(gone.length, left.length) }, (_, index) => index).flatMap((index) => {
    const [before, after] = [gone[index], left[index]];
    const at = `${path}[${before === undefined ? actual.indexOf(after) : expected.indexOf(before)}]`;
    if (before === undefined || after === undefined) return [{ path: at, expected: bare(before), actual: bare(after), isSecret }];
    return differences(before, after, at, isSecret);
  });
}

/** How the elements of lists are called, where each has a name of its own in both. */
function labelsOf(lists: readonly (readonly unknown[])[]): ((element: unknown) => string) | undefined {
  const labels = lists.map((list) => list.map(labelOf));
  const isEach = labels.every((all) => all.every((one) => one !== undefined) && new Set(all).size === all.length);
  return isEach && labels.flat().length > 0 ? (element) => labelOf(element) ?? "" : undefined;
}

/** What an element of a list is called: a variable by its key, an alert by its rule. */
export function labelOf(element: unknown): string | undefined {
  const value = inner(element);
  if (!isObject(value)) return undefined;
  const called = [value["name"], value["key"], value["rule"]].map(inner).find((one) => typeof one === "string" && one !== "");
  return called as string | undefined;
}

/** What a path leads to, elements of lists by their names as {@link differences} calls them; undefined where it leads nowhere. */
export function valueAt(value: unknown, path: string): unknown {
  return (path.match(/[^.[\]]+|\[[^\]]*\]/g) ?? []).reduce<unknown>((from, step) => {
    const at = inner(from);
    if (!Array.isArray(at)) return isObject(at) ? at[step] : undefined;
    return at.find((one, index) => (labelOf(one) ?? String(index)) === step.slice(1, -1));
  }, value);
}

function isSame(a: unknown, b: unknown): boolean {
  const [one, other] = [bare(a), bare(b)];
  if (isDeepStrictEqual(one, other)) return true;
  return (isNothing(one) && isEmpty(other)) || (isNothing(other) && isEmpty(one));
}

const inner = (value: unknown): unknown => (value instanceof Secret ? inner(value.value) : value);
const isNothing = (value: unknown): boolean => value === undefined || value === null;
const isPlain = (value: unknown): boolean => !isParted(inner(value));
const isParted = (value: unknown): boolean => typeof value === "object" && value !== null;

/** What a plugin gives back for a property that nobody set. */
function isEmpty(value: unknown): boolean {
  if (isNothing(value) || value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmpty);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}
