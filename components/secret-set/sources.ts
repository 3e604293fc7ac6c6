import * as pulumi from "@pulumi/pulumi";
import type { Acknowledged } from "../../config/acknowledge.ts";
import { oneOf, variableName, whole } from "../../config/checks.ts";
import type { SecretRecord, WantedSecret } from "../../config/secret-ages.ts";
import { generationProblem, overlapProblem } from "../../config/secret-ages.ts";
import type { Problems } from "../../platforms/gather.ts";

/** How random bytes are written. */
type Encoding = "base64" | "base64url" | "hex";

/** What there is to choose for each value that is made up. */
export interface RenewalArgs {
  /**
   * Which value this is. A higher one replaces the value, and what the old one signed or encrypted is void from then on; in a ring of
   * keys it makes one more, by one at a time, and is refused while a key would go whose overlap is not over. Services that read it are
   * deployed anew. A lower one is refused. @default 1
   */
  readonly generation?: number;
  /** Days after which a preview warns that it should be renewed. A change does nothing else. @default never */
  readonly maxAgeDays?: number;
}

/** A value of random bytes. */
export interface RandomBytesArgs {
  /** How many; 32 are the least for what signs or encrypts, 16 for the rest. Another number replaces the value. */
  readonly bytes: number;
  /** How they are written; base64url has no `+`, `/` and `=`. Another way writes the same bytes, and deploys anew. @default "base64" */
  readonly as?: Encoding;
}

/** A value of random letters and digits, for what is typed. */
export interface RandomCharactersArgs {
  /** How many. Another number replaces the value. */
  readonly characters: number;
}

/** Options for {@link fernetKeys}. */
export interface FernetKeysArgs extends RenewalArgs {
  /**
   * How many older keys stay. 0 drops them all, once nothing is encrypted with them any more: they are deleted, and services deployed
   * anew. Fewer are refused while the overlap of one that would go is not over. @default 1
   */
  readonly kept?: number;
  /**
   * Variable that gets the older keys, joined by commas, where the program reads them apart from the first. A change deploys anew.
   * @default none: one variable has all
   */
  readonly previous?: string;
  /**
   * Days that an older key is needed after the next one has taken its place: so long has the service time to encrypt anew. Before they are
   * over, a run in which it would go is refused, with the day from which on it may; after them, a preview warns that it can go. A change
   * restarts nothing. @default 14
   */
  readonly overlapDays?: number;
}

/** A secret that the program makes up itself, once, and keeps in the encrypted state. */
export interface Generated {
  readonly make: { readonly bytes: number; readonly as: Encoding } | { readonly characters: number } | "uuid";
  readonly generation: number;
  readonly maxAgeDays?: number | undefined;
}

/** Several keys for one purpose, newest first: the first encrypts, all of them decrypt. */
export interface KeyRing {
  readonly ring: "fernet";
  readonly generation: number;
  readonly kept: number;
  readonly previous?: string | undefined;
  readonly maxAgeDays?: number | undefined;
  readonly overlapDays: number;
}

/** A secret that somebody else issues, with the days after which a preview warns. */
export interface Aging {
  readonly value: pulumi.Output<string> | undefined;
  readonly maxAgeDays: number;
}

/** A secret that is put together from other values. */
export interface Derived {
  readonly derive: (secret: (variable: string) => pulumi.Output<string>) => pulumi.Output<string>;
}

/** A value of a {@link SecretSet}: made up here, put together, or issued by somebody else. Undefined leaves the variable out. */
export type SecretSource = Generated | KeyRing | Derived | Aging | pulumi.Output<string> | undefined;

/** A secret to be made up. */
export function generated(options: (RandomBytesArgs | RandomCharactersArgs) & RenewalArgs): Generated {
  const { generation = 1, maxAgeDays } = options;
  const make = "bytes" in options ? { bytes: options.bytes, as: options.as ?? "base64" } : { characters: options.characters };
  return { make, generation, maxAgeDays };
}

/** A random UUID (version 4), where a program insists on one. */
export function generatedUuid({ generation = 1, maxAgeDays }: RenewalArgs = {}): Generated {
  return { make: "uuid", generation, maxAgeDays };
}

