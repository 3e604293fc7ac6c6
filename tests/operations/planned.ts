import type { Change, PlannedStep } from "../../operations/plan.ts";

/** A step of a plan, of which a test says what matters to it. */
export function planned(step: Partial<PlannedStep> & Pick<PlannedStep, "op" | "type">): PlannedStep {
  const { type, name = type.toLowerCase(), changes = [] } = step;
  return {
    name,
    urn: `urn:pulumi:staging::template::${type}::${name}`,
    token: type,
    component: name,
    custom: true,
    changes,
    paths: changes.map(({ path }) => path),
    defaults: [],
    protect: false,
    protectAfter: false,
    retained: false,
    retainedAfter: false,
    ...step,
  };
}

/** A changed property. */
export const change = (path: string, from?: unknown, to?: unknown, more: Partial<Change> = {}): Change => ({
  path,
  kind: from === undefined ? "add" : to === undefined ? "delete" : "update",
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
  hidden: false,
  computed: false,
  replaces: false,
  ...more,
});
