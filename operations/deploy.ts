import type { SaidMigrations } from "../config/migrations.ts";
import type { Cloud } from "./cloud.ts";
import { appType, deploymentProblems } from "./verify.ts";
import { costDifference, costLine } from "./comment/section.ts";
import { type CostChange, costChange, overBudget } from "./cost/change.ts";
import { totalText } from "./cost/lines.ts";
import { type Danger, dangersOf, refuseDangers, renderDangers } from "./dangers.ts";
import { unusedOf } from "./dangers/accepted.ts";
import { readGuards } from "./guards.ts";
import { applyPlan, type Plan, PlanError, planOf, previewOf, type PlannedStep, type SavedPlan, UnexpectedChanges } from "./plan.ts";
import { fingerprintKey, fingerprintOf } from "./plan/fingerprint.ts";
import { comingAlong, stepLines } from "./plan/lines.ts";
import type { Pulumi, Screen, Variables } from "./pulumi.ts";
import { pulumiCommand } from "./commands.ts";
import { heldText, isLockedOut, withoutLockAdvice } from "./held-stack.ts";
import { scrubbedSteps } from "./plan/scrubbed.ts";
import { scrubbed, scrubber, secretsOf } from "./scrub.ts";
import { listReleases, type NumberedRelease, type StackReleases } from "./releases.ts";
import { type ExportedState, readExport } from "./stack-state.ts";
import { type Holder, nobody } from "./unlock.ts";
import type { Result } from "../sandbox/captured.ts";

/** What a deployment of images is to be. */
export interface Deployment {
  readonly stack: string;
  /** Service → image; the other services keep what they run. */
  readonly images: Readonly<Record<string, string>>;
  /** What the images were built from, for the list of releases. */
  readonly commit?: string | undefined;
  /** Digests that are taken though no environment before ran them healthy. */
  readonly unproven?: readonly string[];
  /** Which migrations the images bring. */
  readonly migrations?: SaidMigrations;
  /** Refuse where anything but the images would change. */
  readonly imagesOnly?: boolean;
  /** Refuses a plan that nobody was shown, and says what else is to be said of it. With it, the run is held to the plan. */
  readonly held?: ((plan: Plan, before: StackReleases) => Promise<string | undefined>) | undefined;
}

/** How a verb talks to whoever called it. */
export interface Surroundings {
  readonly pulumi: Pulumi;
  /** Who knows of deployments; undefined: nobody can be asked. */
  readonly cloud: Cloud | undefined;
  /** Tells what happens. */
  readonly say: (line: string) => void;
  /** Where Pulumi's progress goes. */
  readonly progress: Screen;
  /** Whether to go on after the plan; undefined: nobody can be asked. */
  readonly confirm: (() => Promise<boolean>) | undefined;
  /** Who holds a stack now, so that nobody begins what the engine would refuse. @default nobody can be asked */
  readonly holder?: (stack: string) => Promise<Holder | undefined>;
  /** Dangers that are taken in this run, by name. @default none but those of the stack file */
  readonly accept?: readonly string[];
  /** The words of the command line that choose system and sandbox. @default the template, for real */
  readonly choice?: string;
}

/** What a run would change, the images' own change apart from everything else. */
export interface DeploymentPlan {
  readonly before: StackReleases;
  /** Service → image that runs and image that is to run, where they differ. */
  readonly images: Readonly<Record<string, { readonly from: string | undefined; readonly to: string }>>;
  /** All steps. */
  readonly steps: readonly PlannedStep[];
  /** Steps that a run without these images would do as well. */
  readonly others: readonly PlannedStep[];
  /** All of it that hurts, worst first. */
  readonly dangers: readonly Danger[];
  readonly cost: CostChange;
  /** Short names of what it does, by which a later run finds out whether it does the same. */
  readonly names: readonly string[];
  /** What the program says of the last deployment, where that did not come to serve. */
  readonly again?: string;
}

/** What became of it. */
export interface Deployed {
  readonly stack: string;
  readonly plan: DeploymentPlan;
  /** What serves afterwards; undefined where only the plan was wanted. */
  readonly release?: NumberedRelease;
}

/** What was asked for is not what serves. */
export class DeploymentError extends Error {}

/**
 * Plans a deployment by real previews. What else than the images would change is what a preview without them shows: a variable may come
 * with an image, and a migration with its job.
 */
