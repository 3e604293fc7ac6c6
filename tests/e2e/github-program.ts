// A Pulumi program with every GitHub type of the catalogue. What `GITHUB_IMPORTS` names is imported instead of made: {"<name>": "<id>"}.
import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";

const imports = JSON.parse(process.env["GITHUB_IMPORTS"] ?? "{}") as Readonly<Record<string, string>>;

function options(name: string, ...dependsOn: pulumi.CustomResource[]): pulumi.CustomResourceOptions {
  return { dependsOn, ...(imports[name] === undefined ? {} : { import: imports[name] }) };
}

const repo = new github.Repository(
  "repo",
  { name: "web", description: "The web service", visibility: "private", autoInit: true, hasIssues: true, deleteBranchOnMerge: true },
  { ...options("repo"), ignoreChanges: ["autoInit"] },
);
const repository = repo.name;
const of = (name: string, ...dependsOn: pulumi.CustomResource[]) => options(name, repo, ...dependsOn);

new github.RepositoryTopics("topics", { repository, topics: ["web", "house"] }, of("topics"));
const drift = { name: "drift", color: "d73a4a", description: "Drift found" };
const labels = new github.IssueLabels("labels", { repository, labels: [drift] }, of("labels"));
// The same one by itself: a label that stands is taken over. Its list misses it where it is deleted first.
new github.IssueLabel("label", { repository, ...drift }, { ...of("label", labels), retainOnDelete: true });
const dev = new github.Branch("dev", { repository, branch: "dev" }, of("dev"));
new github.BranchDefault("default", { repository, branch: "main" }, of("default", dev));
const file = new github.RepositoryFile(
  "file",
  {
    repository,
    branch: dev.branch,
    file: ".github/workflows/deploy.yml",
    content: "name: deploy\non: push\n",
    commitMessage: "Add deploy workflow [skip ci]",
  },
  of("file", dev),
);
new github.RepositoryRuleset(
  "ruleset",
  {
    repository,
    name: "main",
    target: "branch",
    enforcement: "active",
    conditions: { refName: { includes: ["~DEFAULT_BRANCH"], excludes: [] } },
    bypassActors: [{ actorId: 5, actorType: "RepositoryRole", bypassMode: "always" }],
    rules: {
      deletion: true,
      pullRequest: { requiredApprovingReviewCount: 1 },
      requiredStatusChecks: { requiredChecks: [{ context: "ci" }] },
    },
  },
  of("ruleset", file),
);
const production = new github.RepositoryEnvironment(
  "production",
  {
    repository,
    environment: "production",
    waitTimer: 5,
    reviewers: [{ users: [4242] }],
    deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
  },
  of("production"),
);
const environment = production.environment;
new github.RepositoryEnvironmentDeploymentPolicy("policy", { repository, environment, tagPattern: "v*" }, of("policy", production));
new github.ActionsSecret("secret", { repository, secretName: "TOKEN", value: pulumi.secret("one") }, of("secret"));
new github.ActionsVariable("variable", { repository, variableName: "REGION", value: "fra1" }, of("variable"));
new github.ActionsEnvironmentSecret(
  "environment-secret",
  { repository, environment, secretName: "TOKEN", value: pulumi.secret("two") },
  of("environment-secret"),
);
new github.ActionsEnvironmentVariable(
  "environment-variable",
  { repository, environment, variableName: "REGION", value: "ams3" },
  of("environment-variable"),
);
new github.ActionsRepositoryPermissions(
  "actions",
  {
    repository,
    allowedActions: "selected",
    allowedActionsConfig: { githubOwnedAllowed: true, verifiedAllowed: false, patternsAlloweds: ["pulumi/actions@*"] },
    shaPinningRequired: true,
  },
  of("actions"),
);
new github.WorkflowRepositoryPermissions("workflows", { repository, defaultWorkflowPermissions: "read" }, of("workflows"));
new github.RepositoryDeployKey(
  "key",
  { repository, title: "deploy", key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKcZ2V9n deploy" },
  of("key"),
);
const alerts = new github.RepositoryVulnerabilityAlerts("alerts", { repository }, of("alerts"));
new github.RepositoryDependabotSecurityUpdates("updates", { repository, enabled: true }, of("updates", alerts));
new github.TeamRepository("team", { repository, teamId: "ops", permission: "push" }, of("team"));

export const user = github.getUserOutput({ username: "ann" }).id;
export const plan = github.getOrganizationOutput({ name: "acme" }).plan;
