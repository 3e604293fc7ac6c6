import { cut } from "../comment/markdown.ts";
import { type Change, type PlannedStep, renderValue } from "../plan.ts";
import { nameOfPath, partOf } from "./names.ts";

/** `backend LOG_LEVEL: "INFO" → "WARNING"`: a property by the names of its service and variable, with both values where they are known. */
export function changeLine(step: PlannedStep, { path, from, to, replaces }: Change): string {
  const place = [partOf(step, path), nameOfPath(step, path)].filter((name) => name !== undefined && name !== "").join(" ");
  const values = from === undefined && to === undefined ? "" : `: ${cut(renderValue(from), 120)} → ${cut(renderValue(to), 120)}`;
  return `${place}${values}${replaces ? " (replaces)" : ""}`;
}

/** A step with what it changes, for the terminal. */
export const stepLines = (step: PlannedStep): string[] => [
  `  ${step.op} ${step.type} ${step.name}`,
  ...step.changes.map((change) => `    ${changeLine(step, change)}`),
];
