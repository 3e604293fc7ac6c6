import { ActionsEnvironmentSecret } from "@pulumi/github/actionsEnvironmentSecret.js";
import { ActionsEnvironmentVariable } from "@pulumi/github/actionsEnvironmentVariable.js";
import { RepositoryEnvironment } from "@pulumi/github/repositoryEnvironment.js";
import { RepositoryEnvironmentDeploymentPolicy } from "@pulumi/github/repositoryEnvironmentDeploymentPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { GithubEnvironment } from "./plan.ts";

/** What an environment had before this stack took it in, as far as it is taken into the state. */
export interface StandingEnvironment {
  /** Name of the repository that it stands in. */
  readonly repository: string;
  /** Variables that stand in it with the value that they should have. */
  readonly variables: readonly string[];
}

/** Options for {@link Environment}. */
export interface EnvironmentArgs {
  /** Name of the repository. Another repository replaces the environment. */
  readonly repository: pulumi.Input<string>;
  /** Which refs may use it, and what for. Another name replaces it with all that is in it; other refs act on the next run. */
  readonly plan: GithubEnvironment;
  /** Secrets by their name at GitHub. Another value acts on the next run; one that leaves is deleted. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  /** Variables by their name at GitHub. Another value acts on the next run; one that leaves is deleted. */
  readonly variables: Readonly<Record<string, string>>;
  /** Who may let a job go on, any of them. Acts on the next run; needs a public repository or GitHub Enterprise, which is paid for each member. */
  readonly reviewers: readonly { readonly team: boolean; readonly id: number }[];
  /** Minutes before a job starts. Acts on the next run; needs what reviewers need. */
  readonly wait: number;
  /** What it had, where it stood before; its reviewers and its waiting are kept beside ours, and who may approve is never loosened. */
  readonly standing: StandingEnvironment | undefined;
}

/**
 * A GitHub environment: secrets that only jobs of certain branches and tags can read. Closed to every other ref; administrators do not pass by
 * its gate either. Free in public repositories; private ones need the plan team.
 */
export class Environment extends pulumi.ComponentResource {
  /** All that has to stand before a workflow names it. */
  public readonly parts: readonly pulumi.Resource[];

  constructor(name: string, args: EnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:github:Environment", name, {}, opts);
    const { repository, plan, secrets, variables, standing } = args;
    const made = this.createEnvironment(name, args);
    const { environment } = made;
    const here = { parent: this };
    const policies = patternsOf(plan).map(([pattern, policy]) => {
      // One of this pattern that stood before is what the API answers with. Which it was is not known, so they stay when this stack goes.
      const opts = { ...here, retainOnDelete: standing !== undefined };
      return new RepositoryEnvironmentDeploymentPolicy(`${name}-${pattern}`, { repository, environment, ...policy }, opts);
    });
    const named = Object.entries(variables).map(([variableName, value]) => {
      const stands = standing?.variables.includes(variableName) ? { import: `${standing.repository}:${plan.name}:${variableName}` } : {};
      const variable = { repository, environment, variableName, value };
      return new ActionsEnvironmentVariable(`${name}-${variableName}`, variable, { ...here, ...stands });
    });
    const hidden = Object.entries(secrets).map(([secretName, value]) => {
      return new ActionsEnvironmentSecret(`${name}-${secretName}`, { repository, environment, secretName, value }, here);
    });
    this.parts = [made, ...policies, ...named, ...hidden];
    this.registerOutputs({ stood: standing !== undefined });
  }

  private createEnvironment(name: string, { repository, plan, reviewers, wait, standing }: EnvironmentArgs): RepositoryEnvironment {
    const fixed = { repository, environment: plan.name, canAdminsBypass: false };
    const users = reviewers.filter(({ team }) => !team).map(({ id }) => id);
    const teams = reviewers.filter(({ team }) => team).map(({ id }) => id);
    const custom = { customBranchPolicies: true, protectedBranches: false };
    if (standing === undefined) {
      const policy = plan.refs === "any" ? {} : { deploymentBranchPolicy: custom };
      return new RepositoryEnvironment(name, { ...fixed, ...policy, ...gateOf({ users, teams, wait }) }, { parent: this });
    }
    // The request that changes an environment replaces all of its gate, so what stands there is asked for again.
    const before = RepositoryEnvironment.get(`${name}-before`, `${standing.repository}:${plan.name}`, undefined, { parent: this });
    const known = pulumi.all([before.reviewers, before.waitTimer, before.preventSelfReview]);
    const gate = known.apply(([standingReviewers, standingWait, preventSelfReview]) => {
      const [one] = standingReviewers ?? [];
      const both = (ours: readonly number[], theirs: readonly number[] | undefined | null) => [...new Set([...(theirs ?? []), ...ours])];
      const who = { users: both(users, one?.users), teams: both(teams, one?.teams), preventSelfReview: preventSelfReview ?? false };
      return gateOf({ ...who, wait: Math.max(wait, standingWait ?? 0) });
    });
    return new RepositoryEnvironment(
      name,
      {
        ...fixed,
        deploymentBranchPolicy: plan.refs === "any" ? before.deploymentBranchPolicy : custom,
        reviewers: gate.apply(({ reviewers }) => reviewers),
        waitTimer: gate.apply(({ waitTimer }) => waitTimer),
        preventSelfReview: gate.apply(({ preventSelfReview }) => preventSelfReview),
      },
      { parent: this, retainOnDelete: true },
    );
  }
}

interface Gate {
  readonly users: number[];
  readonly teams: number[];
  readonly wait: number;
  /** Whether somebody has asked for it already: it is never taken back. */
  readonly preventSelfReview?: boolean;
}

/** The gate of an environment; what nobody asked for is left out, as the API does. */
function gateOf({ users, teams, wait, preventSelfReview = false }: Gate): {
  readonly reviewers?: { users?: number[]; teams?: number[] }[];
  readonly preventSelfReview?: boolean;
  readonly waitTimer?: number;
} {
  const isGated = users.length + teams.length > 0;
  const reviewers = { ...(users.length > 0 ? { users } : {}), ...(teams.length > 0 ? { teams } : {}) };
  return {
    // A single person could never let a deploy of their own go on.
    ...(isGated ? { reviewers: [reviewers], preventSelfReview: preventSelfReview || users.length > 1 || teams.length > 0 } : {}),
    ...(wait > 0 ? { waitTimer: wait } : {}),
  };
}

/** Refs that may use an environment, as policies by their pattern. */
function patternsOf({ refs }: GithubEnvironment): [string, { readonly branchPattern: string } | { readonly tagPattern: string }][] {
  if (refs === "any") return [];
  return [
    ...refs.branches.map((branchPattern): [string, { branchPattern: string }] => [branchPattern, { branchPattern }]),
    ...refs.tags.map((tagPattern): [string, { tagPattern: string }] => [tagPattern, { tagPattern }]),
  ];
}
