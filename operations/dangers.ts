import { environmentName, type Environment } from "../config/environments.ts";
import { type Change, type Plan, type PlannedStep, renderValue, UnexpectedChanges } from "./plan.ts";
import { meaningOf } from "./dangers/accepted.ts";
import { grouped, namesOf, whatOf } from "./dangers/grouped.ts";
import { propertyRules } from "./dangers/properties.ts";
import { consequenceOf, consequences, type Effect, effects, type Fate } from "./dangers/resources.ts";
import type { Around, PropertyRule } from "./dangers/rules.ts";
import { brief } from "./plan/brief.ts";
import { nameOfPath, partOf } from "./plan/names.ts";
import type { SharedSecret } from "./plan/shared.ts";

/** A note is told, a warning is told first, a refusal stops the run unless it was accepted by name. */
export type Severity = "note" | "warning" | "refusal";

/** Something in a plan that hurts. */
export interface Danger {
  /** By this it is accepted: `replace:DatabaseCluster/database`. */
  readonly name: string;
  readonly effect: Effect;
  readonly severity: Severity;
  /** What happens to what: `database (database cluster): size "db-s-1vcpu-2gb" → "db-s-1vcpu-1gb"`. */
  readonly what: string;
  /** What that means, in a sentence. */
  readonly says: string;
  /** What people call the thing, and what becomes of it, for counting: `alert`, `is deleted`. Left out where a property changes. */
  readonly fate?: { readonly noun: string; readonly verb: string };
  /** An outage that production refuses: it is told before what merely may lead to one. */
  readonly grave?: true;
  /** It was accepted, so it stops nothing. */
  readonly accepted: boolean;
}

/** How bad which effect is. A stack that is no environment's (`shared`, `delivery`) is as good as production: all of them hang on it. */
const severities: Readonly<Record<Environment, Readonly<Record<Effect, Severity>>>> = {
  local: { "data loss": "note", exposure: "note", "protection removed": "note", downtime: "note", removal: "note" },
  staging: { "data loss": "warning", exposure: "warning", "protection removed": "warning", downtime: "note", removal: "note" },
  production: { "data loss": "refusal", exposure: "refusal", "protection removed": "refusal", downtime: "warning", removal: "note" },
};

/** The severity that an environment gives to an effect; a few things production refuses whatever they do, and staging warns of. */
export function severityOf(stack: string, effect: Effect, refused = false): Severity {
  const environment = environmentName(stack) ?? "production";
  if (!refused || environment === "local") return severities[environment][effect];
  return environment === "production" ? "refusal" : "warning";
}

/** What of a plan is judged. What the stack holds beside the steps tells which names mean one thing. */
export type Judged = Pick<Plan, "steps" | "loosened"> & Partial<Pick<Plan, "before" | "after" | "shared">>;

/** All of a plan that hurts, worst first. Pure. */
export function dangersOf(stack: string, plan: Judged, accepted: readonly string[] = []): Danger[] {
  const { steps, loosened, shared = [] } = plan;
  const found = merge([
    ...steps
      .filter(({ custom }) => custom)
      .flatMap((step) => [...fateOf(stack, step, plan), ...changesOf(stack, step, plan), ...madeOf(stack, step, plan)]),
    ...loosened.filter(({ custom }) => custom).map((step) => unprotected(stack, step, plan)),
    ...shared.map((one) => sharedDanger(stack, one)),
  ]);
  const means = meaningOf(plan);
  return found.map((danger) => ({ ...danger, accepted: accepted.some((name) => means(name, danger)) })).sort(byRank);
}

type Found = Omit<Danger, "accepted">;
const order: readonly Severity[] = ["refusal", "warning", "note"];
const rank = ({ effect, severity, grave }: Found): number =>
  order.indexOf(severity) * effects.length + (grave ? Math.min(0.5, effects.indexOf(effect)) : effects.indexOf(effect));
const byRank = (a: Found, b: Found): number => rank(a) - rank(b) || (a.name < b.name ? -1 : 1);

const goesAway = ({ op }: PlannedStep): boolean => /^(?:delete|replace|discard)/.test(op);

/** `delete:DnsRecord/files` */
const nameOf = (rule: string, { type, name }: Pick<PlannedStep, "type" | "name">): string => `${rule}:${type}/${name}`;

