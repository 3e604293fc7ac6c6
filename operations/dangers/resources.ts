import type { PlannedStep } from "../plan.ts";
import { onlyPublic } from "./policies.ts";

/** In which way something hurts; worst first. */
export const effects = ["data loss", "exposure", "protection removed", "downtime", "removal"] as const;
export type Effect = (typeof effects)[number];

/** What it means that a resource goes, or that another one takes its place. */
export interface Consequence {
  /** What people call it. */
  readonly noun: string;
  readonly deleted: Fate;
  /** Left out: as if it were deleted, since the new one has nothing of the old. */
  readonly replaced?: Fate;
}

/** What then happens; undefined: nothing that anybody would notice. */
export type Fate = { readonly effect: Effect; readonly says: string; readonly refused?: true } | undefined;

const fate = (effect: Effect, says: string): Fate => ({ effect, says });
/** … and production refuses it whatever its effect is. */
const refused = (effect: Effect, says: string): Fate => ({ effect, says, refused: true });
const unwatched = fate("protection removed", "Nobody is told any more when it happens.");
const unread = fate("downtime", "Workflows that read it fail from then on.");
const alias = fate("downtime", "Its host does not resolve until the record stands again, and for as long as resolvers remember.");
const made = fate("downtime", "What the former value signed or encrypted is void from then on.");
/** Of files that were public. */
export const unreadable = "Without a key their addresses answer 403 from then on; a CDN's do once its copies are old.";
const harmless = { noun: "", deleted: undefined };

/** A ruleset of tags holds no pushes to branches. */
const tagRuleset: Consequence = {
  noun: "ruleset",
  deleted: fate("protection removed", "Whoever may write can make, move or delete the tags that it held, those of releases too."),
};

/** A policy that only lets everybody read denied nobody anything. */
const publicPolicy = (resources: string): Consequence => ({
  noun: "bucket policy",
  deleted: fate("downtime", `No longer for everybody: ${resources}. ${unreadable}`),
});

/** What it means that this one goes; undefined: nobody here knows its type. */
export function consequenceOf({ token, before, after }: Pick<PlannedStep, "token" | "before" | "after">): Consequence | undefined {
  if (token.endsWith(":RepositoryRuleset") && (before ?? after)?.["target"] === "tag") return tagRuleset;
  const isPublic = token.endsWith(":SpacesBucketPolicy") ? onlyPublic(before?.["policy"]) : undefined;
  if (isPublic !== undefined) return publicPolicy(isPublic);
  return consequences[token];
}

