import { isDeepStrictEqual } from "node:util";
import { fingerprint } from "../../config/fingerprint.ts";
import { readSealed, type Sealed, sealedValues } from "../../config/sealed.ts";
import { appType } from "../verify.ts";
import type { Look } from "./copy.ts";
import { type Difference, differences, labelOf, valueAt } from "./differences.ts";
import { openingOf } from "./exposure.ts";
import { bare, type Held } from "./held.ts";
import { heirsOf } from "./heirs.ts";
import { placeOf, settledBy } from "./settled.ts";
import { shown } from "./shown.ts";

/** A property that is not what was last deployed. Secrets are words here. */
export interface Property {
  /** `spec.services[backend].envs[LOG_LEVEL].value` */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  /** Whether the program says what it is to be, if only by its silence. What it does not, an `up` cannot set back. */
  readonly isAsked: boolean;
  /** Who was given the value that was deployed: `App app (spec)`. Left out where nobody was, or the program asks for it. */
  readonly heirs?: readonly string[];
}

/** One resource that is not as it was deployed. */
export interface Finding {
  readonly urn: string;
  /** Pulumi's token. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly id: string;
  /** `gone`: the cloud has it no more. `unread`: whether it is as it was cannot be told. */
  readonly kind: "changed" | "gone" | "unread";
  readonly properties: readonly Property[];
  /** Why it cannot be read. */
  readonly why?: string;
  /** What it opened to everybody, in words such as `database open to the internet`. */
  readonly opening?: string;
}

/** What was found, and what could not be compared. */
export interface Judgement {
  readonly findings: readonly Finding[];
  /** Whole sentences. */
  readonly notes: readonly string[];
}

/** Compares what the state says with what the cloud says. Leaves out what the one list of {@link settled} explains, and nothing else. Pure. */
export function judge({ expected, actual, named, unread }: Look): Judgement {
  const sealed = recordOf(expected);
  const notes = new Set<string>();
  const findings = expected.flatMap((before): Finding[] => {
    if (before.isComponent) return [];
    const { urn, type, name, id } = before;
    const finding = { urn, type, name, id };
    const words = unread.get(urn);
    // A few plugins end a refresh where something is gone.
    if (words !== undefined && !isGone(type, words)) return [{ ...finding, kind: "unread", properties: [], why: words }];
    const after = actual.get(urn);
    const opening = openingOf(before, words === undefined ? after : undefined);
    const opens = opening === undefined ? {} : { opening };
    if (words !== undefined || after === undefined) return [{ ...finding, kind: "gone", properties: [], ...opens }];
    const properties = ofResource(before, after, named.get(urn), sealed.record, (value) => heirsOf(expected, before, value));
    if (before.isFailed === true)
      notes.add(
        `The last change of ${type.split(":").at(-1)} ${name} failed, and the cloud keeps what it asked for: that is what it was compared with.`,
      );
    if (type === appType && sealed.why !== undefined && Object.keys(sealedValues(specOf(after))).length > 0)
      notes.add(`Whether a secret of the App was replaced by hand cannot be told: ${sealed.why}.`);
    return properties.length === 0 ? [] : [{ ...finding, kind: "changed", properties, ...opens }];
  });
  return { findings, notes: [...notes] };
}

/**
 * Whether the cloud itself answered that it has no such thing. By the form in which its clients say that, and never by a word: `not found` is also
 * said of credentials and of hosts. GitHub answers 404 to whoever may not look, and its plugin knows by itself what is gone.
 */
export const isGone = (type: string, words: string): boolean =>
  type.startsWith("digitalocean:") &&
  (/\bGET https?:\/\/[^\s"]+\/v2\/[^\s"]+: 404 /.test(words) ||
    (/\bNoSuch(?:Bucket|BucketPolicy|CORSConfiguration|Key)\b/.test(words) && /\bstatus ?code: 404\b/i.test(words)));

const specOf = ({ outputs }: Held): unknown => bare(outputs["spec"]);

/** What the last run wrote down of the App's secrets, or why nothing fits. */
function recordOf(expected: readonly Held[]): { readonly record?: Sealed; readonly why?: string } {
  const app = expected.find(({ type }) => type === appType);
  if (app === undefined) return {};
  const state = expected.map(({ type, name, outputs }) => ({ type, name, outputs: bare(outputs) as Record<string, unknown> }));
  const record = readSealed(state);
  if (record === undefined) return { why: "no run has written down what the cloud made of them; the next deployment does" };
  // A deployment that failed has given the cloud its secrets all the same.
  if (record.app !== app.id || record.asked !== fingerprint(specOf(app)))
    return { why: "the last deployment did not come to serve, and what it gave the cloud was not written down" };
  return { record };
}

