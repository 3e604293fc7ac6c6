import type { Properties } from "../cloud/store.ts";
import type { ResourceKind } from "../catalogue/kind.ts";
import { matches } from "../catalogue/kind.ts";
import type { ResourceShape, Shape } from "../catalogue/shape.ts";
import { isObject, isPresent, toStateForm, unknown } from "../catalogue/values.ts";
import { isAutonamed } from "./check.ts";

export type ChangeKind = "add" | "delete" | "update";
export interface Change {
  readonly kind: ChangeKind;
  readonly replace: boolean;
}

export interface Plan {
  /** Changes by exact path. */
  readonly changes: ReadonlyMap<string, Change>;
  /** Top-level properties that change, and those that make the resource be replaced. */
  readonly diffs: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Plugins of the newer framework name the properties, not the paths. */
  readonly detailed: boolean;
}

/** An input that the provider fills in when it is left out: optional to set, always there to read. */
export const isComputed = (kind: ResourceKind, shape: ResourceShape, name: string): boolean =>
  !(name in shape.inputs) ||
  matches(name, kind.computed) ||
  (!shape.requiredInputs.includes(name) && shape.requiredOutputs.includes(name) && !(name in (kind.defaults ?? {})));

/** The state that the inputs ask for: what is computed stays as it was (unknown where there is nothing yet). */
export function planState(kind: ResourceKind, shape: ResourceShape, inputs: Properties, prior: Properties | undefined): Properties {
  const planned: Properties = {};
  for (const [name, of] of Object.entries(shape.outputs)) {
    const input = inputs[name];
    if (input !== undefined && input !== null) {
      const value = toStateForm(kind, of, input, name, inputs);
      planned[name] = prior ? keepComputed(kind, of, value, input, prior[name], name) : value;
    } else if (isComputed(kind, shape, name)) planned[name] = prior ? prior[name] : unknown;
    else planned[name] = kind.absent?.[name] ?? null;
  }
  for (const [input, outputs] of Object.entries(kind.recomputes ?? {})) {
    if (!prior || planned[input] === prior[input]) continue;
    for (const name of outputs) if (!(name in inputs)) planned[name] = unknown;
  }
  return planned;
}

/** Fields of blocks that the provider fills in: left out, they are what they were. */
function keepComputed(kind: ResourceKind, shape: Shape, value: unknown, input: unknown, prior: unknown, path: string): unknown {
  if (matches(path, kind.computed) && !isPresent(input)) return prior ?? value;
  if (Array.isArray(value) && shape.items && !matches(path, kind.sets)) {
    const items = shape.items;
    const before: unknown[] = Array.isArray(prior) ? prior : [];
    const given: unknown[] = Array.isArray(input) ? input : [];
    return value.map((element, index) => keepComputed(kind, items, element, given[index], before[index], `${path}[${index}]`));
  }
  if (isObject(value) && shape.properties) {
    const before = isObject(prior) ? prior : {};
    const given = isObject(input) ? input : {};
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => {
        const of = shape.properties?.[name];
        return [name, of ? keepComputed(kind, of, field, given[name], before[name], `${path}.${name}`) : field];
      }),
    );
  }
  return value;
}

