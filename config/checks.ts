import { didYouMean, list, quote } from "./problems.ts";

/**
 * Checks of one option, for what no type can hold: values come from stack files and from other programs too. Each gives the option, what is
 * wrong with its value, and the way out; undefined where nothing is, or where the option is left out.
 */
type Checked = string | undefined;

/** A whole number between two others, or from one on. */
export function whole(option: string, value: number | undefined, least: number, most = Infinity): Checked {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return undefined;
  return `${option}: must be a whole number ${most === Infinity ? `from ${least} on` : `between ${least} and ${most}`}, got ${quote(value)}.`;
}

/** A number between two others, both allowed. */
export function between(option: string, value: number | undefined, least: number, most: number, unit = ""): Checked {
  if (value === undefined || (typeof value === "number" && value >= least && value <= most)) return undefined;
  return `${option}: must be between ${least} and ${most}${unit}, got ${quote(value)}.`;
}

/** One of a few words or numbers. */
export function oneOf(option: string, value: string | number | undefined, known: readonly (string | number)[]): Checked {
  if (value === undefined || known.includes(value)) return undefined;
  return `${option}: ${quote(value)} is not one of ${list(known)}.${didYouMean(String(value), known.map(String))}`;
}

/** Options whose names nobody knows. */
export function onlyKnown(option: string, given: object, known: readonly string[]): string[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => `${option}: unknown key ${quote(name)}.${didYouMean(name, known) || ` Known: ${list(known)}.`}`);
}

/** A port of a machine. */
export const port = (option: string, value: number | undefined): Checked => whole(option, value, 1, 65_535);

/** A path of a URL. */
export function urlPath(option: string, value: string | undefined): Checked {
  if (value === undefined || /^\/[^\s?#]*$/.test(value)) return undefined;
  if (/^[^\s?#/]/.test(value) && !/[\s?#]/.test(value))
    return `${option}: ${quote(value)} does not begin with "/". Write ${quote(`/${value}`)}.`;
  return `${option}: ${quote(value)} is no path. Write one such as "/healthz", without blanks, "?" and "#".`;
}

/** The name of an environment variable, as shells and both platforms take it. */
export function variableName(option: string, name: string): Checked {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return undefined;
  const meant = name.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
  const way = meant === "" ? "" : ` Write ${quote(meant)}.`;
  return `${option}: ${quote(name)} cannot be the name of a variable, which has letters, digits and "_", and no digit first.${way}`;
}

/** A time as RFC 3339 writes it. */
export function time(option: string, value: string | undefined): Checked {
  if (value === undefined) return undefined;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.exec(value)?.map(Number) ?? [];
  const days = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  const isTime =
    month !== undefined &&
    month >= 1 &&
    month <= 12 &&
    (day ?? 0) >= 1 &&
    (day ?? 0) <= days &&
    (hour ?? 24) < 24 &&
    (minute ?? 60) < 60 &&
    (second ?? 60) < 60;
  return isTime ? undefined : `${option}: ${quote(value)} is no time. Write it as RFC 3339 does, such as "2026-11-20T03:00:00Z".`;
}

/** The name of a host: labels of letters, digits and hyphens. */
export function hostName(option: string, value: string | undefined): Checked {
  if (
    value === undefined ||
    (value.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value))
  )
    return undefined;
  return `${option}: ${quote(value)} is no host. Write one such as "www.example.com".`;
}

/** An address that begins with one of a few schemes, with a host and nothing that is secret. */
export function url(option: string, value: string | undefined, schemes: readonly string[]): Checked {
  if (value === undefined) return undefined;
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  // A password in it would be shown with it.
  if (parsed !== undefined && (parsed.username !== "" || parsed.password !== ""))
    return `${option}: holds a user or password (not shown). Take it out.`;
  if (parsed !== undefined && parsed.hostname !== "" && schemes.includes(parsed.protocol.slice(0, -1)) && !/\s/.test(value))
    return undefined;
  return `${option}: ${quote(value)} is no address. It begins with ${list(schemes.map((scheme) => `${scheme}://`))} and names a host.`;
}

/** A command, word by word. */
export function command(option: string, words: readonly string[] | undefined): Checked {
  if (
    words === undefined ||
    (words.length > 0 && words[0] !== "" && words.every((word) => typeof word === "string" && !word.includes("\0")))
  )
    return undefined;
  return `${option}: names no program. Write it word by word, such as ["alembic", "upgrade", "head"], or leave it out.`;
}

/** Names or numbers that stand in a list more than once. */
export function twice(option: string, values: readonly (string | number)[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))].map(
    (value) => `${option}: ${quote(value)} stands there twice. Remove one of them.`,
  );
}
