import { didYouMean } from "../config/problems.ts";
import type { SaidMigrations } from "../config/migrations.ts";
import { deploy, type Deployed, type Deployment, type Surroundings } from "./deploy.ts";
import { goingBack, obstaclesTo, refuseObstacles, saidBy } from "./migrations.ts";
import { UnexpectedChanges } from "./plan.ts";
import type { Pulumi } from "./pulumi.ts";
import { type Choice, chooseRelease, claimProblems, formerBuilds, listReleases, type NumberedRelease } from "./releases.ts";
import { readExport } from "./stack-state.ts";

export interface PromoteOptions extends Choice {
  readonly to: string;
  /** The stack whose images are taken. Undefined: the images are given. */
  readonly from: string | undefined;
  /** Service → image, in place of another stack's. */
  readonly images: Readonly<Record<string, string>> | undefined;
  /** What given images bring. */
  readonly migrations: SaidMigrations;
  /** Services whose images are taken of another stack's. Empty: all. */
  readonly only: readonly string[];
  /** The stack that has to have run given images for the commit that they are said to be of. */
  readonly before: string | undefined;
  readonly imagesOnly: boolean;
  readonly unproven: readonly string[];
  /** Holds the run to a plan that somebody was shown. */
  readonly held?: Deployment["held"];
  /** Takes images again that ran here before those that serve. */
  readonly back: boolean;
  /** Migrations that are gone back over, by name. */
  readonly force: readonly string[];
}

export interface Promoted extends Deployed {
  readonly from?: { readonly stack: string; readonly release: NumberedRelease };
}

/** The images ran here before those that serve, and nobody said that they are to come back. Exit code 7. */
export class GoesBack extends UnexpectedChanges {}

/**
 * A run that is started again, or a release that comes late, would take back what came since, past the look that a rollback takes at the
 * database.
 */
async function refuseReturn(
  pulumi: Pulumi,
  { to, back, force }: PromoteOptions,
  given: Readonly<Record<string, string>>,
  commit: string | undefined,
): Promise<void> {
  // A stack that was never up holds nothing that could be taken back; `up` says what else is wrong with it.
  const state = await readExport(pulumi, to).catch(() => []);
  const known = listReleases(to, state);
  // A commit that is built once more has another digest, and is as old as before.
  const former = formerBuilds(given, commit, known);
  const images = { ...given, ...former };
  const services = goingBack(images, known);
  if (services.length > 0 && !back) {
    const rows = services.map(
      (service) =>
        `  ${service}: ${images[service]}${service in former ? `, of the same commit,` : ""} ran here before ${known.serving?.images[service] ?? "nothing"}`,
    );
    throw new GoesBack(
      [
        `these images would take ${to} back:`,
        ...rows,
        `That is a rollback: npm run ops -- rollback --stack ${to}. If it is meant, add --back.`,
      ].join("\n"),
    );
  }
  refuseObstacles(to, obstaclesTo(state, known, images, services), force);
}

/** The images are not what the stack before ran for their commit. Exit code 7. */
export class WrongCommit extends UnexpectedChanges {}

/** A digest proves itself, but not what it was built from: that is what the stack before has written down. */
async function refuseClaim(
  pulumi: Pulumi,
  { before, commit, unproven }: PromoteOptions,
  images: Readonly<Record<string, string>>,
): Promise<void> {
  if (before === undefined || commit === undefined) return;
  const claimed = Object.entries(images).filter(([, image]) => !unproven.some((digest) => image.endsWith(`@${digest}`)));
  // Where there is no such stack, the program says so.
  const state = await readExport(pulumi, before).catch(() => undefined);
  const problems = state ? claimProblems(listReleases(before, state), Object.fromEntries(claimed), commit) : [];
  if (problems.length === 0) return;
  throw new WrongCommit(
    [
      `these images are not what ${before} ran healthy for commit ${commit}:`,
      ...problems,
      `npm run ops -- releases --stack ${before} shows what it ran. Take that: promote --commit, without --images.`,
    ].join("\n"),
  );
}

/** Of a release's images, those that are wanted. */
function pick({ number, images }: NumberedRelease, from: string, only: readonly string[]): Readonly<Record<string, string>> {
  if (only.length === 0) return images;
  const missing = only.find((service) => images[service] === undefined);
  if (missing !== undefined)
    throw new Error(`release ${number} of ${from} has no image of "${missing}".${didYouMean(missing, Object.keys(images))}`);
  return Object.fromEntries(Object.entries(images).filter(([service]) => only.includes(service)));
}

/** Brings images to a stack: those that another stack ran healthy, or given ones. */
export async function promote(options: PromoteOptions, surroundings: Surroundings): Promise<Promoted> {
  const { to, from, images, commit, imagesOnly, unproven, held } = options;
  const { pulumi, say } = surroundings;
  if (images) {
    await refuseClaim(pulumi, options, images);
    await refuseReturn(pulumi, options, images, commit);
    return deploy({ stack: to, images, commit, migrations: options.migrations, imagesOnly, unproven, held }, surroundings);
  }
  if (from === undefined) throw new Error(`${to} takes no other stack's images. Pass them with --images, or name a stack with --from.`);
  const state = await readExport(pulumi, from);
  const source = listReleases(from, state);
  const release = chooseRelease(source, options);
  if (source.failure !== undefined && release.serves)
    say(`warning: the last deployment of ${from} failed. Release ${release.number} still serves there, and is taken.`);
  say(`from ${from}, release ${release.number}${release.commit === undefined ? "" : ` (commit ${release.commit})`}`);
  const taken = pick(release, from, options.only);
  await refuseReturn(pulumi, options, taken, release.commit);
  const migrations = saidBy(state, { ...release, images: taken }, source.releases);
  const deployed = await deploy({ stack: to, images: taken, commit: release.commit, migrations, imagesOnly, unproven, held }, surroundings);
  return { ...deployed, from: { stack: from, release } };
}
