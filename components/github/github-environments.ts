import type { EnvironmentPlan, GithubEnvironment, RepositoryPlan, SecretPlan, VariablePlan } from "./plan.ts";
import { releaseTags } from "./definition.ts";
import { targetSecrets } from "./targets.ts";

/** What tells the repositories apart, as far as their environments go. */
type Repository = Pick<RepositoryPlan, "program" | "branch" | "builds">;

interface Context {
  /** The repository with the program. */
  readonly program: Repository;
  reviewers(stack: string): readonly string[];
  readonly buckets: boolean;
}

const state: VariablePlan = { name: "PULUMI_BACKEND_URL", from: "state" };

/** The secrets by which a stack's state is read, and written where the key allows it. */
const stateSecrets = (stack: string, group: string): SecretPlan[] => [
  { name: "PULUMI_CONFIG_PASSPHRASE", from: `${stack}.passphrase`, why: "to read the stack's secrets" },
  { name: "STATE_ACCESS_KEY_ID", from: `${group}.stateKeyId`, why: "to reach the state" },
  { name: "STATE_SECRET_ACCESS_KEY", from: `${group}.stateKey`, why: "to reach the state" },
];

const bucketSecrets = (group: string): SecretPlan[] => [
  { name: "SPACES_ACCESS_KEY_ID", from: `${group}.spacesKeyId`, why: "to reach buckets" },
  { name: "SPACES_SECRET_ACCESS_KEY", from: `${group}.spacesKey`, why: "to reach buckets" },
];

/** Secrets of a repository itself. */
export function repositorySecrets(tell: "issue" | "slack", program: boolean): SecretPlan[] {
  if (tell !== "slack" || !program) return [];
  return [{ name: "SLACK_WEBHOOK_URL", from: "repository.slackWebhookUrl", why: "to tell of a deploy that failed" }];
}

/** The GitHub environments of a repository. Those that can deploy are closed to every ref but the ones that deploys start from. */
export function githubEnvironments(
  repository: Repository,
  environments: readonly EnvironmentPlan[],
  context: Context,
): GithubEnvironment[] {
  if (repository.program) return environments.flatMap((environment) => stackEnvironments(environment, environments, context));
  if (repository.builds.length === 0) return [];
  return environments.map(({ name, deploysOn }) => ({
    name: `${name}-handover`,
    stack: name,
    purpose: "handover",
    refs: {
      branches: deploysOn.on === "push" ? [deploysOn.branch] : deploysOn.on === "manual" ? [repository.branch] : [],
      tags: deploysOn.on === "release" ? [releaseTags] : [],
    },
    reviewers: [],
    secrets: [{ name: "HANDOVER_TOKEN", from: `${name}.handoverToken`, why: "to hand digests to the repository of the program" }],
    variables: [],
  }));
}

function stackEnvironments(stack: EnvironmentPlan, all: readonly EnvironmentPlan[], context: Context): GithubEnvironment[] {
  const { name, target } = stack;
  const { program, buckets } = context;
  const reviewers = context.reviewers(name);
  const looking = `${name}.preview`;
  const common = { stack: name, variables: [state] } as const;
  const deploy: GithubEnvironment = {
    ...common,
    name,
    purpose: "deploy",
    refs: deployRefs(stack, all, program),
    reviewers,
    secrets: [
      ...targetSecrets(target, name),
      ...stateSecrets(name, name),
      ...(buckets ? bucketSecrets(name) : []),
      ...stack.after.flatMap(({ secrets = {} }) =>
        Object.entries(secrets).map(([secret, from]) => ({ name: secret, from: `${name}.${from}`, why: "for the checks after a deploy" })),
      ),
    ],
  };
  const readOnly = [...targetSecrets(target, looking), ...stateSecrets(name, looking), ...(buckets ? bucketSecrets(looking) : [])];
  const fromBranch = { branches: [program.branch], tags: [] };
  const preview: GithubEnvironment = {
    ...common,
    name: stack.preview,
    purpose: "preview",
    refs: stack.previewOn === "pull-request" ? "any" : fromBranch,
    reviewers: stack.previewOn === "pull-request" && stack.drift !== stack.preview ? reviewers : [],
    secrets: readOnly,
  };
  if (stack.drift === stack.preview) return [deploy, preview];
  return [deploy, preview, { ...common, name: stack.drift, purpose: "drift", refs: fromBranch, reviewers: [], secrets: readOnly }];
}

/** Refs whose jobs may deploy a stack: what starts its deploys, and the branch from which it is rolled back and rotated by hand. */
function deployRefs(
  { name, deploysOn }: EnvironmentPlan,
  all: readonly EnvironmentPlan[],
  { branch }: Repository,
): GithubEnvironment["refs"] {
  const pushes = [deploysOn, ...all.filter(({ promotes }) => promotes === name).map((later) => later.deploysOn)];
  // What is pushed straight to a later environment's branch passes through this one first.
  const branches = pushes.flatMap((trigger) => (trigger.on === "push" ? [trigger.branch] : []));
  return { branches: [...new Set([branch, ...branches])], tags: deploysOn.on === "release" ? [releaseTags] : [] };
}
