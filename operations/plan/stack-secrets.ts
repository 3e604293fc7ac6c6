import { createDecipheriv, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { parse } from "yaml";
import type { SharedSecret } from "./shared.ts";

/** A stack file with what may open it. */
export interface SealedFile {
  readonly stack: string;
  readonly text: string;
  /** Undefined: not known here. */
  readonly passphrase: string | undefined;
}

/** Secret → path below `groundwork:provided`. In memory only. */
type Opened = ReadonlyMap<string, string>;

interface Sealed {
  readonly encryptionsalt?: unknown;
  readonly config?: Readonly<Record<string, unknown>> | null;
}

/** Deriving a key takes a third of a second, and several stacks are looked at in one run. */
const keys = new Map<string, Promise<Buffer>>();

function keyOf(salt: string, passphrase: string): Promise<Buffer> {
  const name = JSON.stringify([salt, passphrase]);
  const known = keys.get(name) ?? promisify(pbkdf2)(passphrase, Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  keys.set(name, known);
  return known;
}

/** As Pulumi's passphrase provider writes it: `v1:<nonce>:<text and tag>`. Throws with a wrong key. */
function decrypt(sealed: string, key: Buffer): string {
  const [, nonce = "", text = ""] = /^v1:([^:]+):([^:]+)$/.exec(sealed) ?? [];
  const bytes = Buffer.from(text, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
}

/** The provided secrets of a stack file; undefined where the passphrase does not open it, or there is nothing to open. */
export async function openSecrets(text: string, passphrase: string): Promise<Opened | undefined> {
  const { encryptionsalt, config } = (parse(text) ?? {}) as Sealed;
  const [, salt = "", word = ""] = /^v1:([^:]+):(v1:[^:]+:[^:]+)$/.exec(String(encryptionsalt)) ?? [];
  if (salt === "") return undefined;
  const key = await keyOf(salt, passphrase);
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    const { secure } = value as { readonly secure?: unknown };
    if (typeof secure === "string") found.set(decrypt(secure, key), path);
    else for (const [name, one] of Object.entries(value)) walk(one, path === "" ? name : `${path}.${name}`);
  };
  try {
    if (decrypt(word, key) !== "pulumi") return undefined;
    walk(config?.["groundwork:provided"], "");
    return found;
  } catch {
    return undefined;
  }
}

const isEnvironment = (stack: string): boolean => stack !== "shared" && stack !== "delivery";

/** Shorter ones are equal by chance. */
const shortest = 8;

/** The provided secrets of one file that another one has too. */
function common(own: Opened, other: string, theirs: Opened, prefix = ""): SharedSecret[] {
  return [...own]
    .filter(([secret]) => secret.length >= shortest && theirs.has(secret))
    .map(([, path]) => ({ place: `${prefix}${path}`, other, how: "value" as const }))
    .sort((a, b) => (a.place < b.place ? -1 : 1));
}

/**
 * What a stack's file has in common with those beside it, as far as the passphrases that are here open them. Where a stack's passphrase is the only
 * one, that is whether it opens another file too. The delivery stack holds every environment's passphrase, so with it all of them are compared.
 *
 * @param files Those beside the stack's own, in the same checkout.
 * @param isSandbox One passphrase opens all of a sandbox's, and protects nothing there.
 */
export async function sharedBetween(own: SealedFile, files: readonly SealedFile[], isSandbox: boolean): Promise<SharedSecret[]> {
  if (own.passphrase === undefined || own.stack === "shared") return [];
  const { passphrase } = own;
  const mine = await openSecrets(own.text, passphrase);
  if (mine === undefined) return [];
  const others = files.filter(({ stack }) => stack !== own.stack && isEnvironment(stack));
  if (own.stack === "delivery") return betweenEnvironments(mine, others);
  const found: SharedSecret[] = [];
  for (const { stack: other, text, passphrase: theirs } of others) {
    const opened = await openSecrets(text, passphrase);
    if (opened !== undefined && !isSandbox) found.push({ place: "passphrase", other, how: "passphrase" });
    const secrets = opened ?? (theirs === undefined ? undefined : await openSecrets(text, theirs));
    if (secrets !== undefined) found.push(...common(mine, other, secrets));
  }
  return found;
}

async function betweenEnvironments(delivery: Opened, others: readonly SealedFile[]): Promise<SharedSecret[]> {
  const passphraseOf = (stack: string): string | undefined => [...delivery].find(([, path]) => path === `${stack}.passphrase`)?.[0];
  const opened: (readonly [string, Opened])[] = [];
  for (const { stack, text, passphrase } of others) {
    const secrets = await openSecrets(text, passphraseOf(stack) ?? passphrase ?? "");
    if (secrets !== undefined) opened.push([stack, secrets]);
  }
  return opened.flatMap(([stack, secrets], at) =>
    opened.slice(at + 1).flatMap(([other, theirs]) => common(secrets, other, theirs, `${stack}.`)),
  );
}
