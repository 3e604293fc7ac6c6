import { isNamed, namesIn, valueAt, type Values } from "./values.ts";

/** The lists that a path goes through, outermost first: `spec.services`, `spec.services[0].envs`. */
const listsOn = (path: string): string[] => [...path.matchAll(/\[\d+\]/g)].map(({ index }) => path.slice(0, index));

/** Whether elements of a list that are told apart by name stand at other places than before. */
function isMoved(from: unknown, to: unknown): boolean {
  if (!Array.isArray(from) || !Array.isArray(to) || !isNamed(from, to)) return false;
  const [was, is] = [namesIn(from), namesIn(to)];
  return was.some((name, at) => at < is.length && is[at] !== name);
}

/**
 * The path at which a difference is to be looked for. The engine compares lists by position: where the third of nine variables goes, it says that six
 * became others (`envs[3].key`, `envs[3].type` …). All of that is one difference of the list, whose elements have names. Pure.
 */
export const whereMoved = (path: string, before: Values | undefined, after: Values | undefined): string =>
  listsOn(path).find((list) => isMoved(valueAt(before, list), valueAt(after, list))) ?? path;
