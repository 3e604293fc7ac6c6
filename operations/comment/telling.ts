import { propertyRules } from "../dangers/properties.ts";
import { type PlannedStep, renderValue } from "../plan.ts";
import { kindOf, plainly, type Program, sourceOf } from "../plan/programs.ts";
import { isText } from "../plan/texts.ts";
import { isUnknown, type Values } from "../plan/values.ts";

/** A property of something that is made; without a value where that is all that is said. */
export interface Telling {
  readonly path: string;
  readonly value?: string;
  /** The same, where it has several lines. */
  readonly text?: string;
}

/** So many are shown of one thing. */
const most = 12;

/** What fits on one line. */
const line = 100;

/**
 * What says of something that is made what it will be: what the program asked for, and no default; first that which may hurt. What only the run
 * will know tells nothing. Nothing for what stands already. Pure.
 */
export function tellingOf({ op, type, after, defaults }: PlannedStep): Telling[] {
  if ((op !== "create" && op !== "import") || after === undefined) return [];
  const given = Object.entries(after).filter(([key, value]) => !defaults.includes(key) && !isEmpty(value));
  const all = given.flatMap(([key, value]) => lines(key, value));
  const hurts = ({ path }: Telling): boolean =>
    propertyRules.some((rule) => rule.of.includes(type) && rule.path.source !== "." && rule.path.test(path));
  // What has many lines would stand between those that have one.
  const short = all.filter(({ text }) => text === undefined);
  const sorted = [...short.filter(hurts), ...short.filter((one) => !hurts(one)), ...all.filter(({ text }) => text !== undefined)].map(
    ({ path, ...rest }) => ({
      path: path.replace(/^spec\./, ""),
      ...rest,
    }),
  );
  const left = sorted.length - most;
  return left <= 0 ? sorted : [...sorted.slice(0, most), { path: `… and ${left} more` }];
}

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (Array.isArray(value) && value.every((one) => isEmpty(one) || isWhollyUnknown(one))) ||
  isWhollyUnknown(value);

const isWhollyUnknown = (value: unknown): boolean => typeof value === "string" && isUnknown(value);

function lines(path: string, value: unknown): Telling[] {
  if (isEmpty(value)) return [];
  if (/^spec\.(?:services|workers|jobs|staticSites|functions)$/.test(path) && Array.isArray(value))
    return (value as readonly unknown[]).flatMap((one) => (isObject(one) ? [program(path.slice("spec.".length), one)] : []));
  const text = renderValue(value);
  if (isText(value)) return [{ path, value: text, text: value }];
  if (!isObject(value) || text.length <= line - path.length) return path === "spec.name" ? [] : [{ path, value: text }];
  return Object.entries(value).flatMap(([key, inner]) => lines(`${path}.${key}`, inner));
}

/** `service backend: 1 × apps-s-1vcpu-1gb, ghcr.io/acme/backend@sha256:…, 16 variables` */
function program(list: string, one: Program): Telling {
  const { name, envs = [] } = one;
  return {
    path: `${kindOf(list)} ${plainly(name)}`,
    value: [...sourceOf(one), ...(envs.length === 0 ? [] : [`${envs.length} variables`])].join(", "),
  };
}
