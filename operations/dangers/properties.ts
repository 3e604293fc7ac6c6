import type { Change, PlannedStep } from "../plan.ts";
import type { Effect } from "./resources.ts";

/** What hurts though the resource stays. */
export interface PropertyRule {
  /** By this it is accepted: `shrink:database`. */
  readonly name: string;
  /** Types, by the last part of their token. */
  readonly of: readonly string[];
  readonly path: RegExp;
  readonly when: (change: Change, step: PlannedStep) => boolean;
  readonly effect: Effect;
  readonly says: string;
  /** Production refuses it whatever its effect is. */
  readonly refused?: true;
}

const always = (): boolean => true;
const goes = ({ to }: Change): boolean => to === undefined || to === null || to === false || to === "";
const text = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
const less = ({ from, to }: Change): boolean => Number(to ?? 0) < Number(from ?? 0);
/** Memory in a size's slug, `db-s-1vcpu-2gb`, then vCPUs. */
const parts = (slug: unknown): [number, number] => {
  const [, cpus = "0", memory = "0"] = /-(\d+)vcpu-([\d.]+)gb/.exec(text(slug)) ?? [];
  return [Number(memory), Number(cpus)];
};
const smaller = ({ from, to }: Change): boolean => {
  const [[memory, cpus], [less, fewer]] = [parts(from), parts(to)];
  return less < memory || (less === memory && fewer < cpus);
};
const major = (version: unknown): number => Number(/^\d+/.exec(text(version))?.[0] ?? Number.NaN);
/** Elements of a list or one of them that were not there before. */
const added = ({ from, to }: Change): boolean => to !== undefined && to !== null && (!Array.isArray(to) || text(from) !== text(to));
const someOf = (value: unknown, what: RegExp): boolean => what.test(text(value));
const replicas = (step: PlannedStep, path: string): number => {
  const [, list = "", at = ""] = /^spec\.(services|workers)\[(\d+)\]/.exec(path) ?? [];
  const program = (step.after?.["spec"] as Readonly<Record<string, readonly App[]>> | undefined)?.[list]?.[Number(at)];
  return program?.autoscaling?.minInstanceCount ?? program?.instanceCount ?? 1;
};
interface App {
  readonly instanceCount?: number;
  readonly autoscaling?: { readonly minInstanceCount: number };
}

