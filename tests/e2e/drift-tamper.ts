import type { ResourceShape, Shape } from "../../sandbox/catalogue/shape.ts";

/** One change that somebody could make by hand, as a function of what is there. */
export interface Tampering {
  readonly path: string;
  readonly apply: (outputs: Record<string, unknown>) => Record<string, unknown>;
}

/** Each property that a resource reads back, changed by itself: texts, numbers and switches, elements that go, and fields that nobody had set. */
export function tamperings(shape: ResourceShape, outputs: Record<string, unknown>): Tampering[] {
  return Object.entries(outputs)
    .filter(([name]) => name !== "id" && shape.outputs[name] !== undefined)
    .flatMap(([name, value]) => changed(shape.outputs[name] as Shape, value).map(([path, other]) => [name + path, name, other] as const))
    .map(([path, name, other]) => ({ path, apply: (given) => ({ ...given, [name]: other }) }));
}

/** The value with one thing changed in it, for each thing, with the path to it. */
function changed(shape: Shape, value: unknown): [string, unknown][] {
  if (value === null || value === undefined) {
    const set = some(shape);
    return set === undefined ? [] : [["", set]];
  }
  // Another hour, since the plugin takes what is behind the minutes for nothing.
  if (typeof value === "string") return [["", /^\d\d:\d\d/.test(value) ? `1${value.slice(1).replace("3", "4")}` : `${value}x`]];
  if (typeof value === "number") return [["", value + 1]];
  if (typeof value === "boolean") return [["", !value]];
  if (Array.isArray(value)) {
    const items = shape.items ?? { type: "string" };
    const added = some(items);
    return [
      ...value.map((_, index): [string, unknown] => [`[${index}] goes`, value.toSpliced(index, 1)]),
      ...(added === undefined ? [] : [["[] comes", [...(value as unknown[]), added]] as [string, unknown]]),
      ...value.flatMap((one, index) =>
        changed(items, one).map(([path, other]): [string, unknown] => [`[${index}]${path}`, value.with(index, other)]),
      ),
    ];
  }
  return Object.entries(value).flatMap(([name, field]) => {
    const of = shape.properties?.[name] ?? shape.additionalProperties;
    return of === undefined
      ? []
      : changed(of, field).map(([path, other]): [string, unknown] => [`.${name}${path}`, { ...value, [name]: other }]);
  });
}

/** Something that was not there. */
function some(shape: Shape): unknown {
  switch (shape.type) {
    case "string":
      return "by hand";
    case "integer":
    case "number":
      return 7;
    case "boolean":
      return true;
    case "array": {
      const one = shape.items && some(shape.items);
      return one === undefined ? undefined : [one];
    }
    case "object": {
      const [name, field] = Object.entries(shape.properties ?? {}).find(([, of]) => of.type === "string") ?? [];
      return name === undefined || field === undefined ? undefined : { [name]: "by hand" };
    }
  }
}