/**
 * Fernet keys: 32 random bytes each, as the `cryptography` package takes them. A raised generation makes a new first key and keeps the
 * one before it, so that what that one encrypted still opens; the one before that goes. Nothing that is kept is touched.
 */
export function fernetKeys(options: FernetKeysArgs = {}): KeyRing {
  const { generation = 1, kept = 1, previous, maxAgeDays, overlapDays = 14 } = options;
  return { ring: "fernet", generation, kept, previous, maxAgeDays, overlapDays };
}

/** A secret that is put together from others of the same set, or from what other resources produce: `` derived((secret) => pulumi.interpolate`redis://:${secret("PASSWORD")}@cache:6379`) ``. */
export function derived(derive: Derived["derive"]): Derived {
  return { derive };
}

/** A secret that somebody else issues, and of which a preview warns once it is older than so many days. */
export function renewedWithin(maxAgeDays: number, value: pulumi.Output<string> | undefined): Aging {
  return { value, maxAgeDays };
}

/** A source that is there. */
export type Present = Exclude<SecretSource, undefined | Aging> | (Aging & { readonly value: pulumi.Output<string> });

/** Without what is not set. */
export function present(sources: Readonly<Record<string, SecretSource>>): Record<string, Present> {
  const isThere = (source: SecretSource): source is Present =>
    source !== undefined && (isOutput(source) || !("value" in source) || source.value !== undefined);
  return Object.fromEntries(Object.entries(sources).filter((entry): entry is [string, Present] => isThere(entry[1])));
}

export const isOutput = (source: SecretSource): source is pulumi.Output<string> => pulumi.Output.isInstance(source);

/** What is asked of a value's generation and age. */
export function wantedOf(source: Present): WantedSecret {
  if (isOutput(source) || "derive" in source) return { kept: 0 };
  if ("value" in source) return { kept: 0, maxAgeDays: source.maxAgeDays };
  const { generation, maxAgeDays } = source;
  return {
    generation,
    maxAgeDays,
    ...("ring" in source ? { ring: true, kept: source.kept, overlapDays: source.overlapDays } : { kept: 0 }),
  };
}

/** What cannot be made, and what must not be lost yet. */
export function setProblems(
  sources: Readonly<Record<string, Present>>,
  recorded: Readonly<Record<string, SecretRecord>>,
  acknowledged: Acknowledged,
  now = new Date(),
): Problems {
  return Object.entries(sources).flatMap(([key, source]): Problems => {
    const wanted = wantedOf(source);
    const formal = [variableName("values", key), ...formProblems(key, source)].filter((problem) => problem !== undefined);
    if (formal.length > 0) return formal;
    if (!isOutput(source) && "previous" in source && source.previous !== undefined && sources[source.previous] !== undefined) {
      return [`${key}: its older keys go to ${source.previous}, which stands in the set already. Remove one of them.`];
    }
    const problem = generationProblem(wanted, recorded[key]);
    if (problem !== undefined) return [`${key}: ${problem}`];
    const early = overlapProblem(wanted, recorded[key], now);
    return early === undefined || acknowledged.covers("overlap-not-over") ? [] : [`${key}: ${early}`];
  });
}

/** What is wrong with the options of one value, whatever it was before. */
function formProblems(key: string, source: Present): (string | undefined)[] {
  if (isOutput(source) || "derive" in source) return [];
  const maxAge = whole(`${key}.maxAgeDays`, source.maxAgeDays, 1);
  if ("value" in source) return [maxAge];
  const common = [whole(`${key}.generation`, source.generation, 1), maxAge];
  if ("ring" in source) {
    const { kept, overlapDays, previous } = source;
    return [
      ...common,
      whole(`${key}.kept`, kept, 0, 100),
      whole(`${key}.overlapDays`, overlapDays, 0),
      previous === undefined ? undefined : variableName(`${key}.previous`, previous),
    ];
  }
  const { make } = source;
  if (make === "uuid") return common;
  if ("characters" in make) return [...common, whole(`${key}.characters`, make.characters, 1, 1024)];
  return [...common, whole(`${key}.bytes`, make.bytes, 1, 1024), oneOf(`${key}.as`, make.as, ["base64", "base64url", "hex"])];
}
