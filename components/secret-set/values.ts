import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { environments } from "../../config/environments.ts";
import type { SecretRecord, SecretRecords } from "../../config/secret-ages.ts";
import type { Platform } from "../../platforms/platform.ts";
import { never } from "../never.ts";
import type { KeyRing, Present } from "./sources.ts";
import { isOutput } from "./sources.ts";

/** Where a set stands, and what its stack's state says of it. */
interface Surroundings {
  readonly platform: Platform;
  readonly recorded: SecretRecords;
}

/**
 * How a value that is made up is registered. What others are encrypted or signed with is protected, where data is: it stands in the state and
 * nowhere else, so there is nothing to retain. A raised generation is asked for in so many words, and only then it may be replaced; the next
 * run protects the new one.
 */
interface Making {
  readonly parent: pulumi.ComponentResource;
  readonly protect: boolean;
}

/** The variables of a set that was refused: nothing makes them. */
export function notMade(sources: Readonly<Record<string, Present>>): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(Object.keys(sources).map((key) => [key, pulumi.secret(never<string>())]));
}

/** Every value, by the name of its variable, in the order in which they were named. */
export function createValues(
  parent: pulumi.ComponentResource,
  set: string,
  sources: Readonly<Record<string, Present>>,
  { platform, recorded }: Surroundings,
): Record<string, pulumi.Output<string>> {
  const { keepData } = environments[platform.environment];
  const made = new Map<string, pulumi.Output<string>>();
  const beingMade = new Set<string>();
  const make = (key: string): pulumi.Output<string> => {
    const known = made.get(key);
    const source = sources[key];
    if (known !== undefined) return known;
    const isRefused = platform.refuse(set, [
      source === undefined && `"${key}" is asked for, and the set has no such secret.`,
      beingMade.has(key) && `"${key}" is made from itself.`,
    ]);
    if (isRefused || source === undefined) return never<string>();
    beingMade.add(key);
    const logical = `${set}-${key.toLowerCase().replaceAll("_", "-")}`;
    const opts = { parent, protect: keepData && !isRenewed(source, recorded[key]) };
    for (const [variable, value] of Object.entries(createValue(opts, logical, key, source, make))) {
      // Said here and not left to the provider: at a first preview its unknown outputs do not count as secret.
      made.set(variable, pulumi.secret(value));
    }
    return made.get(key) ?? pulumi.secret("");
  };
  for (const key of Object.keys(sources)) make(key);
  return Object.fromEntries(made);
}

/** Whether a value is asked for anew. A ring replaces none: it makes one more. */
function isRenewed(source: Present, recorded: SecretRecord | undefined): boolean {
  return !isOutput(source) && "make" in source && recorded !== undefined && recorded.generation !== source.generation;
}

function createValue(
  opts: Making,
  logical: string,
  key: string,
  source: Present,
  other: (key: string) => pulumi.Output<string>,
): Record<string, pulumi.Output<string>> {
  if (isOutput(source)) return { [key]: source };
  if ("derive" in source) return { [key]: source.derive(other) };
  if ("value" in source) return { [key]: source.value };
  if ("ring" in source) return createRing(opts, logical, key, source);
  const { make, generation } = source;
  const keepers = { generation: String(generation) };
  if (make === "uuid") return { [key]: randomBytes(opts, logical, 16, keepers).apply(uuidOf) };
  if ("characters" in make)
    return { [key]: new RandomPassword(logical, { length: make.characters, special: false, keepers }, opts).result };
  return { [key]: randomBytes(opts, logical, make.bytes, keepers).apply((bytes) => Buffer.from(bytes, "hex").toString(make.as)) };
}

/**
 * Random bytes, as hex. They are drawn from a password of as much chance: the provider's own bytes and UUIDs have their value for an id,
 * and an id stands in the open in the state, in diffs and in logs.
 */
function randomBytes(opts: Making, logical: string, bytes: number, keepers?: Record<string, string>): pulumi.Output<string> {
  const length = Math.ceil((bytes * 8) / Math.log2(62));
  const { result } = new RandomPassword(logical, { length, special: false, ...(keepers === undefined ? {} : { keepers }) }, opts);
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
  { parent, protect }: Making,
  logical: string,
  key: string,
  { generation, kept, previous }: KeyRing,
): Record<string, pulumi.Output<string>> {
  const numbers = Array.from({ length: Math.min(kept + 1, generation) }, (_, index) => generation - index);
  // An older key is not protected any more: it goes when the generation is raised, or fewer are kept, and that is refused before its time.
  const keys = numbers.map((number) =>
    randomBytes({ parent, protect: protect && number === generation }, `${logical}-${number}`, 32).apply(fernetKey),
  );
  const [first, ...older] = keys;
  if (first === undefined) return {};
  if (previous === undefined) return { [key]: joined(keys) };
  return older.length === 0 ? { [key]: first } : { [key]: first, [previous]: joined(older) };
}

const joined = (keys: pulumi.Output<string>[]): pulumi.Output<string> => pulumi.all(keys).apply((texts) => texts.join(","));

/** A key as the Fernet specification writes it: base64url with its padding. */
const fernetKey = (hex: string): string => Buffer.from(hex, "hex").toString("base64").replaceAll("+", "-").replaceAll("/", "_");
