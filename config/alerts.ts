import * as z from "zod";
import type { Acknowledged } from "./acknowledge.ts";
import { environments, type Environment } from "./environments.ts";

/** Who is told of what goes wrong. */
export interface Alerts {
  readonly emails: readonly string[];
  /** A channel of Slack; the URL of its webhook is a secret and stands with the others. */
  readonly slack?: string | undefined;
}

/** Who is told of what goes wrong in an environment, as its stack file says it. Where somebody has to be told, its absence is a problem. */
export function alertsSchema(environment: Environment, acknowledged: Acknowledged, platform: unknown): z.ZodType<Alerts | undefined> {
  const { tellSomebody } = environments[environment];
  return (
    z
      .strictObject({
        emails: z
          .array(z.email('must be an address such as "ops@example.com"'))
          .default([])
          .describe("Addresses of members of the cloud's team; it writes to nobody else."),
        slack: z
          .string()
          .regex(/^#?[a-z0-9][a-z0-9._-]{0,79}$/, 'must be a channel such as "#ops"')
          .optional()
          .describe("Channel of Slack. Needs the URL of its incoming webhook as groundwork:provided.slackWebhook."),
      })
      .refine(({ emails, slack }) => emails.length > 0 || slack !== undefined, "tells nobody. Name an address or a channel")
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
        "Who is told when hosts do not answer, services or databases are overloaded, or deployments fail. Each address that is watched costs 1 USD a month.",
      )
  );
}
