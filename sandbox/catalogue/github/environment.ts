import type { CloudObject, Properties } from "../../cloud/store.ts";
import { isObject, text } from "../values.ts";
import type { CloudContext, Kinds } from "../kind.ts";
import { allows } from "./account.ts";
import { childrenOf, failed, joinId, number, parts, path, refuse, repositoryOf, types } from "./common.ts";

export const findEnvironment = (cloud: CloudContext, repository: CloudObject, name: unknown): CloudObject | undefined =>
  childrenOf(cloud, types.environment, repository).find(
    ({ outputs }) => text(outputs.environment).toLowerCase() === text(name).toLowerCase(),
  );

/** What is in an environment, by the kinds of it. */
const inside = [types.environmentSecret, types.environmentVariable, types.policy];

const reviewersOf = ({ reviewers }: Properties): unknown[] => {
  const [one] = Array.isArray(reviewers) ? (reviewers as unknown[]) : [];
  return isObject(one) ? [one.users, one.teams].flatMap((ids) => (Array.isArray(ids) ? (ids as unknown[]) : [])) : [];
};

const plan = (rule: string): string =>
  `Failed to create the environment protection rule. Please ensure the billing plan supports the ${rule} protection rule.`;

/** Rules that the plan, or the request itself, does not allow. */
function refuseRules(cloud: CloudContext, request: { method: string; path: string }, repository: CloudObject, inputs: Properties): void {
  const no = (status: number, message: string): never => refuse(cloud, request.method, request.path, status, message);
  const reviewers = reviewersOf(inputs);
  const policy = isObject(inputs.deploymentBranchPolicy) ? inputs.deploymentBranchPolicy : undefined;
  if (!allows(cloud, repository, "team")) no(404, "Not Found"); // on the free plan private repositories have no environments
  if (!allows(cloud, repository, "enterprise") && reviewers.length > 0) no(422, plan("required reviewers"));
  if (!allows(cloud, repository, "enterprise") && Number(inputs.waitTimer ?? 0) > 0) no(422, plan("wait timer"));
  if (policy && policy.protectedBranches === policy.customBranchPolicies)
    no(422, "Invalid request.\n\nprotected_branches and custom_branch_policies cannot have the same value");
  if (inputs.preventSelfReview === true && reviewers.length === 0)
    no(
      422,
      "Failed to create or update the environment protection rule. Required reviewers must have at least one reviewer to set prevent_self_review.",
    );
  if (reviewers.length > 6) no(422, "Failed to create the environment protection rule. A maximum of 6 reviewers can be set.");
}

const held = (inputs: Properties): Properties => ({
  canAdminsBypass: inputs.canAdminsBypass ?? true,
  deploymentBranchPolicy: inputs.deploymentBranchPolicy ?? null,
  reviewers: inputs.reviewers ?? null,
  preventSelfReview: inputs.preventSelfReview ?? false,
  waitTimer: inputs.waitTimer ?? null,
});

export const environments: Kinds = {
  [types.environment]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}/{repository}/environments" },
    defaults: { canAdminsBypass: true },
    absent: { preventSelfReview: false },
    unset: { "reviewers[*].teams": null, "reviewers[*].users": null },
    sets: ["reviewers[*].teams", "reviewers[*].users"],
    rules: { waitTimer: { range: [0, 43200] } },
    importId: parts(2),
    importForm: "<repository>:<environment>",
    create(cloud, inputs) {
      const where = `${path(cloud, inputs.repository)}/environments/${encodeURIComponent(text(inputs.environment))}`;
      const request = { method: "PUT", path: where };
      const repository = repositoryOf(cloud, inputs.repository, request);
      refuseRules(cloud, request, repository, inputs);
      // The same request creates and changes: an environment that stands is taken over, with what is in it.
      const id = findEnvironment(cloud, repository, inputs.environment)?.id ?? joinId(inputs.repository, inputs.environment);
      return { id, name: text(inputs.environment), outputs: { repositoryId: repository.outputs.repoId } };
    },
    update(cloud, object, inputs) {
      const request = {
        method: "PUT",
        path: `${path(cloud, inputs.repository)}/environments/${encodeURIComponent(text(inputs.environment))}`,
      };
      const repository = repositoryOf(cloud, inputs.repository, request);
      refuseRules(cloud, request, repository, inputs);
      return { repositoryId: object.outputs.repositoryId };
    },
    read(found, prior) {
      // Protection rules that are gone are not in the answer, and the plugin leaves what it knew of them.
      const reviewed = reviewersOf(found).length > 0;
      return {
        ...found,
        ...held(found),
        ...(reviewed || !prior ? {} : { reviewers: prior.reviewers, preventSelfReview: prior.preventSelfReview }),
      };
    },
    delete(cloud, { outputs }) {
      for (const type of inside)
        for (const one of cloud.store.list(type))
          if (one.outputs.repositoryId === outputs.repositoryId && one.outputs.environment === outputs.environment)
            cloud.store.remove(type, one.id);
    },
  },
  [types.policy]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}/{repository}/environments/{environment}/deployment-branch-policies" },
    exactlyOne: [
      [
        { path: "branchPattern", own: "branch_pattern" },
        { path: "tagPattern", own: "tag_pattern" },
      ],
    ],
    rules: { branchPattern: { notEmpty: true }, tagPattern: { notEmpty: true } },
    deletesOnce: true,
    importId: (written) => (/:\d+$/.test(written) ? parts(3)(written) : undefined),
    importForm: "<repository>:<environment>:<number of the policy>",
    create(cloud, inputs) {
      const { repository, environment, where } = policyPlace(cloud, inputs, "POST");
      const same = policiesOf(cloud, environment).find(
        ({ outputs }) => outputs.branchPattern === (inputs.branchPattern ?? null) && outputs.tagPattern === (inputs.tagPattern ?? null),
      );
      // One that is there already is answered with, and nothing is made.
      const policyId = same?.outputs.policyId ?? number(cloud, "policy", where, text(inputs.branchPattern ?? inputs.tagPattern));
      const name = text(inputs.branchPattern ?? inputs.tagPattern);
      const { repoId: repositoryId } = repository.outputs;
      return { id: joinId(inputs.repository, inputs.environment, policyId), name, outputs: { policyId, repositoryId } };
    },
    update(cloud, _object, inputs) {
      policyPlace(cloud, inputs, "PUT");
      return {};
    },
  },
};

/** The refs that an environment is open to. */
export const policiesOf = (cloud: CloudContext, { outputs }: CloudObject): CloudObject[] =>
  cloud.store
    .list(types.policy)
    .filter((one) => one.outputs.repositoryId === outputs.repositoryId && one.outputs.environment === outputs.environment);

/** Policies are for environments that say so; to all others the API answers as if they were not there. */
function policyPlace(
  cloud: CloudContext,
  inputs: Properties,
  method: string,
): { repository: CloudObject; environment: CloudObject; where: string } {
  const where = `${path(cloud, inputs.repository)}/environments/${encodeURIComponent(text(inputs.environment))}/deployment-branch-policies`;
  const repository = repositoryOf(cloud, inputs.repository, { method, path: where });
  const environment = findEnvironment(cloud, repository, inputs.environment);
  const policy = environment?.outputs.deploymentBranchPolicy;
  if (!environment || !isObject(policy) || policy.customBranchPolicies !== true) return refuse(cloud, method, where, 404, "Not Found");
  return { repository, environment, where };
}
