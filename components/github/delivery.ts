import { Provider } from "@pulumi/github/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import type { DeliveryConfig } from "../../config/delivery.ts";
import type { Problem } from "../../config/errors.ts";
import type { StateResource } from "../../config/state.ts";
import type { DeliveryDefinition } from "./definition.ts";
import type { DeliveryPlan } from "./plan.ts";
import { Repository } from "./repository.ts";
import { resolveSettings } from "./settings.ts";
import { findReviewers, lookAtRepository, type Standing } from "./standing.ts";
import { workflowFiles } from "./workflow-files.ts";

/** What the delivery stack is made of. */
export interface DeliveryArgs {
  readonly definition: DeliveryDefinition;
  readonly plan: DeliveryPlan;
  readonly config: DeliveryConfig;
  /** What the stack held before this run. */
  readonly state: readonly StateResource[];
}

/**
 * Everything that a system has at GitHub. Looks at what stands there first; `refuse` ends the run where that contradicts the files, before any
 * of it is registered.
 */
export async function deliver(
  { definition, plan, config, state }: DeliveryArgs,
  refuse: (problems: readonly Problem[]) => void,
): Promise<Record<string, pulumi.Output<string>>> {
  // Said here, not by the shell's GITHUB_OWNER: that may be somebody else's. The token is the shell's.
  const provider = new Provider("github", { owner: config.github.owner });
  const values = { PULUMI_BACKEND_URL: config.state };
  const standing: Record<string, Standing> = {};
  for (const repository of Object.values(plan.repositories)) {
    const choice = config.repositories[repository.key];
    if (choice !== undefined) standing[repository.key] = await lookAtRepository(repository, choice, values, state, { provider });
  }
  const named = Object.fromEntries(Object.entries(config.environments).map(([name, { reviewers }]) => [name, reviewers]));
  const reviewers = await findReviewers(named, { provider });
  refuse([...Object.values(standing).flatMap(({ problems }) => problems), ...reviewers.problems]);

  const outputs = Object.values(plan.repositories).flatMap((repository) => {
    const { key } = repository;
    const choice = config.repositories[key];
    const given = definition.repositories[key];
    if (choice === undefined || given === undefined) return [];
    const { name } = new Repository(
      key,
      {
        plan: repository,
        settings: resolveSettings(given),
        choice,
        workflows: workflowFiles(plan, repository),
        state: config.state,
        secrets: config.secrets,
        reviewers: reviewers.ids,
        waits: Object.fromEntries(Object.entries(config.environments).map(([stack, { wait }]) => [stack, wait])),
        branches: standing[key]?.branches ?? [],
        standing: standing[key]?.environments ?? {},
      },
      { provider },
    );
    return [[`${key}Repository`, name.apply((text) => `${config.github.owner}/${text}`)] as const];
  });
  return Object.fromEntries(outputs);
}
