import type { FullState } from "./steps.ts";

/** How the engine writes a value that only the run itself will know. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

interface Saved {
  readonly resourcePlans: Readonly<
    Record<string, { readonly goal?: { readonly custom?: boolean; readonly outputDiff?: OutputDiff }; readonly state?: object | null }>
  >;
}

interface OutputDiff {
  readonly adds?: object;
  readonly updates?: object;
}

/** Outputs of components of ours that no preview knows of: records that are written when the run is over. */
const written = ["app", "asked", "values", "serving", "releases", "failures", "migrations", "teamRegistry"];

/**
 * A saved plan that a run can be held to. The engine also holds it to the outputs of components, which write down what became of the run (which
 * release serves, since when): nobody can plan those, so any value is right there. Inputs, operations and resources stay as they were planned. Pure.
 */
export function applicable(saved: string, state: FullState | undefined): string {
  const plan = JSON.parse(saved) as Saved;
  const held = new Map((state?.deployment.resources ?? []).map(({ urn, outputs }) => [urn, Object.keys(outputs ?? {})]));
  const any = (keys: readonly string[]): object => Object.fromEntries(keys.map((key) => [key, unknown]));
  const resourcePlans = Object.fromEntries(
    Object.entries(plan.resourcePlans).map(([urn, one]) => {
      if (one.goal === undefined || one.goal.custom === true) return [urn, one];
      const old = held.get(urn) ?? [];
      const { adds = {}, updates = {} } = one.goal.outputDiff ?? {};
      const known = [...Object.keys(adds), ...Object.keys(updates), ...Object.keys(one.state ?? {})];
      const fresh = [...known, ...(isRecord(urn) ? written : [])].filter((key) => !old.includes(key));
      return [urn, { ...one, goal: { ...one.goal, outputDiff: { adds: any([...new Set(fresh)]), updates: any(old) } } }];
    }),
  );
  return JSON.stringify({ ...plan, resourcePlans });
}

const isRecord = (urn: string): boolean => /(?:::|\$)groundwork:\w+:(?:SealedSecrets|ReleaseRecord)::/.test(urn);
