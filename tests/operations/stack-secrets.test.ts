import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dangersOf } from "../../operations/dangers.ts";
import { openSecrets, type SealedFile, sharedBetween } from "../../operations/plan/stack-secrets.ts";
import { Pulumi } from "../../operations/pulumi.ts";

const keys = new Map<string, { salt: string; key: Buffer }>();

/** A stack file as Pulumi writes it. */
function sealed(stack: string, passphrase: string, provided: Readonly<Record<string, unknown>>, known = true): SealedFile {
  const salt = randomBytes(8);
  const { key } = keys.get(passphrase) ?? { key: pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256") };
  const used = keys.get(passphrase) ?? { salt: salt.toString("base64"), key };
  keys.set(passphrase, used);
  const encrypt = (value: string): string => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", used.key, nonce);
    const text = Buffer.concat([cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${text.toString("base64")}`;
  };
  const seal = (value: unknown): unknown =>
    typeof value === "string"
      ? { secure: encrypt(value) }
      : Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([key, one]) => [key, seal(one)]));
  const text = JSON.stringify({
    encryptionsalt: `v1:${used.salt}:${encrypt("pulumi")}`,
    config: { "groundwork:provided": seal(provided) },
  });
  return { stack, text, passphrase: known ? passphrase : undefined };
}

const staging = (known: boolean) =>
  sealed("staging", "staging's own", { supabaseKey: "the very same key", sentry: "of staging alone" }, known);
const production = sealed("production", "production's own", {
  supabaseKey: "the very same key",
  sentry: "of production alone",
  pin: "1234",
});

test("a file opens with its passphrase and no other", async () => {
  expect(await openSecrets(production.text, "production's own")).toEqual(
    new Map([
      ["the very same key", "supabaseKey"],
      ["of production alone", "sentry"],
      ["1234", "pin"],
    ]),
  );
  expect(await openSecrets(production.text, "staging's own")).toBeUndefined();
  expect(await openSecrets("config: {}", "x")).toBeUndefined();
});

test("with both passphrases, a secret in both is found; with one it cannot be", async () => {
  const found = await sharedBetween(production, [production, staging(true)], false);
  expect(found).toEqual([{ place: "supabaseKey", other: "staging", how: "value" }]);
  expect(await sharedBetween(production, [staging(false)], false)).toEqual([]);
  const [danger] = dangersOf("production", { steps: [], loosened: [], shared: found });
  expect(danger).toMatchObject({ severity: "refusal", name: "share:supabaseKey", what: "supabaseKey is the same secret as in staging" });
  expect(JSON.stringify([found, danger])).not.toContain("the very same key");
});

test("one stack alone sees that its passphrase opens another one, and then what they share", async () => {
  const same = sealed("staging", "production's own", { supabaseKey: "the very same key" }, false);
  const found = await sharedBetween(production, [same], false);
  expect(found).toEqual([
    { place: "passphrase", other: "staging", how: "passphrase" },
    { place: "supabaseKey", other: "staging", how: "value" },
  ]);
  expect(dangersOf("production", { steps: [], loosened: [], shared: found }).map(({ name, severity }) => [name, severity])).toEqual([
    ["share:passphrase", "refusal"],
    ["share:supabaseKey", "refusal"],
  ]);
  // A sandbox has one for all, which protects nothing.
  expect((await sharedBetween(production, [same], true)).map(({ how }) => how)).toEqual(["value"]);
});

test("the delivery stack holds every environment's passphrase, so it compares them all", async () => {
  const delivery = sealed("delivery", "the administrator's", {
    staging: { passphrase: "staging's own" },
    production: { passphrase: "production's own" },
  });
  expect(await sharedBetween(delivery, [staging(false), { ...production, passphrase: undefined }], false)).toEqual([
    { place: "staging.supabaseKey", other: "production", how: "value" },
  ]);
});

test("the shared stack and what cannot be opened are left alone", async () => {
  expect(await sharedBetween({ ...production, stack: "shared" }, [staging(true)], false)).toEqual([]);
  expect(await sharedBetween({ ...production, passphrase: "wrong" }, [staging(true)], false)).toEqual([]);
  expect(await sharedBetween({ ...production, passphrase: undefined }, [staging(true)], false)).toEqual([]);
});

test("each stack gets the passphrase that lies beside the one that is named, as bootstrap writes them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-passphrases-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const stack of ["staging", "production"]) writeFileSync(join(folder, `${stack}.passphrase`), `${stack}'s own\n`);
  writeFileSync(join(folder, "pulumi"), '#!/bin/sh\ncat "$PULUMI_CONFIG_PASSPHRASE_FILE"\n', { mode: 0o755 });
  const variables = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, PULUMI_CONFIG_PASSPHRASE: undefined };
  const pulumi = Pulumi.real("template").elsewhere(folder, {
    ...variables,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "staging.passphrase"),
  });
  const seen = async (stack: string): Promise<string> => (await pulumi.capture(["preview", "--stack", stack])).stdout.trim();
  expect([await seen("staging"), await seen("production"), await seen("shared")]).toEqual([
    "staging's own",
    "production's own",
    "staging's own",
  ]);
  expect([pulumi.passphraseOf("production"), pulumi.passphraseOf("shared")]).toEqual(["production's own", "staging's own"]);
  const inline = pulumi.elsewhere(folder, { PULUMI_CONFIG_PASSPHRASE: "given" });
  expect(inline.passphraseOf("production")).toBe("given");
});
