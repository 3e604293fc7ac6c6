import * as pulumi from "@pulumi/pulumi";
import type { Checkout } from "../config/checkout.ts";
import { teamRegistryOf } from "../config/images.ts";
import type { Migration } from "../config/migrations.ts";
import { append, failedRecord, healthyRecord, nextNumber, recordType } from "../config/releases.ts";
import type { Past, Release } from "../config/releases.ts";
import type { Deployed } from "../platforms/platform.ts";

/** What of a stack's releases is written into its state. It owns nothing in any cloud; its outputs are read back by the next run. */
class ReleaseRecord extends pulumi.ComponentResource {
  constructor(name: string, outputs: pulumi.Inputs) {
    super(recordType, name, {});
    this.registerOutputs(outputs);
  }
}

/**
 * Writes down which deployments came to serve, once this run's does, and which failed, at once: so that neither a failure of this
 * run nor one of an unrelated resource loses what was known before. Only a deployment changes anything here.
 *
 * @param release What this run deploys, if it deploys.
 * @param migrations What the databases may have seen after this run. Written at once too: a migration runs before its version serves.
 * @param checkout What is deployed from. Written at once: a run that fails half way has changed something too.
 * @returns The deployments that came to serve, with this run's.
 */
export function recordReleases(
  past: Past,
  deployed: Deployed | undefined,
  release: Pick<Release, "images" | "time" | "commit" | "run" | "unproven" | "migrations">,
  migrations: readonly Migration[],
  checkout: Checkout | undefined,
): pulumi.Output<readonly Release[]> {
  // App Platform's spec does not say which registry of DigitalOcean is meant, so that is written down before it is asked for.
  new ReleaseRecord(failedRecord, { failures: past.failures, teamRegistry: teamRegistryOf(release.images), migrations, checkout });
  const { recorded, attempt, failures } = past;
  if (deployed === undefined) {
    const { serving, asked, releases } = recorded;
    new ReleaseRecord(healthyRecord, { serving, asked: asked === undefined ? undefined : pulumi.secret(asked), releases });
    return pulumi.output(releases as Release[]);
  }
  // Whether anything was asked for that is new is no secret, though what was asked for is.
  const count = (asked: string): string =>
    asked === recorded.asked ? (recorded.serving ?? "1") : String(Number(recorded.serving ?? 0) + 1);
  const serving = deployed.serving ?? pulumi.unsecret(deployed.asked.apply(count));
  const number = nextNumber(recorded.releases, failures);
  const releases = serving.apply((serving) =>
    serving === recorded.serving
      ? recorded.releases
      : append(recorded.releases, { number, verdict: "healthy", serving, attempt, ...release }),
  );
  new ReleaseRecord(healthyRecord, { serving, asked: deployed.asked, releases });
  return releases;
}
