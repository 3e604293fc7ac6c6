import type { SaidMigrations } from "../config/migrations.ts";
import { deploy, type Deployed, type Deployment, type Surroundings } from "./deploy.ts";
import { goingBack, obstaclesTo, refuseObstacles, saidBy } from "./migrations.ts";
import type { Pulumi } from "./pulumi.ts";
import { type Choice, chooseRelease, listReleases, type NumberedRelease } from "./releases.ts";
import { readExport } from "./stack-state.ts";

export interface PromoteOptions extends Choice {
  readonly to: string;
  /** The stack whose images are taken. Undefined: the images are given. */
  readonly from: string | undefined;
  /** Service → image, in place of another stack's. */
  readonly images: Readonly<Record<string, string>> | undefined;
  /** What given images bring. */
  readonly migrations: SaidMigrations;
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

/** The images ran here before those that serve, and nobody said that they are to come back. */
export class GoesBack extends Error {}

/**
 * A run that is started again, or a release that comes late, would take back what came since, past the look that a rollback takes at the
 * database.
 */
async function refuseReturn(pulumi: Pulumi, options: PromoteOptions, images: Readonly<Record<string, string>>): Promise<void> {
  const { to, back, force } = options;
  // A stack that was never up holds nothing that could be taken back; `up` says what else is wrong with it.
  const state = await readExport(pulumi, to).catch(() => []);
  const known = listReleases(to, state);
  const services = goingBack(images, known);
  if (services.length > 0 && !back) {
    const rows = services.map(
      (service) => `  ${service}: ${images[service]} ran here before ${known.serving?.images[service] ?? "nothing"}`,
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

/** Brings images to a stack: those that another stack ran healthy, or given ones. */
export async function promote(options: PromoteOptions, surroundings: Surroundings): Promise<Promoted> {
  const { to, from, images, commit, imagesOnly, unproven, held } = options;
  const { pulumi, say } = surroundings;
  if (images) {
    await refuseReturn(pulumi, options, images);
    return deploy({ stack: to, images, commit, migrations: options.migrations, imagesOnly, unproven, held }, surroundings);
  }
  if (from === undefined) throw new Error(`${to} takes no other stack's images. Pass them with --images, or name a stack with --from.`);
  const state = await readExport(pulumi, from);
  const source = listReleases(from, state);
  const release = chooseRelease(source, options);
  if (source.failure !== undefined && release.serves)
    say(`warning: the last deployment of ${from} failed. Release ${release.number} still serves there, and is taken.`);
  say(`from ${from}, release ${release.number}${release.commit === undefined ? "" : ` (commit ${release.commit})`}`);
  await refuseReturn(pulumi, options, release.images);
  const migrations = saidBy(state, release, source.releases);
  const deployed = await deploy(
    { stack: to, images: release.images, commit: release.commit, migrations, imagesOnly, unproven, held },
    surroundings,
  );
  return { ...deployed, from: { stack: from, release } };
}
