import type { Cloud, Deployments } from "../cloud.ts";
import type { Health } from "../health.ts";
import { lostWords, type Remembered } from "../remembered.ts";
import { type Update, updateAt } from "../history.ts";
import { listReleases, type NumberedRelease } from "../releases.ts";
import type { StackState } from "../stack-state.ts";
import { type Holder, isAtWork } from "../unlock.ts";
import { appType, deploymentProblems } from "../verify.ts";

/** How a stack does, in one word. `up`: it runs no services, so there is nothing to be well. */
export type Verdict = "healthy" | "deploying" | "unwell" | "up" | "empty" | "missing" | "lost" | "unreadable";

/** Another stack's images that this one does not run, and that a promotion would bring. */
export interface Promotion {
  readonly from: string;
  readonly release: number;
  readonly commit?: string;
  /** The release of this stack that ran all of these images already, before what serves: they were taken back. */
  readonly ranAs?: number;
  /** Only the services whose image differs; nothing: they run the same. */
  readonly images: Readonly<Record<string, { readonly now: string | undefined; readonly next: string }>>;
}

/** What there is to know of one stack at a glance. */
export interface StackStatus {
  readonly stack: string;
  readonly verdict: Verdict;
  /** What is wrong, in whole sentences. */
  readonly problems: readonly string[];
  /** What nobody could look at, and why. */
  readonly unseen: readonly string[];
  readonly resources: number;
  /** The release that serves, and the run that brought it. */
  readonly serving?: NumberedRelease;
  /** The cloud has not the App any more that it served in. */
  readonly isGone?: boolean;
  readonly broughtBy?: Update;
  /** Where the public finds it. */
  readonly hosts: readonly string[];
  /** The last run, whatever it did. */
  readonly last?: Update;
  /** What a run that broke off left behind. */
  readonly pending: readonly string[];
  /** Who holds the stack. */
  readonly lock?: Holder & {
    /** It is at work now, so that what is pending is what it does, and nothing is to be unlocked. */
    readonly isAtWork: boolean;
  };
  readonly promotion?: Promotion;
  /** What the backend remembers of a stack whose state is lost. */
  readonly remembered?: Remembered;
  /** What it costs a month, in words: what runs, as far as that can be read, and what the stack file would make of it. */
  readonly cost?: string;
}

/** What one stack's status is made of. */
export interface Seen {
  readonly stack: string;
  /** Undefined: the backend does not know the stack. Text: why it cannot be read. */
  readonly state: StackState | string | undefined;
  /** What it remembers all the same of one that it does not know. */
  readonly remembered?: Remembered;
  readonly history: readonly Update[];
  /** Deployments of the stack's App, newest first; undefined: nobody could be asked. */
  readonly deployments: Deployments | undefined;
  readonly health: readonly Health[];
  /** What of the stack's containers does not run as asked for. */
  readonly containers?: readonly string[];
  readonly holder: Holder | undefined;
  /** Since when the holder has it; an ISO time. */
  readonly heldSince?: string | undefined;
  readonly now: Date;
  readonly cost: string | undefined;
  readonly unseen: readonly string[];
}

const busy = new Set(["PENDING_BUILD", "BUILDING", "PENDING_DEPLOY", "DEPLOYING"]);