export async function planDeployment(
  pulumi: Pulumi,
  deployment: Deployment,
  accept: readonly string[] = [],
): Promise<DeploymentPlan & { readonly whole: SavedPlan }> {
  const { stack, images } = deployment;
  const before = listReleases(stack, await readExport(pulumi, stack));
  const running = before.serving?.images ?? {};
  const whole = await previewOf(pulumi, stack, variablesOf(deployment));
  const { steps } = whole;
  const differing = Object.entries(images).filter(([service, image]) => running[service] !== image);
  const isAlone = Object.keys(running).length === 0 || Object.keys(images).length === 0;
  const others = isAlone || steps.length === 0 ? steps : await planOf(pulumi, stack, { GROUNDWORK_IMAGES: undefined });
  const { accepted, budget } = readGuards(pulumi.stackFile(stack));
  const taken = [...accept, ...accepted];
  const scrub = scrubber([...whole.secrets.keys(), ...secretsOf(process.env)]);
  return {
    before,
    images: Object.fromEntries(differing.map(([service, to]) => [service, { from: running[service], to }])),
    steps: scrubbedSteps(steps, scrub),
    others: scrubbedSteps(others, scrub),
    dangers: dangersOf(stack, whole, taken).map((danger) => ({ ...danger, what: scrub(danger.what) })),
    cost: costChange(whole, budget, taken),
    names: fingerprintOf(whole, fingerprintKey(pulumi.passphrase, stack)),
    ...(whole.again === undefined ? {} : { again: whole.again }),
    whole,
  };
}

/** Refuses a plan that costs more than its stack file allows. */
function refuseCost(stack: string, { over, after }: CostChange): void {
  if (over?.over !== "refuse") return;
  throw new UnexpectedChanges(
    `${stack} would cost ${totalText(after)}, and its budget is ${over.monthly}. Raise groundwork:budget in Pulumi.${stack}.yaml, or make less of it. For one run: --accept budget`,
  );
}

/** Refuses a plan that does more than it was asked for. */
export function refuseOthers({ stack, imagesOnly }: Deployment, { before, others }: DeploymentPlan): void {
  // The return after a failure is a deployment by itself, and cannot be told from a change of the App.
  const unexpected = others.filter(({ type }) => before.failure === undefined || type !== "App");
  if (!imagesOnly || unexpected.length === 0) return;
  if (before.releases.length === 0) {
    throw new UnexpectedChanges(
      [
        `${stack} runs nothing yet, and with --images-only no infrastructure is made. Once, without it:`,
        `  npm run ops -- promote --to ${stack} --images '<json>'`,
      ].join("\n"),
    );
  }
  const lines = stepLines(unexpected);
  throw new UnexpectedChanges(
    [
      `with --images-only nothing but images may change in ${stack}, and these would as well:`,
      ...lines,
      `Deploy them by themselves first: npm run ops -- up --stack ${stack}`,
    ].join("\n"),
  );
}

/** A plan for people. */
export function renderPlan(stack: string, { images, steps, others, dangers, cost, again }: DeploymentPlan): string {
  if (steps.length === 0) return `${stack}: nothing to do`;
  const rows = Object.entries(images).map(([service, { from, to }]) => `  ${service}: ${from ?? "nothing"} → ${to}`);
  const [rest, along] = [stepLines(others), stepLines(comingAlong(steps, others))];
  return [
    `${stack}: ${rows.length === 0 ? "no image changes" : "images"}`,
    ...rows,
    ...(again === undefined ? [] : [again]),
    ...(along.length === 0 ? [] : ["With the images:", ...along]),
    ...(rest.length > 0 ? ["Beside the images:", ...rest] : along.length > 0 ? [] : ["Nothing else changes."]),
    ...renderDangers(dangers),
    ...(costDifference(cost.difference) === "" ? [] : [`Cost: ${costLine({ cost })}`]),
    ...(cost.unchecked ? [`The budget of ${cost.unchecked.monthly} USD a month cannot be checked: not all of it has a price here.`] : []),
  ].join("\n");
}

/** A deployment, or the plan of one, as JSON shows it. */
export function forMachines({ stack, plan, release }: Deployed): Record<string, unknown> {
  return {
    stack,
    images: plan.images,
    steps: plan.steps,
    others: plan.others,
    dangers: plan.dangers,
    names: plan.names,
    ...(release ? { release } : {}),
  };
}

