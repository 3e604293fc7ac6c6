import type { CloudObject, Properties } from "../../cloud/store.ts";
import { isPresent, text } from "../values.ts";
import type { CloudContext, Lookups } from "../kind.ts";
import { accountOf, planOf, teamOf, userOf } from "./account.ts";
import { childrenOf, findRepository, joinId, path, refuse, repositoryOf, types } from "./common.ts";
import { findEnvironment, policiesOf } from "./environment.ts";
import { restApi } from "./rest.ts";
import { isProtected } from "./ruleset.ts";

const token = (name: string): string => `github:index/${name}:${name}`;

/** A repository is asked for by its name, or by its owner's name and its own. */
function named(args: Properties): string {
  const name = args.name ?? text(args.fullName ?? "").split("/")[1];
  if (name === undefined || name === "") throw new Error('one of "full_name" or "name" has to be provided');
  return text(name);
}

const required = (cloud: CloudContext, name: unknown): CloudObject => repositoryOf(cloud, name, { method: "GET", path: path(cloud, name) });

const fullName = (cloud: CloudContext, { name }: CloudObject): string => `${accountOf(cloud).id}/${name}`;

/** Secrets by their names and times: no answer has a value. */
const listed = (objects: readonly CloudObject[]): Properties[] =>
  objects.map(({ name, outputs: { createdAt, updatedAt } }) => ({ name, createdAt, updatedAt }));

/** What stands in a repository, or in its resource, and is no part of this answer. */
const untold = new Set([
  ...["actions", "alerts", "labels", "workflows"],
  ...["archiveOnDestroy", "autoInit", "etag", "gitignoreTemplate", "ignoreVulnerabilityAlertsDuringRead", "licenseTemplate"],
  ...["securityAndAnalysis", "sourceOwner", "sourceRepo", "template", "vulnerabilityAlerts", "webCommitSignoffRequired"],
]);

