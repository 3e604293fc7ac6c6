/** Characters that nobody sees and that a comparison would stumble over. */
const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]/g;

/** How deep a value is taken apart: JSON in a list, quoted, percent-encoded, is four. */
const depth = 5;

/**
 * A value and everything inside it: the items of a list, the leaves of JSON, what stands in quotes or is percent-encoded. So a rule about
 * a text need not know in which way a service reads its variables.
 */
export function textsIn(value: string): readonly string[] {
  const found = new Set<string>();
  const walk = (text: string, left: number): void => {
    const plain = tidy(text);
    if (found.has(plain) || left === 0) return;
    found.add(plain);
    for (const inner of [...fromJson(plain), ...unquoted(plain), ...items(plain), ...decoded(plain)]) walk(inner, left - 1);
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
  return text
    .replace(/^[[({]|[\])}]$/g, "")
    .split(/[,;\s]+/)
    .map((item) => tidy(item).replace(/^["'`]+|["'`]+$/g, ""))
    .filter((item) => item !== "");
}

/** Without invisible characters and blanks around it, and with look-alikes such as a full-width asterisk made plain. */
export function tidy(text: string): string {
  return text.normalize("NFKC").replace(invisible, "").trim();
}

/** Whether a flag is up, in the words that libraries take for it. */
export function isTrue(value: string): boolean {
  return /^["']*(1|t|true|y|yes|on|enabled?|always)["']*$/i.test(tidy(value));
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

function fromJson(text: string): readonly string[] {
  const leaves = (value: unknown): string[] => {
    if (typeof value === "string") return [value];
    if (typeof value === "object" && value !== null) return Object.values(value).flatMap(leaves);
    return [];
  };
  return leaves(parsed(text));
}

function unquoted(text: string): readonly string[] {
  const [, , inner] = /^(["'`])([\s\S]*)\1$/.exec(text) ?? [];
  return inner === undefined ? [] : [inner];
}

function items(text: string): readonly string[] {
  const bare = text.replace(/^[[({]|[\])}]$/g, "");
  const parts = bare.split(/[,;\s|]+/).filter((part) => part !== "");
  return parts.length > 1 || bare !== text ? parts : [];
}

function decoded(text: string): readonly string[] {
  if (!/%[0-9a-f]{2}/i.test(text)) return [];
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}
