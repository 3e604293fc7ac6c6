import { environmentName, type Environment } from "../config/environments.ts";
import { type Change, type Plan, type PlannedStep, renderValue, UnexpectedChanges } from "./plan.ts";
import { propertyRules } from "./dangers/properties.ts";
import { nameOfPath, partOf } from "./plan/names.ts";
import { consequences, type Effect, effects } from "./dangers/resources.ts";

/** A note is told, a warning is told first, a refusal stops the run unless it was accepted by name. */
export type Severity = "note" | "warning" | "refusal";

/** Something in a plan that hurts. */
export interface Danger {
  /** By this it is accepted: `replace:database`. */
  readonly name: string;
  readonly effect: Effect;
  readonly severity: Severity;
  /** What happens to what: `database` (database cluster): size "db-s-1vcpu-2gb" → "db-s-1vcpu-1gb". */
  readonly what: string;
  /** What that means, in a sentence. */
  readonly says: string;
  /** It was accepted, so it stops nothing. */
  readonly accepted: boolean;
}

/** How bad which effect is. A stack that is no environment's (`shared`, `delivery`) is as good as production: all of them hang on it. */
const severities: Readonly<Record<Environment, Readonly<Record<Effect, Severity>>>> = {
  local: { "data loss": "note", exposure: "note", "protection removed": "note", downtime: "note", removal: "note" },
  staging: { "data loss": "warning", exposure: "warning", "protection removed": "warning", downtime: "note", removal: "note" },
  production: { "data loss": "refusal", exposure: "refusal", "protection removed": "refusal", downtime: "warning", removal: "note" },
};

/** The severity that an environment gives to an effect; a few things production refuses whatever they do. */
export function severityOf(stack: string, effect: Effect, refused = false): Severity {
  const environment = environmentName(stack) ?? "production";
  return environment === "production" && refused ? "refusal" : severities[environment][effect];
}

