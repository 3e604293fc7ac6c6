// Makes the shapes files from published provider schemas: `node sandbox/catalogue/extract.ts <folder with <provider>.json>`.
// Run again when a type joins the catalogue or a provider package is updated; the result is data and is committed.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kinds, lookups } from "./index.ts";
import { typesBehind } from "./shape.ts";

/** The part of a published schema that is used here. */
export interface PublishedSchema {
  readonly version: string;
  readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly functions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly types: Readonly<Record<string, unknown>>;
}

/** Text of a shapes file: what a published schema says of the catalogue's types, unchanged. */
export function shapesFile(provider: string, schema: PublishedSchema): string {
  const tokens = Object.keys(kinds[provider] ?? {}).sort();
  const functions = Object.keys(lookups[provider] ?? {}).sort();
  const missing = [...tokens.filter((token) => !schema.resources[token]), ...functions.filter((token) => !schema.functions?.[token])];
  if (missing.length) throw new Error(`not in the published schema of ${provider}: ${missing.join(", ")}`);
  const shapes = {
    version: schema.version,
    resources: Object.fromEntries(tokens.map((token) => [token, schema.resources[token]])),
    ...(functions.length === 0 ? {} : { functions: Object.fromEntries(functions.map((token) => [token, schema.functions?.[token]])) }),
    types: Object.fromEntries(typesBehind(schema, tokens).map((name) => [name, schema.types[name]])),
  };
  return `${JSON.stringify(shapes, null, 1)}\n`;
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (!folder) {
    console.error("usage: node sandbox/catalogue/extract.ts <folder with the published schemas>");
    process.exit(2);
  }
  for (const provider of Object.keys(kinds)) {
    const schema = JSON.parse(readFileSync(join(folder, `${provider}.json`), "utf8")) as PublishedSchema;
    writeFileSync(new URL(`shapes/${provider}.json`, import.meta.url), shapesFile(provider, schema));
  }
}
