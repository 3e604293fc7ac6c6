import { createHmac } from "node:crypto";
import { hiddenText } from "../scrub.ts";
import { addressOfRule } from "./routes.ts";
import { isSecretField, isVariable, isVisible } from "./visible.ts";

/** What may not be shown. Prints as `[secret]`, however it is printed. */
export class Hidden {
  /** Undefined: nobody here knows it. */
  readonly #text: string | undefined;

  constructor(value?: unknown) {
    this.#text = value === undefined || value === hiddenText ? undefined : JSON.stringify(value);
  }

  /** Whether it is another one's value; where one of them is not known, nobody can tell, and they are taken for different. */
  equals(other: unknown): boolean {
    return other instanceof Hidden && this.#text !== undefined && this.#text === other.#text;
  }

  /** A name for the value, which nobody can test a guess with who lacks the key. */
  digest(key: string): string {
    return this.#text === undefined ? hiddenText : createHmac("sha256", key).update(this.#text).digest("hex");
  }

  /** The value itself, for who knows by something else that it may be shown. */
  open(): unknown {
    return this.#text === undefined ? this : (JSON.parse(this.#text) as unknown);
  }

  toJSON(): string {
    return hiddenText;
  }

  toString(): string {
    return hiddenText;
  }
}

/** Texts of secrets, with where each one stands: the name of its variable, or its path. In memory only. */
export type Secrets = Map<string, string>;

/** Inputs or outputs, as JSON with {@link Hidden} in it. */
export type Values = Readonly<Record<string, unknown>>;

/** How the engine writes a value that only the run itself will know. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether some of a value will only be known by the run. */
export const isUnknown = (value: unknown): boolean =>
  value === unknown || (typeof value === "object" && value !== null && Object.values(value).some(isUnknown));

const mark = "4dabf18193072939515e22adb298388d";

interface Secret {
  readonly plaintext?: string;
}

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Hidden);
const isSecret = (value: unknown): value is Secret => isObject(value) && mark in value;

/** What a marked value holds; undefined where it is encrypted. */
function opened({ plaintext }: Secret): unknown {
  try {
    return plaintext === undefined ? undefined : (JSON.parse(plaintext) as unknown);
  } catch {
    return undefined;
  }
}

/**
 * Fills in what an engine's preview hides, where it may be shown, and hides what it shows and may not be. Pure.
 *
 * @param shown As the preview shows it, with `[secret]` for whole lists.
 * @param full The same with marks and texts of secrets; undefined: not known, all that is hidden stays so.
 * @param secrets Takes what was hidden, for the scrubber.
 */
export function reveal(token: string, shown: unknown, full: unknown, secrets: Secrets, path = "", sibling: Values = {}): unknown {
  if (shown === hiddenText || isSecret(shown)) return isSecret(full) ? inside(token, opened(full), secrets, path, sibling) : new Hidden();
  if (isSecretField(path, sibling)) return hide(shown, secrets, placeOf(path, sibling));
  if (Array.isArray(shown))
    return shown.map((one, at) => reveal(token, one, Array.isArray(full) ? full[at] : undefined, secrets, `${path}[${at}]`));
  if (!isObject(shown)) return shown;
  return fields(shown, (key, value) => reveal(token, value, isObject(full) ? full[key] : undefined, secrets, join(path, key), shown));
}

/** What stands inside a secret: hidden, but for what is known to be none. */
function inside(token: string, value: unknown, secrets: Secrets, path: string, sibling: Values): unknown {
  if (isSecret(value)) {
    const text = opened(value);
    // The engine marks every variable's value; its type says which ones are secrets. An App's outputs have none for the others.
    if (!isVariable(path) || sibling["type"] === "SECRET") return hide(text, secrets, placeOf(path, sibling));
    return isVisible(token, path, sibling) ? text : new Hidden(text);
  }
  if (Array.isArray(value)) return value.map((one, at) => inside(token, one, secrets, `${path}[${at}]`, {}));
  if (isObject(value)) return fields(value, (key, one) => inside(token, one, secrets, join(path, key), value));
  if (value === unknown || value === null || isVisible(token, path, sibling)) return value;
  // A secret by itself, or a part of a list that is one because of its neighbours: that is no reason to look for it in every text.
  return path.includes("[") && !isSecretField(path, sibling) ? new Hidden(value) : hide(value, secrets, placeOf(path, sibling));
}

