import type { Shape } from "./shape.ts";
import type { Properties } from "../cloud/store.ts";
import { matches, pattern, type ResourceKind } from "./kind.ts";

/** What the engine sends for a value that is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const isObject = (value: unknown): value is Properties => typeof value === "object" && value !== null && !Array.isArray(value);

/** A plain value as text; nothing for one that is missing. */
export const text = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** Null, missing and empty lists are one thing to the plugins. */
export const isPresent = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

export function containsUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

/** What a field inside a block reads back as when nobody set it. */
function zero(shape: Shape): unknown {
  switch (shape.type) {
    case "string":
      return "";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return null;
  }
}

function unsetOf(kind: ResourceKind, path: string, shape: Shape): unknown {
  const place = pattern(path);
  return kind.unset && place in kind.unset ? kind.unset[place] : zero(shape);
}

/** Inputs in the form in which the state holds them: fields of blocks filled in, values canonical, sets in their order. */
export function toStateForm(kind: ResourceKind, shape: Shape, value: unknown, path: string, inputs: Properties): unknown {
  if (value === unknown) return value;
  if (value === undefined || value === null) return unsetOf(kind, path, shape);
  const canonical = kind.canonical ? kind.canonical(path, value, inputs) : value;
  if (Array.isArray(canonical) && shape.items) {
    const items = shape.items;
    const elements = canonical.map((element, index) => toStateForm(kind, items, element, `${path}[${index}]`, inputs));
    return matches(path, kind.sets) ? sortSet(elements) : elements;
  }
  if (isObject(canonical) && shape.properties) {
    return Object.fromEntries(
      Object.entries(shape.properties).map(([name, nested]) => [
        name,
        toStateForm(kind, nested, canonical[name], `${path}.${name}`, inputs),
      ]),
    );
  }
  return canonical;
}

/** A set has the order of its elements' texts, fields by name; that is how it stands in the state. */
export function sortSet(elements: readonly unknown[]): unknown[] {
  return elements
    .map((element) => ({ element, text: setText(element) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ element }) => element);
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function setText(value: unknown): string {
  if (!isObject(value)) return JSON.stringify(value) ?? "";
  return Object.entries(value)
    .map(([name, field]) => [snake(name), field] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, field]) => JSON.stringify(field))
    .join(";");
}

/** The inputs that a read gives back: what the object now holds, for the keys that were asked for (all of them on import). */
export function projectInputs(
  kind: ResourceKind,
  shapes: Readonly<Record<string, Shape>>,
  outputs: Properties,
  old: Properties | undefined,
): Properties {
  const bridged = kind.provider !== "framework";
  const result: Properties = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const value = outputs[name];
    if (old ? !(name in old) : !isSet(value)) continue;
    if (value === undefined || value === null) continue;
    result[name] = project(shape, value, old?.[name], bridged);
  }
  if (bridged) result.__defaults = old?.__defaults ?? [];
  return result;
}

const isSet = (value: unknown): boolean => isPresent(value) && value !== "" && value !== 0 && value !== false;

function project(shape: Shape, value: unknown, old: unknown, bridged: boolean): unknown {
  if (Array.isArray(value) && shape.items) {
    const items = shape.items;
    const before = Array.isArray(old) ? old : [];
    return value.map((element, index) => project(items, element, before[index], bridged));
  }
  if (isObject(value) && shape.properties) {
    const before = isObject(old) ? old : undefined;
    const result: Properties = bridged ? { __defaults: before?.__defaults ?? [] } : {};
    for (const [name, nested] of Object.entries(shape.properties)) {
      const field = value[name];
      if (before ? !(name in before) || field === null || field === undefined : !isSet(field)) continue;
      result[name] = project(nested, field, before?.[name], bridged);
    }
    return result;
  }
  return value;
}
