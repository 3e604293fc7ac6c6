import * as z from "zod";
import type { Acknowledged } from "./acknowledge.ts";
import { environments, type Environment } from "./environments.ts";

/** Who is told of what goes wrong. */
export interface Alerts {
  readonly emails: readonly string[];
}

/** Who is told of what goes wrong in an environment, as its stack file says it. Where somebody has to be told, its absence is a problem. */
export function alertsSchema(environment: Environment, acknowledged: Acknowledged, platform: unknown): z.ZodType<Alerts | undefined> {
  const { tellSomebody } = environments[environment];
  return (
    z
      .strictObject({
        emails: z
          .array(z.email('must be an address such as "ops@example.com"'))
          .min(1)
          .describe("Addresses of members of the cloud's team; it writes to nobody else."),
      })
      // Not optional: what is optional and left out is not looked at.
      .nullable()
      .superRefine((alerts, context) => {
        if (platform === "docker-host") {
          if (alerts !== null) context.addIssue({ code: "custom", message: "nobody watches a Docker host. Remove it" });
        } else if (alerts === null && tellSomebody && !acknowledged.covers("nobody-told")) {
          const message = `is required in ${environment}, so that somebody learns that it is down. Or accept that nobody does: acknowledge: ["nobody-told"].`;
          context.addIssue({ code: "custom", message });
        }
      })
      .transform((alerts) => alerts ?? undefined)
      .prefault(null)
      .describe(
        "Who is told when hosts do not answer, databases fill up or deployments fail. Each host that is watched costs 1 USD a month.",
      )
  );
}
