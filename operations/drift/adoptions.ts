import { isIPv4 } from "node:net";
import { memoryText, sizeOfSlug } from "../../config/sizes.ts";
import { quote } from "../../config/problems.ts";
import { isSandbox, pulumiCommand } from "../commands.ts";
import type { Finding, Property } from "./judge.ts";
import { oneWay } from "./one-way.ts";
import { isDeployed } from "./remedies.ts";
import type { StackOptions } from "./stack-options.ts";
import { saidElsewhere } from "./said-elsewhere.ts";

/** A change of the stack file. */
export interface Option {
  /** Keys below `config`. */
  readonly path: readonly string[];
  readonly value: string | number | boolean;
}

/** What the stack file has to say so that a property is what the program asks for; or why it cannot. */
export type Adoption = { readonly options: readonly Option[] } | { readonly reason: string };

/** One property of a finding, with what a row has to know to adopt it. */
interface Case {
  /** What is there now; undefined where it is nothing, or not shown. */
  readonly actual: unknown;
  /** What each property that differs is now, by its path. */
  readonly all: ReadonlyMap<string, unknown>;
  readonly path: string;
  /** The element that the path names, else the resource's logical name. */
  readonly name: string;
  readonly options: StackOptions;
  readonly place: Place;
}

/** Which stack, and how commands reach it. */
export interface Place {
  readonly stack: string;
  /** Words of the command line that choose system and sandbox. */
  readonly choice: string;
}

/** What an option would have to be, before it is known whether there is such an option. */
type Wish = { readonly wants: readonly (readonly [path: readonly string[], value: unknown])[] } | { readonly reason: string };

interface Row {
  /** Last part of the type's token. */
  readonly type: string;
  readonly path: RegExp;
  readonly adopt: (property: Case) => Wish;
}

const nothing: Wish = { wants: [] };
const wants = (path: readonly string[], value: unknown): Wish => ({ wants: [[path, value]] });
const sizes = (name: string, ...rest: string[]): readonly string[] => ["groundwork:sizes", name, ...rest];

const ofSlug = ({ actual, name }: Case): Wish => {
  const size = typeof actual === "string" ? sizeOfSlug(actual) : undefined;
  if (size === undefined) return { reason: `no size of the stack file is ${String(actual)}` };
  const { memory, cpu, dedicated } = size;
  return {
    wants: [
      [sizes(name, "memory"), memoryText(memory)],
      [sizes(name, "cpu"), cpu],
      ...(dedicated === undefined ? [] : [[sizes(name, "dedicated"), dedicated] as const]),
    ],
  };
};

const MiB = 1024 ** 2;

const ofBytes = ({ actual, name }: Case): Wish => {
  const memory = Number(actual) / MiB;
  if (!Number.isInteger(memory) || memory <= 0)
    return { reason: `the stack file counts memory in whole MB, and this is ${String(actual)} bytes` };
  return wants(sizes(name, "memory"), memoryText(memory));
};

/** A count and a range exclude each other, so what came and what went is looked at together. */
const ofCount = ({ actual, all, path, name }: Case): Wish => {
  const least = all.get(path.replace("instanceCount", "autoscaling.minInstanceCount"));
  if (least !== undefined) return nothing;
  return actual === undefined ? { reason: "the cloud tells no count any more" } : wants(sizes(name, "replicas"), actual);
};

const ofRange =
  (key: "min" | "max" | "cpuPercent") =>
  ({ actual, all, path, name }: Case): Wish => {
    if (actual !== undefined) return wants(sizes(name, "replicas", key), actual);
    const count = all.get(path.replace(/autoscaling\..*$/, "instanceCount"));
    return count === undefined
      ? { reason: `the range is gone, and no count came: say ${sizes(name, "replicas").join("/")} yourself` }
      : nothing;
  };

/** `LOG_LEVEL` → what the system's schema says becomes it. A secret is known by its name alone. */
const ofVariable = ({ actual, name, options, place }: Case): Wish => {
  const secret = options.provided.find((one) => one.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase() === name);
  if (secret !== undefined) return { reason: ofSecret(secret, place) };
  const option = options.ofVariable(name);
  if (option === undefined)
    return {
      reason: `no option of ${options.file} is ${name}: the program makes it, in ${options.system} or of a secret that it generates`,
    };
  if (typeof actual !== "string")
    return { reason: `its value is gone or not shown: say ${option.join("/")} in ${options.file} yourself, or leave it out there` };
  return wants(option, actual);
};

/** The sandbox makes its provided secrets up anew with each command, so that nothing that is set there would stay. */
function ofSecret(name: string, { stack, choice }: Place): string {
  if (isSandbox(choice)) return "a secret is never read back, and the sandbox makes up those that are provided: restore it";
  const command = pulumiCommand(choice, ["config", "set", "--secret", "--path", `groundwork:provided.${name}`, "--stack", stack]);
  return `a secret is never read back: give the program the new one with ${command}`;
}

