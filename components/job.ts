import * as pulumi from "@pulumi/pulumi";
import type { JobTime } from "../platforms/workloads.ts";
import { type ProgramArgs, recordedOutputs, resolveProgram } from "./service/program.ts";

/** Options for {@link Job}. A change to any of them is a deployment, in which it runs. */
export interface JobArgs extends ProgramArgs {
  /**
   * `before` a new version gets traffic, and when it fails the old one stays; `after` it has got it; or after a deployment that
   * failed (`failed-deploy`). A change is a deployment.
   */
  readonly when: JobTime;
  /** What it runs, word by word; it has to end, and to bear being run again. A change is a deployment. */
  readonly command: readonly string[];
}

/** A command that runs with each deployment, one instance to its end. Costs what the instance costs for that time. */
export class Job extends pulumi.ComponentResource {
  /** Its name inside the system. */
  public readonly name: string;

  constructor(name: string, args: JobArgs, opts?: pulumi.ComponentResourceOptions) {
    const program = resolveProgram(name, args);
    super("groundwork:components:Job", name, {}, opts);
    const { platform, when, command } = args;
    this.name = name;
    const deployed = program && platform.addJob({ ...program, when, command });
    this.registerOutputs(recordedOutputs([name], args, deployed));
  }
}
