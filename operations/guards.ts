import { parse } from "yaml";
import { type Acceptance, type Budget, guardShape } from "../config/guards.ts";

/** What a stack file says to those who look at plans. */
export interface Guards {
  readonly budget?: Budget;
  /** Names of dangers that are taken now. */
  readonly accepted: readonly string[];
  /** … and of those whose time is over. */
  readonly ended: readonly string[];
}

/** Reads that from the text of a stack file. What is wrong there, the program says. Pure. */
export function readGuards(text: string, now = Date.now()): Guards {
  const { config } = (parse(text) ?? {}) as { config?: Readonly<Record<string, unknown>> | null };
  const { data: budget } = guardShape.budget.safeParse(config?.["groundwork:budget"]);
  const { data: accept = [] } = guardShape.accept.safeParse(config?.["groundwork:accept"]);
  const isOver = ({ until }: Acceptance): boolean => Date.parse(until) <= now;
  return {
    ...(budget === undefined ? {} : { budget }),
    accepted: accept.filter((one) => !isOver(one)).map(({ what }) => what),
    ended: accept.filter(isOver).map(({ what }) => what),
  };
}
