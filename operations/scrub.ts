import { Writable } from "node:stream";
import { passphrase as sandboxPassphrase } from "../sandbox/stack-secrets.ts";

/** What stands in the place of a secret. */
export const hiddenText = "[secret]";

/** Takes secrets out of a text that leaves. */
export type Scrub = (text: string) => string;

/** Shorter ones are never looked for: they would tear every text apart. Where they stand is hidden by its path instead. */
const shortest = 6;
/** Shorter ones are found only where they stand by themselves. */
const distinct = 8;
/** So many characters in a row of a random secret are as good as all of it: a log cuts lines, a terminal wraps them. */
const window = 16;

/**
 * Makes what takes these secrets out of a text, in every form in which one usually travels: plain, percent-encoded, escaped for JSON or
 * HTML, hexadecimal, base64 (also as a part of something longer, and once more in base64), line by line, and broken off. The password of a URL, the key within a
 * JSON text and the lines of a certificate are secrets by themselves. Passwords in URLs and private keys go even where nobody knew them. Pure.
 */
export function scrubber(secrets: Iterable<string>): Scrub {
  const known = [...new Set([...secrets].flatMap(partsOf))].filter(({ length }) => length >= shortest);
  // The longest first, so that no half of one stays beside the mark.
  const patterns = known.sort((a, b) => b.length - a.length).flatMap(patternsOf);
  const windows = new Set(known.filter(isRandom).flatMap(windowsOf));
  const once: Scrub = (text) => {
    const view = viewsOf(text);
    const found = patterns.filter(({ needle, where }) => view[where].includes(needle));
    return withoutWindows(
      found.reduce((rest, { expression }) => rest.replace(expression(), hiddenText), text),
      windows,
    );
  };
  return (text) => {
    const rest = once(text);
    // Letters that need no escape are escaped by few; what then shows a secret leaves as it reads.
    const read = unescaped(rest);
    const safe = read === rest || once(read) === read ? rest : once(read);
    return safe.replace(privateKey, hiddenText).replace(credentials, `$<scheme>${hiddenText}@`);
  };
}

/** Letters, digits and what stands in names, where they are written as `%73`, `%2573` or `\u0073`. */
const unescaped = (text: string): string =>
  text.replaceAll(/(?:%(?:25)*|\\+u00|\\+x)([2-7][0-9a-f])/gi, (whole, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return /[\w.~-]/.test(character) ? character : whole;
  });

/**
 * Variables of this process that hold credentials, by their names; none of them is ever shown. The sandbox's passphrase is a word that anybody may
 * read, and one of the command line.
 */
export function secretsOf(environment: NodeJS.ProcessEnv): string[] {
  return Object.entries(environment).flatMap(([name, value = ""]) =>
    secretName.test(name) && !isFile(value) && value !== sandboxPassphrase ? [value] : [],
  );
}

const secretName = /TOKEN|SECRET|PASSWORD|PASSPHRASE|PRIVATE_KEY|ACCESS_KEY|CREDENTIAL|WEBHOOK/i;
const isFile = (value: string): boolean => value.startsWith("/") && !/\s/.test(value) && value.length < 200;

