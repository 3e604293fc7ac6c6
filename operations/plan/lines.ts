import { type Change, type PlannedStep, renderValue } from "../plan.ts";
import { brief } from "./brief.ts";
import { isAttempt, nameOfPath, partOf } from "./names.ts";

/** `backend LOG_LEVEL: "INFO" → "WARNING"`: a property by the names of its service and variable, with both values where they are known. */
export function changeLine(step: PlannedStep, change: Change, hasValues = true): string {
  if (isAttempt(step, change)) return "deployed anew, since the last deployment failed";
  const { from, to, replaces } = change;
  const place = [partOf(step, change), nameOfPath(step, change)].filter((name) => name !== undefined && name !== "").join(" ");
  const isKnown = from !== undefined || to !== undefined;
  const values = hasValues && isKnown ? `: ${brief(renderValue(from), renderValue(to), 120).join(" → ")}` : "";
  return `${place}${values}${replaces ? " (replaces)" : ""}`;
}

/** What a step changes, each line once. */
export const changeLines = (step: PlannedStep, hasValues = true): string[] => [
  ...new Set(step.changes.map((change) => changeLine(step, change, hasValues))),
];

/** Steps with what they change, for the terminal. Components are none: what they stand for is. */
export const stepLines = (steps: readonly PlannedStep[]): string[] =>
  steps
    .filter(({ custom }) => custom)
    .flatMap((step) => [`  ${step.op} ${step.type} ${step.name}`, ...changeLines(step).map((line) => `    ${line}`)]);

/** A service's or a job's own image, on any platform. */
const ofImage = /(?:^|\.)image(?:\.|$)/;

/**
 * What of a deployment comes with its images and is none of them: a migration that a version brings, a variable. `others` is what would change without
 * them. Pure.
 */
export function comingAlong(steps: readonly PlannedStep[], others: readonly PlannedStep[]): PlannedStep[] {
  return steps.flatMap((step) => {
    const alone = others.find(({ urn, op }) => urn === step.urn && op === step.op);
    const changes = step.changes.filter(({ path }) => !ofImage.test(path) && !(alone?.paths.includes(path) ?? false));
    const isTold = step.op === "update" ? changes.length > 0 : alone === undefined;
    return isTold ? [{ ...step, changes, paths: changes.map(({ path }) => path) }] : [];
  });
}
