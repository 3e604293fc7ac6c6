import { readShared } from "./shared.ts";

/** One property as the provider's schema publishes it. */
export interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly oneOf?: readonly Property[];
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: unknown }[];
  readonly const?: unknown;
  readonly secret?: boolean;
  readonly willReplaceOnChanges?: boolean;
}

export interface PublishedResource {
  readonly inputs: Readonly<Record<string, Property>>;
  readonly outputs: Readonly<Record<string, Property>>;
  readonly requiredInputs: readonly string[];
  readonly requiredOutputs: readonly string[];
}

/** A provider's published schema. Reads nothing of the sandbox. */
export class Published {
  readonly version: string;
  readonly resources: Readonly<Record<string, PublishedResource>>;
  readonly types: Readonly<Record<string, Property>>;

  constructor(provider: string) {
    const file = readShared<Pick<Published, "version" | "resources" | "types">>(`schemas/${provider}.json`);
    this.version = file?.version ?? "";
    this.resources = file?.resources ?? {};
    this.types = file?.types ?? {};
  }

  /** A property with the nested type that it refers to. An enum of strings takes any string: its values are suggestions. */
  resolve(property: Property): Property {
    if (property.oneOf || property.$ref === undefined) return property;
    const type = this.types[property.$ref.replace("#/types/", "")];
    return type ? { ...type, ...property, type: type.type ?? "object" } : property;
  }

  /** A value with everything in it that a property can hold. */
  sample(property: Property, seen: readonly string[] = []): unknown {
    const name = property.$ref ?? "";
    if (name !== "" && seen.includes(name)) return undefined; // a type that holds itself
    const of = this.resolve(property);
    const inner = [...seen, name];
    if (of.const !== undefined) return of.const;
    if (of.enum?.[0]) return of.enum[0].value;
    if (of.items) return [this.sample(of.items, inner)];
    if (of.properties)
      return Object.fromEntries(
        Object.entries(of.properties).flatMap(([key, field]) => {
          const value = this.sample(field, inner);
          return value === undefined ? [] : [[key, value]];
        }),
      );
    if (of.type === "object") return { key: this.sample(of.additionalProperties ?? { type: "string" }, inner) };
    if (of.type === "integer" || of.type === "number") return 1;
    return of.type === "boolean" ? true : "x";
  }

  /** Everything that `value` holds, with the property that describes it, outer ones first. */
  *places(
    fields: Readonly<Record<string, Property>>,
    required: readonly string[],
    value: Readonly<Record<string, unknown>>,
    path: readonly (string | number)[] = [],
  ): Generator<Place> {
    for (const [name, property] of Object.entries(fields)) {
      if (value[name] === undefined) continue;
      let of = this.resolve(property);
      let inner: unknown = value[name];
      let at: (string | number)[] = [...path, name];
      yield { path: at, property: of, required: required.includes(name) };
      while (of.items) [of, inner, at] = [this.resolve(of.items), (inner as unknown[])[0], [...at, 0]];
      if (of.properties) yield* this.places(of.properties, of.required ?? [], inner as Record<string, unknown>, at);
    }
  }
}

export interface Place {
  readonly path: readonly (string | number)[];
  readonly property: Property;
  readonly required: boolean;
}
