import * as z from "zod";
import type { Acknowledged } from "./acknowledge.ts";
import { environments, type Environment } from "./environments.ts";

/** How often one visitor may ask. */
export interface RateLimit {
  /** Requests of one address to one host in that time; what comes beyond gets 429. */
  readonly requests: number;
  /** The time, in seconds. */
  readonly seconds: number;
}

/**
 * How often one visitor may ask in an environment, as its stack file says it. Where others reach a system, its absence has to be
 * acknowledged; App Platform limits nobody, so there it is the only way.
 */
export function rateLimitSchema(environment: Environment, acknowledged: Acknowledged, platform: unknown): z.ZodType<RateLimit | undefined> {
  const { limitRequests } = environments[environment];
  const accept = 'accept that nobody is limited: acknowledge: ["no-rate-limit"]';
  return z
    .strictObject({
      requests: z.int().min(1).describe("Requests of one address to one host in that time; what comes beyond gets 429."),
      seconds: z.int().min(1).max(3600).describe("The time, in seconds."),
    })
    .nullable()
    .superRefine((limit, context) => {
      const isAppPlatform = platform === "app-platform";
      if (limit !== null && isAppPlatform) {
        const message = `App Platform limits nobody. Remove it, let the services limit by themselves or put a proxy in front of them that does, and ${accept}.`;
        context.addIssue({ code: "custom", message });
      } else if (
        limit === null &&
        limitRequests &&
        (isAppPlatform || platform === "docker-host") &&
        !acknowledged.covers("no-rate-limit")
      ) {
        const way = isAppPlatform
          ? `App Platform limits nobody, so let the services limit by themselves, and ${accept}.`
          : `Say how often one address may ask, or ${accept}.`;
        context.addIssue({ code: "custom", message: `is missing, and ${environment} is open to everybody. ${way}` });
      }
    })
    .transform((limit) => limit ?? undefined)
    .prefault(null)
    .describe("How often one address may ask a host. Needs a proxy that can count: not App Platform's.");
}
