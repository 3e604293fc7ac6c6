import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { Acknowledged } from "./acknowledge.ts";
import { dockerHostProblems } from "./docker-host.ts";
import type { Environment } from "./environments.ts";
import { environments } from "./environments.ts";
import type { Problem } from "./errors.ts";
import { foreignKeys, namespaces } from "./foreign-keys.ts";
import { ConfigError, didYouMean, list, quote } from "./errors.ts";
import type { Image } from "./images.ts";
import { resolveImages } from "./images.ts";
import type { RegistryChoice } from "./registry.ts";
import { resolveRegistry } from "./registry.ts";
import { knownSecret } from "./known-secrets.ts";
import { contentProblems } from "./rules/content.ts";
import type { SecretFormat } from "./secret-format.ts";
import { formatOf, formatProblem } from "./secret-format.ts";
import type { PlatformChoice, SizeSchemas } from "./schema.ts";
import { environmentShape, platformChoice, sharedShape, sizeSchemas } from "./schema.ts";
import type { Source } from "./source.ts";
import { stackFile } from "./source.ts";

/** The part of the configuration that a system declares for itself. */
export interface SystemPart<Service extends string, Provided extends z.ZodRawShape, Own extends z.ZodRawShape> {
  /** Services that run an image. */
  readonly services: readonly Service[];
  /** Secrets that somebody else issues. */
  readonly provided: Provided;
  /** The system's own keys of the stack file. */
  readonly schema: (sizes: SizeSchemas) => Own;
}

/** Secrets, wrapped before they leave this folder. An optional one that is not set is undefined. */
export type ProvidedSecrets<Provided extends z.ZodRawShape> = {
  readonly [Name in keyof Provided]: pulumi.Output<string> | (undefined extends z.output<Provided[Name]> ? undefined : never);
};

/** What an environment's program is handed. */
export type EnvironmentConfig<Service extends string, Provided extends z.ZodRawShape, Own extends z.ZodRawShape> = Readonly<
  z.output<z.ZodObject<typeof environmentShape>> & z.output<z.ZodObject<Own>>
> & {
  /** The image of each service; none of them with `images: none`. */
  readonly images: Readonly<Partial<Record<Service, Image>>>;
  readonly provided: ProvidedSecrets<Provided>;
};

/** An environment's configuration, and what of its acknowledgements was needed so far: the program may need more of them. */
export type CheckedConfig<Service extends string, Provided extends z.ZodRawShape, Own extends z.ZodRawShape> = EnvironmentConfig<
  Service,
  Provided,
  Own
> & { readonly acknowledged: Acknowledged };

/** What the shared stack's program is handed. */
export type SharedConfig = Readonly<Omit<z.output<z.ZodObject<typeof sharedShape>>, "registry">> & {
  /** The registry of the system's images, where it has one. */
  readonly registry?: RegistryChoice | undefined;
};

/** Keys of the provider plugins that would put a credential of a person or a workflow into the repository. */
const credentials = ["digitalocean:token", "digitalocean:spacesAccessId", "digitalocean:spacesSecretKey", "github:token"];

/**
 * Reads an environment's configuration whole. Throws one {@link ConfigError} with every problem; registers nothing.
 *
 * @param running Service → image that the stack runs already.
 */
export function loadEnvironment<Service extends string, Provided extends z.ZodRawShape, Own extends z.ZodRawShape>(
  source: Source,
  system: SystemPart<Service, Provided, Own>,
  running: Readonly<Record<string, string>> = {},
): CheckedConfig<Service, Provided, Own> {
  const problems: Problem[] = [];
  const { own: values, hidden } = readValues(source, problems);
  const acknowledged = new Acknowledged(values["acknowledge"]);
  const platform = (values["platform"] as { type?: unknown } | undefined)?.type;
  const sizes = sizeSchemas(environmentOf(values), acknowledged, platform);
  const schema = z.strictObject({
    ...system.schema(sizes),
    ...environmentShape,
    images: z.unknown().optional(),
    provided: z.unknown().optional(),
  });
  const parsed = parse(schema, values, problems, hidden);
  problems.push(...fitProblems(values, source.stack));
  problems.push(...dockerHostProblems(values, parseJson(source.values["pulumi:disable-default-providers"]), hidden));
  const provided = parseProvided(source, system.provided, values["provided"], environmentOf(values), problems);
  const { images, problems: imageProblems } = chooseImages(source, system.services, values["images"], running, platform);
  problems.push(...imageProblems);
  if (parsed === undefined || provided === undefined || problems.length > 0) throw new ConfigError(stackFile(source), problems);
  return Object.freeze({ ...freeze(parsed), images, provided, acknowledged }) as unknown as CheckedConfig<Service, Provided, Own>;
}

