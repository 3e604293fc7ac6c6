import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as ts from "typescript";

const repository = resolve(import.meta.dirname, "../../..");

/** An option as its interface declares it. */
export interface Option {
  /** `<interface without Args>.<option>`; options of an option follow after another dot. */
  readonly name: string;
  /** What its documentation says, with what is said of the option that it is part of. */
  readonly documentation: string;
  /** What its interface's documentation says of all its options. */
  readonly about: string;
  readonly optional: boolean;
}

interface Declared {
  readonly declaration: ts.InterfaceDeclaration;
  readonly file: string;
}

/** Where the types of options are declared. */
const files = [
  ...["components", "platforms"].flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
      // What a system says of its delivery is no option of a component; tests/components/github changes each setting.
      .filter((name) => name.endsWith(".ts") && !name.startsWith("github"))
      .map((name) => join(folder, name)),
  ),
  "config/sizes.ts",
  "config/registry.ts",
];

/** All options of components: those of the interfaces named `…Args`, and of every interface that these lead to. */
export function readOptions(): Option[] {
  const interfaces = new Map<string, Declared>();
  const aliases = new Map<string, ts.TypeNode>();
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(join(repository, file), "utf8"), ts.ScriptTarget.Latest, true);
    source.forEachChild((node) => {
      if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, { declaration: node, file });
      if (ts.isTypeAliasDeclaration(node)) aliases.set(node.name.text, node.type);
    });
  }
  const reached = new Set<string>();
  const options: Option[] = [];
  const visit = (name: string): void => {
    const found = interfaces.get(name);
    if (found === undefined || reached.has(name)) return;
    reached.add(name);
    const own = name.replace(/Args$/, "");
    const about = docsOf(found.declaration);
    for (const member of found.declaration.members) visitMember(own, member, "", about);
    for (const clause of found.declaration.heritageClauses ?? []) clause.types.forEach((type) => visit(type.expression.getText()));
  };
  const visitMember = (prefix: string, member: ts.TypeElement, above: string, about: string): void => {
    if (!ts.isPropertySignature(member) || member.type === undefined) return;
    const name = `${prefix}.${member.name.getText()}`;
    const documentation = `${above} ${docsOf(member)}`.trim();
    const inner: ts.TypeLiteralNode[] = [];
    const look = (type: ts.Node): void => {
      if (ts.isTypeLiteralNode(type)) inner.push(type);
      else if (ts.isTypeReferenceNode(type)) {
        const reference = type.typeName.getText();
        const alias = aliases.get(reference);
        if (alias !== undefined && !reached.has(reference)) {
          reached.add(reference);
          look(alias);
        }
        if (!notOptions.has(reference)) visit(reference);
        type.typeArguments?.forEach(look);
      } else type.forEachChild(look);
    };
    look(member.type);
    // What only groups others is shown by them.
    const isGroup = inner.length > 0 && member.type.kind === ts.SyntaxKind.TypeLiteral;
    if (!isGroup) options.push({ name, documentation, about, optional: member.questionToken !== undefined });
    for (const literal of inner) literal.members.forEach((one) => visitMember(name, one, documentation, about));
  };
  for (const [name, { file }] of interfaces) if (name.endsWith("Args") && file.startsWith("components")) visit(name);
  return options.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const docsOf = (node: ts.Node): string =>
  ts
    .getJSDocCommentsAndTags(node)
    .map((doc) => doc.getText())
    .join(" ");

/** What is handed over, and is no option itself. */
const notOptions = new Set([
  ...["Platform", "Network", "Service", "SecretSet", "Reachable", "Image", "Route"],
  // What functions with options of their own make.
  ...["Generated", "KeyRing", "Derived", "Aging"],
]);
