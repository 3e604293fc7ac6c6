import * as github from "@pulumi/github";

/** What somebody has made at GitHub by hand over the years: two repositories with all that is in them. */
const opts = { provider: new github.Provider("hand", { owner: "acme" }) };

const { name: repository } = new github.Repository(
  "old",
  { name: "delivered", visibility: "private", autoInit: true, description: "Ours since 2019", topics: ["old"], hasWiki: true },
  opts,
);
new github.Branch("legacy", { repository, branch: "legacy", sourceBranch: "main" }, opts);
new github.Branch("next", { repository, branch: "next", sourceBranch: "main" }, opts);
new github.IssueLabel("ours", { repository, name: "ours", color: "abcdef" }, opts);
new github.ActionsSecret("legacy-secret", { repository, secretName: "LEGACY", value: "by hand" }, opts);
const file = process.env["BY_HAND_FILE"] ?? ".github/workflows/legacy.yml";
new github.RepositoryFile("legacy-file", { repository, branch: "main", file, content: "on: push\n", commitMessage: "By hand" }, opts);

/** One that has nothing to do with us, and one that deploys already. */
for (const [environment, variableName, value] of [
  ["old", "REGION", "fra"],
  ["production", "PULUMI_BACKEND_URL", process.env["BY_HAND_STATE"] ?? "s3://acme-state?region=us-east-1"],
] as const) {
  const gate = environment === "old" ? {} : { reviewers: [{ users: [7] }], waitTimer: 60 };
  const made = new github.RepositoryEnvironment(
    environment,
    { repository, environment, deploymentBranchPolicy: { customBranchPolicies: true, protectedBranches: false }, ...gate },
    opts,
  );
  const inside = { repository, environment: made.environment };
  new github.RepositoryEnvironmentDeploymentPolicy(environment, { ...inside, branchPattern: "release/*" }, opts);
  new github.ActionsEnvironmentVariable(environment, { ...inside, variableName, value }, opts);
  new github.ActionsEnvironmentSecret(environment, { ...inside, secretName: "OLD_TOKEN", value: "by hand" }, opts);
}

new github.Repository(
  "front",
  { name: "delivered-front", visibility: "public", autoInit: true, homepageUrl: "https://old.example.net" },
  opts,
);