function fateOf(stack: string, step: PlannedStep, around: Around): Found[] {
  if (!goesAway(step) || step.token.startsWith("pulumi:") || isPointless(step, around)) return [];
  const isReplaced = step.op.startsWith("replace");
  // What no table knows is taken for worse than it may be.
  const {
    noun,
    deleted,
    replaced = deleted,
  } = consequenceOf(step) ?? {
    noun: step.type,
    deleted: { effect: "removal" as const, says: "Nothing here knows what hangs on it." },
  };
  const known = consequenceOf(step);
  const fate = isReplaced ? (known && "replaced" in known ? known.replaced : replaced) : deleted;
  // The engine lets something be replaced that the program protects no more; what left the program has only what the state says.
  const guarded = step.protect && (!isReplaced || step.protectAfter);
  if (fate === undefined && !guarded) return [];
  const { effect, says, refused } = inPractice(fate, step) ?? {
    effect: "removal" as const,
    says: "It was protected against this.",
    refused: undefined,
  };
  const by = step.changes.filter(({ replaces }) => replaces).map((change) => differs(step, change));
  const isGivenUp = step.retained && !isReplaced;
  const verb = isReplaced ? "is replaced" : isGivenUp ? "is given up" : "is deleted";
  const alone = "stays in the cloud, and nobody manages it from then on.";
  const then = isGivenUp
    ? `It leaves the program, ${alone}`
    : step.retained
      ? `${says} The old one, with all that it holds, ${alone}`
      : says;
  return [
    {
      name: nameOf(isReplaced ? "replace" : "delete", step),
      effect: isGivenUp ? "removal" : effect,
      severity: guarded ? severityOf(stack, "protection removed", true) : severityOf(stack, isGivenUp ? "removal" : effect, refused),
      what: `${label(step, noun)} ${verb}${by.length === 0 ? "" : ` (${by.join("; ")})`}`,
      says: [
        guarded ? `It is protected, so every deploy ends here; without that, ${then.charAt(0).toLowerCase()}${then.slice(1)}` : then,
        ...renamed(step, around, isGivenUp ? "removal" : effect),
      ].join(" "),
      fate: { noun: noun === "" ? step.type : noun, verb },
      ...(refused ? { grave: refused } : {}),
    },
  ];
}

/** What is kept in the cloud when another one takes its place has lost nothing; what used it finds the new one empty. */
function inPractice(fate: Fate, { op, retained }: PlannedStep): Fate {
  const isKept = retained && op.startsWith("replace") && fate?.effect === "data loss";
  return isKept ? { effect: "downtime", says: "An empty one takes its place.", refused: true } : fate;
}

/** What falls with something that goes in the same plan, so that nobody misses it. */
const fallsWith: Readonly<Record<string, string>> = {
  DatabaseFirewall: "DatabaseCluster",
  SpacesBucketPolicy: "SpacesBucket",
};

type Part = Pick<PlannedStep, "type" | "name" | "component">;

/** Whether it is the firewall of a read replica, which has the replica's name in front. */
const shields = ({ type, name, component }: Part, replica: Part): boolean =>
  type === "DatabaseFirewall" &&
  replica.type === "DatabaseReplica" &&
  component === replica.component &&
  name === `${replica.name}-firewall`;

const isPointless = (step: PlannedStep, { steps }: Around): boolean =>
  step.op === "delete" &&
  steps.some(
    (one) =>
      one.op === "delete" &&
      !one.retained &&
      ((one.type === fallsWith[step.type] && one.component === step.component) || shields(step, one)),
  );

/** Where something that holds data goes and another one of its type comes, it may be one that has another name now. The main part of a component has its name. */
function renamed({ op, token, name, component, protect }: PlannedStep, { steps }: Around, effect: Effect): string[] {
  if (op !== "delete" || name !== component || (effect !== "data loss" && !protect)) return [];
  const made = steps.filter((other) => other.op === "create" && other.token === token && other.name === other.component);
  if (made.length === 0) return [];
  const names = made.map((other) => other.name).join(" and ");
  return [
    `${names} ${made.length === 1 ? "is" : "are"} made beside it, empty. Was it renamed? Keep its name, or give the new one the former as an alias, { aliases: [{ name: "${name}" }] }: nothing goes then.`,
  ];
}

/** What holds for the new one of a replacement as for a change in place: who gets in, and what holds. */
const outlives: readonly Effect[] = ["exposure", "protection removed"];

function changesOf(stack: string, step: PlannedStep, around: Around): Found[] {
  const isReplaced = step.op.startsWith("replace");
  if (goesAway(step) && !isReplaced) return [];
  const rules = propertyRules.filter(({ of, effect }) => of.includes(step.type) && (!isReplaced || outlives.includes(effect)));
  return step.changes.flatMap((change) => {
    const told = rules.filter(({ path, when }) => path.test(change.path) && when(change, step, around));
    const found = (rule: PropertyRule): Found => changeBy(rule, stack, step, change, around);
    const worst = Math.min(...told.filter(({ implied }) => !implied).map((rule) => rank(found(rule))));
    return told.filter((rule) => !rule.implied || rank(found(rule)) < worst).map(found);
  });
}

function changeBy(
  { name: rule, effect, says, refused, tell }: PropertyRule,
  stack: string,
  step: PlannedStep,
  change: Change,
  around: Around,
): Found {
  const named = { type: step.type, name: partOf(step, change) ?? step.name };
  const told = tell?.(change, step, around) ?? differs(step, change);
  return {
    name: nameOf(rule, named),
    effect,
    severity: severityOf(stack, effect, refused),
    what: `${label(named, nounOf(step))}${told.startsWith("is ") ? " " : ": "}${told}`,
    says,
    ...(refused ? { grave: refused } : {}),
  };
}

