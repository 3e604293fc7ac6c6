import type { Closed } from "./closed-form.ts";

const answer = "The API's own answer.";
const encrypted = "The plugin encrypts the value itself, with the repository's key; an own ciphertext would be one more thing to keep.";

/** GitHub's inputs that no option reaches, on purpose. */
export const github: Readonly<Record<string, readonly Closed[]>> = {
  ActionsEnvironmentSecret: [{ reason: encrypted, inputs: ["encryptedValue", "keyId", "plaintextValue", "valueEncrypted"] }],
  ActionsEnvironmentVariable: [],
  ActionsRepositoryPermissions: [],
  ActionsSecret: [
    { reason: encrypted, inputs: ["encryptedValue", "keyId", "plaintextValue", "valueEncrypted"] },
    { reason: "Finds a change by hand by deleting the secret, which would stop deploys.", inputs: ["destroyOnDrift"] },
  ],
  Branch: [
    { reason: answer, inputs: ["etag"] },
    { reason: "Branches begin at the one that work is merged into.", inputs: ["sourceSha"] },
  ],
  IssueLabel: [{ reason: answer, inputs: ["etag"] }],
  Repository: [
    { reason: answer, inputs: ["etag"] },
    { reason: "Deprecated: visibility says it.", inputs: ["private"] },
    { reason: "Deprecated: a resource of its own says it.", inputs: ["vulnerabilityAlerts", "pages.**"] },
    { reason: "Only about reading what the deprecated input set.", inputs: ["ignoreVulnerabilityAlertsDuringRead"] },
    { reason: "Deprecated: work is merged into main, where the repository is made here.", inputs: ["defaultBranch"] },
    { reason: "Deprecated, and without effect at GitHub.", inputs: ["hasDownloads"] },
    {
      reason: "A repository is made of nothing: what stands is imported or referenced.",
      inputs: ["fork", "sourceOwner", "sourceRepo", "template.**", "gitignoreTemplate", "licenseTemplate", "isTemplate"],
    },
    { reason: "It stays when the stack goes, as it is.", inputs: ["archiveOnDestroy", "archived"] },
    {
      reason: "Off, as on a new repository: the repository holds the program, its issues and nothing else.",
      inputs: ["hasDiscussions", "hasProjects", "hasWiki"],
    },
    {
      reason: "GitHub's default, or the owner's: who may fork, and merging once checks are green.",
      inputs: ["allowForking", "allowAutoMerge", "webCommitSignoffRequired"],
    },
    { reason: "Texts of merge commits, as GitHub has them.", inputs: ["mergeCommitMessage", "mergeCommitTitle"] },
    {
      reason: "Products that are paid for, beside what is free in public repositories.",
      inputs: [
        "securityAndAnalysis.advancedSecurity.status",
        "securityAndAnalysis.codeSecurity.status",
        "securityAndAnalysis.secretScanningAiDetection.status",
        "securityAndAnalysis.secretScanningNonProviderPatterns.status",
      ],
    },
  ],
  RepositoryDependabotSecurityUpdates: [],
  RepositoryDeployKey: [],
  RepositoryEnvironment: [],
  RepositoryEnvironmentDeploymentPolicy: [],
  RepositoryFile: [
    {
      reason: "Files go to the branch that work is merged into, which stands.",
      inputs: ["autocreateBranch", "autocreateBranchSourceBranch", "autocreateBranchSourceSha"],
    },
    { reason: "Commits are those of the token's owner, and verified as such.", inputs: ["commitAuthor", "commitEmail"] },
  ],
  RepositoryRuleset: [
    {
      reason: "Names, messages and addresses are checked by jobs, which say what is wrong.",
      inputs: [
        "rules.branchNamePattern.**",
        "rules.tagNamePattern.**",
        "rules.commitAuthorEmailPattern.**",
        "rules.commitMessagePattern.**",
        "rules.committerEmailPattern.**",
      ],
    },
    {
      reason: "About pushes, for GitHub Enterprise only.",
      inputs: ["rules.fileExtensionRestriction.**", "rules.filePathRestriction.**", "rules.maxFilePathLength.**", "rules.maxFileSize.**"],
    },
    {
      reason: "Queues, scanners and reviewers that are products or teams of their own.",
      inputs: [
        "rules.mergeQueue.**",
        "rules.requiredCodeScanning.**",
        "rules.copilotCodeReview.**",
        "rules.pullRequest.requiredReviewers[].**",
      ],
    },
    { reason: "A deploy comes after the merge here, never before it.", inputs: ["rules.requiredDeployments.**"] },
    { reason: "Everybody would need a key for signing; GitHub signs what is merged there.", inputs: ["rules.requiredSignatures"] },
    { reason: "A ruleset names what it protects, and leaves nothing of that out.", inputs: ["conditions.refName.excludes[]"] },
    { reason: "Branches stand before their ruleset does.", inputs: ["rules.requiredStatusChecks.doNotEnforceOnCreate"] },
    { reason: "About forks that follow their origin.", inputs: ["rules.updateAllowsFetchAndMerge"] },
  ],
  RepositoryVulnerabilityAlerts: [],
  WorkflowRepositoryPermissions: [],
};
