import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseDocument } from "yaml";
import type { JsonSchema, StackKind } from "../../config/json-schema.ts";
import { quote } from "../../config/problems.ts";
import { findSystem, repository } from "../../sandbox/systems.ts";
import { loadSystem } from "../../systems/load-system.ts";

/** A schema of the stack file, as far as it is looked at here. */
interface Node {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  /** The variable that it becomes. */
  readonly variable?: string;
}

/** What a stack file can say, by the same schema that editors read, and what it says now. */
export class StackOptions {
  /** Such as `Pulumi.staging.yaml`. */
  readonly file: string;
  /** The description of the system, from the repository's root: `systems/template/system.ts`. */
  readonly system: string;
  /** Secrets that somebody else issues, by their names in the stack file. */
  readonly provided: readonly string[];
  readonly #config: Node;
  readonly #document: ReturnType<typeof parseDocument>;

  constructor(
    file: string,
    { system, provided, schema, text }: { system: string; provided: readonly string[]; schema: JsonSchema | undefined; text: string },
  ) {
    this.file = file;
    this.system = system;
    this.provided = provided;
    this.#config = ((schema as Node | undefined)?.properties ?? {})["config"] ?? {};
    this.#document = parseDocument(text);
  }

  /** The schemas of an option; none where there is no such option. @param path Keys below `config`. */
  #at(path: readonly string[]): readonly Node[] {
    return path.reduce<readonly Node[]>((nodes, key) => nodes.flatMap(formsOf).flatMap((node) => childOf(node, key)), [this.#config]);
  }

  has(path: readonly string[]): boolean {
    return this.#at(path).length > 0;
  }

  /** Keys that an option can have below it. */
  keysOf(path: readonly string[]): readonly string[] {
    return this.#at(path)
      .flatMap(formsOf)
      .flatMap(({ properties = {} }) => Object.keys(properties));
  }

  /** What the file says for an option; undefined where it leaves it out. */
  says(path: readonly string[]): unknown {
    const value: unknown = this.#document.getIn(["config", ...path]);
    return typeof value === "object" && value !== null && "toJSON" in value ? (value as { toJSON(): unknown }).toJSON() : value;
  }

  /** The option that becomes a variable of services, as the system's schema says by `variable`. */
  ofVariable(name: string): readonly string[] | undefined {
    return find(this.#config, name);
  }

  /**
   * What has to be written for an option to be this, or why it cannot be.
   *
   * @param wanted A variable is text, whatever the option is.
   */
  write(path: readonly string[], wanted: unknown): { readonly value: string | number | boolean } | { readonly reason: string } {
    const option = path.join("/");
    const nodes = this.#at(path).flatMap(formsOf);
    if (nodes.length === 0) return { reason: `no option of ${this.file} says it` };
    const [first = "", ...below] = path;
    const whole = this.says([first]);
    if (below.length > 0 && typeof whole === "string")
      return { reason: `${first} is the profile ${quote(whole)} in ${this.file}: write its sizes there in full first` };
    for (const node of nodes) {
      const value = valueFor(node, wanted);
      if (value !== undefined) return { value };
    }
    const takes = nodes.flatMap(({ enum: all = [] }) => all.map(String));
    return { reason: `${option} does not take ${quote(wanted)}${takes.length === 0 ? "" : `, only ${takes.join(", ")}`}` };
  }
}

const formsOf = (node: Node): readonly Node[] => {
  const others = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  return others.length === 0 ? [node] : others.flatMap(formsOf);
};

function childOf({ properties = {}, additionalProperties }: Node, key: string): readonly Node[] {
  if (Object.hasOwn(properties, key)) return [properties[key] as Node];
  return typeof additionalProperties === "object" ? [additionalProperties] : [];
}

function find(node: Node, variable: string): readonly string[] | undefined {
  if (node.variable === variable) return [];
  for (const form of formsOf(node))
    for (const [key, child] of Object.entries(form.properties ?? {})) {
      const below = find(child, variable);
      if (below !== undefined) return [key, ...below];
    }
  return undefined;
}

/** The value in the form that a schema takes; undefined where it takes none such. */
function valueFor(node: Node, wanted: unknown): string | number | boolean | undefined {
  const value = typed(node.type, wanted);
  if (value === undefined) return undefined;
  if (node.enum !== undefined && !node.enum.includes(value)) return undefined;
  if (node.const !== undefined && node.const !== value) return undefined;
  if (typeof value === "string" && node.pattern !== undefined && !new RegExp(node.pattern).test(value)) return undefined;
  if (typeof value !== "number") return value;
  const { minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity } = node;
  return value >= minimum && value > exclusiveMinimum && value <= maximum ? value : undefined;
}

function typed(type: string | undefined, wanted: unknown): string | number | boolean | undefined {
  const text = String(wanted);
  if (type === "integer" || type === "number") {
    const number = Number(text);
    return text.trim() !== "" && Number.isFinite(number) && (type === "number" || Number.isInteger(number)) ? number : undefined;
  }
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
  // An enum of texts need not say that it is one.
  return type === "string" || type === undefined ? (typeof wanted === "string" ? wanted : undefined) : undefined;
}

/** What the stack file of a system's stack can say. @param text The stack file as it is read now. */
export async function stackOptionsOf(wish: string, stack: string, text: string): Promise<StackOptions> {
  const { file } = findSystem(wish);
  const system = await loadSystem(file);
  const kind: StackKind = stack === "shared" || stack === "delivery" ? stack : "environment";
  const beside = join(dirname(file), "delivery.ts");
  const path = relative(repository, stack === "delivery" && existsSync(beside) ? beside : file);
  return new StackOptions(`Pulumi.${stack}.yaml`, { system: path, provided: system.provided, schema: system.schemas()[kind], text });
}
