import type { Properties } from "../../cloud/store.ts";

/** What every new repository has. Source: GitHub's documentation, "Managing labels", and what a new repository shows. */
export const defaultLabels: readonly Properties[] = [
  { name: "bug", color: "d73a4a", description: "Something isn't working" },
  { name: "documentation", color: "0075ca", description: "Improvements or additions to documentation" },
  { name: "duplicate", color: "cfd3d7", description: "This issue or pull request already exists" },
  { name: "enhancement", color: "a2eeef", description: "New feature or request" },
  { name: "good first issue", color: "7057ff", description: "Good for newcomers" },
  { name: "help wanted", color: "008672", description: "Extra attention is needed" },
  { name: "invalid", color: "e4e669", description: "This doesn't seem right" },
  { name: "question", color: "d876e3", description: "Further information is requested" },
  { name: "wontfix", color: "ffffff", description: "This will not be worked on" },
];

/** Settings that are resources of their own to the plugin, and parts of the repository to GitHub. */
export const defaultSettings = {
  actions: { enabled: true, allowedActions: "all", allowedActionsConfig: null, shaPinningRequired: false },
  workflows: { defaultWorkflowPermissions: "read", canApprovePullRequestReviews: false },
  alerts: { vulnerabilities: false, securityUpdates: false },
} as const satisfies Properties;
