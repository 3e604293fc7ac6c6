import type { Workflow } from "../actions/model.ts";
import type { DeliveryPlan, RepositoryPlan } from "../plan.ts";
import { rollbackWorkflow, rotateWorkflow } from "./by-hand.ts";
import { ciWorkflow } from "./ci.ts";
import { deployWorkflows } from "./deploy.ts";
import { handingOver, receiveWorkflow } from "./handover.ts";
import { driftWorkflow, previewByHandWorkflow, previewWorkflow } from "./looking.ts";
import { flowWorkflow, migrationWorkflow } from "./pull-request.ts";

/** The workflows of a repository: path → workflow. The system's own come last; a path that both want is a problem that rules name. */
export function workflowsOf(plan: DeliveryPlan, repository: RepositoryPlan): Readonly<Record<string, Workflow>> {
  const files = { ...generatedWorkflows(plan, repository), ...repository.workflows };
  return Object.fromEntries(Object.entries(files).map(([file, workflow]) => [`.github/workflows/${file}`, workflow]));
}

/** Those that follow from the plan: file → workflow. */
export function generatedWorkflows(plan: DeliveryPlan, repository: RepositoryPlan): Readonly<Record<string, Workflow>> {
  const files: Record<string, Workflow | undefined> = {
    "ci.yml": ciWorkflow(plan, repository),
    ...deployWorkflows(plan, repository),
    "branch-flow.yml": plan.flow.length > 0 ? flowWorkflow(plan.flow) : undefined,
    "migrations.yml": repository.migrations.length > 0 ? migrationWorkflow(repository) : undefined,
    ...(repository.program ? programWorkflows(plan) : {}),
  };
  return Object.fromEntries(Object.entries(files).filter((entry): entry is [string, Workflow] => entry[1] !== undefined));
}

/** Those that work on stacks, so that they stand where the program is. */
function programWorkflows(plan: DeliveryPlan): Record<string, Workflow | undefined> {
  const byHand = plan.environments.filter(({ previewOn }) => previewOn === "dispatch");
  const received = handingOver(plan).length > 0 ? plan.environments : [];
  return {
    "rollback.yml": rollbackWorkflow(plan),
    "rotate.yml": rotateWorkflow(plan),
    "preview.yml": previewWorkflow(plan),
    ...Object.fromEntries(byHand.map((stack) => [`preview-${stack.name}.yml`, previewByHandWorkflow(plan, stack)])),
    "drift.yml": driftWorkflow(plan),
    ...Object.fromEntries(received.map((stack) => [`receive-${stack.name}.yml`, receiveWorkflow(plan, stack)])),
  };
}
