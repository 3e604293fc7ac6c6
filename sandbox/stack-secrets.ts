import { createCipheriv, createHash, pbkdf2Sync } from "node:crypto";

/** The sandbox's passphrase protects nothing: all that it encrypts is made up. */
export const passphrase = "sandbox";

/** What a stack file needs so that Pulumi can read its secrets with the sandbox's passphrase. */
export interface StackEncryption {
  readonly salt: string;
  /** Base64; deriving it takes half a second, so it is kept. */
  readonly key: string;
}

/** Derives the key of a salt as Pulumi's passphrase provider does: PBKDF2 with SHA-256 and a million rounds. */
export function makeEncryption(salt: Buffer): StackEncryption {
  return { salt: salt.toString("base64"), key: pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256").toString("base64") };
}

/** A value as it stands under `secure:`: AES-256-GCM. Equal values give equal texts, so that a stack file changes only when its content does. */
export function encrypt({ key }: StackEncryption, value: string): string {
  const nonce = createHash("sha256").update(`${key}\0${value}`).digest().subarray(0, 12);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), nonce);
  const text = Buffer.concat([cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${text.toString("base64")}`;
}

/** The `encryptionsalt` of a stack file; Pulumi checks the passphrase with the word at its end. */
export const encryptionSalt = (encryption: StackEncryption): string => `v1:${encryption.salt}:${encrypt(encryption, "pulumi")}`;