/** What is made has nothing before it that it could be compared with: its values speak for themselves. */
function madeOf(stack: string, step: PlannedStep, around: Around): Found[] {
  const { after } = step;
  if (step.op !== "create" || after === undefined) return [];
  return propertyRules.flatMap(({ name: rule, of, made, mild, effect, says, refused }) => {
    const found = of.includes(step.type) && made !== undefined ? made(after, step, around) : [];
    return found.map(([path, value]): Found => ({
      name: nameOf(rule, step),
      effect,
      severity: mild?.(step) === true ? "note" : severityOf(stack, effect, refused),
      what: `${label(step, nounOf(step))} is made: ${[nameOfPath(step, { path, to: value }), value].filter((part) => part !== "").join(" ")}`,
      says,
    }));
  });
}

function unprotected(stack: string, step: PlannedStep, { after = [] }: Around): Found {
  const lost = [
    step.protect && !step.protectAfter ? "protect: true → false" : "",
    step.retained && !step.retainedAfter ? "retainOnDelete: true → false" : "",
  ];
  // A read replica holds nothing of its own, and is never protected.
  const isReplicas =
    step.retainedAfter && after.some(({ token, ...one }) => shields(step, { ...one, type: token.split(":").at(-1) ?? "" }));
  const effect = isReplicas ? "removal" : "protection removed";
  return {
    name: nameOf("unprotect", step),
    effect,
    severity: severityOf(stack, effect),
    what: `${label(step, nounOf(step))}: ${lost.filter((one) => one !== "").join(", ")}`,
    says: isReplicas
      ? "It is as little protected as its read replica, so that the two can leave the program together."
      : "A mistaken delete does not stop at it any more.",
  };
}

/** A secret of one stack that another one has too: a leak of the weaker one opens the stronger. */
function sharedDanger(stack: string, { place, other, how }: SharedSecret): Found {
  return {
    name: `share:${place}`,
    effect: "exposure",
    severity: severityOf(stack, "exposure"),
    what: how === "value" ? `${place} is the same secret as in ${other}` : `${place} of ${stack} opens ${other} too`,
    says:
      how === "value"
        ? `Whoever gets at it there has it here. Give ${stack} one of its own.`
        : "Whoever may open one of them has all secrets of both. Give each a passphrase of its own (docs/recovery.md says how it is changed).",
  };
}

/** Several properties that mean the same for the same thing are one danger, as bad as the worst of them. */
function merge(found: readonly Found[]): Found[] {
  const said = (one: Found): string => one.what.split(/: (.*)/s)[1] ?? one.what;
  return [...Map.groupBy(found, ({ name }) => name).values()].map((same) => {
    const [worst, ...others] = [...same].sort((a, b) => rank(a) - rank(b)) as [Found, ...Found[]];
    const more = [...new Set(others.map(said))].filter((what) => !worst.what.includes(what));
    const says = [...new Set([worst, ...others].map((one) => one.says))].join(" ");
    return { ...worst, what: [worst.what, ...more].join("; "), says };
  });
}

/** `size "db-s-1vcpu-2gb" → "db-s-1vcpu-1gb"` */
const differs = (step: PlannedStep, change: Change): string =>
  `${nameOfPath(step, change)} ${brief(renderValue(change.from), renderValue(change.to)).join(" → ")}`;

const nounOf = ({ token, type }: PlannedStep): string => consequences[token]?.noun ?? type;

const label = ({ name }: Pick<PlannedStep, "name">, noun: string): string => `${name}${noun === "" ? "" : ` (${noun})`}`;

/** Refuses what production must not do by mistake, and says how it is accepted. */
export function refuseDangers(stack: string, dangers: readonly Danger[]): void {
  const refused = grouped(dangers.filter(({ severity, accepted }) => severity === "refusal" && !accepted));
  if (refused.length === 0) return;
  throw new UnexpectedChanges(
    [
      `${stack} would lose or open something, and nobody has accepted that:`,
      ...refused.flatMap((group) => [
        ...whatOf(group).map((what) => `  ${group.effect}: ${what}`),
        `    ${group.says} Accept it for one run: ${namesOf(group)
          .map((name) => `--accept ${quoted(name)}`)
          .join(" ")}`,
      ]),
      `In a workflow: groundwork:accept in Pulumi.${stack}.yaml, by name and with a day until which it holds.`,
    ].join("\n"),
  );
}

/** A shell would take a star for a pattern. */
const quoted = (name: string): string => (/^[\w:./@-]+$/.test(name) ? name : `'${name}'`);

/** For the terminal: what is worth a word before a run; with the names by which it is accepted, where that helps. */
export function renderDangers(dangers: readonly Danger[], areNamed = true): string[] {
  return grouped(dangers.filter(({ severity }) => severity !== "note")).flatMap((group) => {
    const { says, effect, severity, accepted } = group;
    const verdict = accepted ? "accepted" : severity === "refusal" ? "refused" : "warning";
    return [
      ...whatOf(group).map((what) => `${verdict}: ${effect}: ${what}`),
      `  ${says}${accepted || !areNamed ? "" : ` (${namesOf(group).join(", ")})`}`,
    ];
  });
}
