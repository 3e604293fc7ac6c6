import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
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
  if (make === "uuid") return { [key]: randomBytes(parent, logical, 16, keepers).apply(uuidOf) };
  if ("characters" in make)
    return { [key]: new RandomPassword(logical, { length: make.characters, special: false, keepers }, { parent }).result };
  return { [key]: randomBytes(parent, logical, make.bytes, keepers).apply((bytes) => Buffer.from(bytes, "hex").toString(make.as)) };
}

/**
 * Random bytes, as hex. They are drawn from a password of as much chance: the provider's own bytes and UUIDs have their value for an id,
 * and an id stands in the open in the state, in diffs and in logs.
 */
function randomBytes(parent: pulumi.Resource, logical: string, bytes: number, keepers?: Record<string, string>): pulumi.Output<string> {
  const length = Math.ceil((bytes * 8) / Math.log2(62));
  const { result } = new RandomPassword(logical, { length, special: false, ...(keepers === undefined ? {} : { keepers }) }, { parent });
  return result.apply((text) => createHash("shake256", { outputLength: bytes }).update(text).digest("hex"));
}

/** Random bytes as a UUID of version 4. */
function uuidOf(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** One resource for each key, named by its generation: so a raised generation makes one and deletes one, and replaces none. */
function createRing(
  parent: pulumi.ComponentResource,
  logical: string,
  key: string,
  { generation, kept, previous }: KeyRing,
): Record<string, pulumi.Output<string>> {
  const numbers = Array.from({ length: Math.min(kept + 1, generation) }, (_, index) => generation - index);
  const keys = numbers.map((number) => randomBytes(parent, `${logical}-${number}`, 32).apply(fernetKey));
  const [first, ...older] = keys;
  if (first === undefined) return {};
  if (previous === undefined) return { [key]: joined(keys) };
  return older.length === 0 ? { [key]: first } : { [key]: first, [previous]: joined(older) };
}

const joined = (keys: pulumi.Output<string>[]): pulumi.Output<string> => pulumi.all(keys).apply((texts) => texts.join(","));

/** A key as the Fernet specification writes it: base64url with its padding. */
const fernetKey = (hex: string): string => Buffer.from(hex, "hex").toString("base64").replaceAll("+", "-").replaceAll("/", "_");
