import { readShared } from "./shared.ts";

/** A schema of an OpenAPI description, as far as requests need it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly readOnly?: boolean;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly discriminator?: { readonly propertyName: string; readonly mapping?: Readonly<Record<string, string>> };
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

interface Operation {
  readonly requestBody?: { readonly $ref?: string; readonly content?: Readonly<Record<string, { readonly schema: Schema }>> };
}

type Values = Readonly<Record<string, unknown>>;

/** Checks request bodies against a published description. Knows of OpenAPI what DigitalOcean's uses. */
export class OpenApi {
  readonly #description: Values;

  constructor(file: string) {
    this.#description = readShared<Values>(file) ?? {};
  }

  /** What is wrong with the body of a request; empty where nothing is. */
  check(method: string, path: string, body: unknown): string[] {
    const operation = (this.#description.paths as Record<string, Record<string, Operation>> | undefined)?.[path]?.[method];
    const request = operation?.requestBody && this.#resolve(operation.requestBody);
    const schema = request?.content?.["application/json"]?.schema;
    if (!schema) return [`the description has no ${method} ${path}`];
    return this.#visit(schema, body, "");
  }

  #resolve<T extends { readonly $ref?: string }>(value: T): T {
    if (value.$ref === undefined) return value;
    const keys = value.$ref
      .slice(2)
      .split("/")
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    return this.#resolve(keys.reduce<unknown>((inner, key) => (inner as Values)[key], this.#description) as T);
  }

  #visit(schema: Schema, value: unknown, path: string): string[] {
    const problems = this.#problems(schema, value, path);
    if (!isValues(value)) return problems;
    const known = this.#keys(schema, value);
    if (known === undefined) return problems;
    const unknown = Object.keys(value).filter((key) => !known.has(key));
    return [...problems, ...unknown.map((key) => `${join(path, key)}: is not in the description`)];
  }

  #problems(reference: Schema, value: unknown, path: string): string[] {
    const schema = this.#resolve(reference);
    const at = path === "" ? "body" : path;
    if (value === null) return schema.nullable ? [] : [`${at}: must not be null`];
    if (schema.type !== undefined && !hasType(schema.type, value)) return [`${at}: must be ${schema.type}, is ${JSON.stringify(value)}`];
    const problems = (schema.allOf ?? []).flatMap((part) => this.#problems(part, value, path));
    const choices = this.#choices(schema, value).map((choice) => this.#visit(choice, value, path));
    const best = choices.sort((a, b) => a.length - b.length)[0];
    if (best) problems.push(...best);
    const fail = (broken: boolean, text: string): void => void (broken && problems.push(`${at}: ${text}, is ${JSON.stringify(value)}`));
    if (schema.enum) fail(!schema.enum.includes(value), `must be one of ${schema.enum.join(", ")}`);
    if (typeof value === "string") {
      if (schema.pattern !== undefined) fail(!new RegExp(schema.pattern).test(value), `must match ${schema.pattern}`);
      fail(value.length < (schema.minLength ?? 0), `must have ${schema.minLength} characters or more`);
      fail(value.length > (schema.maxLength ?? Infinity), `must have ${schema.maxLength} characters or fewer`);
    }
    if (typeof value === "number") {
      fail(value < (schema.minimum ?? -Infinity), `must be ${schema.minimum} or more`);
      fail(value > (schema.maximum ?? Infinity), `must be ${schema.maximum} or less`);
    }
    if (Array.isArray(value)) {
      fail(value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity), "has the wrong number of elements");
      if (schema.items)
        value.forEach((element, index) => problems.push(...this.#visit(schema.items as Schema, element, `${path}[${index}]`)));
    }
    if (isValues(value)) {
      for (const [name, field] of Object.entries(schema.properties ?? {})) {
        if (value[name] === undefined) continue;
        if (this.#resolve(field).readOnly) problems.push(`${join(path, name)}: can only be read`);
        problems.push(...this.#visit(field, value[name], join(path, name)));
      }
      // An uptime check is said to require a `method` that it does not have: such a demand cannot be met.
      const described = this.#keys(schema, value);
      for (const name of (schema.required ?? []).filter((one) => described?.has(one) ?? true))
        if (value[name] === undefined && !(schema.properties?.[name] && this.#resolve(schema.properties[name]).readOnly))
          problems.push(`${join(path, name)}: is required`);
    }
    return problems;
  }

  /** Alternatives: the one that the discriminator names, or all of them. */
  #choices({ anyOf, oneOf, discriminator }: Schema, value: unknown): readonly Schema[] {
    const named = isValues(value) && discriminator?.mapping?.[String(value[discriminator.propertyName])];
    return named ? [{ $ref: named }] : (anyOf ?? oneOf ?? []);
  }

  /** Every key that a schema describes; undefined where it takes any. */
  #keys(reference: Schema, value: Values): Set<string> | undefined {
    const schema = this.#resolve(reference);
    const parts = [...(schema.allOf ?? []), ...this.#choices(schema, value)];
    if (schema.additionalProperties || (!schema.properties && parts.length === 0)) return undefined;
    const inner = parts.map((part) => this.#resolve(part)).filter((part) => Object.keys(part).some((key) => key !== "deprecated"));
    const sets = inner.map((part) => this.#keys(part, value) ?? new Set<string>());
    return new Set([...Object.keys(schema.properties ?? {}), ...sets.flatMap((set) => [...set])]);
  }
}

const isValues = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);
const join = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

export function hasType(type: string, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  return type === "object" ? isValues(value) : typeof value === type;
}