function ofResource(
  before: Held,
  after: Held,
  named: readonly string[] | undefined,
  record: Sealed | undefined,
  heirsWith: (value: unknown) => readonly string[],
): Property[] {
  const sealedNow = before.type === appType ? sealedValues(specOf(after)) : {};
  const place = { expected: before, actual: after, sealed: record, sealedNow };
  const all = differences(before.outputs, after.outputs);
  const containers = (named ?? []).map((path) => ({ path, within: containerOf(path, before.outputs, after.outputs) }));
  // What the program asks for is compared by the plugin, which knows which forms are one. What it does not ask for is compared here.
  const asked = bare(before.inputs);
  const isAsked = ({ path }: Difference): boolean => asksFor(asked, path);
  const isNamed = ({ path }: Difference): boolean => containers.some(({ within }) => touches(path, within));
  // After a change that failed the plugin compares with what was asked for before, and names what that change asked for.
  const isNewer = ({ path, expected }: Difference): boolean =>
    before.isFailed === true && !isDeepStrictEqual(bare(valueAt(before.inputs, path)), expected);
  const told = all.filter((one) => !isAsked(one) || isNamed(one) || isNewer(one)).filter((one) => settledBy(one, place) === undefined);
  // Beside any other change a plugin also names what it fills in by itself, and what nobody has set: that says nothing more.
  const isThere = ({ path }: { readonly path: string }): boolean => [before, after].some(({ outputs }) => !isNothing(reach(outputs, path)));
  const valueIn = ({ outputs }: Held, path: string): unknown => bare(valueAt(outputs, path));
  const unexplained = containers
    .filter(({ within }) => !all.some(({ path }) => touches(path, within)))
    .filter((one) => told.length === 0 || isThere(one))
    .filter(({ within }) => before.isFailed !== true || !isDeepStrictEqual(valueIn(before, within), valueIn(after, within)))
    // Credentials stand in the state as the cloud gives them back, so the plugin compares what was sent with that, and never finds them equal.
    .filter(({ within: path }) => {
      const [expected, actual] = [valueIn(before, path), valueIn(after, path)];
      return settledBy({ path, expected, actual, isSecret: true }, place) === undefined;
    });
  const replaced = replacedByHand(record, sealedNow);
  // One that was a secret stays one to us, even where somebody has made it an ordinary variable.
  const secrets = before.type === appType ? [before, after].flatMap((one) => secretVariables(specOf(one), "spec")) : [];
  return [
    ...told
      .filter(({ path }) => !replaced.has(placeOf(path)))
      .map((one) => {
        const property = { ...shown(one, before.type, secrets), isAsked: isAsked(one) || isNamed(one) };
        const heirs = property.isAsked ? [] : heirsWith(one.expected);
        return heirs.length === 0 ? property : { ...property, heirs };
      }),
    ...all
      .filter(({ path }) => replaced.has(placeOf(path)))
      .map(({ path }) => ({ path, expected: "(secret, as last deployed)", actual: "(secret, another value)", isAsked: true })),
    ...unexplained.map(({ path }) => ({
      path,
      expected: "(as last deployed)",
      actual: "(the plugin says that it differs, not how)",
      isAsked: true,
    })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Secrets that are in the cloud otherwise than the last deployment left them there. */
function replacedByHand(record: Sealed | undefined, now: Readonly<Record<string, string>>): ReadonlySet<string> {
  if (record === undefined) return new Set();
  return new Set(
    Object.entries(now).flatMap(([place, value]) => (record.values[place] === value || !(place in record.values) ? [] : [place])),
  );
}

/** Paths of an App's secret variables. */
function secretVariables(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => secretVariables(one, `${path}[${labelOf(one) ?? String(index)}]`));
  if (typeof value !== "object" || value === null) return [];
  if ("key" in value && "type" in value) return value.type === "SECRET" ? [path] : [];
  return Object.entries(value).flatMap(([name, field]) => secretVariables(field, `${path}.${name}`));
}

/** Whether inputs say what a property is to be. An element that somebody added to a list is part of what they say. */
function asksFor(inputs: unknown, path: string): boolean {
  let value = inputs;
  for (const step of path.match(/[^.[\]]+|\[[^\]]*\]/g) ?? []) {
    if (Array.isArray(value)) {
      const name = step.slice(1, -1);
      value = value.find((one, index) => (labelOf(one) ?? String(index)) === name);
      if (value === undefined) return true;
    } else {
      value = fieldOf(value, step);
      if (value === undefined || value === null) return false;
    }
  }
  return true;
}

/** Whether one of two paths leads into the other. */
const touches = (path: string, other: string): boolean => isWithin(path, other) || isWithin(other, path);
const isWithin = (path: string, outer: string): boolean => path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);

/**
 * The engine's path with elements by their names, as far as its numbers can be trusted: those of a set are places in one of two orders, so what is
 * in a list whose elements have no name, or are variables, is known only as that list. Pure.
 */
export function containerOf(path: string, before: unknown, after: unknown): string {
  let at = "";
  let [left, right] = [bare(before), bare(after)];
  for (const step of path.match(/[^.[\]]+|\[\d+\]/g) ?? []) {
    if (!step.startsWith("[")) {
      at = at === "" ? step : `${at}.${step}`;
      [left, right] = [fieldOf(left, step), fieldOf(right, step)];
      continue;
    }
    const index = Number(step.slice(1, -1));
    const [one, other] = [(left as unknown[] | undefined)?.[index], (right as unknown[] | undefined)?.[index]];
    const [name, another] = [labelOf(one), labelOf(other)];
    if (name === undefined || name !== another || at.endsWith("envs")) return at;
    at = `${at}[${name}]`;
    [left, right] = [one, other];
  }
  return at;
}

/** What the engine's path leads to. */
const reach = (value: unknown, path: string): unknown =>
  (path.match(/[^.[\]]+|\[\d+\]/g) ?? []).reduce<unknown>(
    (from, step) => (step.startsWith("[") ? (from as unknown[] | undefined)?.[Number(step.slice(1, -1))] : fieldOf(from, step)),
    bare(value),
  );
const isNothing = (value: unknown): boolean => value === undefined || value === null;

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
