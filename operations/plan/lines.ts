import { type Change, type PlannedStep, renderValue } from "../plan.ts";
import { brief } from "./brief.ts";
import { nameOfPath, partOf } from "./names.ts";

/** `backend LOG_LEVEL: "INFO" → "WARNING"`: a property by the names of its service and variable, with both values where they are known. */
export function changeLine(step: PlannedStep, change: Change, hasValues = true): string {
  const { from, to, replaces } = change;
  const place = [partOf(step, change), nameOfPath(step, change)].filter((name) => name !== undefined && name !== "").join(" ");
  const isKnown = from !== undefined || to !== undefined;
  const values = hasValues && isKnown ? `: ${brief(renderValue(from), renderValue(to), 120).join(" → ")}` : "";
  return `${place}${values}${replaces ? " (replaces)" : ""}`;
}

/** Steps with what they change, for the terminal. Components are none: what they stand for is. */
export const stepLines = (steps: readonly PlannedStep[]): string[] =>
  steps
    .filter(({ custom }) => custom)
    .flatMap((step) => [`  ${step.op} ${step.type} ${step.name}`, ...step.changes.map((change) => `    ${changeLine(step, change)}`)]);
