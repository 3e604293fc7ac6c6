import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { StackKind } from "../../config/json-schema.ts";
import { findSystem, repository, stacksOf, systemNames } from "../../sandbox/systems.ts";
import { importSystem } from "../../systems/import-system.ts";

interface Node {
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  /** A schema: any name will do, and what it leads to is checked. */
  readonly additionalProperties?: boolean | Node;
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
}

const kindOf = (stack: string): StackKind => (stack === "shared" || stack === "delivery" ? stack : "environment");

/** Keys that say enough by themselves, in a place that is described. */
const selfEvident = new Set(["type", "min", "max", "secure"]);

/** Paths of options that an editor would show without a word about them; alternatives of one option share its text. */
function silent(node: Node, path: readonly string[] = []): string[] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const own = child.description === undefined && !selfEvident.has(key) ? [[...path, key].join("/")] : [];
    return [...own, ...silent(child, [...path, key])];
  });
  const named = typeof node.additionalProperties === "object" ? silent(node.additionalProperties, [...path, "*"]) : [];
  return [...inner, ...named, ...[...(node.oneOf ?? []), ...(node.anyOf ?? [])].flatMap((one) => silent(one, path))];
}

/** Every object in a schema that would let a misspelt key pass. */
function open(node: Node, path: readonly string[] = []): string[] {
  const others = node.additionalProperties;
  if (typeof others === "object") return open(others, [...path, "*"]);
  const own = node.type === "object" && others !== false ? [path.join("/")] : [];
  const children = Object.entries(node.properties ?? {}).flatMap(([key, child]) => open(child, [...path, key]));
  return [...own, ...children, ...[...(node.oneOf ?? []), ...(node.anyOf ?? [])].flatMap((one) => open(one, path))];
}

describe.each([...systemNames(), "tests/systems/tiny", "tests/systems/delivered"])("the editor's schemas of %s", (wish) => {
  const { name, project } = findSystem(wish);

  test("describe every key and let no misspelt one pass", async () => {
    for (const schema of Object.values((await importSystem(name, project)).schemas()) as Node[]) {
      expect(silent(schema.properties?.["config"] ?? {})).toEqual([]);
      expect(open(schema)).toEqual([]);
    }
  });

  test("know the keys of every stack file, and ask for none that is left out", async () => {
    const schemas = (await importSystem(name, project)).schemas() as Record<StackKind, Node>;
    for (const stack of stacksOf(project)) {
      const { config } = parse(readFileSync(`${project}/Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, unknown> };
      const { properties = {}, required = [] } = schemas[kindOf(stack)].properties?.["config"] ?? {};
      const own = Object.keys(config).filter((key) => key.startsWith("groundwork:"));
      expect(own.filter((key) => !(key in properties))).toEqual([]);
      expect(required.filter((key) => !own.includes(key))).toEqual([]);
    }
  });
});

test.each(stacksOf(repository))("the file of %s names its schema in its first line", (stack) => {
  expect(readFileSync(`Pulumi.${stack}.yaml`, "utf8").split("\n")[0]).toBe(
    `# yaml-language-server: $schema=systems/template/${kindOf(stack)}.schema.json`,
  );
});
