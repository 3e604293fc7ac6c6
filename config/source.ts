import * as pulumi from "@pulumi/pulumi";
import { olderVariable } from "./checkout.ts";

/** Everything that the outside tells the program, read once. */
export interface Source {
  /** The Pulumi project: the system's name. */
  readonly project: string;
  readonly stack: string;
  /** All configuration, of every namespace, as Pulumi hands it over: text, objects as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Top-level keys that hold a secret somewhere. */
  readonly secretKeys: ReadonlySet<string>;
  /** Secrets are there, but encrypted: the stack file is read without its passphrase, so that only their names can be checked. */
  readonly secretsUnreadable?: boolean;
  /** `GROUNDWORK_IMAGES`: the images that this run deploys. */
  readonly images: string | undefined;
  /** `GROUNDWORK_COMMIT`: what this run deploys was built from; for the list of releases. */
  readonly commit?: string | undefined;
  /** `GROUNDWORK_RUN`: address or number of the run, where a workflow runs it; for the list of releases. */
  readonly run?: string | undefined;
  /** `GROUNDWORK_UNPROVEN`: digests that this run takes though no other environment ran them healthy. */
  readonly unproven?: string | undefined;
  /** `GROUNDWORK_MIGRATIONS`: which migrations the images of this run bring, and which of them are marked as backward compatible. */
  readonly migrations?: string | undefined;
  /** `GROUNDWORK_REDEPLOY`: deploys what runs once more, though nothing of it changed: what somebody changed by hand goes. */
  readonly redeploy?: boolean;
  /** `GROUNDWORK_OLDER_CHECKOUT`: the commit that this run may take back, though the stack was last deployed from it. */
  readonly older?: string | undefined;
}

/**
 * Reads all configuration, not key by key: a misspelt namespace would otherwise reach nobody. Which keys are secret, the SDK
 * keeps to itself, so that comes from where the SDK has it.
 */
export function readSource(): Source {
  const secretKeys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] || "[]") as string[];
  return {
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    values: pulumi.runtime.allConfig(),
    secretKeys: new Set(secretKeys.map((key) => key.replace(":config:", ":"))),
    images: process.env["GROUNDWORK_IMAGES"] || undefined,
    commit: process.env["GROUNDWORK_COMMIT"] || undefined,
    run: process.env["GROUNDWORK_RUN"] || undefined,
    unproven: process.env["GROUNDWORK_UNPROVEN"] || undefined,
    migrations: process.env["GROUNDWORK_MIGRATIONS"] || undefined,
    redeploy: (process.env["GROUNDWORK_REDEPLOY"] ?? "") !== "",
    older: process.env[olderVariable] || undefined,
  };
}

/** The name of the file that holds a stack's configuration, for messages. */
export function stackFile(source: Source): string {
  return `Pulumi.${source.stack}.yaml`;
}