/** What is acknowledged and turned out to be needed nowhere, neither by the file nor by the program. */
export function unusedProblems(names: readonly string[]): Problem[] {
  return names.map((name) => ({
    path: "acknowledge",
    message: `${quote(name)} does not occur here. Remove it, so that it is noticed on the day it does.`,
  }));
}

/** The images of a configuration that is right otherwise, once it is known what the stack runs. */
export function loadImages<Service extends string>(
  source: Source,
  services: readonly Service[],
  running: Readonly<Record<string, string>>,
  platform: PlatformChoice["type"],
): ReturnType<typeof resolveImages<Service>> {
  return chooseImages(source, services, parseJson(source.values["groundwork:images"]), running, platform);
}

function chooseImages<Service extends string>(
  source: Source,
  services: readonly Service[],
  pinned: unknown,
  running: Readonly<Record<string, string>>,
  platform: unknown,
): ReturnType<typeof resolveImages<Service>> {
  return resolveImages(services, { passed: parseJson(source.images), pinned, running }, source.stack, platform);
}

/** Reads the shared stack's configuration whole, in the same way. */
export function loadShared(source: Source): SharedConfig {
  const problems: Problem[] = [];
  const { own, hidden } = readValues(source, problems);
  const parsed = parse(z.strictObject(sharedShape), own, problems, hidden);
  const registry = parsed && resolveRegistry(source.project, parsed.registry, parsed.existing.registry);
  if (registry !== undefined && "problem" in registry) problems.push(registry.problem);
  if (parsed === undefined || problems.length > 0) throw new ConfigError(stackFile(source), problems);
  return freeze({ ...parsed, registry: registry === undefined || "problem" in registry ? undefined : registry });
}

/** Our own keys, with objects unpacked; complains about namespaces that nobody reads and secrets where none belong. */
export function readValues(source: Source, problems: Problem[]): { own: Record<string, unknown>; hidden: ReadonlySet<string> } {
  const own: Record<string, unknown> = {};
  const hidden = new Set<string>();
  for (const [key, text] of Object.entries(source.values)) {
    const [namespace = "", name = ""] = key.split(/:(.*)/s);
    if (namespace === "groundwork") {
      if (name === "provided" || !source.secretKeys.has(key)) {
        own[name] = parseJson(text);
      } else {
        // Left out, so that no later message can show it.
        hidden.add(name);
        const way = setWithoutPath(name, ["provided"]) || " Move it there, or store it without --secret.";
        problems.push({ path: name, message: `holds a secret, and secrets stand under groundwork:provided only.${way}` });
      }
    } else if (credentials.includes(key)) {
      problems.push({
        path: key,
        message: "is a credential, and none belongs into a stack file. Remove it, and export it in the environment instead.",
      });
    } else if (!namespaces.includes(namespace)) {
      const meant = namespace === source.project ? ` Did you mean ${quote(`groundwork:${name}`)}?` : didYouMean(namespace, namespaces);
      problems.push({ path: key, message: `unknown namespace ${quote(namespace)}.${meant || ` Namespaces: ${list(namespaces)}.`}` });
    } else {
      const known = foreignKeys.get(namespace) ?? [];
      if (known.includes(name)) continue;
      const way = known.length > 0 ? didYouMean(name, known) || ` Known: ${list(known)}.` : " Remove it.";
      problems.push({ path: key, message: `is nothing that a stack file decides here.${way}` });
    }
  }
  if (Object.keys(own).length === 0 && hidden.size === 0) {
    problems.push({ path: "", message: 'holds nothing for groundwork. Keys such as groundwork:domain stand indented below "config:".' });
  }
  return { own, hidden };
}

