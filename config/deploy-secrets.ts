import * as z from "zod";
import { list, quote } from "./problems.ts";
import type { SecretFormat } from "./secret-format.ts";

/** What is known of a secret that workflows read, by the last part of its name in the stack file. */
interface Known {
  readonly format: SecretFormat;
  /** It may be the same in several places. @default false */
  readonly shared?: boolean;
}

const known: Readonly<Record<string, Known>> = {
  digitaloceanToken: { format: { prefixes: ["dop_v1_"] } },
  passphrase: { format: { minLength: 12 } },
  deploySshKey: { format: { prefixes: ["-----BEGIN "] } },
  deployHost: { format: {}, shared: true },
  deployKnownHosts: { format: {}, shared: true },
  handoverToken: { format: { prefixes: ["github_pat_"] }, shared: true },
  slackWebhookUrl: { format: { schemes: ["https"] }, shared: true },
};

/** What a secret looks like, and whether two places may have the same one. */
export const knownDeploySecret = (name: string): Known => known[name] ?? { format: {} };

/** Where an environment can run, as far as its credentials tell. */
export const deployTargets = ["app-platform", "docker-host"] as const;

export type DeployTarget = (typeof deployTargets)[number];

/** Places that deployment documents often name, and that nothing here deploys to; with what they would ask for. */
const elsewhere: Readonly<Record<string, string>> = {
  railway: "RAILWAY_TOKEN and RAILWAY_SERVICE_ID",
  fly: "FLY_API_TOKEN",
  gcp: "GCP_SA_KEY and GCP_SERVICE_NAME",
  alibaba: "ALIBABA_ACCESS_KEY and ALIBABA_SECRET_KEY",
};

/** The platform of the environment's own stack file, said once more: it decides which credentials its workflows get. */
export const deployTarget = z
  .enum(deployTargets, {
    error: ({ input }) =>
      typeof input === "string" && Object.hasOwn(elsewhere, input)
        ? `${quote(input)} is known, and nothing here deploys there, so its ${elsewhere[input]} would lie at GitHub unused. Take one of ${list(deployTargets)}.`
        : `must be one of ${list(deployTargets)}, as platform/type in that environment's stack file`,
  })
  .default("app-platform")
  .describe("The platform in that environment's stack file. It decides whose credentials are set, one platform's only.");
