import { createDecipheriv, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";

/**
 * Whether a passphrase is that of a stack file, by the word that Pulumi encrypts at the end of its `encryptionsalt`; undefined where there is
 * none to tell by (another provider of secrets, or no secret yet).
 */
export async function opens(encryptionSalt: unknown, passphrase: string): Promise<boolean | undefined> {
  const [, salt = "", nonce = "", text = ""] = /^v1:([^:]+):v1:([^:]+):([^:]+)$/.exec(String(encryptionSalt)) ?? [];
  if (salt === "") return undefined;
  const key = await promisify(pbkdf2)(passphrase, Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  const sealed = Buffer.from(text, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString("utf8") === "pulumi";
  } catch {
    return false;
  }
}
