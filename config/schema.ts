import * as z from "zod";
import type { Deviation } from "./acknowledge.ts";
import { type Access, accessSchema } from "./access.ts";
import { type Alerts, alertsSchema } from "./alerts.ts";
import { twice } from "./checks.ts";
import { acceptedForm, Acknowledged, acknowledgeProblem, deviations } from "./acknowledge.ts";
import { dockerHostChoice, dockerHostSizes } from "./docker-host.ts";
import type { Environment } from "./environments.ts";
import { environments } from "./environments.ts";
import { contentProblems } from "./rules/content.ts";
import { quote } from "./errors.ts";
import { type Logs, logsSchema } from "./logs.ts";
import { type RateLimit, rateLimitSchema } from "./rate-limit.ts";
import { type PostgresVersion, postgresSchema } from "./versions.ts";
import { guardShape } from "./guards.ts";
import { existingEnvironment, existingShared } from "./existing.ts";
import type { RegionName } from "./regions.ts";
import { regions } from "./regions.ts";
import { madeRegistry } from "./registry.ts";
import { originProblem } from "./rules/origins.ts";
import type { DatabaseSize, Scale, Size } from "./sizes.ts";
import { parseMemory, resolveDatabaseNode, resolveInstance } from "./sizes.ts";

export { secret } from "./secret-format.ts";

const domainProblem = 'must be a domain such as "staging.example.com"';

/** A host or domain: lower-case labels, a top level of letters, no scheme, no path. */
export const domainName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, domainProblem);

/** Hosts below the domain, each of them once: `["www", "shop"]`. */
export const hostNames = z
  .array(z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a host relative to the domain, such as "www"'))
  .superRefine((hosts, context) => {
    for (const host of new Set(hosts.filter((one, index) => hosts.indexOf(one) !== index))) {
      context.addIssue({ code: "custom", message: `the host ${quote(host)} stands there twice. Remove one of them.` });
    }
  });

/** The range of a private network, as RFC 1918 and DigitalOcean allow it. */
const privateRange = z.string().refine(isPrivateRange, 'must be a private range between /16 and /28, such as "10.42.0.0/20"');

/** A platform as the stack file chooses it; each has its own options beside `type`. */
export const platformChoice = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("app-platform"),
    region: z
      .enum(Object.keys(regions) as [RegionName, ...RegionName[]])
      .describe("Each product gets its own slug of it. Moving the region replaces network and database: the data would be lost."),
    network: privateRange.describe("Range of the private network; unique in the team. Another range replaces network and database."),
  }),
  dockerHostChoice,
]);

/** The platform that a stack file chose, with its options. */
export type PlatformChoice = z.output<typeof platformChoice>;

/** What every environment's stack file holds, before the system's own part. */
export const environmentShape = {
  environment: z
    .enum(Object.keys(environments) as [Environment, ...Environment[]])
    .describe("Decides how strict the rules are. The stack is named after it, or begins with it and a dash."),
  platform: platformChoice.describe("Where the services run."),
  domain: z
    .string()
    .max(253)
    .regex(/^localhost$|^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, domainProblem)
    .describe("The domain of this environment; services get hosts below it."),
  zone: domainName
    .optional()
    .describe("The DNS zone that holds the domain; the shared stack made it. A platform without public hosts has none."),
  existing: existingEnvironment.prefault({}).describe("What stands in the cloud already. Everything that is not named is made."),
  acknowledge: z
    .array(
      z
        .string()
        .superRefine((name, context) => {
          const message = acknowledgeProblem(name);
          if (message !== undefined) context.addIssue({ code: "custom", message });
        })
        .meta({ anyOf: [{ enum: Object.keys(deviations) }, { pattern: acceptedForm.source }] }),
    )
    .superRefine((names, context) => {
      for (const problem of twice("", names)) context.addIssue({ code: "custom", message: problem.replace(/^: /, "") });
    })
    .default([])
    .describe(
      `What this stack does less well than its environment demands, on purpose: ${Object.entries(deviations)
        .map(([name, cost]) => `${name} (${cost})`)
        .join(", ")}. And findings of content rules that are wrong here, each by "<rule>:<VARIABLE>". One that does not occur is refused.`,
    ),
  ...guardShape,
};