/** All of a plan that hurts, worst first. Pure. */
export function dangersOf(
  stack: string,
  { steps, loosened }: Pick<Plan, "steps" | "loosened">,
  accepted: readonly string[] = [],
): Danger[] {
  const found = [
    ...steps.flatMap((step) => [...fateOf(stack, step), ...(goesAway(step) ? [] : changesOf(stack, step))]),
    ...loosened.map((step) => unprotected(stack, step)),
  ];
  const rank = ({ effect, severity }: Found): number => order.indexOf(severity) * effects.length + effects.indexOf(effect);
  return merge(found)
    .map((danger) => ({ ...danger, accepted: accepted.includes(danger.name) }))
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

type Found = Omit<Danger, "accepted">;
const order: readonly Severity[] = ["refusal", "warning", "note"];

const goesAway = ({ op }: PlannedStep): boolean => /^(?:delete|replace|discard)/.test(op);

function fateOf(stack: string, step: PlannedStep): Found[] {
  if (!goesAway(step)) return [];
  const isReplaced = step.op.startsWith("replace");
  // What no table knows is taken for worse than it may be.
  const {
    noun,
    deleted,
    replaced = deleted,
  } = consequences[step.token] ?? {
    noun: step.type,
    deleted: { effect: "removal" as const, says: "Nothing here knows what hangs on it." },
  };
  const known = consequences[step.token];
  const fate = isReplaced ? (known && "replaced" in known ? known.replaced : replaced) : deleted;
  const guarded = step.protect && !isReplaced;
  if (fate === undefined && !guarded) return [];
  const { effect, says, refused } = fate ?? { effect: "removal" as const, says: "It was protected against this.", refused: undefined };
  const kept = step.retained ? " It stays in the cloud, and nobody manages it from then on." : "";
  const by = step.changes.filter(({ replaces }) => replaces).map((change) => differs(step, change));
  const verb = isReplaced ? "is replaced" : "is deleted";
  return [
    {
      name: `${isReplaced ? "replace" : "delete"}:${step.name}`,
      effect: step.retained && !isReplaced ? "removal" : effect,
      severity: guarded
        ? severityOf(stack, "protection removed", true)
        : severityOf(stack, step.retained && !isReplaced ? "removal" : effect, refused),
      what: `${label(step, noun)} ${verb}${by.length === 0 ? "" : ` (${by.join("; ")})`}`,
      says: `${step.retained && !isReplaced ? "It leaves the program." : says}${guarded ? " It is protected." : ""}${kept}`,
    },
  ];
}

function changesOf(stack: string, step: PlannedStep): Found[] {
  const rules = propertyRules.filter(({ of }) => of.includes(step.type));
  return step.changes.flatMap((change) =>
    rules
      .filter(({ path, when }) => path.test(change.path) && when(change, step))
      .map(({ name, effect, says, refused }): Found => {
        const part = partOf(step, change.path);
        return {
          name: `${name}:${part ?? step.name}`,
          effect,
          severity: severityOf(stack, effect, refused),
          what: `${label({ ...step, name: part ?? step.name }, consequences[step.token]?.noun ?? step.type)}: ${differs(step, change)}`,
          says,
        };
      }),
  );
}

function unprotected(stack: string, step: PlannedStep): Found {
  const lost = [
    step.protect && !step.protectAfter ? "protect: true → false" : "",
    step.retained && !step.retainedAfter ? "retainOnDelete: true → false" : "",
  ];
  return {
    name: `unprotect:${step.name}`,
    effect: "protection removed",
    severity: severityOf(stack, "protection removed"),
    what: `${label(step, consequences[step.token]?.noun ?? step.type)}: ${lost.filter((one) => one !== "").join(", ")}`,
    says: "A mistaken delete does not stop at it any more.",
  };
}

/** Several properties that mean the same for the same thing are one danger. */
function merge(found: readonly Found[]): Found[] {
  const byName = new Map<string, Found>();
  for (const one of found) {
    const before = byName.get(one.name);
    if (before === undefined) byName.set(one.name, one);
    else if (before.what !== one.what) {
      const [more] = one.what.split(/: (.*)/s).slice(1);
      const severity = order.indexOf(one.severity) < order.indexOf(before.severity) ? one.severity : before.severity;
      byName.set(one.name, {
        ...before,
        severity,
        what: before.what.includes(more ?? one.what) ? before.what : `${before.what}; ${more ?? one.what}`,
      });
    }
  }
  return [...byName.values()];
}

/** `size "db-s-1vcpu-2gb" → "db-s-1vcpu-1gb"` */
const differs = (step: PlannedStep, { path, from, to }: Change): string =>
  `${nameOfPath(step, path)} ${renderValue(from)} → ${renderValue(to)}`;

const label = ({ name }: Pick<PlannedStep, "name">, noun: string): string => `${name}${noun === "" ? "" : ` (${noun})`}`;

/** Refuses what production must not do by mistake, and says how it is accepted. */
export function refuseDangers(stack: string, dangers: readonly Danger[]): void {
  const refused = dangers.filter(({ severity, accepted }) => severity === "refusal" && !accepted);
  if (refused.length === 0) return;
  throw new UnexpectedChanges(
    [
      `${stack} would lose something, and nobody has accepted that:`,
      ...refused.flatMap(({ name, what, says, effect }) => [`  ${effect}: ${what}`, `    ${says} Accept it for one run: --accept ${name}`]),
      `In a workflow: groundwork:accept in Pulumi.${stack}.yaml, by name and with a day until which it holds.`,
    ].join("\n"),
  );
}

/** For the terminal: what is worth a word before a run. */
export function renderDangers(dangers: readonly Danger[]): string[] {
  return dangers
    .filter(({ severity }) => severity !== "note")
    .flatMap(({ name, what, says, effect, severity, accepted }) => [
      `${accepted ? "accepted" : severity === "refusal" ? "refused" : "warning"}: ${effect}: ${what}`,
      `  ${says}${accepted ? "" : ` (${name})`}`,
    ]);
}

/** Secrets of one stack that another one has too, each by where it stands; a leak of the weaker one opens the stronger. Pure. */
export function sharedSecrets(
  stack: string,
  own: Plan["secrets"],
  other: string,
  theirs: Plan["secrets"],
  accepted: readonly string[],
): Danger[] {
  const places = [...own].filter(([secret]) => secret.length >= 8 && theirs.has(secret)).map(([, place]) => place);
  return [...new Set(places)].sort().map((place) => ({
    name: `share:${place}`,
    effect: "exposure",
    severity: severityOf(stack, "exposure"),
    what: `${place} is the same secret as in ${other}`,
    says: `Whoever gets at it there has it here. Give ${stack} one of its own.`,
    accepted: accepted.includes(`share:${place}`),
  }));
}
