import type { Cloud, CloudDeployment } from "../cloud.ts";
import { type FullState, type PlannedResource, readPlan } from "../plan/steps.ts";
import type { Pulumi } from "../pulumi.ts";
import { type Scrub, scrubber, secretsOf } from "../scrub.ts";

/** What takes secrets out of what a stack's programs say. */
export interface StackScrub {
  readonly scrub: Scrub;
  /** Whether the stack's own secrets are known, and not only those of this shell. */
  readonly knowsStack: boolean;
  /** What the stack holds, as far as it may be shown; empty where it is not known. */
  readonly resources: readonly PlannedResource[];
}

/** The stack's secrets where its passphrase is here, the shell's in any case; passwords in URLs and private keys go whoever knows them. */
export async function scrubOf(pulumi: Pick<Pulumi, "capture">, stack: string, environment: NodeJS.ProcessEnv): Promise<StackScrub> {
  const own = secretsOf(environment);
  const { code, stdout } = await pulumi.capture(["stack", "export", "--show-secrets", "--stack", stack]);
  if (code !== 0) return { scrub: scrubber(own), knowsStack: false, resources: [] };
  const { secrets, before } = readPlan('{"steps":[]}', { state: JSON.parse(stdout) as FullState });
  return { scrub: scrubber([...secrets.keys(), ...own]), knowsStack: true, resources: before };
}

/**
 * A cloud whose logs may be shown: what programs said goes without the stack's secrets, and not at all where nobody knows those here. The state is
 * read for that only where a deployment has said something. @param secrets By {@link scrubOf}
 */
export function discreet(cloud: Cloud, stack: string, secrets: () => Promise<StackScrub>): Cloud {
  return {
    async deployments(app) {
      const all = await cloud.deployments(app);
      if (all === "gone") return all;
      return all.every(({ log }) => log.length === 0) ? all : withoutSecrets(all, stack, await secrets());
    },
  };
}

/** Pure. */
export const withoutSecrets = (
  deployments: readonly CloudDeployment[],
  stack: string,
  { scrub, knowsStack }: Pick<StackScrub, "scrub" | "knowsStack">,
): CloudDeployment[] =>
  deployments.map((one) => ({
    ...one,
    failed: one.failed.map(scrub),
    // Joined, since a private key has many lines.
    log:
      one.log.length === 0
        ? []
        : knowsStack
          ? scrub(one.log.join("\n")).split("\n")
          : [`(not shown: the passphrase of ${stack} is not here, so nobody knows which of it is secret)`],
  }));