/** One row for each thing that hurts while a resource is changed in place. */
export const propertyRules: readonly PropertyRule[] = [
  // Data.
  {
    name: "shrink",
    of: ["DatabaseCluster", "DatabaseReplica"],
    path: /^size$/,
    when: smaller,
    effect: "downtime",
    refused: true,
    says: "A cluster cannot shrink: the cloud refuses half way through the run, and with less memory it would slow down.",
  },
  {
    name: "resize",
    of: ["DatabaseCluster", "DatabaseReplica"],
    path: /^size$/,
    when: (change) => !smaller(change),
    effect: "downtime",
    says: "It moves to another machine: connections break off once, and are refused until the other one has taken over.",
  },
  {
    name: "upgrade",
    of: ["DatabaseCluster"],
    path: /^version$/,
    when: ({ from, to }) => major(to) > major(from),
    effect: "data loss",
    says: "A major version cannot be taken back, and the cluster restarts. Try it on a copy of the data first.",
  },
  {
    name: "downgrade",
    of: ["DatabaseCluster"],
    path: /^version$/,
    when: ({ from, to }) => major(to) < major(from),
    effect: "downtime",
    refused: true,
    says: "The cloud refuses an older version half way through the run.",
  },
  {
    name: "shrink-disk",
    of: ["DatabaseCluster"],
    path: /^storageSizeMib$/,
    when: less,
    effect: "downtime",
    refused: true,
    says: "A disk cannot shrink: the cloud refuses.",
  },
  {
    name: "no-growth",
    of: ["DatabaseCluster"],
    path: /^storageAutoscale\b/,
    when: goes,
    effect: "protection removed",
    says: "The disk does not grow by itself any more; a full one stops all writes.",
  },
  {
    name: "forget",
    of: ["DatabaseValkeyConfig"],
    path: /^persistence$/,
    when: ({ to }) => to === "off",
    effect: "data loss",
    says: "The contents are lost with each restart.",
  },
  {
    name: "expire",
    of: ["SpacesBucket"],
    path: /^lifecycleRules\b/,
    when: ({ to }) => to !== undefined && to !== null,
    effect: "data loss",
    says: "Files are deleted by age from now on, those that lie there already too.",
  },
  {
    name: "unversion",
    of: ["SpacesBucket"],
    path: /^versioning\b/,
    when: ({ to }) => goes({ to } as Change) || someOf(to, /"enabled":false/),
    effect: "protection removed",
    says: "What is overwritten or deleted cannot be brought back any more.",
  },
  {
    name: "force-destroy",
    of: ["SpacesBucket"],
    path: /^forceDestroy$/,
    when: ({ to }) => to === true,
    effect: "protection removed",
    says: "It may be deleted with all files in it.",
  },

  // Who gets in.
  {
    name: "open",
    of: ["DatabaseFirewall"],
    path: /^rules\b/,
    when: added,
    effect: "exposure",
    says: "Somebody more may connect to the database.",
  },
  {
    name: "publish",
    of: ["SpacesBucket"],
    path: /^acl$/,
    when: ({ to }) => to !== "private",
    effect: "exposure",
    says: "Everybody can read all files in it, and list them.",
  },
  {
    name: "open",
    of: ["SpacesBucketPolicy"],
    path: /^policy$/,
    when: always,
    effect: "exposure",
    says: "Who may read and write in it changes; whether it is more or less, only the policy tells.",
  },
  {
    name: "cors",
    of: ["SpacesBucketCorsConfiguration"],
    path: /^corsRules\b/,
    when: ({ to }) => someOf(to, /\*/),
    effect: "exposure",
    says: "Pages of every site can use it with their visitors' browsers.",
  },
  {
    name: "rights",
    of: ["SpacesKey"],
    path: /^grants\b/,
    when: added,
    effect: "exposure",
    says: "The key opens more, or with more rights.",
  },
  {
    name: "cors",
    of: ["App"],
    path: /^spec\.ingress\.rules\[\d+\]\.cors\b/,
    when: ({ to }) => to !== undefined,
    effect: "exposure",
    says: "Pages of other sites may call this host.",
  },
  {
    name: "host",
    of: ["App"],
    path: /^spec\.domainNames(?:$|\[\d+\]$)/,
    when: ({ to }) => to !== undefined,
    effect: "exposure",
    says: "One more host is on the internet.",
  },
  {
    name: "unhost",
    of: ["App"],
    path: /^spec\.domainNames(?:$|\[\d+\]$)/,
    when: ({ to }) => to === undefined,
    effect: "downtime",
    says: "The host is taken off the internet.",
  },
  {
    name: "no-vpc",
    of: ["App"],
    path: /^spec\.vpcs(?:$|\[\d+\]$)/,
    when: goes,
    effect: "downtime",
    refused: true,
    says: "Its services do not reach the private network any more, so no database either.",
  },
  {
    name: "hsts",
    of: ["App", "Service", "ServiceConfig"],
    path: /secureHeader|Strict-Transport-Security/i,
    when: goes,
    effect: "exposure",
    says: "Browsers may be led back to plain HTTP.",
  },
  {
    name: "port",
    of: ["Service"],
    path: /^endpointSpec\.ports\b/,
    when: ({ to }) => to !== undefined,
    effect: "exposure",
    says: "The host answers at one more port.",
  },
  {
    name: "publish",
    of: ["Repository"],
    path: /^visibility$/,
    when: ({ to }) => to === "public",
    effect: "exposure",
    says: "Everybody can read all commits, issues and logs of workflows; what was copied stays out there.",
  },
  {
    name: "pages",
    of: ["Repository"],
    path: /^pages\b/,
    when: ({ to }) => to !== undefined,
    effect: "exposure",
    says: "Files of it are published as a site.",
  },
  {
    name: "write",
    of: ["RepositoryDeployKey"],
    path: /^readOnly$/,
    when: ({ to }) => to === false,
    effect: "exposure",
    says: "The key may push.",
  },
  { name: "rights", of: ["TeamRepository"], path: /^permission$/, when: always, effect: "exposure", says: "What the team may do changes." },
  {
    name: "actions",
    of: ["ActionsRepositoryPermissions"],
    path: /^(?:allowedActions|allowedActionsConfig\b.*|shaPinningRequired|enabled)$/,
    when: ({ to, path }) => (path === "shaPinningRequired" ? to !== true : to !== "none"),
    effect: "exposure",
    says: "Workflows may use other actions than before.",
  },
  {
    name: "token",
    of: ["WorkflowRepositoryPermissions"],
    path: /./,
    when: ({ to }) => to === "write" || to === true,
    effect: "exposure",
    says: "The token of workflows may do more.",
  },

  // What held something.
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
      goes(change) || (typeof change.to === "number" && less(change)) || (/allowedMergeMethods/.test(change.path) && added(change)),
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
        : goes(change) || (typeof change.to === "number" && /waitTimer/.test(change.path) && less(change)),
    effect: "protection removed",
    says: "What held a deploy back is taken away.",
  },
  {
    name: "refs",
    of: ["RepositoryEnvironmentDeploymentPolicy"],
    path: /Pattern$/,
    when: always,
    effect: "protection removed",
    says: "Other branches or tags than before may deploy and read its secrets.",
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
    path: /(?:instanceCount|minInstanceCount)$/,
    when: (change, step) => less(change) && replicas(step, change.path) < 2,
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

  // What stops for a while.
  {
    name: "restart",
    of: ["App"],
    path: /^spec\.(?:services|workers)\[\d+\]/,
    when: ({ path }, step) => replicas(step, path) < 2,
    effect: "downtime",
    says: "It is deployed anew with one instance: App Platform starts the new one first, and requests that are running at the switch may fail.",
  },
  {
    name: "region",
    of: ["App"],
    path: /^spec\.region$/,
    when: always,
    effect: "downtime",
    refused: true,
    says: "It moves to another region, away from its private network.",
  },
  {
    name: "stop-first",
    of: ["Service"],
    path: /^updateConfig\.order$/,
    when: ({ to }) => to !== "start-first",
    effect: "downtime",
    says: "The old instance stops before the new one starts, from the next update on.",
  },
  {
    name: "maintenance",
    of: ["DatabaseCluster"],
    path: /^maintenanceWindows\b/,
    when: always,
    effect: "removal",
    says: "The cloud may restart it for updates at another time.",
  },
  {
    name: "settings",
    of: ["DatabasePostgresqlConfig", "DatabaseValkeyConfig"],
    path: /./,
    when: ({ path }) => path !== "persistence",
    effect: "downtime",
    says: "Some settings restart the engine; which, is said with them.",
  },
  {
    name: "record",
    of: ["DnsRecord"],
    path: /^(?:value|type|name)$/,
    when: always,
    effect: "downtime",
    says: "The host leads somewhere else; resolvers remember the former place for a while.",
  },
];
