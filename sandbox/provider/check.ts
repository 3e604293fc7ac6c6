import type { Properties } from "../cloud/store.ts";
import type { ResourceKind, Rule } from "../catalogue/kind.ts";
import { matches, pattern } from "../catalogue/kind.ts";
import type { ResourceShape, Shape } from "../catalogue/shape.ts";
import { containsUnknown, isObject, isPresent, unknown } from "../catalogue/values.ts";

export interface Checked {
  readonly inputs: Properties;
  /** The plugin's own words, one text a problem. */
  readonly failures: readonly string[];
}

/** Plugins speak of blocks in the singular of their own names. */
const singular: Readonly<Record<string, string>> = {
  alerts: "alert",
  databases: "database",
  domainNames: "domain",
  egresses: "egress",
  envs: "env",
  functions: "function",
  jobs: "job",
  logDestinations: "log_destination",
  maintenanceWindows: "maintenance_window",
  rules: "rule",
  services: "service",
  staticSites: "static_site",
  vpcs: "vpc",
  workers: "worker",
};

const ownName = (name: string): string => singular[name] ?? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What Check does: fills in defaults and the name, refuses what the plugin refuses before it plans. Pure. */
export function check(
  kind: ResourceKind,
  shape: ResourceShape,
  news: Properties,
  olds: Properties,
  resource: { name: string; seed: Uint8Array },
): Checked {
  const failures: string[] = [];
  const bridged = kind.provider !== "framework";
  const fail = (path: string, text: string): void => {
    failures.push(`${text}. Examine values at '${resource.name}${path ? `.${path}` : ""}'.`);
  };

  const visit = (value: unknown, of: Shape, path: string, own: string): unknown => {
    if (value === unknown) return value;
    if (!hasType(value, of)) {
      fail(
        path,
        `expected ${of.type} type, got ${typeof value === "string" ? `"${value}"` : JSON.stringify(value)} of type ${typeName(value)}`,
      );
      return value;
    }
    const rule = kind.rules?.[pattern(path)];
    if (rule) applyRule(rule, value, own, (text) => fail(beforeSet(kind, path), text));
    if (Array.isArray(value) && of.items) {
      const items = of.items;
      return value.map((element, index) => visit(element, items, `${path}[${index}]`, `${own}.${index}`));
    }
    // A block of which there is one at most is a list of one to the plugin.
    if (isObject(value) && of.properties)
      return visitFields(value, of.properties, of.required ?? [], path, path.endsWith("]") ? own : `${own}.0`);
    return value;
  };

  const visitFields = (
    value: Properties,
    fields: Readonly<Record<string, Shape>>,
    required: readonly string[],
    path: string,
    own: string,
  ): Properties => {
    const result: Properties = {};
    const defaulted: string[] = [];
    const at = (name: string): string => (path ? `${path}.${name}` : name);
    for (const name of Object.keys(value)) {
      if (name === "__defaults" || name === "__self") continue;
      const of = fields[name];
      if (of) result[name] = visit(value[name], of, at(name), own ? `${own}.${ownName(name)}` : ownName(name));
      else fail(at(name), "Invalid or unknown key");
    }
    for (const name of Object.keys(fields)) {
      if (isGiven(value[name])) continue;
      const fallback = kind.defaults?.[pattern(at(name))];
      if (fallback !== undefined) {
        result[name] = fallback;
        defaulted.push(name);
      } else if (required.includes(name)) {
        if (bridged)
          fail(
            at(name),
            `Missing required argument. The argument "${own ? `${own}.` : ""}${ownName(name)}" is required, but no definition was found.`,
          );
        else failures.push(`Missing required property '${name}'`);
      }
    }
    if (bridged) result.__defaults = defaulted.sort();
    return result;
  };

  const inputs = visitFields(news, shape.inputs, shape.requiredInputs, "", "");
  for (const { with: other, ...one } of kind.conflicts ?? []) {
    if (!isGiven(at(news, one.path)) || !isGiven(at(news, other.path))) continue;
    fail(one.path, `Conflicting configuration arguments. "${one.own}": conflicts with ${other.own}`);
    fail(other.path, `Conflicting configuration arguments. "${other.own}": conflicts with ${one.own}`);
  }
  for (const places of kind.exactlyOne ?? []) {
    const given = places.filter(({ path }) => isGiven(at(news, path))).map(({ own }) => own);
    const all = places.map(({ own }) => own).join(",");
    for (const { path, own } of given.length === 1 ? [] : places) {
      if (given.length === 0) fail(path, `Invalid combination of arguments. "${own}": one of \`${all}\` must be specified`);
      else if (given.includes(own))
        fail(
          path,
          `Invalid combination of arguments. "${own}": only one of \`${all}\` can be specified, but \`${given.join(",")}\` were specified.`,
        );
    }
  }
  for (const places of kind.together ?? []) {
    const given = places.filter(({ path }) => isGiven(at(news, path)));
    const all = places.map(({ own }) => own).join(",");
    for (const { path, own } of given.length === places.length ? [] : given)
      fail(path, `Missing required argument. "${own}": all of \`${all}\` must be specified`);
  }
  if (needsName(shape, inputs)) {
    inputs.name = keptName(olds) ?? `${resource.name}-${Buffer.from(resource.seed).toString("hex").slice(0, 7).padEnd(7, "0")}`;
    inputs.__defaults = [...(inputs.__defaults as string[]), "name"].sort();
  }
  return { inputs, failures };
}

