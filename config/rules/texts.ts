/** Characters that nobody sees and that a comparison would stumble over. */
const invisible =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]/g;

/** Letters and signs of other scripts that look like plain ones, and are not made plain by Unicode's own rules. */
const lookalikes: ReadonlyMap<string, string> = new Map(
  Object.entries({ а: "a", с: "c", ԁ: "d", е: "e", һ: "h", і: "i", ј: "j", о: "o", р: "p", ѕ: "s", х: "x", у: "y", "∗": "*", "⁎": "*" }),
);
const foreign = new RegExp(`[${[...lookalikes.keys()].join("")}]`, "gi");

/** How deep a value is taken apart: JSON in a list, quoted, percent-encoded, is four. */
const depth = 6;

/**
 * A value and everything inside it: the items of a list, the leaves of JSON, what stands in quotes, is percent-encoded, escaped or
 * base64. So a rule about a text need not know in which way a service reads its variables.
 */
export function textsIn(value: string): readonly string[] {
  return apart(value, (text) => [...leaves(parsed(text)), ...otherwise(text), ...items(text)]);
}

/** The same text read in other ways, as long as it is the whole of the value: unquoted, decoded, the one item of a list. */
export function readingsOf(value: string): readonly string[] {
  return apart(value, (text) => {
    const json = leaves(parsed(text));
    return [...(json.length === 1 ? json : []), ...otherwise(text)];
  });
}

function apart(value: string, into: (text: string) => readonly string[]): readonly string[] {
  const found = new Set<string>();
  const walk = (text: string, left: number): void => {
    const plain = tidy(text);
    if (found.has(plain) || left === 0) return;
    found.add(plain);
    for (const inner of into(plain)) walk(inner, left - 1);
  };
  walk(value, depth);
  return [...found];
}

/** The items of a list as services read it: a JSON array, or separated by commas, semicolons or spaces. One item is a list too. */
export function listItems(value: string): readonly string[] {
  const text = tidy(value);
  const json = parsed(text);
  if (Array.isArray(json)) return json.map((item) => (typeof item === "string" ? tidy(item) : JSON.stringify(item)));
  if (typeof json === "string") return listItems(json);
  return withoutBrackets(text)
    .split(/[,;|\s]+/)
    .map(unquoted)
    .filter((item) => item !== "");
}

/** The named values inside of one: fields of JSON, of a query, and of a connection string (`host=db password=…`). */
export function fieldsIn(value: string): readonly (readonly [name: string, value: string])[] {
  return textsIn(value).flatMap((text) => [...jsonFields(parsed(text)), ...pairs(text)]);
}

/** Without invisible characters and blanks around it, and with look-alikes such as a full-width asterisk made plain. */
export function tidy(text: string): string {
  return text.normalize("NFKC").replace(invisible, "").trim();
}

/** Without the quotes that some tools leave around a value. */
export function unquoted(value: string): string {
  return tidy(value).replace(/^["'`]+|["'`]+$/g, "");
}

/** Whether a flag is up, in the words that libraries take for it. */
export function isTrue(value: string): boolean {
  return /^(1|t|true|y|yes|on|enabled?|always)$/i.test(unquoted(value).trim());
}

/** Whether a flag is down. */
export function isFalse(value: string): boolean {
  return /^(0+|0x0+|f|false|n|no|off|none|never|disabled?)$/i.test(unquoted(value).trim());
}

/** `jwtSecret` and `jwt-secret` as `JWT_SECRET`, so that the spelling of a name hides nothing. */
export function upperSnake(name: string): string {
  return tidy(name)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
}

function parsed(text: string): unknown {
  if (!/^[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function leaves(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [];
}

/** Every text below a key, by that key; those of a list by the key of the list. */
function jsonFields(value: unknown, name = ""): [string, string][] {
  if (typeof value === "string" || typeof value === "number") return name === "" ? [] : [[name, String(value)]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => jsonFields(inner, Array.isArray(value) ? name : key));
}

/** `name=value`, apart from others by blanks, `;`, `&` or `?`; `--name value` and `name: value` too. A name may hold one blank, as in `User Id`. */
function pairs(text: string): [string, string][] {
  const found = text.matchAll(/(?<=^|[\s;&?,]|--)([a-z][\w.-]*(?: (?:id|mode|level))?)\s*(?:=|:\s)\s*("[^"]*"|'[^']*'|[^\s;&]*)/gi);
  const options = text.matchAll(/(?<=^|\s)--([a-z][\w-]*)\s+([^\s-]\S*)/gi);
  return [...found, ...options].map(([, name = "", value = ""]) => [name, unquoted(decodedOr(value))]);
}

/** What else a text says: unquoted, decoded, in plain letters. */
function otherwise(text: string): readonly string[] {
  const [, , quoted] = /^(["'`])([\s\S]*)\1$/.exec(text) ?? [];
  return [
    ...(quoted === undefined ? [] : [quoted]),
    ...(/%[0-9a-f]{2}/i.test(text) ? [decodedOr(text)] : []),
    text.replace(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, long: string | undefined, short: string | undefined) =>
      String.fromCharCode(Number.parseInt(long ?? short ?? "0", 16)),
    ),
    text.replace(foreign, (letter) => lookalikes.get(letter.toLowerCase()) ?? letter),
    ...fromBase64(text),
  ];
}

function items(text: string): readonly string[] {
  const bare = withoutBrackets(text);
  const parts = bare.split(/[,;\s|]+/).filter((part) => part !== "");
  return parts.length > 1 || bare !== text ? parts : [];
}

/** `[a, b]` as `a, b`; a bracket that stands at one end only is part of an address. */
function withoutBrackets(text: string): string {
  return /^(?:\[[\s\S]*\]|\([\s\S]*\)|\{[\s\S]*\})$/.test(text) ? text.slice(1, -1) : text;
}

function decodedOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What base64 stands for, where that is text. */
function fromBase64(text: string): readonly string[] {
  const bare = text.replace(/^Basic /i, "");
  if (!/^[\w+/-]{8,}={0,2}$/.test(bare) || (bare === text && text.replace(/=+$/, "").length % 4 === 1)) return [];
  const bytes = Buffer.from(bare.replaceAll("-", "+").replaceAll("_", "/"), "base64").toString("latin1");
  return /^[\t\n\r\x20-\x7e]{5,}$/.test(bytes) ? [bytes] : [];
}
