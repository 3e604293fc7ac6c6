import * as pulumi from "@pulumi/pulumi";
import { environments } from "../config/environments.ts";
import type { Image } from "../config/images.ts";
import { imageText } from "../config/images.ts";
import { variableProblems } from "../config/rules.ts";
import type { Scale } from "../config/sizes.ts";
import { appNameLength, physicalName } from "../platforms/naming.ts";
import type { Platform } from "../platforms/platform.ts";
import type { SecretSet } from "./secret-set.ts";

/** A variable: plain text, number, flag or list (joined by commas), or what another resource produces. */
export type Variable = string | number | boolean | readonly string[] | pulumi.Output<string>;

/** Options for {@link Service}. A change to any of them restarts the service, one instance after the other. */
export interface ServiceArgs {
  readonly platform: Platform;
  /** The build to run. Without one (`images: none`) the service is left out, and so are its hosts. */
  readonly image: Image | undefined;
  /** Port that it listens on, on all addresses. */
  readonly port: number;
  /** Memory, vCPUs and replicas. One shared vCPU with 1 GB costs 12 USD a month for each instance. */
  readonly scale: Scale;
  /** Paths that answer 200: `live`, or the instance is restarted; `ready`, or it gets no traffic. */
  readonly health: { readonly live: string; readonly ready: string };
  /** Variables. A value that is a secret Output is stored as a secret. */
  readonly env: Readonly<Record<string, Variable>>;
  /** Secrets, added to the variables. */
  readonly secrets?: SecretSet;
  /**
   * Command that brings the database up to date, run with the same image and variables before a new version gets traffic. When
   * it fails, the old version keeps running. @default none
   */
  readonly migrate?: readonly string[];
}

/** A program that answers HTTP, kept running by the platform. */
export class Service extends pulumi.ComponentResource {
  /** Its name inside the system. */
  public readonly name: string;
  /** Its address for other services, on the private network. */
  public readonly url: string;
  /** The image that the platform runs, known once it does. Undefined with `images: none`: then there is nothing to reach either. */
  public readonly image: pulumi.Output<string> | undefined;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    checkName(name);
    const env = resolveVariables(name, args);
    super("groundwork:components:Service", name, {}, opts);
    const { platform, image, port, scale, health, migrate } = args;
    this.name = name;
    this.url = `http://${name}:${port}`;
    if (image !== undefined) {
      this.image = platform.addService({ name, image, port, scale, health, env }).apply(imageText);
      if (migrate !== undefined) platform.addJob({ name: physicalName([name, "migrate"]), image, command: migrate, scale, env });
    }
    // The component's own output, so that what is recorded as running is what a deployment has finished with.
    this.registerOutputs({ image: this.image });
  }
}

/** Other services reach it by this name, so it is refused rather than made to fit. */
function checkName(name: string): void {
  if (!/^[a-z][a-z0-9-]*[a-z0-9]$/.test(name) || name.length > appNameLength) {
    throw new Error(
      `"${name}" cannot be the name of a service. Use 2 to ${appNameLength} lower-case letters, digits and hyphens, a letter first.`,
    );
  }
}

/** All variables as text, with the content rules applied to what is plain. */
function resolveVariables(name: string, { platform, env, secrets }: ServiceArgs): Record<string, pulumi.Input<string>> {
  const plain: Record<string, string> = {};
  const derived: Record<string, pulumi.Output<string>> = {};
  for (const [key, value] of Object.entries(env)) {
    if (pulumi.Output.isInstance(value)) derived[key] = value;
    else plain[key] = Array.isArray(value) ? value.join(",") : String(value);
  }
  const twice = Object.keys(env).filter((key) => secrets?.env[key] !== undefined);
  const problems = [
    ...twice.map((key) => `${key}: stands in env and in secrets. Remove one of them.`),
    ...variableProblems(plain, platform.environment),
  ];
  if (problems.length > 0) {
    const message = [`${name}:`, ...problems.map((problem) => `  ${problem}`)].join("\n");
    if (environments[platform.environment].strict || twice.length > 0) throw new pulumi.RunError(message);
    void pulumi.log.warn(message);
  }
  return { ...plain, ...derived, ...secrets?.env };
}
