import { type DeliveryChoices, type DeliveryPart, secretsOn } from "../../config/delivery.ts";
import { knownDeploySecret } from "../../config/deploy-secrets.ts";
import type { Problem } from "../../config/problems.ts";
import type { SecretFormat } from "../../config/secret-format.ts";
import type { DeliveryDefinition } from "./definition.ts";
import type { DeliverySettings } from "./plan.ts";
import { type Resolved, resolveDelivery } from "./resolve.ts";
import { deliveryProblems } from "./rules.ts";

/** Who is asked for secrets and workflows: the system, as the plan knows it. */
export type DeliveredSystem = DeliverySettings["system"];

/** What the system file and the stack file come to together. */
export function planOf(definition: DeliveryDefinition, system: DeliveredSystem, choices: DeliveryChoices): Resolved {
  const { github, repositories, environments } = choices;
  const { plan, problems } = resolveDelivery(definition, {
    system,
    ...github,
    repositories,
    environments: Object.fromEntries(
      Object.entries(environments).map(([name, { target, reviewers }]) => [name, { platform: target, reviewers }]),
    ),
  });
  return { plan, problems: [...problems, ...waitProblems(definition, choices), ...keptProblems(definition)] };
}

/** What the stack file is checked against. Pure, and loads no provider. */
export function deliveryPart(definition: DeliveryDefinition, system: DeliveredSystem): DeliveryPart {
  return {
    repositories: Object.keys(definition.repositories),
    environments: Object.keys(definition.environments),
    resolve(choices) {
      const { plan, problems } = planOf(definition, system, choices);
      // What only the whole of it shows: over every workflow that goes to a repository. A plan with problems holds too little for that.
      const found =
        problems.length > 0 ? problems : deliveryProblems(plan).map(({ path, message }) => ({ path: `repositories/${path}`, message }));
      const holders = Object.values(plan.repositories).flatMap((repository) => [repository, ...repository.environments]);
      return { problems: found, secrets: [...new Set(holders.flatMap(({ secrets }) => secrets.map(({ from }) => from)))] };
    },
  };
}

/** Deploys that wait need what reviewers need; the plan knows of reviewers only. */
function waitProblems({ repositories }: DeliveryDefinition, { github, environments }: DeliveryChoices): Problem[] {
  const isPrivate = Object.values(repositories).some(({ program, visibility }) => program && visibility === "private");
  if (!isPrivate || github.plan === "enterprise") return [];
  return Object.entries(environments)
    .filter(([, { wait }]) => wait > 0)
    .map(([name]) => ({
      path: `environments/${name}/wait`,
      message: `a private repository's environments wait with plan "enterprise" only, and this is "${github.plan}". Leave it out.`,
    }));
}

/** What the secrets of a stack file look like that says nothing of its environments, by their path. */
export const secretsByDefault = (part: DeliveryPart): Readonly<Record<string, SecretFormat>> =>
  Object.fromEntries(secretsOn(part, "app-platform").map((path) => [path, knownDeploySecret(path.split(".").at(-1) ?? path).format]));

/** Files are written where the generator runs, which is where the program is. */
function keptProblems({ repositories }: DeliveryDefinition): Problem[] {
  return Object.entries(repositories)
    .filter(([, { program, workflowFiles }]) => !program && workflowFiles === "kept")
    .map(([key]) => ({
      path: `repositories/${key}`,
      message:
        'has workflowFiles: "kept" in the system file, and npm run generate only reaches the repository with the program. Leave it out.',
    }));
}
