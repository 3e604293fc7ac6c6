import { expect, test } from "vitest";
import { scrubber, secretsOf } from "../../operations/scrub.ts";
import { Home } from "../../sandbox/home.ts";
import { makeUp } from "../../sandbox/made-up.ts";
import { findSystem } from "../../sandbox/systems.ts";

const pem = `-----BEGIN PRIVATE KEY-----\n${["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "p+Q/3Zr0=="].join("\n")}\n-----END PRIVATE KEY-----\n`;
const account = JSON.stringify({ type: "service_account", private_key: pem, private_key_id: "3f1a9c0d2b4e6f8a7c5d1e3b9f0a2c4d" });

/** Secret → the parts of it that must not be found anywhere either. */
const planted: Readonly<Record<string, readonly string[]>> = {
  sk_live_51Hx9yZ2eZvKYlo2C0aQwErTy: [],
  "LB3ft2io5o3OhsYhXk4wKSDwYyr8SK2ucDdOK9roqFJ6QUKBU8ZuWfJIzK/2gDoPF81t6uYLlPK+lkbAXGgh2A==": ["SK2ucDdOK9roqFJ6QUKB"],
  "postgresql+psycopg://app:AVNS_R12b%2FpPg0NBw@db.example.com:25060/app?sslmode=require": ["AVNS_R12b%2FpPg0NBw", "AVNS_R12b/pPg0NBw"],
  "https://hooks.slack.com/services/T0000/B0000/Xq7pLw2Ks9Vd4Nf8Rb3Ty6Mz": ["Xq7pLw2Ks9Vd4Nf8Rb3Ty6Mz"],
  "https://4f8b1c2d3e5a6b7c8d9e0f1a2b3c4d5e@sentry.example.com/1": ["4f8b1c2d3e5a6b7c8d9e0f1a2b3c4d5e"],
  [pem]: ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"],
  [account]: ["3f1a9c0d2b4e6f8a7c5d1e3b9f0a2c4d", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"],
  'pa"ss\\wörd &<1>/+': [],
  "hunter2!": [],
  abc123: [],
};

const bytes = (text: string): Buffer => Buffer.from(text);
const percent = (text: string, digits: (hex: string) => string): string =>
  [...bytes(text)]
    .map((byte) =>
      /[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${digits(byte.toString(16).padStart(2, "0"))}`,
    )
    .join("");
const wrapped = (text: string): string => text.replaceAll(/(.{76})/g, "$1\n");

/** How a secret may stand in a text that leaves. */
const forms: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  "in a sentence": (secret) => `the value "${secret}" was refused`,
  JSON: (secret) => JSON.stringify({ value: secret }),
  "JSON in JSON": (secret) => JSON.stringify(JSON.stringify({ value: secret })),
  "with escaped slashes": (secret) => JSON.stringify(secret).replaceAll("/", "\\/"),
  "JSON with escaped signs": (secret) =>
    JSON.stringify(secret).replaceAll(/[&<>/ö]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "percent-encoded": encodeURIComponent,
  "percent-encoded in capitals": (secret) => percent(secret, (hex) => hex.toUpperCase()),
  "percent-encoded in small letters": (secret) => percent(secret, (hex) => hex.toLowerCase()),
  "percent-encoded twice": (secret) => encodeURIComponent(encodeURIComponent(secret)),
  "a form": (secret) => new URLSearchParams({ key: secret }).toString(),
  "a URL's query": (secret) => `GET https://api.example.com/v2?key=${encodeURIComponent(secret)}&page=1: 403`,
  "a URL's password": (secret) => `https://bot:${encodeURIComponent(secret)}@git.example.com/acme/web.git`,
  base64: (secret) => bytes(secret).toString("base64"),
  "base64, one byte on": (secret) => bytes(`:${secret}`).toString("base64"),
  "base64, two bytes on": (secret) => bytes(`u:${secret}x`).toString("base64"),
  "base64 for URLs": (secret) => bytes(`{"token":"${secret}"}`).toString("base64url"),
  "base64 in lines": (secret) => wrapped(bytes(`some words before it, ${secret}, and behind`).toString("base64")),
  "base64 in base64": (secret) =>
    bytes(JSON.stringify({ auths: { "ghcr.io": { auth: bytes(`ann:${secret}`).toString("base64") } } })).toString("base64"),
  "every byte percent-encoded": (secret) => [...bytes(secret)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  "every letter escaped for JSON": (secret) =>
    [...secret].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  hexadecimal: (secret) => bytes(secret).toString("hex"),
  HTML: (secret) => secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  "line by line": (secret) =>
    secret
      .split("\n")
      .map((line) => `  | ${line}`)
      .join("\n"),
  "with other line ends": (secret) => secret.replaceAll("\n", "\r\n"),
};

/** What would still give it away: the secret, and each of its parts, in the form it was planted in or plain. */
function leaks(text: string, secret: string, parts: readonly string[]): string[] {
  const tell = [secret, ...parts, ...secret.split("\n").filter((line) => line.length >= 8 && !line.startsWith("-----"))];
  const shown = [text, ...[...text.matchAll(/[\w+/-]{8,}={0,2}/g)].map(([word]) => Buffer.from(word, "base64").toString())];
  return tell.filter((one) =>
    [one, encodeURIComponent(one), JSON.stringify(one).slice(1, -1)].some((form) => shown.some((where) => where.includes(form))),
  );
}

test("secrets that were planted in every form / leaked", () => {
  const scrub = scrubber(Object.keys(planted));
  const found: string[] = [];
  let count = 0;
  for (const [secret, parts] of Object.entries(planted))
    for (const [form, plant] of Object.entries(forms)) {
      const planted = plant(secret);
      count += 1;
      const text = scrub(`before ${planted} after`);
      if (!text.includes("[secret]") || leaks(text, secret, parts).length > 0) found.push(`${form}: ${JSON.stringify(secret)} → ${text}`);
    }
  console.info(`secrets planted ${count}, leaked ${found.length}`);
  expect(found).toEqual([]);
  expect(count).toBe(250);
});

test("a part of a secret by itself, broken off or wrapped, goes too", () => {
  const scrub = scrubber(Object.keys(planted));
  for (const [secret, parts] of Object.entries(planted))
    for (const part of parts) expect(scrub(`at ${part}!`), secret).toBe("at [secret]!");
  expect(scrub("cut: LB3ft2io5o3OhsYhXk4wKSDwYyr…")).toBe("cut: [secret]…");
  expect(scrub("wraps: 2ucDdOK9roqFJ6QUKBU8\nZuWfJIzK/2gDoPF81t6uY")).toBe("wraps: [secret]\n[secret]");
});

test("a piece of base64 goes with any sign before it", () => {
  const secret = "gR7-x!pQ9vT2~mK4wZ8s";
  const piece = bytes(`xx${secret}`).toString("base64").slice(3).replace(/=+$/, "");
  expect(piece).toMatch(/^n/);
  for (const before of ["\\", "%", "%2", "\n", "\\n", "-", "%2B", "\\/"]) {
    const text = scrubber([secret])(`${before}${piece}`);
    expect(text).toContain("[secret]");
    expect(text).not.toContain(piece.slice(1));
  }
});

test("what is nobody's secret stays, and short words are not torn out of texts", () => {
  const scrub = scrubber(["app", "", "staging", "abc123", "https://hooks.slack.com/services/T0000/B0000/Xq7pLw2Ks9Vd4Nf8Rb3Ty6Mz"]);
  const text = "the app of xabc123y in https://hooks.slack.com/services/ has apps";
  expect(scrub(text)).toBe(text);
  expect(scrubber([])("nothing to hide")).toBe("nothing to hide");
});

test("credentials in URLs and private keys go though nobody knew them", () => {
  const scrub = scrubber([]);
  expect(scrub("redis://:s3cret@cache:6379/0, https://me:pw@example.com/x")).toBe(
    "redis://[secret]@cache:6379/0, https://[secret]@example.com/x",
  );
  expect(scrub(`key: ${pem}.`)).toBe("key: [secret]\n.");
  expect(scrub("at https://example.com:8080/a@b and ssh://git@example.com")).toBe(
    "at https://example.com:8080/a@b and ssh://git@example.com",
  );
});

test("the credentials of the process are secrets, its file names are not", () => {
  const environment = {
    DIGITALOCEAN_TOKEN: "dop_v1_1",
    PULUMI_CONFIG_PASSPHRASE: "correct horse",
    PATH: "/usr/bin",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/run/pass",
  };
  expect(secretsOf(environment)).toEqual(["dop_v1_1", "correct horse"]);
  // The sandbox's is an option of the command line as well.
  expect(secretsOf({ ...environment, PULUMI_CONFIG_PASSPHRASE: "sandbox" })).toEqual(["dop_v1_1"]);
});

test("what is made up for the sandbox takes no name of an environment out of a text", async () => {
  const { provided } = await makeUp(findSystem("template"), new Home().root);
  const leaves = (value: unknown): string[] =>
    typeof value === "string" ? [value] : Object.values(value as Readonly<Record<string, unknown>>).flatMap(leaves);
  const secrets = leaves([provided("delivery", undefined), provided("production", "production")]);
  expect(secrets.length).toBeGreaterThan(5);
  const text =
    "application-production-preview (GitHub environment), groundwork:provided.production.preview.digitaloceanToken, clerkSecretKey";
  expect(scrubber(secrets)(text)).toBe(text);
  expect(scrubber(secrets)(secrets.join("\n"))).not.toContain("fake");
});
