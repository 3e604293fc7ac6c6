import type { Budget } from "../../config/guards.ts";
import type { Plan, PlannedResource } from "../plan.ts";
import { type CostLine, costLines, total, type Total } from "./lines.ts";

/** What one component costs a month before and after, where that differs. */
export interface PartChange {
  readonly part: string;
  readonly before: Total;
  readonly after: Total;
}

/** What a plan does to a stack's bill. */
export interface CostChange {
  readonly before: Total;
  readonly after: Total;
  readonly parts: readonly PartChange[];
  /** The difference of the parts whose prices are known before and after; incomplete where another one differs too. */
  readonly difference: Total;
  /** What differs and has no price here, in the provider's words. */
  readonly unpriced: readonly string[];
  /** The budget that it goes beyond, in US dollars a month. It refuses only what makes it worse: never a way back. */
  readonly over?: Budget;
  /** The budget that nobody can check, since some of it has no price here. */
  readonly unchecked?: Budget;
}

const linesOf = (resources: readonly PlannedResource[]): CostLine[] =>
  resources.flatMap(({ token, name, component, inputs }) =>
    costLines({ type: token, name, inputs }).map((line) => (line.part === name ? { ...line, part: component } : line)),
  );

/** The name by which a budget is gone beyond for one run, as a danger is accepted. */
export const overBudget = "budget";

/**
 * Compares what the stack holds with what it would hold. Pure.
 *
 * @param accepted Names of what is accepted.
 */
export function costChange(
  { before, after }: Pick<Plan, "before" | "after">,
  budget?: Budget,
  accepted: readonly string[] = [],
): CostChange {
  const [old, next] = [linesOf(before), linesOf(after)];
  const parts = [...new Set([...old, ...next].map(({ part }) => part))].sort().flatMap((part): PartChange[] => {
    const of = (lines: readonly CostLine[]): CostLine[] => lines.filter((line) => line.part === part);
    const change = { part, before: total(of(old)), after: total(of(next)) };
    return JSON.stringify(of(old)) === JSON.stringify(of(next)) ? [] : [change];
  });
  const sum = { before: total(old), after: total(next) };
  const known = parts.filter((part) => !part.before.incomplete && !part.after.incomplete);
  const sumOf = (of: (side: Total) => number): number =>
    Math.round(known.reduce((all, part) => all + of(part.after) - of(part.before), 0) * 100) / 100;
  const difference = { usd: sumOf(({ usd }) => usd), most: sumOf(({ most }) => most), incomplete: known.length < parts.length };
  const isChanged = ({ part }: CostLine): boolean => parts.some((one) => one.part === part);
  const unpriced = [...new Set([...old, ...next].filter((line) => line.price === undefined && isChanged(line)).map(({ item }) => item))];
  // What costs no more than before is not this plan's doing: a rollback goes through, whatever the budget.
  const refuses = (difference.most > 0 || difference.incomplete) && !accepted.includes(overBudget);
  return { ...sum, parts, difference, unpriced, ...checked(sum.after, budget, refuses) };
}

/** Where something scales by itself the bill may be the highest one. */
function checked(after: Total, budget: Budget | undefined, refuses: boolean): Pick<CostChange, "over" | "unchecked"> {
  if (budget === undefined) return {};
  if (after.most > budget.monthly) return { over: refuses ? budget : { ...budget, over: "warn" } };
  return after.incomplete ? { unchecked: budget } : {};
}
