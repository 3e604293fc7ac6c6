import { type DeploysOn } from "../../components/github/definition.ts";
import { costChange, overBudget } from "../cost/change.ts";
import { type Quote, quoteOf } from "../cost/quote.ts";
import { unusedOf } from "../dangers/accepted.ts";
import { type Danger, dangersOf, type Judged } from "../dangers.ts";
import { readGuards } from "../guards.ts";
import { type Plan, PlanError } from "../plan.ts";
import { fingerprintKey, fingerprintOf } from "../plan/fingerprint.ts";
import { type SharedSecret, sharedValues } from "../plan/shared.ts";
import { previewUnbuilt, type UnbuiltPlan } from "../plan/unbuilt.ts";
import type { Pulumi } from "../pulumi.ts";
import { scrubbedSteps } from "../plan/scrubbed.ts";
import { scrubber, secretsOf } from "../scrub.ts";
import { among, budgetIn, looserBudget } from "./budget.ts";
import { orphaned } from "./orphaned.ts";
import type { StackPreview } from "./section.ts";

export interface Looking {
  readonly pulumi: Pulumi;
  readonly commit: string | undefined;
  readonly quote: Quote | undefined;
  /** Dangers that are taken in this run, by name. */
  readonly accept: readonly string[];
  /** What applies a stack. */
  readonly applied: (stack: string) => string | undefined;
  /** The text of a stack's file before the change, as far as anybody can look. @default nobody can */
  readonly former?: (stack: string) => string | undefined;
  /** How many previews run at a time. */
  readonly atOnce: number;
  /** Tells what is being looked at, since that takes a while. @default nobody is told */
  readonly say?: (line: string) => void;
}

interface Looked {
  readonly plan?: UnbuiltPlan;
  readonly quoted?: string | undefined;
  readonly error?: PlanError;
}

/** Previews stacks, and says what their plans mean. Whatever leaves has no secret of any of them in it. */
export async function lookAt(
  stacks: readonly string[],
  { pulumi, commit, quote, accept, applied, former = () => undefined, atOnce, say = () => undefined }: Looking,
): Promise<StackPreview[]> {
  const orphans = new Map<string, StackPreview>();
  const plans = await inTurn(stacks, atOnce, async (stack): Promise<Looked> => {
    if (pulumi.stackFile(stack) === "") {
      const orphan = await orphaned(pulumi, stack);
      if (orphan !== undefined) {
        orphans.set(stack, { ...orphan, ...(commit === undefined ? {} : { commit }) });
        return {};
      }
    }
    const from = performance.now();
    say(`${stack}: previewing`);
    try {
      const plan = await previewUnbuilt(pulumi, stack);
      say(`${stack}: previewed in ${((performance.now() - from) / 1000).toFixed(0)} s`);
      return { plan, quoted: await quoteOf(plan, quote) };
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      say(`${stack}: the preview failed`);
      return { error };
    }
  });
  const all = new Map(stacks.map((stack, at) => [stack, plans[at]?.plan]));
  const scrub = scrubber([...plans.flatMap(({ plan }) => [...(plan?.secrets.keys() ?? [])]), ...secretsOf(process.env)]);
  const judgedAll: JudgedStack[] = [];
  const previews = stacks.map((stack, at): StackPreview => {
    const orphan = orphans.get(stack);
    if (orphan !== undefined) return orphan;
    const { plan, quoted, error } = plans[at] ?? {};
    const common = { stack, ...(commit === undefined ? {} : { commit }) };
    if (plan === undefined) {
      const failure = { phase: error?.phase ?? "previewing", text: scrub(error?.message ?? "") };
      if (error?.blocked === undefined) return { ...common, steps: [], dangers: [], failure };
      const { blocked } = error;
      // No acceptance makes the engine go on, so none is looked at.
      const dangers = dangersOf(stack, blocked).map((danger) => ({ ...danger, what: blocked.scrub(scrub(danger.what)) }));
      return {
        ...common,
        steps: scrubbedSteps(blocked.steps, (text) => blocked.scrub(scrub(text))),
        dangers: among(dangers, looserBudget(budgetIn(former(stack)), budgetIn(pulumi.stackFile(stack)))),
        failure: { ...failure, isBlocked: true },
      };
    }
    const { budget, accepted, ended } = readGuards(pulumi.stackFile(stack));
    const taken = [...accept, ...accepted];
    const judged = { ...plan, shared: shared(stack, plan, all) };
    const dangers = dangersOf(stack, judged, taken);
    const cost = costChange(plan, budget, taken);
    judgedAll.push({ plan: judged, dangers, isOver: cost.over !== undefined });
    const where = applied(stack);
    return {
      ...common,
      steps: scrubbedSteps(plan.steps, scrub),
      dangers: among(
        dangers.map((danger) => ({ ...danger, what: scrub(danger.what) })),
        looserBudget(budgetIn(former(stack)), budget, cost),
      ),
      cost,
      ...(plan.again === undefined ? {} : { again: scrub(plan.again) }),
      ...(quoted === undefined ? {} : { quoted: scrub(quoted) }),
      ...(where === undefined ? {} : { applied: where }),
      fingerprint: fingerprintOf(plan, fingerprintKey(pulumi.passphraseOf(stack), stack)),
      ...(plan.unbuilt.length === 0 ? {} : { unbuilt: plan.unbuilt }),
      unused: [...ended.map((name) => ({ name, could: [] })), ...unusedOf(accepted, judged, dangers)],
    };
  });
  // What could not be looked at may be what one is meant for.
  if (judgedAll.length === stacks.length) for (const line of meaningless(accept, judgedAll)) say(line);
  return previews;
}

