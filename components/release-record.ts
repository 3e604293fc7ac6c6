import * as pulumi from "@pulumi/pulumi";
import { teamRegistryOf } from "../config/images.ts";
import { append, failedRecord, healthyRecord, recordType } from "../config/releases.ts";
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
 */
export function recordReleases(
  past: Past,
  deployed: Deployed | undefined,
  release: Pick<Release, "images" | "time" | "commit" | "run">,
): void {
  // App Platform's spec does not say which registry of DigitalOcean is meant, so that is written down before it is asked for.
  new ReleaseRecord(failedRecord, { failures: past.failures, teamRegistry: teamRegistryOf(release.images) });
  const { recorded, attempt } = past;
  if (deployed === undefined) {
    const { serving, asked, releases } = recorded;
    new ReleaseRecord(healthyRecord, { serving, asked: asked === undefined ? undefined : pulumi.secret(asked), releases });
    return;
  }
  // Whether anything was asked for that is new is no secret, though what was asked for is.
  const number = (asked: string): string =>
    asked === recorded.asked ? (recorded.serving ?? "1") : String(Number(recorded.serving ?? 0) + 1);
  const serving = deployed.serving ?? pulumi.unsecret(deployed.asked.apply(number));
  const releases = serving.apply((serving) =>
    serving === recorded.serving ? recorded.releases : append(recorded.releases, { verdict: "healthy", serving, attempt, ...release }),
  );
  new ReleaseRecord(healthyRecord, { serving, asked: deployed.asked, releases });
}
