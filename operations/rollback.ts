import { deploy, type Deployed, type Surroundings } from "./deploy.ts";
import { obstaclesOf, refuseObstacles } from "./migrations.ts";
import { chooseRelease, listReleases, type NumberedRelease, type StackReleases } from "./releases.ts";
import { readExport } from "./stack-state.ts";

export interface RollbackOptions {
  readonly stack: string;
  /** Number of the release. @default the last healthy one that ran other images */
  readonly to: number | undefined;
  /** Obstacles that are taken, by name. */
  readonly force: readonly string[];
  readonly imagesOnly: boolean;
}

/** A return to a former release, with what a post-mortem wants to know. */
export interface RolledBack extends Deployed {
  /** What served before; undefined where nothing did. */
  readonly from: NumberedRelease | undefined;
  readonly to: NumberedRelease;
  readonly forced: readonly string[];
  /** Why the last deployment failed, where one had. */
  readonly failure?: string;
}

/**
 * The release to return to: the last healthy one from before the images that serve. Not simply the one before: after a rollback that
 * would be the bad one again. Where the last deployment failed, what serves is the way back.
 */
export function chooseReturn(stack: StackReleases, to: number | undefined): NumberedRelease {
  if (to !== undefined) return chooseRelease(stack, { release: to });
  const { releases, serving, failure } = stack;
  if (serving && failure !== undefined) return serving;
  const same = (one: NumberedRelease): boolean => JSON.stringify(sorted(one.images)) === JSON.stringify(sorted(serving?.images ?? {}));
  const healthy = releases.filter(({ verdict }) => verdict === "healthy");
  const before = serving ? healthy.slice(0, healthy.findIndex(same)) : healthy;
  const found = before.at(-1);
  if (found) return found;
  throw new Error(
    `${stack.stack} has no healthy release from before what serves. npm run ops -- releases --stack ${stack.stack} shows them all.`,
  );
}

const sorted = (images: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(images).sort(([a], [b]) => (a < b ? -1 : 1));

/** Returns to a former release, through the program: the images change, and nothing is pinned outside of it. */
export async function rollback({ stack, to: wish, force, imagesOnly }: RollbackOptions, surroundings: Surroundings): Promise<RolledBack> {
  const { pulumi, say } = surroundings;
  const state = await readExport(pulumi, stack);
  const known = listReleases(stack, state);
  const to = chooseReturn(known, wish);
  const from = known.serving;
  if (from) refuseObstacles(stack, obstaclesOf(state, known.releases, { from, to }), force);
  say(
    `back to release ${to.number} of ${stack}${to.commit === undefined ? "" : ` (commit ${to.commit})`}${from ? `, from ${from.number}` : ""}`,
  );
  const deployed = await deploy({ stack, images: to.images, commit: to.commit, imagesOnly }, surroundings);
  return { ...deployed, from, to, forced: force, ...(known.failure === undefined ? {} : { failure: known.failure }) };
}

/** What goes into a post-mortem, as far as it is known here. */
export function renderPostMortem({ stack, from, to, release, forced, failure }: RolledBack): string {
  const about = ({ number, commit, time, run }: NumberedRelease): string =>
    [`release ${number}`, commit && `commit ${commit}`, time && `of ${time}`, run].filter(Boolean).join(", ");
  const images = Object.entries(to.images).filter(([service, image]) => from?.images[service] !== image);
  return [
    "For the post-mortem:",
    `- Rolled back: ${stack}${release?.time === undefined ? "" : `, at ${release.time}`}, as release ${release?.number ?? "?"}`,
    `- From: ${from ? about(from) : "nothing that served"}`,
    `- To: ${about(to)}`,
    ...images.map(([service, image]) => `- ${service}: ${from?.images[service] ?? "nothing"} → ${image}`),
    ...(forced.length === 0 ? [] : [`- Forced over: ${forced.join(", ")}`]),
    ...(failure === undefined ? [] : [`- The deployment before had failed: ${failure.split("\n")[0]}`]),
  ].join("\n");
}