/** What the shared stack's file holds. */
export const sharedShape = {
  zone: domainName.describe("The DNS zone of the system; every environment's domain lies in it."),
  registry: madeRegistry,
  existing: existingShared.prefault({}).describe("What stands in the cloud already. Everything that is not named is made."),
  ...guardShape,
};

/** Schemas that depend on the environment, for the system's own part of the stack file. */
/** Source: DigitalOcean's API description, `instance_count` of a service. */
const mostReplicas = 250;

export interface SizeSchemas {
  /** `{ memory: "1 GB", cpu: 1, replicas: 2 }` */
  readonly scale: z.ZodType<Scale>;
  /** `{ memory: "2 GB", standby: 1 }` */
  readonly databaseSize: z.ZodType<DatabaseSize>;
  /** Sites whose pages may call a service: `["https://app.example.com"]` */
  readonly origins: z.ZodType<string[]>;
  /** A setting that becomes a variable of this name: what the content rules say of it is said where it stands in the stack file. */
  readonly variable: <Schema extends z.ZodType>(name: string, schema: Schema) => Schema;
  /** Who is told of what goes wrong: `{ emails: ["ops@example.com"] }`. In production undefined only where that is acknowledged. */
  readonly alerts: z.ZodType<Alerts | undefined>;
  /** Where the lines of services go: `{ to: "papertrail", endpoint: "logs.papertrailapp.com:12345" }` */
  readonly logs: z.ZodType<Logs | undefined>;
  /** How often one visitor may ask: `{ requests: 100, seconds: 60 }`. Where others reach it, undefined only where that is acknowledged. */
  readonly rateLimit: z.ZodType<RateLimit | undefined>;
  /** Who may reach a database from outside for a time: `[{ address: "203.0.113.7", until: "2026-11-21T18:00:00Z" }]` */
  readonly access: z.ZodType<readonly Access[]>;
  /** A version of PostgreSQL that the platform has. */
  readonly postgres: z.ZodDefault<z.ZodType<PostgresVersion>>;
  /** Hosts of the zone that speak https though their record does not show it: `["status.example.com"]`. Production's promise needs them. */
  readonly httpsReady: z.ZodType<string[]>;
}

const memory = z.string().transform((text, context) => {
  const mebibytes = parseMemory(text);
  if (mebibytes !== undefined) return mebibytes;
  context.addIssue({ code: "custom", message: 'must be an amount of memory such as "512 MB" or "2 GB"' });
  return z.NEVER;
});

const replicaRange = z
  .strictObject({
    min: z.int(),
    max: z.int(),
    cpuPercent: z.int().min(1).max(100).optional().describe("CPU load at which an instance is added. 75 where it is left out."),
  })
  .refine(({ min, max }) => min <= max, "min must not be above max");