const placeOf = (path: string, { key }: Values): string => (typeof key === "string" ? key : path);

/** Keeps every text of it for the scrubber. */
function hide(value: unknown, secrets: Secrets, place: string): Hidden | typeof unknown {
  if (value === unknown) return unknown;
  keep(value, secrets, place);
  return new Hidden(value);
}

function keep(value: unknown, secrets: Secrets, place: string): void {
  if (typeof value === "string" && value !== unknown && value !== hiddenText) secrets.set(value, place);
  else if (isSecret(value)) keep(opened(value), secrets, place);
  else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) keep(one, secrets, place);
}

/** Inputs or outputs as a state holds them with its secrets in the clear, as far as they may be shown; the secrets go to `secrets`. */
export const showable = (token: string, full: Values, secrets: Secrets): Values => reveal(token, masked(full), full, secrets) as Values;

const masked = (value: unknown): unknown =>
  isSecret(value)
    ? hiddenText
    : Array.isArray(value)
      ? value.map(masked)
      : isObject(value)
        ? fields(value, (_, one) => masked(one))
        : value;

const join = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** What the engine notes for itself is left out. */
const fields = (value: Values, of: (key: string, value: unknown) => unknown): Values =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "__defaults" && key !== "__meta")
      .map(([key, one]) => [key, of(key, one)]),
  );

/** The parts of a path as the engine writes it: `spec.services[0].envs`, `labels["a.b"]`. */
export function partsOfPath(path: string): (string | number)[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, name = ""]) =>
    quoted !== undefined ? quoted.replaceAll(/\\(.)/g, "$1") : index !== undefined ? Number(index) : name,
  );
}

/** What stands at a path; hidden where something on the way is. */
export function valueAt(values: unknown, path: string): unknown {
  return partsOfPath(path).reduce<unknown>((value, part) => {
    if (value instanceof Hidden || value === unknown) return value;
    if (value === hiddenText) return new Hidden();
    return typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[part] : undefined;
  }, values);
}

/** Whether some of a value is hidden. */
export const hasHidden = (value: unknown): boolean =>
  value instanceof Hidden || (typeof value === "object" && value !== null && Object.values(value).some(hasHidden));

/**
 * What stands after a change that failed: the engine keeps what was asked for before, and the cloud has what the change asked for. What a provider
 * fills in beside it stays out. Pure.
 *
 * @param there What the provider says of the object.
 */
export function standing(asked: unknown, there: unknown): unknown {
  if (there === undefined || there === null) return asked;
  // A provider marks every variable's value; what was asked for says which ones may be shown.
  if (there instanceof Hidden) return asked instanceof Hidden || asked === undefined ? there : there.open();
  if (Array.isArray(asked) && Array.isArray(there)) {
    const isByName = isNamed(asked, there);
    const formers: readonly unknown[] = asked;
    const formerOf = (one: unknown, at: number): unknown =>
      isByName ? formers.find((other) => labelOf(other) === labelOf(one)) : formers[at];
    return there.map((one: unknown, at) => {
      const former = formerOf(one, at);
      return former === undefined ? one : standing(former, one);
    });
  }
  if (isObject(asked) && isObject(there)) {
    // Somebody may have made it a secret with that change.
    const isSecretNow = there["type"] === "SECRET" && asked["type"] !== "SECRET";
    return fields(asked, (key, one) => (isSecretNow && key === "value" ? (there[key] ?? one) : standing(one, there[key])));
  }
  return there;
}

