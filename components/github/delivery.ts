import { Provider } from "@pulumi/github/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import type { DeliveryConfig } from "../../config/delivery.ts";
import type { Problem } from "../../config/errors.ts";
import type { StateResource } from "../../config/state.ts";
import type { DeliveryDefinition } from "./definition.ts";
import type { DeliveryPlan } from "./plan.ts";
import { Repository } from "./repository.ts";
import { deliveryProblems } from "./rules.ts";
import { resolveSettings } from "./settings.ts";
import { findReviewers, lookAtRepository, type Standing } from "./standing.ts";
import { heldFiles, keptBefore } from "./standing-files.ts";
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
    const given = definition.repositories[repository.key];
    if (choice === undefined || given === undefined) continue;
    const files = Object.keys(workflowFiles(plan, repository).files);
    const expected = { plan: repository, settings: resolveSettings(given), choice, files, values, state };
    standing[repository.key] = await lookAtRepository(expected, { provider });
  }
  const named = Object.fromEntries(Object.entries(config.environments).map(([name, { reviewers }]) => [name, reviewers]));
  const reviewers = await findReviewers(named, { provider });
  const existing = Object.fromEntries(Object.entries(standing).map(([key, { workflows }]) => [key, workflows]));
  refuse([
    ...Object.values(standing).flatMap(({ problems }) => problems),
    ...deliveryProblems(plan, existing).map(({ path, message }) => ({ path: `repositories/${path}`, message })),
    ...reviewers.problems,
  ]);

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
        held: heldFiles(state, choice.name),
        keptBefore: keptBefore(key, state),
      },
      { provider },
    );
    return [[`${key}Repository`, name.apply((text) => `${config.github.owner}/${text}`)] as const];
  });
  return Object.fromEntries(outputs);
}
