import * as z from "zod";

/** What a stack may cost a month. */
export interface Budget {
  /** US dollars. */
  readonly monthly: number;
  /** What happens when a plan would go over it. */
  readonly over: "warn" | "refuse";
}

/** A danger of a plan that is taken, until a time. */
export interface Acceptance {
  /** The danger's name, as the refusal says it: `replace:DatabaseCluster/database`. */
  readonly what: string;
  /** Until when, as `2026-11-21T18:00:00Z`. */
  readonly until: string;
}

/** So long may a danger be taken at the most. */
const longestDays = 31;

/** The form of a danger's name. */
const dangerName = /^[a-z][a-z-]*:[\w.@/*-]+$/;

/**
 * What a stack file says to those who look at plans. The program itself does nothing with it, since no program sees its own plan:
 * `ops comment`, `promote` and `rollback` do.
 */
export const guardShape = {
  budget: z
    .strictObject({
      monthly: z.number().positive().describe("US dollars a month. Where something scales by itself, its most counts."),
      over: z
        .enum(["warn", "refuse"])
        .default("warn")
        .describe("Beyond it: told first in the comment on the pull request, or no deploy through npm run ops either."),
    })
    .optional()
    .describe("What this stack may cost. Restarts nothing. Without it nobody is warned."),
  accept: z
    .array(
      z.strictObject({
        what: z
          .string()
          .regex(dangerName, 'must be the name of a danger, as its refusal says it, such as "replace:DatabaseCluster/database"')
          .describe("The danger, by the name that its refusal says."),
        until: z.iso
          .datetime('must be a time such as "2026-11-21T18:00:00Z"')
          .refine((time) => !(Date.parse(time) - Date.now() > longestDays * 86_400_000), `must lie within ${longestDays} days`)
          .describe(`From then on it is refused again. Within ${longestDays} days: what is taken for good would be no guard.`),
      }),
    )
    .optional()
    .describe("Dangers of the next plans that are taken on purpose, each until a time. Restarts nothing by itself."),
};