/** Plans, asks, runs `pulumi up` and looks at what serves afterwards. Throws where that is not what was asked for. */
export async function deploy(deployment: Deployment, surroundings: Surroundings): Promise<Deployed> {
  const { pulumi, cloud, say, progress, confirm, accept, holder, choice = "" } = surroundings;
  const { stack, images } = deployment;
  const refuseHeld = async (): Promise<void> => {
    const inTheWay = heldText(stack, await holder?.(stack));
    if (inTheWay !== undefined) throw new DeploymentError(inTheWay);
  };
  if (confirm) await refuseHeld();
  const { whole, ...plan } = await planDeployment(pulumi, deployment, accept).catch((error: unknown) => {
    throw error instanceof PlanError && error.blocked !== undefined ? refusedBy(stack, error, error.blocked, say) : error;
  });
  say(whole.scrub(renderPlan(stack, plan)));
  const spoken = (accept ?? []).filter((name) => name !== overBudget || plan.cost.over === undefined);
  for (const { name, could } of unusedOf(spoken, whole, plan.dangers))
    say(`--accept ${name} means nothing here${could.length === 0 ? "" : `; it could be ${could.join(" or ")}`}.`);
  refuseOthers(deployment, plan);
  refuseDangers(stack, plan.dangers);
  refuseCost(stack, plan.cost);
  // Before anything has run, there is nothing to look at: previews say so, and nobody can be surprised.
  const held = isFirst(deployment, plan) ? undefined : deployment.held;
  if (deployment.held && !held) say(`${stack} has run nothing yet, so its first deploy is held to no plan that was shown.`);
  const word = await held?.(whole, plan.before).catch((error: unknown) => {
    if (error instanceof UnexpectedChanges) error.message = whole.scrub(error.message);
    throw error;
  });
  if (word !== undefined) say(word);
  if (confirm === undefined || !(await confirm())) return { stack, plan };
  // Somebody else may have begun while this was planned and read.
  await refuseHeld();
  const screen = progress.isTTY ? progress : scrubbed(progress, (text) => withoutLockAdvice(whole.scrub(text)));
  const result = await (held
    ? applyPlan(pulumi, stack, whole, variablesOf(deployment), screen)
    : pulumi.show(["up", "--stack", stack, "--yes", "--skip-preview"], variablesOf(deployment), screen));
  if (screen !== progress) screen.end();
  const state = await readExport(pulumi, stack);
  const after = listReleases(stack, state);
  const { problems: said, isGone } = await cloudProblems(stack, state, cloud);
  if (result.code !== 0) {
    const why = failureText(stack, { ...after, isGone, choice }, result, await holder?.(stack));
    throw new DeploymentError(whole.scrub([why, ...(isGone ? [] : said)].join("\n")));
  }
  // A stack that has no services has no releases either.
  const { releases, failure } = after;
  if (releases.length === 0 && failure === undefined && Object.keys(images).length === 0) return { stack, plan };
  const release = servingRelease(stack, images, after);
  if (said.length > 0) throw new DeploymentError([`${stack} does not run what was asked for:`, ...said].join("\n"));
  return { stack, plan, ...(release ? { release } : {}) };
}

/** A plan that ends at what is protected is refused like any other, after all of it that hurts was told. No acceptance helps there, so none is named. */
function refusedBy(stack: string, { message }: PlanError, blocked: Plan, say: Surroundings["say"]): UnexpectedChanges {
  const dangers = renderDangers(dangersOf(stack, blocked), false);
  if (dangers.length > 0) say(blocked.scrub([`${stack} would do this, if nothing were protected:`, ...dangers].join("\n")));
  return new UnexpectedChanges(message);
}

const isFirst = ({ images }: Deployment, { before }: DeploymentPlan): boolean =>
  Object.keys(images).length > 0 && !before.releases.some(({ verdict }) => verdict === "healthy");

/** What the cloud says against a deployment. That it cannot be asked is said too, and hides nothing else. */
async function cloudProblems(
  stack: string,
  state: readonly ExportedState[],
  cloud: Cloud | undefined,
): Promise<{ readonly problems: readonly string[]; readonly isGone: boolean }> {
  const app = state.find(({ type }) => type === appType);
  if (app?.id === undefined || !cloud) return { problems: [], isGone: false };
  try {
    const deployments = await cloud.deployments(app.id);
    return { problems: deploymentProblems(stack, deployments, app.outputs["activeDeploymentId"]), isGone: deployments === "gone" };
  } catch (error) {
    return {
      problems: [`the cloud cannot be asked what serves: ${error instanceof Error ? error.message : String(error)}`],
      isGone: false,
    };
  }
}