/** How the state would have to change for the inputs to hold; `ignored` are paths that must not. Pure. */
export function diff(
  kind: ResourceKind,
  shape: ResourceShape,
  prior: Properties,
  inputs: Properties,
  ignored: readonly string[] = [],
): Plan {
  const changes = new Map<string, Change>();
  /** Properties that replace though no path says so. */
  const quietly = new Set<string>();
  const planned = planState(kind, shape, inputs, prior);

  const top = (path: string): string => /^[^.[]+/.exec(path)?.[0] ?? path;

  const add = (path: string, change: ChangeKind, replace: boolean): void => {
    if (!ignored.some((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`)))
      changes.set(path, { kind: change, replace: replace || kind.provider === "framework" });
  };

  const compare = (path: string, of: Shape, before: unknown, after: unknown, input: unknown): void => {
    // A value that the provider computes and nobody asks for is no change, nor is a field of a block that is empty either way.
    if (after !== unknown && !isPresent(before) && !isPresent(after)) return;
    if (after === unknown || !isPresent(before) || !isPresent(after)) {
      if (isZero(of, before) && isZero(of, after)) return;
      const kindOfChange = !isPresent(before) ? "add" : isPresent(after) ? "update" : "delete";
      return add(path, kindOfChange, triggersReplace(of, isPresent(after) ? after : before));
    }
    if (Array.isArray(before) && Array.isArray(after) && of.items) {
      const items = within(of, of.items);
      if (matches(path, kind.sets)) return compareSets(path, of, items, before, after, Array.isArray(input) ? input : []);
      for (let index = 0; index < Math.max(before.length, after.length); index++) {
        compare(`${path}[${index}]`, items, before[index], after[index], Array.isArray(input) ? input[index] : undefined);
      }
      return;
    }
    if (isObject(before) && isObject(after)) {
      const names = of.properties ? Object.keys(of.properties) : [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
      for (const name of names) {
        const field = of.properties?.[name] ?? within(of, of.additionalProperties ?? { type: "string" });
        compare(`${path}.${name}`, field, before[name], after[name], isObject(input) ? input[name] : undefined);
      }
      return;
    }
    const known = kind.canonical ? kind.canonical(path, before, inputs) : before;
    if (known !== after)
      add(path, input === undefined && matches(path, kind.dropped) ? "delete" : "update", of.willReplaceOnChanges === true);
  };

  // Elements of a set have no place of their own: gone ones are named by their place in the state, new ones by their place in the inputs.
  const compareSets = (path: string, of: Shape, items: Shape, before: unknown[], after: unknown[], input: unknown[]): void => {
    const isComputedField = (name: string): boolean => matches(`${path}[0].${name}`, kind.computed);
    const identity = (element: unknown): string =>
      isObject(element)
        ? JSON.stringify(
            Object.entries(element)
              .filter(([name]) => items.properties?.[name] !== undefined && !(isComputedField(name) && !isAsked(name)))
              .sort(([a], [b]) => (a < b ? -1 : 1)),
          )
        : JSON.stringify(element);
    const isAsked = (name: string): boolean => input.some((element) => isObject(element) && isPresent(element[name]));
    const had = new Map(before.map((element, index) => [identity(element), index]));
    const wants = new Map(after.map((element, index) => [identity(element), index]));
    const removed = [...had].filter(([key]) => !wants.has(key)).map(([, index]) => index);
    const added = [...wants].filter(([key]) => !had.has(key)).map(([, index]) => index);
    if (removed.length === 0 && added.length === 0) return;
    if (matches(path, kind.whole)) {
      if (triggersReplace(items, [...removed.map((index) => before[index]), ...added.map((index) => after[index])][0]))
        quietly.add(top(path));
      return add(path, "update", false);
    }

    const places = new Map<number, unknown>();
    for (const index of added) {
      const place = input.findIndex((element, at) => !places.has(at) && comesFrom(element, after[index]));
      if (place < 0) return add(path, "update", of.willReplaceOnChanges === true);
      places.set(place, after[index]);
    }
    for (const index of new Set([...removed, ...places.keys()])) {
      compare(`${path}[${index}]`, items, removed.includes(index) ? before[index] : undefined, places.get(index), input[index]);
    }
  };

  for (const [name, of] of Object.entries(shape.outputs)) {
    compare(name, shape.inputs[name] ?? of, prior[name], planned[name], inputs[name]);
  }

  const replacing = quietly.size > 0 || [...changes.values()].some(({ replace }) => replace);
  for (const path of changes.size > 0 ? (kind.unsettled ?? []).flatMap((one) => inLists(one, inputs, [...changes.keys()])) : []) {
    if (path.includes("[")) {
      add(path, "add", false);
      continue;
    }
    const steps = path.split(".");
    const of = steps.reduce<Shape | undefined>((inner, name) => inner?.properties?.[name], { type: "object", properties: shape.inputs });
    const reach = (values: unknown): unknown => steps.reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), values);
    if (!isPresent(reach(prior)) && !isPresent(reach(inputs))) add(path, "add", replacing && of?.willReplaceOnChanges === true);
  }

  const diffs = [...new Set([...changes.keys()].map(top))].sort();
  const replaces = [...new Set([...quietly, ...[...changes].filter(([, change]) => change.replace).map(([path]) => top(path))])].sort();
  const named = isAutonamed(shape) && !(Array.isArray(inputs.__defaults) && inputs.__defaults.includes("name"));
  const detailed = kind.provider !== "framework";
  return { changes, diffs, replaces, deleteBeforeReplace: detailed && replaces.length > 0 && named, detailed };
}

/** An unsettled field of each element of a list that holds its block and does not set it; nothing where the list changes otherwise. */
function inLists(path: string, inputs: Properties, changed: readonly string[]): string[] {
  const [list = "", rest] = path.split("[*].");
  if (rest === undefined) return [path];
  const elements = inputs[list];
  if (!Array.isArray(elements) || changed.some((one) => one.startsWith(list))) return [];
  const steps = rest.split(".");
  const last = steps.pop() ?? "";
  return elements.flatMap((element: unknown, index) => {
    const block = steps.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), element);
    return isObject(block) && !isPresent(block[last]) ? [`${list}[${index}].${rest}`] : [];
  });
}

/** That a list or a map of plain values replaces is said of the whole, and shown at its elements. */
const within = (of: Shape, element: Shape): Shape =>
  of.willReplaceOnChanges && !element.properties ? { ...element, willReplaceOnChanges: true } : element;

/** Whether a planned element is what this input says, apart from what the provider fills in. */
function comesFrom(input: unknown, planned: unknown): boolean {
  if (input === unknown || planned === unknown) return false;
  if (Array.isArray(input) && Array.isArray(planned)) return input.every((element, index) => comesFrom(element, planned[index]));
  if (!isObject(input) || !isObject(planned)) return input === planned;
  return Object.entries(input).every(
    ([name, value]) => name === "__defaults" || value === planned[name] || (typeof value === "object" && comesFrom(value, planned[name])),
  );
}

function isZero(shape: Shape, value: unknown): boolean {
  return !isPresent(value) || (shape.type !== "object" && shape.type !== "array" && (value === "" || value === 0 || value === false));
}

/** A block that comes or goes replaces when it, or anything that it holds, replaces. */
function triggersReplace(shape: Shape, value: unknown): boolean {
  if (shape.willReplaceOnChanges) return true;
  if (Array.isArray(value) && shape.items) return value.some((element) => triggersReplace(shape.items as Shape, element));
  if (!isObject(value) || !shape.properties) return false;
  return Object.entries(value).some(
    ([name, field]) => isPresent(field) && shape.properties?.[name] !== undefined && triggersReplace(shape.properties[name], field),
  );
}
