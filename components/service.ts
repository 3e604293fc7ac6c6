import * as pulumi from "@pulumi/pulumi";
import { command } from "../config/checks.ts";
import { migrationName } from "../platforms/naming.ts";
import type { HealthCheck } from "../platforms/workloads.ts";
import type { HealthPaths } from "./edge-proxy/health.ts";
import { type ProgramArgs, recordedOutputs, resolveProgram } from "./service/program.ts";

export type { Variable } from "./service/variables.ts";
export { forBrowser, forBuild, forBuildAndRun } from "./service/variables.ts";

/** Options for {@link Service}. A change to any of them restarts the service, one instance after the other. */
export interface ServiceArgs extends ProgramArgs {
  /** Port that it listens on, on all addresses. A change restarts, and others have to use the new one. */
  readonly port: number;
  /** More ports that other services reach it at; no host leads there. A change restarts. @default none */
  readonly internalPorts?: readonly number[];
  /** Paths that answer 200: `live`, or the instance is restarted; `ready`, or it gets no traffic. A change restarts. */
  readonly health: { readonly live: string | HealthCheck; readonly ready: string | HealthCheck };
  /** Seconds between the end of new requests and being asked to end (SIGTERM). 1 to 110. A change restarts. @default 15 on App Platform */
  readonly drainSeconds?: number;
  /**
   * Command that brings the database up to date, run with the same image and variables before a new version gets traffic. When
   * it fails, the old version keeps running. Left out after a return to a release before migrations that the database has seen.
   * @default none
   */
  readonly migrate?: readonly string[];
  /**
   * Whether it only hands files to browsers, such as nginx with the files of a build. Then all that it is told counts as visible to
   * visitors, and what holds or is named like a secret is refused. A change does nothing else. @default false
   */
  readonly frontend?: boolean;
}

/** A program that answers HTTP, kept running by the platform. */
export class Service extends pulumi.ComponentResource {
  /** Its name inside the system. */
  public readonly name: string;
  /** Its address for other services, on the private network. */
  public readonly url: string;
  /** The image that the platform runs, known once it does. Undefined with `images: none`, and where it is built from source. */
  public readonly image: pulumi.Output<string> | undefined;
  /** Whether there is something to reach. */
  public readonly runs: boolean;
  /** Where it says that it is well, where it does so at its own port. */
  public readonly health?: HealthPaths;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const program = resolveProgram(name, args);
    super("groundwork:components:Service", name, {}, opts);
    const { platform, port, internalPorts, health, drainSeconds, migrate } = args;
    this.name = name;
    this.runs = program !== undefined;
    this.url = `http://${name}:${port}`;
    const [live, ready] = [check(health.live), check(health.ready)];
    if ([live, ready].every((one) => (one.port ?? port) === port)) this.health = { live: live.path, ready: ready.path };
    const migration = migrationName(name);
    const deployed =
      program &&
      platform.addService({
        ...program,
        port,
        ...(internalPorts === undefined ? {} : { internalPorts }),
        ...(drainSeconds === undefined ? {} : { drainSeconds }),
        health: { live, ready },
      });
    const isRefused = platform.refuse(name, [command("migrate", migrate)]);
    if (program !== undefined && migrate !== undefined && !isRefused && !platform.ahead?.has(name)) {
      const { image, env, scopes, pull } = program;
      const scale = { ...program.scale, replicas: 1 };
      const rest = { ...(scopes === undefined ? {} : { scopes }), ...(pull === undefined ? {} : { pull }) };
      platform.addJob({ name: migration, of: name, when: "before", image, command: migrate, scale, env, ...rest });
    }
    const outputs = recordedOutputs([name, migration], args, deployed);
    this.image = outputs.image;
    // The component's own output, so that what is recorded as running is what a deployment has finished with.
    this.registerOutputs({ ...outputs, ...(migrate === undefined ? {} : { migrates: true }) });
  }
}

function check(path: string | HealthCheck): HealthCheck {
  return typeof path === "string" ? { path } : path;
}