const answers: Readonly<Record<string, (cloud: CloudContext, args: Properties) => Properties>> = {
  getRepository(cloud, args) {
    const found = findRepository(cloud, named(args));
    // One that is not there is no error to the plugin: all it answers is what it was asked.
    if (!found) return { ...args, id: "-" };
    const shown = Object.fromEntries(Object.entries(found.outputs).filter(([name]) => !untold.has(name)));
    return { ...shown, id: found.name, fork: found.outputs.fork === "true", pages: [], repositoryLicenses: [], templates: [] };
  },
  getUser(cloud, { username }) {
    const user = userOf(cloud, text(username));
    if (!user) return refuse(cloud, "GET", `/users/${text(username)}`, 404, "Not Found");
    const texts = ["avatarUrl", "bio", "blog", "company", "email", "gravatarId", "location"];
    const numbers = ["followers", "following", "publicGists", "publicRepos"];
    const since = "2020-01-01 00:00:00 +0000 UTC";
    return {
      ...Object.fromEntries(texts.map((name) => [name, ""])),
      ...Object.fromEntries(numbers.map((name) => [name, 0])),
      createdAt: since,
      gpgKeys: [],
      id: text(user.id),
      login: user.login,
      name: user.login,
      nodeId: Buffer.from(`User:${text(user.id)}`).toString("base64"),
      siteAdmin: false,
      sshKeys: [],
      suspendedAt: "0001-01-01 00:00:00 +0000 UTC",
      updatedAt: since,
      username,
    };
  },
  getTeam(cloud, args) {
    const slug = text(args.slug);
    const team = teamOf(cloud, slug);
    if (!team) return refuse(cloud, "GET", `/orgs/${accountOf(cloud).id}/teams/${slug}`, 404, "Not Found");
    const repositories = cloud.store.list(types.teamRepository).filter(({ id }) => id.startsWith(`${text(team.id)}:`));
    return {
      ...args,
      description: "",
      id: text(team.id),
      members: [],
      name: slug,
      nodeId: Buffer.from(`Team:${text(team.id)}`).toString("base64"),
      notificationSetting: "notifications_enabled",
      permission: "pull",
      privacy: "closed",
      repositories: repositories.map(({ outputs }) => outputs.repository),
      repositoriesDetaileds: [],
    };
  },
  getActionsSecrets(cloud, args) {
    const repository = required(cloud, named(args));
    const secrets = listed(childrenOf(cloud, types.secret, repository));
    return { id: repository.name, name: repository.name, fullName: fullName(cloud, repository), secrets };
  },
  getActionsEnvironmentSecrets(cloud, args) {
    const repository = required(cloud, named(args));
    const where = `/repositories/${text(repository.outputs.repoId)}/environments/${encodeURIComponent(text(args.environment))}/secrets`;
    if (!findEnvironment(cloud, repository, args.environment)) refuse(cloud, "GET", where, 404, "Not Found");
    const all = childrenOf(cloud, types.environmentSecret, repository);
    const secrets = listed(all.filter(({ outputs }) => outputs.environment === args.environment));
    const id = joinId(repository.name, args.environment);
    return { id, name: repository.name, fullName: fullName(cloud, repository), environment: args.environment, secrets };
  },
  getActionsEnvironmentVariables(cloud, args) {
    const repository = required(cloud, named(args));
    const where = `${path(cloud, repository.name)}/environments/${encodeURIComponent(text(args.environment))}/variables`;
    if (!findEnvironment(cloud, repository, args.environment)) refuse(cloud, "GET", where, 404, "Not Found");
    const all = childrenOf(cloud, types.environmentVariable, repository);
    const variables = all
      .filter(({ outputs }) => outputs.environment === args.environment)
      .map(({ name, outputs: { value, createdAt, updatedAt } }) => ({ name, value, createdAt, updatedAt }));
    const id = joinId(repository.name, args.environment);
    return { id, name: repository.name, fullName: fullName(cloud, repository), environment: args.environment, variables };
  },
  getRepositoryEnvironments(cloud, { repository: name }) {
    const repository = required(cloud, name);
    const environments = childrenOf(cloud, types.environment, repository).map((one) => ({
      name: one.name,
      nodeId: Buffer.from(`Environment:${one.id}`).toString("base64"),
    }));
    return { id: repository.name, repository: repository.name, environments };
  },
  getRepositoryBranches(cloud, { repository: name, ...args }) {
    const repository = required(cloud, name);
    const branches = childrenOf(cloud, types.branch, repository)
      .map(({ outputs: { branch } }) => ({ name: text(branch), protected: isProtected(cloud, repository, text(branch)) }))
      .filter(
        (one) => (args.onlyProtectedBranches !== true || one.protected) && (args.onlyNonProtectedBranches !== true || !one.protected),
      );
    return { ...args, id: fullName(cloud, repository), repository: repository.name, branches };
  },
  getRepositoryEnvironmentDeploymentPolicies(cloud, { repository: name, environment: wanted }) {
    const repository = required(cloud, name);
    const environment = findEnvironment(cloud, repository, wanted);
    const where = `${path(cloud, repository.name)}/environments/${encodeURIComponent(text(wanted))}/deployment-branch-policies`;
    if (!environment) return refuse(cloud, "GET", where, 404, "Not Found");
    const policies = policiesOf(cloud, environment).map(({ outputs: { branchPattern, tagPattern } }) => ({
      type: isPresent(branchPattern) ? "branch" : "tag",
      pattern: text(branchPattern ?? tagPattern),
    }));
    return { id: joinId(repository.name, wanted), repository: name, environment: wanted, policies };
  },
  getRestApi: restApi,
  getOrganization(cloud, args) {
    const account = accountOf(cloud);
    if (text(args.name).toLowerCase() !== account.id.toLowerCase())
      return refuse(cloud, "GET", `/orgs/${text(args.name)}`, 404, "Not Found");
    const features = [
      "AdvancedSecurity",
      "DependabotAlerts",
      "DependabotSecurityUpdates",
      "DependencyGraph",
      "SecretScanning",
      "SecretScanningPushProtection",
    ];
    const rights = [
      "InternalRepositories",
      "Pages",
      "PrivatePages",
      "PrivateRepositories",
      "PublicPages",
      "PublicRepositories",
      "Repositories",
    ];
    const own = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1);
    return {
      ...args,
      ...Object.fromEntries(features.map((name) => [`${own(name)}EnabledForNewRepositories`, false])),
      ...Object.fromEntries(
        rights.map((name) => [`membersCanCreate${name}`, name !== "InternalRepositories" || planOf(cloud) === "enterprise"]),
      ),
      defaultRepositoryPermission: "read",
      description: "",
      id: String(cloud.store.derive("account", account.id).readUInt32BE() % 90_000_000),
      login: account.id,
      members: [],
      membersAllowedRepositoryCreationType: "all",
      membersCanForkPrivateRepositories: false,
      name: account.id,
      nodeId: Buffer.from(`Organization:${account.id}`).toString("base64"),
      orgname: account.id,
      plan: planOf(cloud),
      repositories: cloud.store.list(types.repository).map((one) => fullName(cloud, one)),
      twoFactorRequirementEnabled: false,
      users: [],
      webCommitSignoffRequired: false,
    };
  },
};

export const lookups: Lookups = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [token(name), { failed: "", answer }]));
