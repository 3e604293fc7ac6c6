import type { Budget } from "../../config/guards.ts";
import type { CostChange } from "../cost/change.ts";
import { totalText } from "../cost/lines.ts";
import type { Danger } from "../dangers.ts";
import { readGuards } from "../guards.ts";

const loosened = "loosen:budget";

/** Whether this is about the budget, which no resource has. */
export const isBudget = ({ name }: Pick<Danger, "name">): boolean => name === loosened;

/**
 * What is to be said of a change that takes a stack's budget back, raises it, or lets it warn only: a guard that goes together with what it would have
 * held is seen by nobody else. A deploy knows no former stack file, so it refuses nothing for that. Pure.
 *
 * @param cost What the same change does to the bill; undefined: nobody knows.
 */
export function looserBudget(
  before: Budget | undefined,
  after: Budget | undefined,
  cost?: Pick<CostChange, "after" | "difference">,
): Danger[] {
  if (before === undefined) return [];
  const isLooser = after === undefined || after.monthly > before.monthly || (before.over === "refuse" && after.over === "warn");
  if (!isLooser) return [];
  return [
    {
      name: loosened,
      effect: "protection removed",
      severity: "warning",
      what: `groundwork:budget: ${worded(before)} → ${after === undefined ? "none" : worded(after)}`,
      says: [
        ...(cost === undefined ? [] : beyond(before, cost)),
        after === undefined
          ? "Whatever the stack costs from then on, nobody is warned of it."
          : "From then on more passes without a word, or without a refusal, than before.",
      ].join(" "),
      accepted: false,
    },
  ];
}

const worded = ({ monthly, over }: Budget): string => `${monthly} USD a month, ${over === "refuse" ? "refused" : "warned of"} beyond`;

/** As a deploy judges it: what costs no more than before is nobody's doing. */
function beyond({ monthly, over }: Budget, { after, difference }: Pick<CostChange, "after" | "difference">): string[] {
  if (after.most <= monthly) return [];
  const isRefused = over === "refuse" && (difference.most > 0 || difference.incomplete);
  return [`The stack costs ${totalText(after)} after this change, and the former budget ${isRefused ? "refuses" : "warns of"} that.`];
}

/** The budget that the text of a stack file names; what is wrong with the text, the program says. */
export function budgetIn(text = ""): Budget | undefined {
  try {
    return readGuards(text).budget;
  } catch {
    return undefined;
  }
}

/** Puts it among dangers that are sorted already. */
export function among(dangers: readonly Danger[], more: readonly Danger[]): Danger[] {
  const isWorse = ({ severity, effect }: Danger): boolean =>
    severity === "refusal" || (severity === "warning" && (effect === "data loss" || effect === "exposure"));
  return [...dangers.filter(isWorse), ...more, ...dangers.filter((one) => !isWorse(one))];
}
