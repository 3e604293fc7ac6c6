import * as z from "zod";
import type { Environment } from "./environments.ts";
import { environments } from "./environments.ts";
import type { RegionName } from "./regions.ts";
import { regions } from "./regions.ts";
import { secretProblem } from "./rules.ts";
import type { DatabaseSize, Scale, Size } from "./sizes.ts";
import { parseMemory, resolveDatabaseNode, resolveInstance } from "./sizes.ts";

/** A host or domain: lower-case labels, a top level of letters, no scheme, no path. */
export const domainName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a domain such as "staging.example.com"');

/** The range of a private network, as RFC 1918 and DigitalOcean allow it. */
const privateRange = z.string().refine(isPrivateRange, 'must be a private range between /16 and /28, such as "10.42.0.0/20"');

/** A platform as the stack file chooses it; each has its own options beside `type`. */
export const platformChoice = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("app-platform"),
    /** Moving the region replaces network and database: the data would be lost. */
    region: z.enum(Object.keys(regions) as [RegionName, ...RegionName[]]),
    /** Range of the private network; unique in the team. Another range replaces network and database. */
    network: privateRange,
  }),
]);

/** The platform that a stack file chose, with its options. */
export type PlatformChoice = z.output<typeof platformChoice>;

/** What every environment's stack file holds, before the system's own part. */
export const environmentShape = {
  environment: z.enum(Object.keys(environments) as [Environment, ...Environment[]]),
  platform: platformChoice,
  /** The domain of this environment; services get hosts below it. */
  domain: domainName,
  /** The DNS zone that holds the domain; the shared stack made it. */
  zone: domainName,
};

/** What the shared stack's file holds. */
export const sharedShape = {
  /** The DNS zone of the system; every environment's domain lies in it. */
  zone: domainName,
};

/** The size schemas of one platform and environment, for the system's own part of the stack file. */
export interface SizeSchemas {
  /** `{ memory: "1 GB", cpu: 1, replicas: 2 }` */
  readonly scale: z.ZodType<Scale>;
  /** `{ memory: "2 GB", standby: 1 }` */
  readonly databaseSize: z.ZodType<DatabaseSize>;
}

const memory = z.string().transform((text, context) => {
  const mebibytes = parseMemory(text);
  if (mebibytes !== undefined) return mebibytes;
  context.addIssue({ code: "custom", message: 'must be an amount of memory such as "512 MB" or "2 GB"' });
  return z.NEVER;
});

const replicaRange = z.strictObject({ min: z.int(), max: z.int() }).refine(({ min, max }) => min <= max, "min must not be above max");

/** The sizes that App Platform offers, with what the environment demands of them. */
export function sizeSchemas(environment: Environment): SizeSchemas {
  const { minReplicas, minStandby } = environments[environment];
  const atLeast = (least: number): string =>
    `must be at least ${least}${least > 1 || environment === "production" ? ` in ${environment}, so that losing a machine is not an outage` : ""}`;
  return {
    scale: z
      .strictObject({
        memory,
        cpu: z.number().positive().optional(),
        dedicated: z.boolean().default(false),
        replicas: z.union([z.int(), replicaRange], "must be a number or a range such as { min: 2, max: 4 }").default(1),
      })
      .superRefine(refuse(resolveInstance))
      .refine(({ replicas }) => (typeof replicas === "number" ? replicas : replicas.min) >= minReplicas, {
        path: ["replicas"],
        message: atLeast(minReplicas),
      }),
    databaseSize: z
      .strictObject({
        memory,
        cpu: z.number().positive().optional(),
        standby: z.int().max(2).default(0),
      })
      .superRefine(refuse(resolveDatabaseNode))
      .refine(({ standby }) => standby >= minStandby, {
        path: ["standby"],
        message: atLeast(minStandby),
      }),
  };
}

/** Refuses a wish that the table cannot fill, at the place where the wish stands. */
function refuse<Wish>(resolve: (wish: Wish) => Size | { readonly problem: string }): (wish: Wish, context: z.RefinementCtx<Wish>) => void {
  return (wish, context) => {
    const size = resolve(wish);
    if ("problem" in size) context.addIssue({ code: "custom", message: size.problem });
  };
}

/** A secret that somebody else issues: set by hand, encrypted, under `groundwork:provided`. */
export function secret(): z.ZodString {
  return z.string().superRefine((value, context) => {
    const problem = secretProblem(value);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });
}

function isPrivateRange(text: string): boolean {
  const [, a, b, c, d, mask] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)?.map(Number) ?? [];
  if (a === undefined || b === undefined || c === undefined || d === undefined || mask === undefined) return false;
  if ([a, b, c, d].some((octet) => octet > 255) || mask < 16 || mask > 28) return false;
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const startsAtItsFirstAddress = address % 2 ** (32 - mask) === 0;
  return startsAtItsFirstAddress && (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168));
}
