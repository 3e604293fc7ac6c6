import { readFileSync } from "node:fs";

/** One value as the provider's published schema describes it. */
export interface Shape {
  readonly type: "string" | "integer" | "number" | "boolean" | "array" | "object";
  readonly items?: Shape;
  /** Values of a map; absent on an object with named properties. */
  readonly additionalProperties?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly secret?: boolean;
  readonly willReplaceOnChanges?: boolean;
  readonly default?: unknown;
}

/** The published face of one resource type: what it takes and what it gives. */
export interface ResourceShape {
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly outputs: Readonly<Record<string, Shape>>;
  readonly requiredInputs: readonly string[];
  readonly requiredOutputs: readonly string[];
}

/** The published face of a function: what it is asked and what it answers. */
export interface FunctionShape {
  readonly inputs: { readonly properties: Readonly<Record<string, Shape>>; readonly required?: readonly string[] };
  readonly outputs: { readonly properties: Readonly<Record<string, Shape>>; readonly required?: readonly string[] };
}

/** A shapes file: the part of a published schema that the catalogue uses, unchanged. */
export interface Shapes {
  readonly version: string;
  readonly resources: Readonly<Record<string, ResourceShape>>;
  readonly functions: Readonly<Record<string, FunctionShape>>;
}

/** What the published schemas lack and the recordings show: their texts were taken out, and with them every property called `aliases` or `description`. */
const supplements: Readonly<Record<string, Raw>> = {
  ...Object.fromEntries(
    ["ContainerNetworksAdvanced", "ServiceTaskSpecNetworksAdvanced"].map((name) => [
      `docker:index/${name}:${name}`,
      { aliases: { type: "array", items: { type: "string" }, willReplaceOnChanges: true } },
    ]),
  ),
  "github:index/IssueLabelsLabel:IssueLabelsLabel": { description: { type: "string" } },
  "github:index/repository:Repository": { description: { type: "string" } },
};

type Raw = Record<string, unknown> & { $ref?: string; oneOf?: unknown };

/** Reads `shapes/<provider>.json` and puts each nested type in the place of its reference. */
export function loadShapes(provider: string): Shapes {
  const file = JSON.parse(readFileSync(new URL(`shapes/${provider}.json`, import.meta.url), "utf8")) as {
    version: string;
    resources: Record<string, ResourceShape>;
    functions?: Record<string, FunctionShape>;
    types: Record<string, Raw>;
  };
  const named = new Map<string, Shape>();

  const resolve = (raw: Raw): Shape => {
    // An enum of strings is offered as `oneOf` with a plain string: what counts is the plain type.
    if (raw.oneOf !== undefined || raw.$ref === undefined) return nested(raw);
    const name = raw.$ref.replace("#/types/", "");
    const known = named.get(name);
    if (known) return known;
    const shape: Record<string, unknown> = {};
    named.set(name, shape as unknown as Shape); // before descending: types may refer to themselves
    const type = file.types[name] ?? { type: "string" };
    const properties = supplements[name] ? { ...supplements[name], ...(type.properties as Raw) } : type.properties;
    Object.assign(shape, nested({ ...type, ...(properties ? { properties } : {}) }));
    return raw.secret === true || raw.willReplaceOnChanges === true
      ? ({ ...shape, ...raw, type: shape.type } as unknown as Shape)
      : (shape as unknown as Shape);
  };
  const nested = (raw: Raw): Shape => ({
    ...(raw as unknown as Shape),
    ...(raw.items ? { items: resolve(raw.items as Raw) } : {}),
    ...(raw.additionalProperties ? { additionalProperties: resolve(raw.additionalProperties as Raw) } : {}),
    ...(raw.properties ? { properties: all(raw.properties as Record<string, Raw>) } : {}),
  });
  const all = (raws: Record<string, unknown>): Record<string, Shape> =>
    Object.fromEntries(Object.entries(raws).map(([name, raw]) => [name, resolve(raw as Raw)]));

  const resources = Object.fromEntries(
    Object.entries(file.resources).map(([token, resource]) => [
      token,
      {
        ...resource,
        inputs: all({ ...resource.inputs, ...supplements[token] }),
        outputs: all({ ...resource.outputs, ...supplements[token] }),
      },
    ]),
  );
  return { version: file.version, resources, functions: file.functions ?? {} };
}

/** Every nested type that `token` leads to, by name; used when a shapes file is made. */
export function typesBehind(
  schema: { readonly resources: Readonly<Record<string, unknown>>; readonly types: Readonly<Record<string, unknown>> },
  tokens: readonly string[],
): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    for (const match of JSON.stringify(value).matchAll(/"#\/types\/([^"]+)"/g)) {
      const name = match[1] ?? "";
      if (found.has(name)) continue;
      found.add(name);
      visit(schema.types[name]);
    }
  };
  for (const token of tokens) visit(schema.resources[token]);
  return [...found].sort();
}
