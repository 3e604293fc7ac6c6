import { looksRandom, secretIn } from "../../config/rules/keys.ts";
import { isSecretName } from "../../config/rules/names.ts";
import { appType } from "../verify.ts";
import type { Difference } from "./differences.ts";
import { secretFields } from "./held.ts";
import type { Property } from "./judge.ts";

/** What stands for a value that is not there. */
export const nothing = "(nothing)";

/** Longer values are cut: what matters is that they differ, and where. */
const longest = 200;

/**
 * A difference in words. What is a secret, or may be one, is said to be one and never shown. Pure.
 *
 * @param secrets Paths of an App's secret variables.
 */
export function shown(difference: Difference, type: string, secrets: readonly string[]): Omit<Property, "isAsked"> {
  const { path, expected, actual } = difference;
  if (isTimeOfSecret(type, path))
    return { path: "value", expected: `(secret, set ${text(expected)})`, actual: `(secret, set again ${text(actual)})` };
  // In an App all services are one secret list to Pulumi, so what is a secret is told by the API's own words.
  if (type === appType) {
    const isSecret = secrets.some((one) => one === path || `${one}.value` === path) || isSecretOfApp(difference);
    if (!isSecret) return { path, expected: text(redacted(expected)), actual: text(redacted(actual, isNothing(expected))) };
  } else if (!difference.isSecret) return { path, expected: text(plain(expected)), actual: text(plain(actual)) };
  const other = isNothing(expected) ? "(a value, not shown)" : "(another value, not shown)";
  return { path, expected: present(expected, "(secret)"), actual: present(actual, other) };
}

/** GitHub never gives a secret back; that somebody set it shows in its time. */
const isTimeOfSecret = (type: string, path: string): boolean => /Secret$/.test(type) && path === "remoteUpdatedAt";

/** A value of an App that is a secret by its name, its place or its form. */
function isSecretOfApp({ path, expected, actual }: Difference): boolean {
  const key = /envs\[([^\]]*)\](?:\.value)?$/.exec(path)?.[1];
  // Of a variable that nobody deployed there is no telling: a person may have put anything there. Chance in place of words is a key of somebody.
  if (key !== undefined)
    return (
      isSecretName(key) ||
      [expected, actual].some(isSealed) ||
      (isNothing(expected) && !path.endsWith(".value")) ||
      isRandom(actual) !== isRandom(expected)
    );
  return secretFields.test(/[^.[\]]+$/.exec(path)?.[0] ?? "");
}

const isRandom = (value: unknown): boolean => typeof value === "string" && looksRandom(value);
const isSealed = (value: unknown): boolean => typeof value === "string" && value.startsWith("EV[");

/** Something whole that came or went, without what is a secret in it, and without what nobody set. */
function redacted(value: unknown, isForeign = false): unknown {
  if (Array.isArray(value)) return value.map((one) => redacted(one, isForeign));
  if (typeof value !== "object" || value === null) return value;
  const { key, type, value: set } = value as { readonly key?: unknown; readonly type?: unknown; readonly value?: unknown };
  if (typeof key === "string" && set !== undefined)
    return { key, value: isForeign || type === "SECRET" || isSecretName(key) || isSealed(set) ? "(not shown)" : set };
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) =>
      hasContent(field) ? [[name, secretFields.test(name) ? "(not shown)" : redacted(field, isForeign)] as const] : [],
    ),
  );
}

/** What the cloud adds to an element of a list by itself says nothing of what somebody did. */
const byTheCloud = new Set(["uuid", "createdAt"]);

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, field]) => !byTheCloud.has(name) && hasContent(field)));
}

const hasContent = (value: unknown): boolean =>
  !isNothing(value) && value !== "" && value !== 0 && value !== false && !(Array.isArray(value) && value.length === 0);
const isNothing = (value: unknown): boolean => value === undefined || value === null;
const present = (value: unknown, words: string): string => (isNothing(value) ? nothing : words);

/** A value as findings have it, where it is marked as no secret. */
export function text(value: unknown): string {
  if (isNothing(value)) return nothing;
  const open = veiled(value);
  if (typeof value === "string" && open !== value) return String(open);
  const whole = typeof open === "string" ? `"${open}"` : JSON.stringify(open);
  return whole.length > longest ? `${whole.slice(0, longest)}…` : whole;
}

/** The same without what says by its form that it is a key or holds a password, wherever somebody has put it. */
function veiled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(veiled);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, veiled(field)]));
  // A command has one among its words.
  const what = typeof value === "string" ? [value, ...value.split(/\s+/)].map(secretIn).find((one) => one !== undefined) : undefined;
  return what === undefined ? value : `(not shown: ${what})`;
}