/** A time as it stands in the file: without quotes Pulumi takes it for a time, and hands it over as `2026-11-20 03:00:00 +0000 UTC`. */
function asWritten(value: unknown): unknown {
  const [, day, time, zone] =
    (typeof value === "string" && /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d{4}) \S+$/.exec(value)) || [];
  if (day === undefined || zone === undefined) return value;
  return `${day}T${time}${zone === "+0000" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(3)}`}`;
}

/** Objects arrive as JSON, everything else as text. */
function parseJson(text: string | undefined): unknown {
  if (text === undefined || !/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text, (_key, value: unknown) => asWritten(value)) as unknown;
  } catch {
    return text;
  }
}

/** The environment decides how strict sizes are, so it is looked up before anything is checked; its own check reports it. */
function environmentOf(values: Record<string, unknown>): Environment {
  const { environment } = values;
  return typeof environment === "string" && Object.hasOwn(environments, environment) ? (environment as Environment) : "staging";
}

/** What two keys, each right, do wrong together. */
function fitProblems({ environment, domain, zone, platform }: Record<string, unknown>, stack: string): Problem[] {
  const problems: Problem[] = [];
  if (environment === "local" && (platform as { type?: unknown } | undefined)?.type === "app-platform") {
    problems.push({
      path: "platform/type",
      message: 'is "app-platform", which is public, and rules are lax in "local". Use another environment.',
    });
  }
  if (
    typeof environment === "string" &&
    Object.hasOwn(environments, environment) &&
    stack !== environment &&
    !stack.startsWith(`${environment}-`)
  ) {
    const message = `is ${quote(environment)}, but the stack is ${quote(stack)}. Is this the file of another stack? An environment's stacks are named "${environment}" or "${environment}-…".`;
    problems.push({ path: "environment", message });
  }
  if (typeof domain === "string" && typeof zone === "string" && domain !== zone && !domain.endsWith(`.${zone}`)) {
    problems.push({
      path: "domain",
      message: `${quote(domain)} does not lie in groundwork:zone, which is ${quote(zone)}. Change one of them.`,
    });
  }
  return problems;
}

/** What is wrong with the text of a secret: its form, and the content rules that stop a run. What only deserves a warning is said where it is used. */
export function providedProblems(name: string, text: string, format: SecretFormat, environment: Environment, command: string): string[] {
  if (format.absentIn?.includes(environment)) return [`is set, and ${environment} must not have it. Take it out of the stack file.`];
  if (text.trim() === "") return [`is empty. Set it with ${command}`];
  const rules = contentProblems({ environment, service: "provided", variables: [{ name, kind: "secret", value: text }] });
  // What may be accepted is said where it is used, by the name under which a service reads it.
  const errors = rules
    .filter(({ severity, acceptable }) => severity === "error" && !acceptable)
    .map(({ message }) => message.replace(/ Set its value\.$/, ""));
  const form = errors.length > 0 ? undefined : formatProblem(format, text);
  return [...errors, ...(form === undefined ? [] : [`${form}.`])].map((message) => `${message} Set it with ${command}`);
}

/** Checks the secrets without ever showing one, nor the name of a key that is not known: a value may have been typed as a key. */
function parseProvided<Provided extends z.ZodRawShape>(
  source: Source,
  shape: Provided,
  given: unknown,
  environment: Environment,
  problems: Problem[],
): ProvidedSecrets<Provided> | undefined {
  const known = Object.keys(shape);
  const command = (name: string): string => `pulumi config set --secret --path 'groundwork:provided.${name}' --stack ${source.stack}`;
  if (given !== undefined && !source.secretKeys.has("groundwork:provided")) {
    problems.push({
      path: "provided",
      message: `is not encrypted. Set each one again with ${command("<name>")}, and replace what was stored in the open.`,
    });
  }
  const secrets: Readonly<Record<string, unknown>> = typeof given === "object" && given !== null ? { ...given } : {};
  for (const [name, schema] of Object.entries(source.secretsUnreadable ? {} : shape)) {
    const text = secrets[name];
    const messages = typeof text === "string" ? providedProblems(name, text, formatOf(schema), environment, command(name)) : [];
    problems.push(...messages.map((message) => ({ path: `provided/${name}`, message })));
  }
  const result = z.strictObject(shape).safeParse(given ?? {});
  if (result.success) {
    const wrapped = Object.entries(result.data).map(([name, value]) => [
      name,
      value === undefined ? undefined : knownSecret(value as string),
    ]);
    return Object.fromEntries(wrapped) as ProvidedSecrets<Provided>;
  }
  for (const issue of result.error.issues) {
    const name = String(issue.path[0] ?? "");
    if (issue.code === "unrecognized_keys") {
      const unknown = issue.keys.length === 1 ? "a key that is" : `${issue.keys.length} keys that are`;
      problems.push({
        path: "provided",
        message: `holds ${unknown} not known (not shown, in case it is a secret). Known: ${list(known)}.`,
      });
    } else if (name === "") {
      problems.push({ path: "provided", message: `must hold one secret per name. Set each one with ${command("<name>")}` });
    } else {
      const what = secrets[name] === undefined ? "is missing" : "must be text";
      problems.push({ path: `provided/${name}`, message: `${what}. Set it with ${command(name)}` });
    }
  }
  return undefined;
}

