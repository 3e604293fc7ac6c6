import { choose, equal, github, text } from "../actions/expression.ts";
import { type Job, read, type Workflow } from "../actions/model.ts";
import type { CiJob } from "../definition.ts";
import type { DeliveryPlan, RepositoryPlan } from "../plan.ts";
import { onPullRequests } from "./checks.ts";
import { idOf } from "./shell.ts";
import { checkOut } from "./steps.ts";

/** The jobs that test a commit. The same ones stand before each deploy, so that what is deployed was tested as it is. */
export const ciJobs = ({ ci }: RepositoryPlan): Record<string, Job> => Object.fromEntries(ci.map((job) => [idOf(job.name), ciJob(job)]));

function ciJob({ name, steps, services, env, timeoutMinutes = 20 }: CiJob): Job {
  return {
    name,
    timeoutMinutes,
    permissions: { contents: read("to check the commit out") },
    ...(env ? { env } : {}),
    ...(services ? { services } : {}),
    steps: [checkOut(), ...steps],
  };
}

/** Tests of every pull request, those of forks too: no secret is in reach. Branches that are deployed from are tested by the deploy. */
export function ciWorkflow({ environments }: DeliveryPlan, repository: RepositoryPlan): Workflow | undefined {
  if (repository.ci.length === 0) return undefined;
  const deployed = [...new Set(environments.flatMap(({ deploysOn }) => (deploysOn.on === "push" ? [deploysOn.branch] : [])))];
  const isPullRequest = equal(github("event_name"), "pull_request");
  return {
    name: "CI",
    on: {
      ...(repository.ciOnEveryPush ? { push: deployed.length > 0 ? { branchesIgnore: deployed } : { branches: ["**"] } } : {}),
      ...onPullRequests,
    },
    // A newer commit of a pull request makes the tests of the older one pointless; pushes are each tested to the end.
    concurrency: { group: text`ci-${choose(isPullRequest, github("ref"), github("run_id"))}`, cancelInProgress: isPullRequest },
    jobs: ciJobs(repository),
  };
}
