import type { Scrub } from "../scrub.ts";
import type { PlannedStep } from "./steps.ts";
import { Hidden } from "./values.ts";

/**
 * Steps without secrets in plain texts either: the engine marks what was made of a secret, and not what somebody wrote a copy of one into. For what
 * leaves; a plan's names are made of the steps as they are. Pure.
 */
export const scrubbedSteps = (steps: readonly PlannedStep[], scrub: Scrub): PlannedStep[] =>
  steps.map((step) => {
    const { changes, before, after } = step;
    const text = JSON.stringify([changes, before, after]);
    // Nearly always there is nothing to take out.
    if (scrub(text) === text) return step;
    const clean = <Value>(value: Value): Value => cleaned(value, scrub) as Value;
    return {
      ...step,
      changes: changes.map((one) => ({
        ...one,
        ...("from" in one ? { from: clean(one.from) } : {}),
        ...("to" in one ? { to: clean(one.to) } : {}),
      })),
      ...(before === undefined ? {} : { before: clean(before) }),
      ...(after === undefined ? {} : { after: clean(after) }),
    };
  });

function cleaned(value: unknown, scrub: Scrub): unknown {
  if (typeof value === "string") return scrub(value);
  if (typeof value !== "object" || value === null || value instanceof Hidden) return value;
  if (Array.isArray(value)) return value.map((one) => cleaned(one, scrub));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cleaned(one, scrub)]));
}