/** An opening has an end, which only a person can name. */
const ofTrust = ({ actual, options }: Case): Wish => {
  const { type, value } = (typeof actual === "object" && actual !== null ? actual : {}) as { type?: unknown; value?: unknown };
  if (!options.has(["groundwork:databaseAccess"])) return { reason: `who may reach it stands in ${options.system}` };
  if (actual === undefined)
    return { reason: `who may reach it for a time stands under groundwork:databaseAccess: take the address out there` };
  if (type === "ip_addr" && !isIPv4(String(value)))
    return { reason: "a range of addresses is never let in, only one address, and only for a time" };
  if (type !== "ip_addr") return { reason: `only an address can be let in by ${options.file}, and only for a time` };
  return { reason: `it would need an end: put ${quote(value)} under groundwork:databaseAccess with until, seven days at most` };
};

/** GitHub counts minutes. */
const ofWait = ({ actual, name, options }: Case): Wish => {
  const stack = options.keysOf(["groundwork:environments"]).find((key) => name.endsWith(`-${key}`));
  if (stack === undefined)
    return { reason: `only an environment that deploys waits, as ${options.file} says under groundwork:environments` };
  return wants(["groundwork:environments", stack, "wait"], `${Number(actual ?? 0)} min`);
};

const programs = String.raw`^spec\.(?:services|workers)\[([^\]]*)\]`;
const inProgram = (rest: string): RegExp => new RegExp(`${programs}\\.${rest}$`);

/** What the stack file can say, by what the cloud calls it. One test tampers with each row. */
export const adoptions: readonly Row[] = [
  { type: "App", path: inProgram("instanceCount"), adopt: ofCount },
  { type: "App", path: inProgram(String.raw`autoscaling\.minInstanceCount`), adopt: ofRange("min") },
  { type: "App", path: inProgram(String.raw`autoscaling\.maxInstanceCount`), adopt: ofRange("max") },
  { type: "App", path: inProgram(String.raw`autoscaling\.metrics\.cpu\.percent`), adopt: ofRange("cpuPercent") },
  { type: "App", path: inProgram("instanceSizeSlug"), adopt: ofSlug },
  { type: "App", path: /envs\[([^\]]*)\](?:\.value|\.type)?$/, adopt: ofVariable },
  { type: "DatabaseCluster", path: /^size$/, adopt: ofSlug },
  {
    type: "DatabaseCluster",
    path: /^nodeCount$/,
    adopt: ({ actual, name }) => wants(sizes(name, "standby"), Number(actual) - 1),
  },
  { type: "DatabaseCluster", path: /^version$/, adopt: ({ actual, name }) => wants(["groundwork:versions", name], actual) },
  { type: "DatabaseFirewall", path: /^rules/, adopt: ofTrust },
  {
    type: "ContainerRegistry",
    path: /^subscriptionTierSlug$/,
    adopt: ({ actual }) => wants(["groundwork:registry", "tier"], actual),
  },
  { type: "RepositoryEnvironment", path: /^waitTimer$/, adopt: ofWait },
  { type: "Service", path: /^mode\.replicated\.replicas$/, adopt: ({ actual, name }) => wants(sizes(name, "replicas"), actual) },
  { type: "Service", path: /^taskSpec\.resources\.limits\.memoryBytes$/, adopt: ofBytes },
  {
    type: "Service",
    path: /^taskSpec\.resources\.limits\.nanoCpus$/,
    adopt: ({ actual, name }) => wants(sizes(name, "cpu"), Number(actual) / 1e9),
  },
  { type: "Service", path: /^taskSpec\.containerSpec\.env\.(.+)$/, adopt: ofVariable },
];

/** What each property of a finding is now, by its path, as far as it is shown. */
export const actualsOf = ({ properties }: Pick<Finding, "properties">): ReadonlyMap<string, unknown> =>
  new Map(properties.map(({ path, actual }) => [path, parse(actual)]));

/** What the stack file has to say for a property of a finding, or why it cannot. Pure. @param all Of the same finding, by {@link actualsOf}. */
export function adoptionOf(
  finding: Pick<Finding, "type" | "urn" | "name">,
  property: Property,
  all: ReadonlyMap<string, unknown>,
  options: StackOptions,
  place: Place,
): Adoption {
  const { type, urn, name } = finding;
  const { path, isAsked } = property;
  const where = { type, urn, path, isOneWay: oneWay(type, property) !== undefined };
  const short = type.split(":").at(-1) ?? "";
  for (const row of adoptions) {
    const found = row.type === short ? row.path.exec(path) : null;
    if (!found) continue;
    const wish = row.adopt({ actual: all.get(path), all, path, name: found[1] ?? name, options, place });
    if ("reason" in wish) return wish;
    const written = wish.wants.map(([at, value]) => ({ at, ...options.write(at, value) }));
    const missing = written.find((one) => "reason" in one);
    // An option that is missing has its place in the system all the same.
    if (missing !== undefined) return options.has(missing.at) ? missing : saidElsewhere(where, options);
    return { options: written.flatMap((one) => ("value" in one ? [{ path: one.at, value: one.value }] : [])) };
  }
  // What the program leaves open stays as it is once the state holds it; but a deployment sends all of a service, and a secret is never read.
  if (!isAsked && !isDeployed(finding) && !/Secret$/.test(short)) return { options: [] };
  return saidElsewhere(where, options);
}

/** A shown value; what is not shown is no value. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
