import { differences, isNamed, places, valueAt, type Values } from "./values.ts";

/** The lists that a path goes through, outermost first: `spec.services`, `spec.services[0].envs`. */
const listsOn = (path: string): string[] => [...path.matchAll(/\[\d+\]/g)].map(({ index }) => path.slice(0, index));

/** Whether elements of a list stand at other places than before, or make room for others. */
const isMoved = (from: unknown, to: unknown): boolean =>
  Array.isArray(from) &&
  Array.isArray(to) &&
  places(from, to).some(([was, is]) => was !== is && (was ?? 0) < to.length && (is ?? 0) < from.length);

/**
 * Whether nothing differs at a path that the engine names, and something does elsewhere in a list whose elements have no names: it counts by an
 * order of the provider's.
 */
function isElsewhere(path: string, list: string, before: Values | undefined, after: Values | undefined): boolean {
  const [from, to] = [valueAt(before, list), valueAt(after, list)];
  if (!Array.isArray(from) || !Array.isArray(to) || isNamed(from, to)) return false;
  return differences(valueAt(before, path), valueAt(after, path), path).length === 0 && differences(from, to, list).length > 0;
}

/**
 * The paths at which the differences that the engine names are to be looked for. It compares lists by position: where the third of nine variables
 * goes, it says that six became others (`envs[3].key`, `envs[3].type` …), and of a provider's sets it names places that neither side has. All of
 * that is one difference of the list. Pure.
 */
export function whereMoved(paths: readonly string[], before: Values | undefined, after: Values | undefined): (path: string) => string {
  const moved = new Set<string>();
  for (const path of paths) {
    const lists = listsOn(path);
    const list = lists.find((one) => isMoved(valueAt(before, one), valueAt(after, one)));
    const last = lists.at(-1);
    if (list !== undefined) moved.add(list);
    else if (last !== undefined && isElsewhere(path, last, before, after)) moved.add(last);
  }
  return (path) => listsOn(path).find((list) => moved.has(list)) ?? path;
}