/** The release that serves, where it runs these images. A run that ended well proves nothing: a failed deployment turns green by a mere read. */
export function servingRelease(
  stack: string,
  images: Readonly<Record<string, string>>,
  { serving, failure }: StackReleases,
): NumberedRelease | undefined {
  const wrong = Object.entries(images).filter(([service, image]) => serving?.images[service] !== image);
  // A stack without services, or without images yet, has nothing that could serve.
  const isRight = serving !== undefined || Object.keys(images).length === 0;
  if (isRight && wrong.length === 0 && failure === undefined) return serving;
  const lines = wrong.map(([service, image]) => `  ${service}: ${serving?.images[service] ?? "nothing"} instead of ${image}`);
  throw new DeploymentError(
    [`${stack} does not run what was asked for:`, ...lines, ...(failure === undefined ? [] : [failure])].join("\n"),
  );
}

/** What is said of a run that failed: what serves, why, and what to do. Pure. */
export function failureText(
  stack: string,
  {
    serving,
    failure,
    isGone = false,
    choice = "",
  }: Pick<StackReleases, "serving" | "failure"> & {
    /** The cloud has no such App any more. */
    readonly isGone?: boolean;
    readonly choice?: string;
  },
  { stdout, stderr, signal }: Pick<Result, "stdout" | "stderr" | "signal">,
  holder?: Holder,
): string {
  const said = `${stdout}${stderr}`;
  if (signal === undefined && isLockedOut(said)) {
    const over = `Somebody else was changing ${stack} at the same time, and has ended. Run this again.`;
    const unseen = `Somebody else is changing ${stack}, or a run was killed: npm run ops -- unlock --stack ${stack}`;
    return `nothing was done in this run. ${heldText(stack, holder) ?? (holder === nobody ? over : unseen)}`;
  }
  // The state still has what somebody deleted, so each update of it is one of nothing.
  const [, missing] = /\b(?:PUT|PATCH|POST|DELETE) https?:\/\/[^\s"]+\/v2\/([a-z_]+)\/[^\s"]+: 404 /.exec(said) ?? [];
  const isAppGone = isGone || missing === "apps";
  const runs = isAppGone
    ? "the App is gone from the cloud, so nothing serves"
    : serving
      ? `release ${serving.number} still serves`
      : "nothing serves";
  const isUnreadable = /failed to load checkpoint/.test(said);
  const unlock = `npm run ops -- unlock --stack ${stack}`;
  const isKilled = signal !== undefined;
  const way = isKilled
    ? ` pulumi was killed (${signal}), so nobody saw the end of it, and ${stack} stays locked. First: ${unlock}. The next run finishes what was begun.`
    : isAppGone
      ? ` Another run would end in the same way. One that looks first what is there makes the App anew, with all that is not deployed yet: ${pulumiCommand(choice, ["up", "--refresh", "--stack", stack])}`
      : missing !== undefined
        ? ` Something that it changes is gone from the cloud, so another run would end in the same way. What is gone, and the way back: npm run ops -- drift --stack ${stack}`
        : isUnreadable
          ? ` ${heldText(stack, holder) ?? `Somebody else deploys it, or a run was killed: ${unlock}`}`
          : serving
            ? " The next run without new images returns to it and says so."
            : "";
  const errors = [...new Set([...said.matchAll(/^ *error: (.*)$/gm)].map(([, text = ""]) => text))].map((text) => `  ${text}`);
  return [`the deployment of ${stack} failed; ${runs}.${way}`, ...errors, ...(failure === undefined ? [] : [`  ${failure}`])].join("\n");
}

function variablesOf({ images, commit, unproven = [], migrations = {} }: Deployment): Variables {
  return {
    // Without images it is a plain `up`, with what the caller's environment says.
    ...(Object.keys(images).length === 0 ? {} : { GROUNDWORK_IMAGES: JSON.stringify(images), GROUNDWORK_COMMIT: commit }),
    GROUNDWORK_MIGRATIONS: Object.keys(migrations).length === 0 ? undefined : JSON.stringify(migrations),
    GROUNDWORK_UNPROVEN: unproven.length === 0 ? undefined : unproven.join(","),
  };
}
