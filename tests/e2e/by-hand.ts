import * as github from "@pulumi/github";

/** What somebody has made at GitHub by hand over the years: two repositories with all that is in them. `wild`: much of it is in the way. */
const isWild = process.env["BY_HAND"] === "wild";
const opts = { provider: new github.Provider("hand", { owner: "acme" }) };

const { name: repository } = new github.Repository(
  "old",
  {
    name: "delivered",
    visibility: "private",
    autoInit: true,
    description: "Ours since 2019",
    topics: ["old"],
    hasWiki: true,
    ...(isWild ? { allowSquashMerge: false, allowRebaseMerge: false } : {}),
  },
  opts,
);
// Cut before there are files.
const branches = ["legacy", "next"].map((branch) => new github.Branch(branch, { repository, branch, sourceBranch: "main" }, opts));
new github.IssueLabel("ours", { repository, name: "ours", color: "abcdef" }, opts);
new github.ActionsSecret("legacy-secret", { repository, secretName: "LEGACY", value: "by hand" }, opts);
const file = process.env["BY_HAND_FILE"] ?? ".github/workflows/legacy.yml";
const dangerous = "on: pull_request_target\njobs: { label: { runs-on: ubuntu-latest, steps: [{ uses: actions/checkout@v4 }] } }\n";
const byHand = { repository, branch: "main", commitMessage: "By hand" };
const files = [
  new github.RepositoryFile(
    "legacy-file",
    { ...byHand, file, content: isWild ? dangerous : "on: push\n" },
    { ...opts, dependsOn: branches },
  ),
  ...(isWild
    ? [
        new github.RepositoryFile(
          "ci-file",
          { ...byHand, file: ".github/workflows/ci.yml", content: "on: push\njobs: {}\n" },
          { ...opts, dependsOn: branches },
        ),
      ]
    : []),
];
if (isWild) {
  const conditions = { refName: { includes: ["~DEFAULT_BRANCH"], excludes: [] } };
  const reviewed = { repository, name: "Reviewed", target: "branch", enforcement: "active", conditions, rules: { pullRequest: {} } };
  new github.RepositoryRuleset("reviewed", reviewed, { ...opts, dependsOn: files });
}

/** One that has nothing to do with us, and one that deploys already. */
for (const [environment, variableName, value] of [
  ["old", "REGION", "fra"],
  ["production", "PULUMI_BACKEND_URL", process.env["BY_HAND_STATE"] ?? "s3://acme-state?region=us-east-1"],
] as const) {
  const gate = environment === "old" ? {} : { reviewers: [{ users: [7] }], waitTimer: 60, preventSelfReview: true };
  const made = new github.RepositoryEnvironment(
    environment,
    { repository, environment, deploymentBranchPolicy: { customBranchPolicies: true, protectedBranches: false }, ...gate },
    opts,
  );
  const inside = { repository, environment: made.environment };
  const branchPattern = environment === "old" || isWild ? "release/*" : "main";
  new github.RepositoryEnvironmentDeploymentPolicy(environment, { ...inside, branchPattern }, opts);
  new github.ActionsEnvironmentVariable(environment, { ...inside, variableName, value }, opts);
  new github.ActionsEnvironmentSecret(environment, { ...inside, secretName: "OLD_TOKEN", value: "by hand" }, opts);
}

new github.Repository(
  "front",
  { name: "delivered-front", visibility: "public", autoInit: true, homepageUrl: "https://old.example.net" },
  opts,
);
