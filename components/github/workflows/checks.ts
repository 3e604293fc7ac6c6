import type { CiJob, FlowRule } from "../definition.ts";
import type { RepositoryPlan } from "../plan.ts";

/** When pull requests are looked at. A new base is an edit (and so is a new title): what was looked at was the merge into another branch. */
export const onPullRequests = { pullRequest: { types: ["opened", "reopened", "synchronize", "edited"] } } as const;

/** Name of the status check by which a pull request from the wrong branch is red. */
export const flowCheck = "Branch flow";
/** Name of the status check that looks at new migrations. */
export const migrationCheck = "Migrations";

/** Status checks without which nothing is merged into a branch: names of jobs that run on every pull request to it. */
export function requiredChecks(
  { ci, migrations }: Pick<RepositoryPlan, "ci" | "migrations">,
  flow: readonly FlowRule[],
  branch: string,
): string[] {
  return [
    ...ci.filter((job: CiJob) => job.required !== false).map(({ name }) => name),
    ...(migrations.length > 0 ? [migrationCheck] : []),
    ...(flow.some(({ into }) => into === branch) ? [flowCheck] : []),
  ];
}
