import type { SaidMigrations } from "../config/migrations.ts";
import { deploy, type Deployed, type Surroundings } from "./deploy.ts";
import { saidBy } from "./migrations.ts";
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
}

export interface Promoted extends Deployed {
  readonly from?: { readonly stack: string; readonly release: NumberedRelease };
}

/** Brings images to a stack: those that another stack ran healthy, or given ones. */
export async function promote(options: PromoteOptions, surroundings: Surroundings): Promise<Promoted> {
  const { to, from, images, commit, imagesOnly, unproven } = options;
  const { pulumi, say } = surroundings;
  if (images) return deploy({ stack: to, images, commit, migrations: options.migrations, imagesOnly, unproven }, surroundings);
  if (from === undefined) throw new Error(`${to} takes no other stack's images. Pass them with --images, or name a stack with --from.`);
  const state = await readExport(pulumi, from);
  const source = listReleases(from, state);
  const release = chooseRelease(source, options);
  if (source.failure !== undefined && release.serves)
    say(`warning: the last deployment of ${from} failed. Release ${release.number} still serves there, and is taken.`);
  say(`from ${from}, release ${release.number}${release.commit === undefined ? "" : ` (commit ${release.commit})`}`);
  const migrations = saidBy(state, release, source.releases);
  const deployed = await deploy(
    { stack: to, images: release.images, commit: release.commit, migrations, imagesOnly, unproven },
    surroundings,
  );
  return { ...deployed, from: { stack: from, release } };
}
