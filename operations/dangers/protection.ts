import { added, always, formerReplicas, goes, less, type PropertyRule, replicas } from "./rules.ts";

/** What held something, or told of it, and is taken away. */
export const protectionRules: readonly PropertyRule[] = [
  {
    name: "loosen",
    of: ["RepositoryRuleset"],
    path: /^enforcement$/,
    when: ({ to }) => to !== "active",
    effect: "protection removed",
    says: "Nobody is held to the ruleset any more.",
  },
  {
    name: "loosen",
    of: ["RepositoryRuleset"],
    path: /^rules\b/,
    when: (change) =>
      goes(change) ||
      (typeof change.to === "number" && less(change)) ||
      (/allowedMergeMethods/.test(change.path) && added(change)) ||
      // Another check in the place of one that was asked for.
      (/requiredStatusChecks|requiredChecks/.test(change.path) && change.from !== undefined),
    effect: "protection removed",
    says: "A rule for branches or tags is taken back.",
  },
  {
    name: "bypass",
    of: ["RepositoryRuleset"],
    path: /^bypassActors\b/,
    when: added,
    effect: "protection removed",
    says: "Somebody more may pass by the ruleset.",
  },
  {
    name: "scope",
    of: ["RepositoryRuleset"],
    path: /^conditions\b/,
    when: always,
    effect: "protection removed",
    says: "The ruleset holds for other branches or tags than before.",
  },
  {
    name: "ungate",
    of: ["RepositoryEnvironment"],
    path: /^(?:reviewers|waitTimer|preventSelfReview|canAdminsBypass|deploymentBranchPolicy)\b/,
    when: (change) =>
      change.path === "canAdminsBypass"
        ? change.to === true
        : goes(change) ||
          (typeof change.to === "number" && /waitTimer/.test(change.path) && less(change)) ||
          // Other people than before let a deploy through.
          (/^reviewers\b/.test(change.path) && change.from !== undefined),
    effect: "protection removed",
    says: "What held a deploy back is taken away.",
  },
  {
    name: "standby",
    of: ["DatabaseCluster"],
    path: /^nodeCount$/,
    when: less,
    effect: "protection removed",
    says: "Losing the database's machine is an outage until its backup is restored.",
  },
  {
    name: "fewer",
    of: ["App"],
    path: /\.(?:instanceCount|minInstanceCount|autoscaling)$/,
    when: ({ path }, step) => replicas(step, path) < 2 && replicas(step, path) < formerReplicas(step, path),
    effect: "protection removed",
    says: "Losing a machine is an outage until the platform has started another one.",
  },
  {
    name: "fewer",
    of: ["Service"],
    path: /^mode\.replicated\.replicas$/,
    when: (change) => less(change) && Number(change.to) < 2,
    effect: "protection removed",
    says: "A stopped instance is an outage.",
  },
  {
    name: "unalert",
    of: ["App"],
    path: /^spec\.(?:.*\.)?alerts\b/,
    when: (change) => goes(change) || (/disabled$/.test(change.path) && change.to === true),
    effect: "protection removed",
    says: "Nobody is told any more when it happens.",
  },
  {
    name: "unalert",
    of: ["MonitorAlert", "UptimeCheck"],
    path: /^enabled$/,
    when: ({ to }) => to === false,
    effect: "protection removed",
    says: "Nobody is told any more when it happens.",
  },
  {
    name: "untell",
    of: ["MonitorAlert", "UptimeAlert"],
    path: /^(?:alerts|notifications)\b/,
    when: goes,
    effect: "protection removed",
    says: "Somebody less is told when it happens.",
  },
  {
    name: "health",
    of: ["App"],
    path: /\.(?:healthCheck|livenessHealthCheck)$/,
    when: goes,
    effect: "protection removed",
    says: "A broken version is taken for a healthy one.",
  },
];
