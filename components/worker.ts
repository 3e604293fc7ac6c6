import * as pulumi from "@pulumi/pulumi";
import type { HealthCheck } from "../platforms/workloads.ts";
import { type ProgramArgs, recordedOutputs, resolveProgram } from "./service/program.ts";

/** Options for {@link Worker}. A change to any of them restarts the worker, one instance after the other. */
export interface WorkerArgs extends ProgramArgs {
  /** Port and path that answer 200, or the instance is restarted. A change restarts. @default none, it is restarted when it ends */
  readonly live?: HealthCheck & { readonly port: number };
}

/** A program that nobody asks anything: it takes its work from a queue or a clock. Kept running by the platform. */
export class Worker extends pulumi.ComponentResource {
  /** Its name inside the system. */
  public readonly name: string;
  /** The image that the platform runs, known once it does. Undefined with `images: none`. */
  public readonly image: pulumi.Output<string> | undefined;

  constructor(name: string, args: WorkerArgs, opts?: pulumi.ComponentResourceOptions) {
    const program = resolveProgram(name, args);
    super("groundwork:components:Worker", name, {}, opts);
    const { platform, live } = args;
    this.name = name;
    const deployed = program && platform.addWorker({ ...program, ...(live === undefined ? {} : { live }) });
    const outputs = recordedOutputs([name], args, deployed);
    this.image = outputs.image;
    this.registerOutputs(outputs);
  }
}