interface JudgedStack {
  readonly plan: Judged;
  readonly dangers: readonly Danger[];
  readonly isOver: boolean;
}

/** What is to be said of acceptances of the command line that mean nothing in any of the stacks, with what they could mean. Pure. */
export function meaningless(accept: readonly string[], stacks: readonly JudgedStack[]): string[] {
  return accept.flatMap((name) => {
    const unused = stacks.map(({ plan, dangers, isOver }) => (name === overBudget && isOver ? [] : unusedOf([name], plan, dangers)));
    if (unused.some(({ length }) => length === 0)) return [];
    const could = [...new Set(unused.flat().flatMap((one) => one.could))];
    return [`--accept ${name} means nothing here${could.length === 0 ? "" : `; it could be ${could.join(" or ")}`}.`];
  });
}

/** Environments that share a secret: what one alone could see, and what is seen of those that are looked at together. */
function shared(stack: string, { secrets, shared: alone = [] }: Plan, all: ReadonlyMap<string, Plan | undefined>): SharedSecret[] {
  const isEnvironment = (name: string): boolean => name !== "shared" && name !== "delivery";
  const together = [...all].flatMap(([other, plan]) =>
    other === stack || plan === undefined || !isEnvironment(other) ? [] : [{ other, plan }],
  );
  if (!isEnvironment(stack)) return [...alone];
  // By the names that a run of the stack alone gives them: what is accepted here must be accepted there.
  const isKnown = (other: string): boolean => alone.some((one) => one.other === other && one.how === "value");
  return [...alone, ...together.flatMap(({ other, plan }) => (isKnown(other) ? [] : sharedValues(secrets, other, plan.secrets)))];
}

/** So many at a time, in order. */
async function inTurn<In, Out>(items: readonly In[], atOnce: number, run: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  const rest = items.entries();
  const work = async (): Promise<void> => {
    for (const [at, item] of rest) results[at] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return results;
}

/** What brings a change of this stack about, and from which commit, for the end of its section. */
export function appliedBy(stack: string, deploysOn: DeploysOn | undefined): string {
  if (stack === "shared" || stack === "delivery")
    return `Applied by an administrator, after the merge: \`npm run ops -- up --stack ${stack}\`.`;
  if (deploysOn === undefined)
    return `Applied by whoever runs \`npm run ops -- up --stack ${stack}\`, from the commit that is checked out.`;
  switch (deploysOn.on) {
    case "push":
      return `Applied by the push to \`${deploysOn.branch}\`, once this is merged there: infrastructure and images of that commit.`;
    case "release":
      return "Applied by the next GitHub release, from the commit that its tag names.";
    case "manual":
      return `Applied when somebody starts the workflow that deploys to ${stack}, from what the branch holds then.`;
  }
}