/** One difference between two values. */
export interface Difference {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}

/**
 * The single differences of two values, down to their leaves. Elements of a list are compared by {@link places}, since the engine compares
 * some lists as a whole and others by position; a path says where the element stands, after the change where it still does. A list of named
 * elements that comes or goes is its elements: whoever removes the last worker removes that worker. Pure.
 */
export function differences(former: unknown, next: unknown, path: string): Difference[] {
  const [from, to] = [isListOfNamed(next) ? (former ?? []) : former, isListOfNamed(former) ? (next ?? []) : next];
  if (Array.isArray(from) && Array.isArray(to)) return pairs(from, to).flatMap(([at, a, b]) => differences(a, b, `${path}[${at}]`));
  if (isObject(from) && isObject(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) => differences(from[key], to[key], join(path, key)));
  if (from instanceof Hidden ? from.equals(to) : JSON.stringify(from) === JSON.stringify(to) && !hasHidden(to)) return [];
  return [{ path, from, to }];
}

/** What names an element of a list, best first; a check that GitHub asks for goes by its context. */
const nameFields = ["key", "name", "fileName", "id", "context"] as const;

/** What tells an element of a list from the others. One that is nothing but an id is that value, and has no name. */
function nameIn(one: unknown): string | undefined {
  if (!isObject(one)) return undefined;
  const field = nameFields.find((key) => one[key] !== undefined && one[key] !== null);
  if (field === undefined || (field === "id" && Object.keys(one).length === 1)) return undefined;
  const name = one[field];
  return typeof name === "string" ? name : undefined;
}

/** Rules of an App's ingress are told apart by the address that they are about. */
const labelOf = (one: unknown): string | undefined => nameIn(one) ?? addressOfRule(one);

/** The names of a list's elements, in order. */
const namesIn = (list: readonly unknown[]): (string | undefined)[] => list.map(labelOf);

/** Whether all elements of two lists are told apart by name. */
export function isNamed(from: readonly unknown[], to: readonly unknown[]): boolean {
  const all = [...from, ...to];
  return all.length > 0 && [from, to].every((list) => new Set(namesIn(list)).size === list.length) && all.every(labelOf);
}

const isListOfNamed = (value: unknown): value is unknown[] => Array.isArray(value) && isNamed(value, []);

/** Whether an element stands for another one as it is, whatever a provider has filled in beside what was asked for. */
function isSame(from: unknown, to: unknown): boolean {
  const asked = isObject(from) && isObject(to) ? Object.fromEntries(Object.keys(to).map((key) => [key, from[key]])) : from;
  return differences(asked, to, "").length === 0;
}

/**
 * Which element of a list after the change is which one of before, by their places; either may have none. Those with names go by them. Others are
 * what they are wherever they stand, since providers give some lists back in an order of their own; what is left is paired in order.
 */
export function places(from: readonly unknown[], to: readonly unknown[]): (readonly [from: number | undefined, to: number | undefined])[] {
  const isNamedList = isNamed(from, to);
  const left = new Set(from.keys());
  const found = to.map((one, at) => {
    const fits = (other: number): boolean =>
      left.has(other) && (isNamedList ? labelOf(from[other]) === labelOf(one) : isSame(from[other], one));
    const other = fits(at) ? at : [...left].find(fits);
    if (other !== undefined) left.delete(other);
    return other;
  });
  const others = isNamedList ? [] : [...left];
  const paired = found.map((other, at) => {
    const taken = other ?? others.shift();
    if (taken !== undefined) left.delete(taken);
    return [taken, at] as const;
  });
  return [...paired, ...[...left].map((at) => [at, undefined] as const)];
}

const pairs = (from: readonly unknown[], to: readonly unknown[]): [number, unknown, unknown][] =>
  places(from, to).map(([was, is]) => [is ?? was ?? 0, was === undefined ? undefined : from[was], is === undefined ? undefined : to[is]]);
