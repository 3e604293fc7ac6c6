import * as pulumi from "@pulumi/pulumi";

/** How a job ended when it last ran, as the state has it. */
export interface JobRun {
  /** Name of its container, which ends in the number of the attempt. */
  readonly name: string;
  readonly exitCode: number;
}

/** Type of the containers that jobs run in. */
const containerType = "docker:index/container:Container";

/** Reads from the stack's own state how each job ended, by logical name. A new stack has none. The answer holds secrets in the clear. */
export async function readJobRuns(): Promise<ReadonlyMap<string, JobRun>> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs = {} } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName })) as {
    outputs?: Record<string, { outputs?: Partial<JobRun> }>;
  };
  const runs = new Map<string, JobRun>();
  for (const [urn, { outputs: { name, exitCode } = {} }] of Object.entries(outputs)) {
    const [, , type, logical = ""] = urn.split("::");
    if (type === containerType && name !== undefined && exitCode !== undefined) runs.set(logical, { name, exitCode });
  }
  return runs;
}

/**
 * Which attempt of a job this run asks for. A container that ended badly counts as created, so the next run has to ask for
 * another one; one that ended well is not run again until its image, command or variables change.
 */
export function resolveAttempt(last: JobRun | undefined): number {
  if (last === undefined) return 1;
  const attempt = Number(/-(\d+)$/.exec(last.name)?.[1] ?? 1);
  return last.exitCode === 0 ? attempt : attempt + 1;
}
