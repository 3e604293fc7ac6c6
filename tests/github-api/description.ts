import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import type { OperationName } from "./operations.ts";

interface Schema {
  readonly [key: string]: unknown;
}
interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Content {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Operation {
  readonly operationId: OperationName;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
  readonly "x-github": { readonly enabledForGitHubApps: boolean };
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
type Components = Readonly<Record<string, Readonly<Record<string, Schema>>>>;

/** A request as it came. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What a request means. */
export interface Meant {
  readonly operation: OperationName;
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether tokens of a GitHub App may ask for it. */
  readonly isForApps: boolean;
}

/** GitHub's published description of its API, as far as {@link excerpt} took it. Requests and answers are held to it. */
class Description {
  readonly #paths: Paths;
  readonly #components: Components;
  // What OpenAPI adds to JSON Schema is unknown to a strict validator.
  readonly #ajv = new Ajv({ strict: false, allErrors: true, verbose: true });
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #samples = new Map<string, Schema>();

  constructor() {
    const read = JSON.parse(readFileSync(new URL("description.json", import.meta.url), "utf8")) as Schema;
    this.#paths = read["paths"] as Paths;
    this.#components = jsonSchema(read["components"]) as Components;
    addFormats.default(this.#ajv);
  }

  /** How many operations there are. */
  get size(): number {
    return Object.values(this.#paths).flatMap((methods) => Object.keys(methods)).length;
  }

  /** What is wrong with a request, in words; and what it means, unless nothing like it is published. */
  read(request: Request): { problems: string[]; meant?: Meant } {
    const found = Object.entries(this.#paths).flatMap(([path, methods]) => {
      const matched = pattern(path).exec(request.path);
      const operation = methods[request.method.toLowerCase()];
      return matched && operation ? [{ operation, named: matched.groups ?? {} }] : [];
    })[0];
    if (!found) return { problems: [`${request.method} ${request.path} is not published, or not known here`] };
    const { operation, named } = found;
    const path = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, decodeURIComponent(value)]));
    const { problems, body } = this.#readBody(operation, request);
    problems.push(...this.#parameters(operation, "path", path), ...this.#parameters(operation, "query", Object.fromEntries(request.query)));
    problems.push(...headerProblems(request));
    const meant = {
      operation: operation.operationId,
      parameters: { ...path, ...Object.fromEntries(request.query) },
      body,
      isForApps: operation["x-github"].enabledForGitHubApps,
    };
    return { problems: problems.map((problem) => `${request.method} ${request.path}: ${problem}`), meant };
  }

  /** What is wrong with an answer of ours. */
  answerProblems(name: OperationName, status: number, answer: unknown): string[] {
    const operation = Object.values(this.#paths)
      .flatMap((methods) => Object.values(methods))
      .find(({ operationId }) => operationId === name)!;
    const published = operation.responses[String(status)];
    // Any operation may be refused, also where that is not published.
    if (!published)
      return status >= 400
        ? this.#validate("basic-error", { $ref: "#/components/schemas/basic-error" }, answer)
        : [`${name} answers no ${status}`];
    const content = this.#resolve(published).content?.["application/json"];
    if (!content) return answer === undefined ? [] : [`${name} answers ${status} with nothing`];
    return this.#validate(`${name} ${status}`, content.schema, answer).map((problem) => `our answer to ${name}: ${problem}`);
  }

  /** A published form with these values; whatever else it requires is filled in. */
  form(name: string, values: Schema): Schema {
    let filled = this.#samples.get(name);
    if (!filled) this.#samples.set(name, (filled = this.#sample({ $ref: `#/components/schemas/${name}` }) as Schema));
    return { ...filled, ...values };
  }

  #sample(reference: Schema): unknown {
    const schema = this.#resolve(reference as Parameter & Schema) as Schema;
    const choice = ((schema["anyOf"] ?? schema["oneOf"] ?? schema["allOf"]) as Schema[] | undefined)?.[0];
    if (choice) return choice["type"] === "null" ? null : this.#sample(choice);
    if (schema["enum"]) return (schema["enum"] as unknown[])[0];
    if (schema["type"] === "object") {
      const fields = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
      return Object.fromEntries(((schema["required"] ?? []) as string[]).map((name) => [name, this.#sample(fields[name] ?? {})]));
    }
    const formats: Readonly<Record<string, string>> = { uri: "https://api.github.com/", "date-time": "2026-01-01T00:00:00Z" };
    if (schema["type"] === "string") return formats[String(schema["format"])] ?? "";
    if (schema["type"] === "array") return [];
    return schema["type"] === "boolean" ? false : 0;
  }

  #readBody({ operationId, requestBody }: Operation, { body, headers }: Request): { problems: string[]; body: Meant["body"] } {
    if (!requestBody?.content) return { problems: body === "" ? [] : ["takes no body"], body: {} };
    if (body === "") return { problems: requestBody.required ? ["needs a body"] : [], body: {} };
    if (!/^application\/json(;|$)/.test(String(headers["content-type"])))
      return { problems: ["the body is not said to be JSON"], body: {} };
    const read = JSON.parse(body) as Meant["body"];
    // GitHub passes over what it does not know; whoever sends it has misspelt something.
    const schema = { additionalProperties: false, ...requestBody.content["application/json"]!.schema };
    return { problems: this.#validate(operationId, schema, read), body: read };
  }

  #parameters(operation: Operation, place: Parameter["in"], given: Readonly<Record<string, string>>): string[] {
    const published = operation.parameters.map((one) => this.#resolve(one)).filter((one) => one.in === place);
    const unknown = Object.keys(given).filter((name) => published.every((one) => one.name !== name));
    const missing = published.filter(({ name, required }) => required && given[name] === undefined);
    const wrong = published.flatMap(({ name, schema }) => {
      const value = given[name];
      if (value === undefined) return [];
      const isNumber = schema["type"] === "integer" && /^-?\d+$/.test(value);
      return this.#validate(`${operation.operationId} ${place} ${name}`, schema, isNumber ? Number(value) : value).map(
        (problem) => `${name} ${problem}`,
      );
    });
    const size = Number(given["per_page"] ?? 1);
    return [
      ...unknown.map((name) => `unknown ${place} parameter ${name}`),
      ...missing.map(({ name }) => `${place} parameter ${name} is missing`),
      ...wrong,
      // Only the words of the description say so.
      ...(place === "query" && (size < 1 || size > 100) ? [`per_page must be 1 to 100, is ${size}`] : []),
    ];
  }

  #validate(key: string, schema: Schema, value: unknown): string[] {
    let check = this.#compiled.get(key);
    if (!check) {
      check = this.#ajv.compile({ ...(jsonSchema(schema) as Schema), components: this.#components });
      this.#compiled.set(key, check);
    }
    if (check(value)) return [];
    return (check.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath || "body"} ${message} ${JSON.stringify(params)}`,
    );
  }

  #resolve<T extends { readonly $ref?: string }>(value: T): T {
    const [kind, name] = value.$ref?.split("/").slice(2) ?? [];
    return kind === undefined ? value : (this.#components[kind]![name!] as unknown as T);
  }
}

/** Read once: it takes a second. */
export const description = new Description();

/** A path with its parameters as named groups. A label may have a slash in its name, which is then encoded. */
const pattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);

/** What GitHub asks of every request. */
function headerProblems({ headers }: Request): string[] {
  const accepted = /^application\/(vnd\.github(\.[\w-]+)?(\+json)?|json)$/;
  return [
    ...(headers["user-agent"] ? [] : ["the header User-Agent is missing"]),
    ...(accepted.test(headers.accept as string) ? [] : [`GitHub is asked for "${String(headers.accept)}", not for JSON of its API`]),
    ...(headers["x-github-api-version"] === "2022-11-28" ? [] : ["the header X-GitHub-Api-Version names no version of the description"]),
  ];
}

/** Makes JSON Schema of OpenAPI 3.0, where `nullable` is a word of its own. Pure. */
export function jsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonSchema);
  if (typeof value !== "object" || value === null) return value;
  const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonSchema(inner)]));
  // A property may be named so, and is a schema then.
  if (nullable !== true) return nullable === undefined ? rest : { ...rest, ...(typeof nullable === "object" ? { nullable } : {}) };
  return { anyOf: [{ type: "null" }, rest] };
}
