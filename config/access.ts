import { isIPv4 } from "node:net";
import * as z from "zod";

/** An address that may reach a database from outside its network, for a time. */
export interface Access {
  readonly address: string;
  /** Until when, as `2026-11-21T18:00:00Z`. */
  readonly until: string;
}

const longestDays = 7;

/** Who may reach a database from outside, and until when, as a stack file says it. */
export function accessSchema(platform: unknown, now = Date.now()): z.ZodType<readonly Access[]> {
  return z
    .array(
      z.strictObject({
        address: z
          .string()
          .refine(isIPv4, 'must be one IPv4 address such as "203.0.113.7"; the cloud takes no others')
          .describe("The IPv4 address that you are seen by (curl -4 https://ifconfig.me)."),
        until: z.iso
          .datetime('must be a time such as "2026-11-21T18:00:00Z"')
          .refine((time) => !(Date.parse(time) - now > longestDays * 86_400_000), `must lie within ${longestDays} days`)
          .describe("From then on the next pulumi up shuts it out again, and every preview shows that it has to."),
      }),
    )
    .superRefine((access, context) => {
      if (platform !== "docker-host" || access.length === 0) return;
      context.addIssue({
        code: "custom",
        message: "has no meaning on a Docker host, whose database you reach with docker exec. Remove it",
      });
    })
    .default([])
    .describe("Addresses that may connect to the database from outside, for a time. With one, the stack output databaseUrl is there.");
}

/** The addresses whose time has not passed, and those whose time has. */
export function sortAccess(
  access: readonly Access[],
  now = Date.now(),
): { readonly open: readonly string[]; readonly ended: readonly Access[] } {
  const isOver = ({ until }: Access): boolean => Date.parse(until) <= now;
  return { open: access.filter((one) => !isOver(one)).map(({ address }) => address), ended: access.filter(isOver) };
}
