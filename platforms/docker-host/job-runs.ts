import type { StateResource } from "../../config/state.ts";

/** How a job ended when it last ran, as the state has it. */
export interface JobRun {
  /** Name of its container, which ends in the number of the attempt. */
  readonly name: string;
  readonly exitCode: number;
}

/** Type of the containers that jobs run in. */
export const containerType = "docker:index/container:Container";

/** How each job ended when it last ran, by logical name; none in a new stack. */
export function resolveJobRuns(state: readonly StateResource[]): ReadonlyMap<string, JobRun> {
  const runs = new Map<string, JobRun>();
  for (const { type, name: job, outputs } of state) {
    const { name, exitCode } = outputs;
    if (type === containerType && typeof name === "string" && typeof exitCode === "number") runs.set(job, { name, exitCode });
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
