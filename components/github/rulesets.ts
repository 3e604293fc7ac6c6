import type { RepositoryRulesetArgs } from "@pulumi/github/repositoryRuleset.js";
import type { RepositoryPlan } from "./plan.ts";
import type { ResolvedSettings } from "./settings.ts";

/** What is protected, without the repository that it is in. */
export interface Ruleset extends Pick<RepositoryRulesetArgs, "name" | "target" | "enforcement" | "conditions" | "rules" | "bypassActors"> {
  /** Part of its logical name. */
  readonly key: string;
}

/** Roles by GitHub's own numbers, which are the same everywhere. Source: the provider's page on rulesets. */
const role = { maintainers: 2, administrators: 5 } as const;

/** The App that GitHub Actions reports as: a check of the same name by anybody else does not count. */
const githubActions = 15368;

const bypass = (...roles: (keyof typeof role)[]) =>
  roles.map((name) => ({ actorType: "RepositoryRole", actorId: role[name], bypassMode: "always" }));

const onRefs = (...includes: string[]) => ({ refName: { includes, excludes: [] } });

/**
 * The rulesets of a repository: what stays only changes by pull requests whose checks are green, and a tag that deploys never moves.
 *
 * Files that this stack commits would be refused like anybody's push, so administrators pass by the rulesets of the branches that they are
 * committed to. That gives nobody more than they have, since an administrator can take the ruleset away.
 */
export function rulesetsOf(
  plan: Pick<RepositoryPlan, "workflowsOn" | "protectedBranches" | "protectedTags">,
  settings: ResolvedSettings,
): Ruleset[] {
  return [
    ...plan.protectedBranches.map(({ name, requiredChecks }) =>
      branchRuleset(name, requiredChecks, plan.workflowsOn.includes(name), settings),
    ),
    ...plan.protectedTags.flatMap((pattern) => tagRulesets(pattern, settings)),
  ];
}

function branchRuleset(branch: string, checks: readonly string[], hasWorkflows: boolean, settings: ResolvedSettings): Ruleset {
  const { merges, approvals, codeOwners, upToDate, workflowFiles } = settings;
  const isCommittedTo = hasWorkflows && workflowFiles === "provisioned";
  return {
    key: branch,
    name: `groundwork: ${branch}`,
    target: "branch",
    enforcement: "active",
    conditions: onRefs(`refs/heads/${branch}`),
    ...(isCommittedTo ? { bypassActors: bypass("administrators") } : {}),
    rules: {
      deletion: true,
      nonFastForward: true,
      requiredLinearHistory: !merges.includes("merge"),
      pullRequest: {
        allowedMergeMethods: [...merges],
        requiredApprovingReviewCount: approvals,
        requireCodeOwnerReview: codeOwners,
        dismissStaleReviewsOnPush: approvals > 0,
        requireLastPushApproval: approvals > 0,
        requiredReviewThreadResolution: true,
      },
      ...(checks.length === 0
        ? {}
        : {
            requiredStatusChecks: {
              requiredChecks: checks.map((context) => ({ context, integrationId: githubActions })),
              strictRequiredStatusChecksPolicy: upToDate,
            },
          }),
    },
  };
}

/** Two of them: who passes by the one about making tags must not pass by the one about moving them. */
function tagRulesets(pattern: string, { releasers }: ResolvedSettings): Ruleset[] {
  const common = { target: "tag", enforcement: "active", conditions: onRefs(`refs/tags/${pattern}`) } as const;
  const kept = {
    ...common,
    key: `tags-${pattern}`,
    name: `groundwork: tags ${pattern}`,
    rules: { deletion: true, nonFastForward: true, update: true },
  };
  if (releasers === "writers") return [kept];
  const may = releasers === "maintainers" ? bypass("maintainers", "administrators") : bypass("administrators");
  return [
    kept,
    { ...common, key: `releases-${pattern}`, name: `groundwork: releases ${pattern}`, rules: { creation: true }, bypassActors: may },
  ];
}