/** The sizes that a platform offers, with what the environment demands of them. */
export function sizeSchemas(environment: Environment, acknowledged = new Acknowledged([]), platform?: unknown): SizeSchemas {
  const origins = z.array(
    z.string().superRefine((origin, context) => {
      const problem = originProblem(origin, environment);
      if (problem !== undefined) context.addIssue({ code: "custom", message: `${problem}.` });
    }),
  );
  const variable = <Schema extends z.ZodType>(name: string, schema: Schema): Schema =>
    // The name goes into the editors' schema too, by which it is known what a variable in the cloud is in the stack file.
    schema.meta({ variable: name }).superRefine((value, context) => {
      const variables = [{ name, kind: "plain", value: String(value) }] as const;
      for (const { rule, severity, message, acceptable } of contentProblems({ environment, service: "", variables })) {
        if (severity !== "error" || (acceptable && acknowledged.accepts(rule, name))) continue;
        context.addIssue({ code: "custom", message: acceptable ? `${message} Or accept it: acknowledge: ["${rule}:${name}"].` : message });
      }
    });
  const common = {
    origins,
    variable,
    alerts: alertsSchema(environment, acknowledged, platform),
    logs: logsSchema(platform),
    rateLimit: rateLimitSchema(environment, acknowledged, platform),
    access: accessSchema(platform),
    postgres: postgresSchema(platform),
    httpsReady: httpsReadySchema(environment),
  };
  if (platform === "docker-host") return { ...dockerHostSizes(memory), ...common };
  const { minReplicas, minStandby } = environments[environment];
  const atLeast = (least: number, name: Deviation): string =>
    least > 1 || environment === "production"
      ? `must be at least ${least} in ${environment}, so that losing a machine is not an outage. Or accept that: acknowledge: ["${name}"].`
      : `must be at least ${least}`;
  const enough = (count: number, least: number, name: Deviation, floor: number): boolean =>
    count >= least || (count >= floor && acknowledged.covers(name));
  return {
    scale: z
      .strictObject({
        memory: memory.describe('Memory of one instance, such as "1 GB". The cheapest size with exactly that much is taken.'),
        cpu: z.number().positive().optional().describe("vCPUs of one instance, where several sizes have the same memory."),
        dedicated: z.boolean().default(false).describe("CPUs of its own instead of shared ones."),
        replicas: z
          .union([z.int(), replicaRange], "must be a number or a range such as { min: 2, max: 4 }")
          .default(1)
          .describe("How many instances, or between how many; a range follows the CPU load."),
      })
      .superRefine(refuse(resolveInstance))
      .refine(({ replicas }) => (typeof replicas === "number" ? replicas : replicas.max) <= mostReplicas, {
        path: ["replicas"],
        message: `must be at most ${mostReplicas}, which is what App Platform runs of one service`,
      })
      .refine(({ replicas }) => enough(typeof replicas === "number" ? replicas : replicas.min, minReplicas, "one-replica", 1), {
        path: ["replicas"],
        message: atLeast(minReplicas, "one-replica"),
      })
      .describe("Memory and CPUs of one instance, and how many of them."),
    databaseSize: z
      .strictObject({
        memory: memory.describe('Memory of one node, such as "2 GB".'),
        cpu: z.number().positive().optional().describe("vCPUs of one node, where several sizes have the same memory."),
        standby: z.int().max(2).default(0).describe("Nodes that stand by to take over."),
      })
      .superRefine(refuse(resolveDatabaseNode))
      .refine(({ standby }) => enough(standby, minStandby, "no-standby", 0), {
        path: ["standby"],
        message: atLeast(minStandby, "no-standby"),
      })
      .describe("Memory and CPUs of one node, and how many stand by."),
    ...common,
  };
}

/** Only production promises that all of its zone speaks https, so elsewhere the list would be without effect. */
function httpsReadySchema(environment: Environment): z.ZodType<string[]> {
  return z
    .array(domainName)
    .refine(
      (hosts) => hosts.length === 0 || environment === "production",
      `is for production, and ${environment} promises nothing. Remove it`,
    )
    .default([])
    .describe("Hosts of the zone, in full, that speak https though their record does not show it, as you have seen for yourself.");
}

/** Refuses a wish that the table cannot fill, at the place where the wish stands. */
function refuse<Wish>(resolve: (wish: Wish) => Size | { readonly problem: string }): (wish: Wish, context: z.RefinementCtx<Wish>) => void {
  return (wish, context) => {
    const size = resolve(wish);
    if ("problem" in size) context.addIssue({ code: "custom", message: size.problem });
  };
}

function isPrivateRange(text: string): boolean {
  const [, a, b, c, d, mask] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)?.map(Number) ?? [];
  if (a === undefined || b === undefined || c === undefined || d === undefined || mask === undefined) return false;
  if ([a, b, c, d].some((octet) => octet > 255) || mask < 16 || mask > 28) return false;
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const startsAtItsFirstAddress = address % 2 ** (32 - mask) === 0;
  return startsAtItsFirstAddress && (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168));
}