const at = (values: unknown, path: string): unknown =>
  path.split(".").reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), values);

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** A type whose name may be left out is named by the bridge: the logical name and seven random digits. */
export const isAutonamed = (shape: ResourceShape): boolean => "name" in shape.inputs && !shape.requiredInputs.includes("name");

const needsName = (shape: ResourceShape, inputs: Properties): boolean => isAutonamed(shape) && !isGiven(inputs.name);

function keptName(olds: Properties): unknown {
  return Array.isArray(olds.__defaults) && olds.__defaults.includes("name") ? olds.name : undefined;
}

/** The bridge takes a number or a truth value that is written as text, and the other way round. */
function hasType(value: unknown, { type }: Shape): boolean {
  if (value === null || value === undefined) return true;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (typeof value === "object") return false;
  if (type === "boolean") return typeof value === "boolean" || value === "true" || value === "false";
  return (
    type === "string" ||
    (typeof value !== "boolean" && Number.isFinite(typeof value === "string" && value.trim() === "" ? NaN : Number(value)))
  );
}

const typeName = (value: unknown): string =>
  Array.isArray(value) ? "[]" : value !== null && typeof value === "object" ? "object" : typeof value;

/** The plugin cannot point into a set: its elements have no lasting place. */
function beforeSet(kind: ResourceKind, path: string): string {
  for (let end = path.indexOf("["); end >= 0; end = path.indexOf("[", end + 1)) {
    if (matches(path.slice(0, end), kind.sets)) return path.slice(0, end);
  }
  return path;
}

/** Docker's plugin gives a summary and a detail that say the same. */
const twice = (text: string): string => `${text}. ${text}`;

function applyRule(rule: Rule, value: unknown, own: string, fail: (text: string) => void): void {
  if (containsUnknown(value)) return;
  const text = String(value);
  if ("oneOf" in rule) {
    const fits = rule.ignoreCase ? rule.oneOf.some((one) => one.toLowerCase() === text.toLowerCase()) : rule.oneOf.includes(text);
    if (!fits) fail(`expected ${own} to be one of [${rule.oneOf.map((one) => `"${one}"`).join(" ")}], got ${text}`);
  } else if ("length" in rule) {
    const [least, most] = rule.length;
    if (text.length < least || text.length > most) fail(`expected length of ${own} to be in the range (${least} - ${most}), got ${text}`);
  } else if ("range" in rule) {
    const [least, most] = rule.range;
    if (Number(value) < least || Number(value) > most) fail(`expected ${own} to be in the range (${least} - ${most}), got ${text}`);
  } else if ("atLeast" in rule) {
    if (Number(value) < rule.atLeast) fail(`expected ${own} to be at least (${rule.atLeast}), got ${text}`);
  } else if ("cidr" in rule) {
    if (!/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(text))
      fail(`expected "${own}" to be a valid CIDR Value, got ${text}: invalid CIDR address: ${text}`);
  } else if ("pattern" in rule) {
    if (!new RegExp(rule.pattern).test(text)) fail(twice(`'${text}' doesn't match the pattern '${rule.pattern}'`));
  } else if ("duration" in rule) {
    if (!/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text)) fail(twice(`'${text}' is not a valid duration`));
  } else if ("match" in rule) {
    if (!new RegExp(rule.match).test(text)) fail(`invalid value for ${own} (${rule.words})`);
  } else if ("secretName" in rule) {
    // The plugin says "secret" of variables too.
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text))
      fail("Error. secret names can only contain alphanumeric characters or underscores and must not start with a number");
    if (text.toUpperCase().startsWith("GITHUB_")) fail("Error. secret names must not start with the GITHUB_ prefix");
  } else if ("base64" in rule) {
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) fail(twice(`'${text}' is not base64 decodeable`));
  } else if (!isPresent(value) || value === "" || value === 0) {
    fail(`${own} must not be empty, got ${text}`);
  }
}