/** What was seen of a stack, judged. Pure. */
export function judge(seen: Seen): StackStatus {
  const { stack, state, history, deployments, health, containers = [], holder, cost, unseen } = seen;
  const isHeld = isAtWork(holder, seen.heldSince, seen.now);
  // Whether there is a lock on another machine's stack may be unknown; that nobody holds it is no news.
  const lock = holder !== undefined && holder.text !== "nobody" ? { lock: { ...holder, isAtWork: isHeld } } : {};
  const common = { stack, unseen, ...lock, ...(cost === undefined ? {} : { cost }) };
  const [last] = history;
  const nothing = { ...common, resources: 0, hosts: [], pending: [], problems: [] };
  if (state === undefined && seen.remembered)
    return { ...nothing, verdict: "lost", problems: [lostWords(stack, seen.remembered)], remembered: seen.remembered };
  if (state === undefined) return { ...nothing, verdict: "missing" };
  if (typeof state === "string") return { ...nothing, verdict: "unreadable", problems: [state] };
  const { resources, pending } = state;
  const { serving, failure, releases } = listReleases(stack, resources);
  const app = resources.find(({ type }) => type === appType);
  const isGone = deployments === "gone";
  const [newest] = isGone ? [] : (deployments ?? []);
  const rollout = newest !== undefined && busy.has(newest.phase) ? newest : undefined;
  const isDeploying = isHeld || rollout !== undefined;
  const problems = [
    // The cloud tells more of the same failure.
    ...(failure === undefined || newest?.phase === "ERROR"
      ? []
      : [`the last deployment failed: ${failure.split("\n")[0]?.replace(/:$/, "")}`]),
    ...(releases.length > 0 && !serving && !isHeld
      ? ["what serves is not on the list of releases: the run that deployed it broke off"]
      : []),
    ...(deployments === undefined || isDeploying ? [] : deploymentProblems(stack, deployments, app?.outputs["activeDeploymentId"])),
    ...containers,
    ...health.filter(({ healthy }) => !healthy).map(({ url, answer }) => `${url} answers ${answer}, not 200`),
  ];
  const isService = app !== undefined || releases.length > 0;
  const verdict = isHeld
    ? "deploying"
    : resources.length === 0
      ? "empty"
      : isDeploying
        ? "deploying"
        : problems.length > 0
          ? "unwell"
          : isService
            ? "healthy"
            : "up";
  const broughtBy = serving?.time === undefined ? undefined : updateAt(history, serving.time);
  return {
    ...common,
    verdict,
    problems: rollout ? [`deployment ${rollout.id} is under way (${rollout.phase})`, ...problems] : problems,
    resources: resources.length,
    hosts: [...new Set(healthUrls(state).map((url) => new URL(url).origin))],
    pending,
    ...(serving === undefined ? {} : { serving }),
    ...(isGone ? { isGone } : {}),
    ...(broughtBy === undefined ? {} : { broughtBy }),
    ...(last === undefined ? {} : { last }),
  };
}

/** What its public hosts are asked to know whether they are well. */
export const healthUrls = ({ resources }: StackState): string[] =>
  resources.flatMap(({ type, outputs }) => (type === "groundwork:components:EdgeProxy" ? ((outputs["health"] ?? []) as string[]) : []));

/**
 * What a promotion would bring to a stack. Undefined where there is nothing to take. Pure.
 *
 * @param releases Those of the stack, oldest first: what ran there before what serves was taken back.
 */
export function promotionOf(
  to: StackStatus,
  from: StackStatus | undefined,
  releases: readonly NumberedRelease[] = [],
): Promotion | undefined {
  const source = from?.serving;
  // What it runs is not known.
  if (from === undefined || source === undefined || ["missing", "lost", "unreadable"].includes(to.verdict)) return undefined;
  const now = to.serving?.images ?? {};
  const images = Object.entries(source.images)
    .filter(([service, image]) => now[service] !== image)
    .map(([service, next]) => [service, { now: now[service], next }] as const);
  const ran = releases.findLast(
    ({ verdict, number, images: had }) =>
      verdict === "healthy" &&
      number < (to.serving?.number ?? 0) &&
      images.length > 0 &&
      images.every(([service, { next }]) => had[service] === next),
  );
  return {
    from: from.stack,
    release: source.number,
    ...(ran === undefined ? {} : { ranAs: ran.number }),
    ...(source.commit === undefined ? {} : { commit: source.commit }),
    images: Object.fromEntries(images),
  };
}

/** The order in which stacks are read: environments as they are promoted, then the others, what environments share last. */
export function inOrder(stacks: readonly string[], promotes: Readonly<Record<string, string>>): string[] {
  const depth = (stack: string): number => {
    const before = promotes[stack.split("-")[0] ?? ""];
    return before === undefined ? 0 : 1 + depth(before);
  };
  const isEnvironment = (stack: string): boolean => Object.entries(promotes).flat().includes(stack);
  const rank = (stack: string): number =>
    isEnvironment(stack) ? depth(stack) : stack === "shared" ? 102 : stack === "delivery" ? 103 : 100;
  return [...new Set(stacks)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** The deployments of a stack's App, or why they are not known. */
export async function deploymentsOf(
  state: StackState,
  cloud: Cloud | undefined,
): Promise<{ readonly deployments?: Deployments; readonly unseen?: string }> {
  const app = state.resources.find(({ type }) => type === appType);
  if (app?.id === undefined) return {};
  if (cloud === undefined) return { unseen: "the App's deployments: that needs DIGITALOCEAN_TOKEN, with app:read" };
  try {
    return { deployments: await cloud.deployments(app.id) };
  } catch (error) {
    return { unseen: `the App's deployments: ${error instanceof Error ? error.message : String(error)}` };
  }
}
