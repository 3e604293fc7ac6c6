import { kinds } from "../../sandbox/catalogue/index.ts";
import { readShared } from "./shared.ts";

export type Values = Record<string, unknown>;

/** How the preview planned one resource. */
export interface Step {
  readonly name?: string;
  readonly op: string;
  readonly detailedDiff: Record<string, { kind: string }> | null;
  readonly diffReasons?: readonly string[];
  readonly replaceReasons?: readonly string[];
}

export interface Change {
  readonly set: Values;
  readonly steps: readonly Step[];
  readonly others: readonly Step[];
  readonly diagnostics?: readonly string[];
}

export interface Recorded {
  readonly name: string;
  readonly type: string;
  readonly id: string;
  readonly program: Values;
  readonly inputs?: Values;
  readonly outputs: Values;
  readonly changes: readonly Change[];
}

export interface Refused {
  readonly type: string;
  readonly inputs: Values;
  readonly refused: boolean;
  readonly messages: readonly string[];
}

export interface Tampered {
  readonly what: string;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly found: readonly Step[];
}

interface File {
  readonly resources: Record<string, Recorded>;
  readonly refused: readonly Refused[];
  readonly refresh?: readonly Step[];
  readonly tampered?: readonly Tampered[];
}

export const isCatalogued = (type: string): boolean => Object.values(kinds).some((provider) => provider[type] !== undefined);

/** What was recorded of the types that the catalogue has. */
export function readRecordings() {
  const files = ["digitalocean", "docker", "github", "random"].flatMap((provider) => readShared<File>(`recordings/${provider}.json`) ?? []);
  const all = Object.assign({}, ...files.map((file) => file.resources)) as Record<string, Recorded>;
  const resources = Object.fromEntries(Object.entries(all).filter(([, { type }]) => isCatalogued(type)));
  /** References to types that the catalogue does not have become what they were. */
  const program = (values: Values): Values =>
    mapReferences(values, (name, property) => {
      const other = all[name];
      return other && !resources[name] ? (property === "id" ? other.id : other.outputs[property]) : { $ref: `${name}.${property}` };
    }) as Values;
  return {
    resources,
    program,
    refused: files.flatMap((file) => file.refused).filter(({ type }) => isCatalogued(type)),
    refresh: files.flatMap((file) => file.refresh ?? []),
    tampered: files.flatMap((file) => file.tampered ?? []),
  };
}

/** Replaces each `{$ref: "pg.id"}`. */
export function mapReferences(value: unknown, resolve: (name: string, property: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => mapReferences(element, resolve));
  if (typeof value !== "object" || value === null) return value;
  const reference = (value as { $ref?: string }).$ref;
  if (reference !== undefined) {
    const [name = "", property = ""] = reference.split(".");
    return resolve(name, property);
  }
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mapReferences(field, resolve)]));
}

/** Resources in the order of their references. */
export function inOrder(resources: Record<string, Recorded>): Recorded[] {
  const order: Recorded[] = [];
  const visit = (resource: Recorded): void => {
    if (order.includes(resource)) return;
    mapReferences(resource.program, (name) => resources[name] && visit(resources[name]));
    order.push(resource);
  };
  Object.values(resources).forEach(visit);
  return order;
}

/** Applies a change: path → value, `$delete` removes. */
export function applyChange(program: Values, set: Values): Values {
  const changed = structuredClone(program);
  for (const [path, value] of Object.entries(set)) setPath(changed, path, value === "$delete" ? undefined : value);
  return changed;
}

/** Sets `spec.services[0].envs[2].value`; undefined removes. */
export function setPath(target: Values, path: string, value: unknown): void {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
  const last = keys.pop() ?? "";
  const holder = keys.reduce<Values>((inner, key) => inner[key] as Values, target);
  if (value !== undefined) holder[last] = value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
}

/** Secrets as their values. */
export function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  if ("$secret" in value) return unwrap(value.$secret);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, unwrap(field)]));
}

const signature = "4dabf18193072939515e22adb298388d";

/** An exported state's secrets (shown in clear) in the form of the recordings. */
export function readSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (signature in value) return { $secret: readSecrets(JSON.parse((value as unknown as { plaintext: string }).plaintext)) };
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, readSecrets(field)]));
}
