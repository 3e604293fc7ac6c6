import * as pulumi from "@pulumi/pulumi";
import { RandomBytes } from "@pulumi/random/randomBytes.js";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { RandomUuid } from "@pulumi/random/randomUuid.js";
import type { KeyRing, Present } from "./sources.ts";
import { isOutput } from "./sources.ts";

/** Every value, by the name of its variable, in the order in which they were named. */
export function createValues(
  parent: pulumi.ComponentResource,
  set: string,
  sources: Readonly<Record<string, Present>>,
): Record<string, pulumi.Output<string>> {
  const made = new Map<string, pulumi.Output<string>>();
  const beingMade = new Set<string>();
  const make = (key: string): pulumi.Output<string> => {
    const known = made.get(key);
    const source = sources[key];
    if (known !== undefined) return known;
    if (source === undefined) throw new Error(`${set}: "${key}" is asked for, and the set has no such secret.`);
    if (beingMade.has(key)) throw new Error(`${set}: "${key}" is made from itself.`);
    beingMade.add(key);
    const logical = `${set}-${key.toLowerCase().replaceAll("_", "-")}`;
    for (const [variable, value] of Object.entries(createValue(parent, logical, key, source, make))) {
      // Said here and not left to the provider: at a first preview its unknown outputs do not count as secret.
      made.set(variable, pulumi.secret(value));
    }
    return made.get(key) ?? pulumi.secret("");
  };
  for (const key of Object.keys(sources)) make(key);
  return Object.fromEntries(made);
}

function createValue(
  parent: pulumi.ComponentResource,
  logical: string,
  key: string,
  source: Present,
  other: (key: string) => pulumi.Output<string>,
): Record<string, pulumi.Output<string>> {
  if (isOutput(source)) return { [key]: source };
  if ("derive" in source) return { [key]: source.derive(other) };
  if ("value" in source) return { [key]: source.value };
  if ("ring" in source) return createRing(parent, logical, key, source);
  const { make, generation } = source;
  const keepers = { generation: String(generation) };
  if (make === "uuid") return { [key]: new RandomUuid(logical, { keepers }, { parent }).result };
  if ("characters" in make)
    return { [key]: new RandomPassword(logical, { length: make.characters, special: false, keepers }, { parent }).result };
  const { hex, base64 } = new RandomBytes(logical, { length: make.bytes, keepers }, { parent });
  return {
    [key]: make.as === "hex" ? hex : make.as === "base64url" ? base64.apply(toUrlSafe).apply((text) => text.replace(/=+$/, "")) : base64,
  };
}

/** One resource for each key, named by its generation: so a raised generation makes one and deletes one, and replaces none. */
function createRing(
  parent: pulumi.ComponentResource,
  logical: string,
  key: string,
  { generation, kept, previous }: KeyRing,
): Record<string, pulumi.Output<string>> {
  const numbers = Array.from({ length: Math.min(kept + 1, generation) }, (_, index) => generation - index);
  const keys = numbers.map((number) => new RandomBytes(`${logical}-${number}`, { length: 32 }, { parent }).base64.apply(toUrlSafe));
  const [first, ...older] = keys;
  if (first === undefined) return {};
  if (previous === undefined) return { [key]: joined(keys) };
  return older.length === 0 ? { [key]: first } : { [key]: first, [previous]: joined(older) };
}

const joined = (keys: pulumi.Output<string>[]): pulumi.Output<string> => pulumi.all(keys).apply((texts) => texts.join(","));

const toUrlSafe = (base64: string): string => base64.replaceAll("+", "-").replaceAll("/", "_");
