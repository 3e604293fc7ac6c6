import { type Change, type PlannedStep, renderValue } from "../plan.ts";
import { brief } from "./brief.ts";
import { isAttempt, nameOfPath, partOf } from "./names.ts";
import { inWords, programAt } from "./programs.ts";
import { isText, textDiff } from "./texts.ts";

/** So much has room on a line, with the names of all variables of a service. */
const longest = 1000;
const cut = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest - 1)}…`);

/** `backend LOG_LEVEL: "INFO" → "WARNING"`: a property by the names of its service and variable, with both values where they are known. */
export function changeLine(step: PlannedStep, change: Change, hasValues = true): string {
  if (isAttempt(step, change)) return "deployed anew, since the last deployment failed";
  const { from, to, replaces } = change;
  const place = placeOf(step, change);
  const isKnown = from !== undefined || to !== undefined;
  // What comes or goes as a whole; of what stands there before and after only what differs is told.
  const [former, later] = [inWords(change.path, from), inWords(change.path, to)];
  if (hasValues && (from === undefined || to === undefined) && (former ?? later) !== undefined) {
    const head = [programAt(change.path), place].filter((word) => word !== undefined).join(" ");
    return `${head}: ${cut(former ?? "nothing")} → ${cut(later ?? "nothing")}${replaces ? " (replaces)" : ""}`;
  }
  const values = hasValues && isKnown ? `: ${brief(renderValue(from), renderValue(to), 120).join(" → ")}` : "";
  return `${place}${values}${replaces ? " (replaces)" : ""}`;
}

const placeOf = (step: PlannedStep, change: Change): string =>
  [partOf(step, change), nameOfPath(step, change)].filter((name) => name !== undefined && name !== "").join(" ");

/** So many lines of a text that differ are shown. */
export const mostOfText = 40;

/** What is shown of values: nothing, or so many lines of texts with several. */
export interface Shown {
  readonly hasValues?: boolean;
  readonly ofText?: number;
}

const indent = "    ";

/** What a step changes, each once: a line, and of texts with several those that go and come. */
export function changeLines(step: PlannedStep, { hasValues = true, ofText = mostOfText }: Shown = {}): string[] {
  const told = step.changes.map((change): string => {
    const { from = "", to = "", replaces } = change;
    const isOfTexts = typeof from === "string" && typeof to === "string" && (isText(from) || isText(to));
    if (!hasValues || !isOfTexts) return `${indent}${changeLine(step, change, hasValues)}`;
    return [`${indent}${placeOf(step, change)}:${replaces ? " (replaces)" : ""}`, ...textDiff(from, to, ofText, indent)].join("\n");
  });
  return [...new Set(told)].flatMap((one) => one.split("\n"));
}

/** Steps with what they change, for the terminal. Components are none: what they stand for is. */
export const stepLines = (steps: readonly PlannedStep[]): string[] =>
  steps.filter(({ custom }) => custom).flatMap((step) => [`  ${step.op} ${step.type} ${step.name}`, ...changeLines(step)]);

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
