import { isAction } from "./actions/model.ts";
import { renderWorkflow } from "./actions/render.ts";
import { hookFiles } from "./hooks.ts";
import type { DeliveryPlan, RepositoryPlan } from "./plan.ts";
import { workflowsOf } from "./workflows/index.ts";

/** What a repository's workflows and hooks come down to, for those who make the repository. */
export interface WorkflowFiles {
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Actions of others than GitHub that they use, without a version: `docker/build-push-action`. */
  readonly actions: readonly string[];
}

/** Renders the workflows of a repository. Pure. */
export function workflowFiles(plan: DeliveryPlan, repository: RepositoryPlan): WorkflowFiles {
  const workflows = workflowsOf(plan, repository);
  const jobs = Object.values(workflows).flatMap(({ jobs }) => Object.values(jobs));
  const used = jobs.flatMap(({ steps }) => steps.filter(isAction).map(({ uses }) => uses.action.split("/").slice(0, 2).join("/")));
  return {
    files: {
      ...Object.fromEntries(Object.entries(workflows).map(([path, workflow]) => [path, renderWorkflow(workflow, sourceOf(plan))])),
      ...hookFiles(repository, sourceOf(plan)),
    },
    actions: [...new Set(used)].filter((action) => !/^(actions|github)\//.test(action)).sort(),
  };
}

/** Where a change of a workflow belongs. */
const sourceOf = ({ system }: DeliveryPlan): string => `systems/${system.name}/system.ts`;