/** Parses, and turns what is wrong into problems: path, value in quotes, nearest key. That a hidden key is missing is no problem. */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: Record<string, unknown>,
  problems: Problem[],
  hidden: ReadonlySet<string>,
): z.output<Schema> | undefined {
  const result = schema.safeParse(input, { error: describe });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    if (hidden.has(String(issue.path[0]))) continue;
    const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input);
    const got = issue.code === "unrecognized_keys" || value === undefined || typeof value === "object" ? "" : `, got ${quote(value)}`;
    for (const line of issue.message.split("\n")) {
      const text = /[.?]$/.test(line) ? line : `${line}${got}.`;
      problems.push({ path: issue.path.map(String).join("/"), message: text });
    }
  }
  return undefined;
}

/** Words for what zod found, where the schema has none of its own. One line per unknown key. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      return issue.keys
        .map(
          (key) =>
            `unknown key ${quote(key)}.${ofAnotherPlatform(key, issue.inst) || setWithoutPath(key, known) || didYouMean(key, known) || ` Known: ${list(known)}.`}`,
        )
        .join("\n");
    }
    case "invalid_type":
      return issue.input === undefined
        ? `is required${described(issue.inst)}`
        : `must be ${issue.expected === "object" ? "an object" : `a ${issue.expected}`}`;
    case "invalid_value": {
      const meant = typeof issue.input === "string" ? didYouMean(issue.input, issue.values.map(String)) : "";
      return issue.input === undefined
        ? `is required: one of ${list(issue.values)}`
        : `${quote(issue.input)} is not one of ${list(issue.values as unknown[])}.${meant}`;
    }
    case "invalid_union":
      return issue.discriminator === undefined ? undefined : `must be one of ${list((issue.options ?? []) as unknown[])}`;
    case "too_small":
      return `must be at least ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    case "custom":
    case "invalid_element":
    case "invalid_format":
    case "invalid_key":
    case "not_multiple_of":
      return undefined;
  }
}

/** What to do about a key such as `sizes.backend`, which is what `pulumi config set` makes of a path unless it is told that it is one. */
function setWithoutPath(key: string, known: readonly string[]): string {
  const [first = ""] = key.split(/[.[]/);
  if (first === key || !known.includes(first)) return "";
  return ` To set something below ${quote(first)}, remove this key and add --path: pulumi config set --path 'groundwork:${key}' <value>.`;
}

/** What a missing key is for, in the words that editors show. */
function described(schema: unknown): string {
  const { description } = schema as { readonly description?: string };
  return description === undefined ? "" : `. ${description}`;
}

/** ` It is an option of …`, where a key belongs to another platform than the chosen one, else nothing. */
function ofAnotherPlatform(key: string, chosen: unknown): string {
  const options: readonly z.ZodObject<{ type: z.ZodLiteral }>[] = platformChoice.options;
  const own = options.find((option) => option === chosen);
  const other = own && options.find((option) => Object.hasOwn(option.shape, key));
  return other ? ` It is an option of ${list(other.shape.type.values)}, not of ${list(own.shape.type.values)}. Remove it.` : "";
}

/** The configuration is immutable once it is read. */
export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
