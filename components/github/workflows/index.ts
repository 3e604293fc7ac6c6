import type { Workflow } from "../actions/model.ts";
import type { DeliveryPlan, RepositoryPlan } from "../plan.ts";

/** The workflows of a repository: path → workflow. */
export function workflowsOf(_plan: DeliveryPlan, repository: RepositoryPlan): Readonly<Record<string, Workflow>> {
  return Object.fromEntries(Object.entries(repository.workflows).map(([file, workflow]) => [`.github/workflows/${file}`, workflow]));
}
