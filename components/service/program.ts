import type * as pulumi from "@pulumi/pulumi";
import type { Image } from "../../config/images.ts";
import { imageText } from "../../config/images.ts";
import type { Scale } from "../../config/sizes.ts";
import type { Problems } from "../../platforms/gather.ts";
import { appNameLength } from "../../platforms/naming.ts";
import type { Platform } from "../../platforms/platform.ts";
import type { LogDestination, PlatformProgram, ProgramAlerts, PullCredentials, Source } from "../../platforms/workloads.ts";
import type { SecretSet } from "../secret-set.ts";
import { resolveVariables, type Variable } from "./variables.ts";

/** What services, workers and jobs have in common. A change to any of it starts them anew, one instance after the other. */
export interface ProgramArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /**
   * The build to run, or the source that the platform builds. Undefined (`images: none`): it is left out, and so is the way to it.
   * Another one is deployed beside the old one, which stays when the new one never gets well.
   */
  readonly image: Image | Source | undefined;
  /** Memory, vCPUs and instances. One shared vCPU with 1 GB costs 12 USD a month for each instance. A change restarts. */
  readonly scale: Scale;
  /** Variables. A value that is a secret Output is stored as a secret. A change restarts. */
  readonly env: Readonly<Record<string, Variable>>;
  /** Secrets, added to the variables. A change restarts. @default none */
  readonly secrets?: SecretSet | readonly SecretSet[];
  /** Command instead of the image's own, word by word: no shell takes it apart. A change restarts. @default the image's own */
  readonly command?: readonly string[];
  /** What pulls an image that is not public. A higher generation restarts. @default none, the image is public */
  readonly pull?: PullCredentials;
  /** Seconds between being asked to end (SIGTERM) and being killed. 1 to 600. A change restarts. @default 120 on App Platform, 30 on Docker */
  readonly graceSeconds?: number;
  /** Where its lines go, beside the platform's own log. A change restarts. What the receiver costs, it says itself. @default none */
  readonly logs?: readonly LogDestination[];
  /** When somebody is told that it is not well. Free of charge. A change is a deployment. @default none */
  readonly alerts?: ProgramAlerts;
}

/** Checks a program's name and variables, and writes it as platforms take it, which check the rest. Undefined: there is nothing to run. */
export function resolveProgram(name: string, args: ProgramArgs & { readonly frontend?: boolean }): PlatformProgram | undefined {
  const { platform } = args;
  platform.refuse(name, nameProblems(name));
  const { env, scopes } = resolveVariables(name, { ...args, visible: args.frontend ?? false });
  const { image, scale, command, pull, graceSeconds, logs, alerts } = args;
  if (image === undefined) return undefined;
  return {
    name,
    image,
    scale,
    env,
    ...(Object.keys(scopes).length === 0 ? {} : { scopes }),
    ...(command === undefined ? {} : { command }),
    ...(pull === undefined ? {} : { pull }),
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
    ...(logs === undefined ? {} : { logs }),
    ...(alerts === undefined ? {} : { alerts }),
  };
}

/** What is recorded of a program once a deployment has finished with it. */
export interface Recorded {
  /** What it runs. What is built from source has no name that could be asked for again, so it has none here. */
  readonly image: pulumi.Output<string> | undefined;
  /** Which token pulled the image of which program: of its own, and of those that it brings along. */
  readonly pulled?: pulumi.Output<Record<string, number>>;
}

/** What is recorded of a program, given the names under which the platform runs it. */
export function recordedOutputs(
  names: readonly string[],
  { image, pull }: Pick<ProgramArgs, "image" | "pull">,
  deployed: pulumi.Output<unknown> | undefined,
): Recorded {
  if (image === undefined || deployed === undefined) return { image: undefined };
  return {
    image: "digest" in image ? deployed.apply(() => imageText(image)) : undefined,
    ...(pull === undefined ? {} : { pulled: deployed.apply(() => Object.fromEntries(names.map((name) => [name, pull.generation]))) }),
  };
}

/** Other services reach it by this name, so it is refused rather than made to fit. */
export function nameProblems(name: string): Problems {
  return [
    (!/^[a-z][a-z0-9-]*[a-z0-9]$/.test(name) || name.length > appNameLength) &&
      `"${name}" cannot be the name of a service. Use 2 to ${appNameLength} lower-case letters, digits and hyphens, a letter first.`,
  ];
}