/** Every type that a program of ours registers, by its token. */
export const consequences: Readonly<Record<string, Consequence>> = {
  "digitalocean:index/databaseCluster:DatabaseCluster": {
    noun: "database cluster",
    deleted: fate("data loss", "All its data is deleted, and its backups with it."),
    replaced: fate("data loss", "An empty cluster takes its place; all data is deleted with the old one, and its backups too."),
  },
  "digitalocean:index/databaseDb:DatabaseDb": { noun: "database", deleted: fate("data loss", "All its tables are deleted.") },
  "digitalocean:index/databaseReplica:DatabaseReplica": {
    noun: "read replica",
    deleted: fate("downtime", "Whoever reads from it is cut off."),
    replaced: fate("downtime", "Whoever reads from it is cut off until the new one has caught up, under another address."),
  },
  "digitalocean:index/databaseUser:DatabaseUser": {
    noun: "database user",
    deleted: fate("downtime", "Whoever logs in as it is refused."),
    replaced: fate("downtime", "It gets another password; whoever has the old one is refused until it is deployed anew."),
  },
  "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool": {
    noun: "connection pool",
    deleted: fate("downtime", "Whoever connects through it is refused."),
    replaced: fate("downtime", "Its clients are cut off for a moment."),
  },
  "digitalocean:index/databaseFirewall:DatabaseFirewall": {
    noun: "database firewall",
    deleted: fate("exposure", "Without its rules the database answers the whole internet."),
    replaced: fate("exposure", "Between the old and the new one the database answers the whole internet."),
  },
  "digitalocean:index/databasePostgresqlConfig:DatabasePostgresqlConfig": { noun: "database settings", deleted: undefined },
  "digitalocean:index/databaseValkeyConfig:DatabaseValkeyConfig": { noun: "cache settings", deleted: undefined },
  "digitalocean:index/spacesBucket:SpacesBucket": {
    noun: "bucket",
    deleted: fate("data loss", "All its files are deleted."),
    replaced: fate("data loss", "An empty bucket takes its place; all files are deleted with the old one."),
  },
  "digitalocean:index/spacesBucketPolicy:SpacesBucketPolicy": {
    noun: "bucket policy",
    deleted: fate("exposure", "What the policy denied is decided by the bucket's keys and ACL alone."),
  },
  "digitalocean:index/spacesBucketCorsConfiguration:SpacesBucketCorsConfiguration": {
    noun: "CORS rules of a bucket",
    deleted: fate("downtime", "Pages of other sites cannot read from the bucket."),
    replaced: undefined,
  },
  "digitalocean:index/spacesKey:SpacesKey": {
    noun: "bucket key",
    deleted: fate("downtime", "Whoever still uses it is refused."),
  },
  "digitalocean:index/cdn:Cdn": { noun: "CDN", deleted: fate("downtime", "Its addresses stop to answer.") },
  "digitalocean:index/certificate:Certificate": {
    noun: "certificate",
    deleted: fate("downtime", "Hosts that use it answer without TLS that browsers take."),
    replaced: undefined,
  },
  "digitalocean:index/containerRegistry:ContainerRegistry": {
    noun: "container registry",
    deleted: fate("data loss", "All its images are deleted, those of former releases too."),
  },
  "digitalocean:index/domain:Domain": {
    noun: "DNS zone",
    deleted: fate("data loss", "All its records are deleted: no host of any environment resolves."),
  },
  "digitalocean:index/dnsRecord:DnsRecord": { noun: "DNS record", deleted: alias },
  "digitalocean:index/app:App": {
    noun: "App",
    deleted: refused("downtime", "All its services stop."),
    replaced: refused("downtime", "All its services stop until the new one is up, which gets other addresses."),
  },
  "digitalocean:index/vpc:Vpc": {
    noun: "private network",
    deleted: fate("downtime", "Nothing that lived in it reaches the rest."),
    replaced: fate("data loss", "Everything that lives in it is replaced with it, databases too."),
  },
  "digitalocean:index/project:Project": { noun: "project", deleted: undefined },
  "digitalocean:index/projectResources:ProjectResources": { noun: "project's list", deleted: undefined },
  "digitalocean:index/monitorAlert:MonitorAlert": { noun: "alert", deleted: unwatched, replaced: undefined },
  "digitalocean:index/uptimeCheck:UptimeCheck": { noun: "uptime check", deleted: unwatched, replaced: undefined },
  "digitalocean:index/uptimeAlert:UptimeAlert": { noun: "alert", deleted: unwatched, replaced: undefined },

  "docker:index/service:Service": {
    noun: "service",
    deleted: fate("downtime", "It stops."),
    replaced: refused("downtime", "It is removed before the new one starts: it answers nobody until that is healthy."),
  },
  "docker:index/volume:Volume": {
    noun: "volume",
    deleted: fate("data loss", "All data on it is deleted."),
    replaced: fate("data loss", "An empty volume takes its place; all data is deleted with the old one."),
  },
  "docker:index/network:Network": { noun: "network", deleted: fate("downtime", "The services in it do not reach each other.") },
  // A job's container, and what a generation or a content names: they come and go with each change.
  "docker:index/container:Container": harmless,
  "docker:index/secret:Secret": harmless,
  "docker:index/serviceConfig:ServiceConfig": harmless,

  "github:index/repository:Repository": {
    noun: "repository",
    deleted: fate("data loss", "All its branches, issues, pull requests and releases are deleted."),
  },
  "github:index/repositoryRuleset:RepositoryRuleset": {
    noun: "ruleset",
    deleted: fate("protection removed", "Whoever may write can push and merge past reviews and checks."),
  },
  "github:index/repositoryEnvironment:RepositoryEnvironment": {
    noun: "GitHub environment",
    deleted: fate("protection removed", "Its reviewers and its secrets are deleted."),
  },
  "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy": {
    noun: "deployment policy",
    deleted: fate("downtime", "What it let deploy is refused."),
    replaced: undefined,
  },
  "github:index/branch:Branch": { noun: "branch", deleted: fate("data loss", "Commits that stand on it alone are lost.") },
  "github:index/branchDefault:BranchDefault": { noun: "default branch", deleted: undefined },
  "github:index/actionsSecret:ActionsSecret": { noun: "secret of workflows", deleted: unread, replaced: undefined },
  "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": { noun: "secret of workflows", deleted: unread, replaced: undefined },
  "github:index/actionsVariable:ActionsVariable": { noun: "variable of workflows", deleted: unread, replaced: undefined },
  "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable": {
    noun: "variable of workflows",
    deleted: unread,
    replaced: undefined,
  },
  "github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions": {
    noun: "limits of workflows",
    deleted: fate("exposure", "Workflows may use every action there is."),
  },
  "github:index/workflowRepositoryPermissions:WorkflowRepositoryPermissions": {
    noun: "limits of workflows",
    deleted: fate("exposure", "The token of workflows may write whatever the account's default allows."),
  },
  "github:index/repositoryDependabotSecurityUpdates:RepositoryDependabotSecurityUpdates": {
    noun: "security updates",
    deleted: fate("protection removed", "Nobody proposes updates of dependencies with known holes."),
    replaced: undefined,
  },
  "github:index/repositoryVulnerabilityAlerts:RepositoryVulnerabilityAlerts": {
    noun: "vulnerability alerts",
    deleted: fate("protection removed", "Nobody is told of dependencies with known holes."),
    replaced: undefined,
  },
  "github:index/repositoryDeployKey:RepositoryDeployKey": { noun: "deploy key", deleted: fate("downtime", "Whoever uses it is refused.") },
  "github:index/teamRepository:TeamRepository": { noun: "team's access", deleted: fate("removal", "The team loses its access.") },
  "github:index/repositoryFile:RepositoryFile": { noun: "file", deleted: fate("removal", "The file leaves the branch.") },
  "github:index/issueLabel:IssueLabel": harmless,
  "github:index/issueLabels:IssueLabels": harmless,
  "github:index/repositoryTopics:RepositoryTopics": harmless,

  "random:index/randomPassword:RandomPassword": { noun: "generated secret", deleted: made },
  "random:index/randomBytes:RandomBytes": { noun: "generated secret", deleted: made },
  "random:index/randomString:RandomString": { noun: "generated value", deleted: made },
  "random:index/randomUuid:RandomUuid": { noun: "generated value", deleted: made },
  "random:index/randomId:RandomId": { noun: "generated value", deleted: made },
  "random:index/randomInteger:RandomInteger": { noun: "generated value", deleted: made },
};