/** `user:password@` of any URL. */
const credentials = /(?<scheme>[a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/@:"'<>`]*:[^\s/@"'<>`]+@/gi;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** A secret, and what of it is one by itself. */
function partsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  return [
    secret,
    secret.trim(),
    ...(lines.length > 1 ? lines.filter((line) => line.length >= distinct && !line.startsWith("-----")) : []),
    ...partsOfUrl(secret),
    ...partsOfJson(secret),
    ...secret.split(/[\s,;|]+/).filter((piece) => piece.length >= window),
  ];
}

function partsOfUrl(secret: string): string[] {
  const [, authority = "", rest = ""] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^\s]*)$/i.exec(secret.trim()) ?? [];
  const [, user = "", password = ""] = /^([^:@]*)(?::(.*))?@/.exec(authority) ?? [];
  // What follows the host is the secret of a webhook.
  const pieces = rest.split(/[/?#&=]/).filter((piece) => piece.length >= window);
  return [password, decoded(password), ...(user.length >= window ? [user] : []), ...pieces];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The long texts within a JSON text; its short ones are words. */
function partsOfJson(secret: string): string[] {
  if (!/^\s*[[{]/.test(secret)) return [];
  const found: string[] = [];
  try {
    JSON.parse(secret, (_, value: unknown) => {
      if (typeof value === "string" && value.length >= window) found.push(...partsOf(value));
      return value;
    });
  } catch {
    return [];
  }
  return found;
}

/**
 * What is taken out. An expression is made only for a text that has the needle: a stack has a thousand of them, and all are slow to compile, few are
 * ever met.
 */
interface Pattern {
  /** Stands in every text that has what is looked for. */
  readonly needle: string;
  readonly where: keyof Views;
  readonly expression: () => RegExp;
}

/** A text, and how needles are looked for in it. */
interface Views {
  readonly asIs: string;
  readonly inSmallLetters: string;
  /** In one alphabet, and on one line. */
  readonly asBase64: string;
}

const viewsOf = (text: string): Views => ({
  asIs: text,
  inSmallLetters: text.toLowerCase(),
  asBase64: text.replaceAll(/\\n|\s|-|_|\\\/|%2[BbFf]/g, (sign) =>
    /^(?:\\n|\s)$/.test(sign) ? "" : /^(?:-|%2b)$/i.test(sign) ? "+" : "/",
  ),
});

function patternsOf(secret: string): Pattern[] {
  const hex = Buffer.from(secret).toString("hex");
  const inBase64 = (text: string): string[] => [0, 1, 2].map((offset) => base64Core(text, offset)).filter((core) => core.length > shortest);
  const once = inBase64(secret);
  // A registry's login is base64 in base64, where Kubernetes has it.
  const cores = new Set([...once, ...once.flatMap(inBase64)]);
  return [
    { needle: longestWord(secret), where: "asIs", expression: compiled(() => plainly(secret), "g") },
    ...(hex.length >= 2 * shortest ? [{ needle: hex, where: "inSmallLetters" as const, expression: compiled(() => hex, "gi") }] : []),
    ...[...cores].map((core): Pattern => {
      const source = (): string => `${around}*${[...core].map(ofBase64).join("(?:\\\\n|\\s)?")}${around}*(?:=|%3[Dd]){0,2}`;
      // Without its first two characters: what stands before may make one sign of them, as `%` does of `2B`.
      return { needle: core.slice(2), where: "asBase64", expression: compiled(source, "g") };
    }),
  ];
}

function compiled(source: () => string, flags: string): () => RegExp {
  let expression: RegExp | undefined;
  return () => (expression ??= new RegExp(source(), flags));
}

function plainly(secret: string): string {
  const plain = [...secret].map(alternatives).join("");
  return secret.length < distinct ? `(?<![A-Za-z0-9])${plain}(?![A-Za-z0-9])` : plain;
}

/** Letters and digits are escaped by nobody, or undone before: see {@link unescaped}. */
const longestWord = (secret: string): string =>
  (secret.match(/[A-Za-z0-9]+/g) ?? []).reduce((longest, word) => (word.length > longest.length ? word : longest), "");

/** A character as it is, percent-encoded (once or more often), escaped for JSON, or for HTML. */
function alternatives(character: string): string {
  const escaped = character.replace(/[$()*+./?[\\\]^{|}-]/, String.raw`\$&`);
  if (/^[A-Za-z0-9]$/.test(character)) return escaped;
  const percent = [...Buffer.from(character)].map((byte) => `%(?:25)*${anyCase(byte.toString(16).padStart(2, "0"))}`).join("");
  const units = [...Array(character.length).keys()].map((at) => character.charCodeAt(at));
  const unicode = units.map((unit) => `\\\\+u${anyCase(unit.toString(16).padStart(4, "0"))}`).join("");
  const code = character.codePointAt(0) ?? 0;
  const short = { '"': '\\\\+"', "\\": "\\\\{2,}", "/": "\\\\+/", "\n": "\\\\+n|\\r\\n", "\r": "\\\\+r", "\t": "\\\\+t" }[character];
  const named = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", " ": "\\+" }[character];
  const all = [escaped, percent, unicode, `&#(?:${code}|[xX]0*${anyCase(code.toString(16))});`, short, named];
  return `(?:${all.filter((one) => one !== undefined).join("|")})`;
}

const anyCase = (hex: string): string => hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** What of the base64 of anything that holds the secret at this place is the secret's alone. */
function base64Core(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const [from, to] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
  return bytes.toString("base64").slice(from, to);
}

/** What stands beside it holds bits of its first and last characters. */
const around = "[A-Za-z0-9+/_-]";
const ofBase64 = (character: string): string =>
  character === "+" ? "(?:[+-]|%2[Bb])" : character === "/" ? "(?:[/_]|\\\\/|%2[Ff])" : character;

/** Nothing that would be found in other texts too: no URL, no sentence, no JSON. */
const isRandom = (secret: string): boolean => secret.length >= window + 4 && /^[A-Za-z0-9+/=_.~!$-]+$/.test(secret) && /\d/.test(secret);

const windowsOf = (secret: string): string[] =>
  Array.from({ length: secret.length - window + 1 }, (_, at) => secret.slice(at, at + window));

function withoutWindows(text: string, windows: ReadonlySet<string>): string {
  if (windows.size === 0) return text;
  const spans: [number, number][] = [];
  for (let at = 0; at + window <= text.length; at += 1) {
    if (!windows.has(text.slice(at, at + window))) continue;
    const last = spans.at(-1);
    if (last && last[1] >= at) last[1] = at + window;
    else spans.push([at, at + window]);
  }
  return spans.reduceRight((rest, [from, to]) => rest.slice(0, from) + hiddenText + rest.slice(to), text);
}

/** A screen that shows no secret. It holds a line back until it is whole, since a secret may come in two pieces. */
export function scrubbed(screen: NodeJS.WritableStream, scrub: Scrub): Writable {
  let rest = "";
  return new Writable({
    decodeStrings: false,
    write(chunk: Buffer | string, _, done) {
      const lines = `${rest}${chunk.toString()}`.split("\n");
      rest = lines.pop() ?? "";
      if (lines.length > 0) screen.write(`${scrub(lines.join("\n"))}\n`);
      done();
    },
    final(done) {
      if (rest !== "") screen.write(scrub(rest));
      done();
    },
  });
}
