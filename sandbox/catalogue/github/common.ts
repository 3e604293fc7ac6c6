import { createHash } from "node:crypto";
import type { CloudObject, Properties } from "../../cloud/store.ts";
import { text } from "../values.ts";
import type { CloudContext, Rule } from "../kind.ts";
import { accountOf } from "./account.ts";

const token = (name: string): string => `github:index/${name.slice(0, 1).toLowerCase()}${name.slice(1)}:${name}`;

export const types = {
  actionsPermissions: token("ActionsRepositoryPermissions"),
  alerts: token("RepositoryVulnerabilityAlerts"),
  branch: token("Branch"),
  branchDefault: token("BranchDefault"),
  deployKey: token("RepositoryDeployKey"),
  environment: token("RepositoryEnvironment"),
  environmentSecret: token("ActionsEnvironmentSecret"),
  environmentVariable: token("ActionsEnvironmentVariable"),
  label: token("IssueLabel"),
  labels: token("IssueLabels"),
  securityUpdates: token("RepositoryDependabotSecurityUpdates"),
  teamRepository: token("TeamRepository"),
  topics: token("RepositoryTopics"),
  workflowPermissions: token("WorkflowRepositoryPermissions"),
  file: token("RepositoryFile"),
  policy: token("RepositoryEnvironmentDeploymentPolicy"),
  repository: token("Repository"),
  ruleset: token("RepositoryRuleset"),
  secret: token("ActionsSecret"),
  variable: token("ActionsVariable"),
} as const;

/** The plugin adds nothing to what the API says. */
export const failed = { create: "", update: "", delete: "", read: "" } as const;

export const repositoryName: Rule = {
  match: "^[-a-zA-Z0-9_.]{1,100}$",
  words: "must include only alphanumeric characters, underscores or hyphens and consist of 100 characters or less",
};

/** Refuses as GitHub's client reports it. `errors` are the details of a 422. */
export function refuse(cloud: CloudContext, method: string, path: string, status: number, message: string, errors = ""): never {
  return cloud.refuse(`${method} https://api.github.com${path}`, status, `${message} [${errors}]`);
}

/** One detail of a 422, as the client prints it. */
export const detail = (resource: string, field: string, message: string, code = "custom"): string =>
  `{Resource:${resource} Field:${field} Code:${code} Message:${message}}`;

/** A repository's address; the owner is the provider's. */
export const path = (cloud: CloudContext, repository: unknown): string => `/repos/${accountOf(cloud).id}/${text(repository)}`;

/** A repository by its name, whatever its letters' case; also by a name that it had, since the API forwards that. */
export function findRepository(cloud: CloudContext, name: unknown): CloudObject | undefined {
  const owner = accountOf(cloud).id;
  const wanted = text(name).toLowerCase();
  const all = cloud.store.list(types.repository).filter(({ outputs }) => text(outputs.fullName).startsWith(`${owner}/`));
  return all.find(({ outputs }) => text(outputs.name).toLowerCase() === wanted) ?? all.find(({ id }) => id.toLowerCase() === wanted);
}

/** The repository that a request is about; one that does not exist, or is archived and to be changed, is refused. */
export function repositoryOf(cloud: CloudContext, name: unknown, request: { readonly method: string; readonly path: string }): CloudObject {
  const found = findRepository(cloud, name);
  if (!found) return refuse(cloud, request.method, request.path, 404, "Not Found");
  if (request.method !== "GET" && found.outputs.archived === true)
    refuse(cloud, request.method, request.path, 403, "Repository was archived so is read-only.");
  return found;
}

/** What is in a repository. */
export const childrenOf = (cloud: CloudContext, type: string, repository: CloudObject): CloudObject[] =>
  cloud.store.list(type).filter(({ outputs }) => outputs.repositoryId === repository.outputs.repoId);

/** Changes what a repository holds beside what the change itself returns. */
export function changeRepository(cloud: CloudContext, repository: CloudObject, change: Properties): void {
  const now = cloud.store.get(types.repository, repository.id) ?? repository;
  const outputs = { ...now.outputs, ...change };
  cloud.store.put({ ...now, outputs: { ...outputs, etag: etag(outputs) } });
}

/** Changes with the content only, as an ETag does. */
export const etag = (outputs: Properties): string => `W/"${digest({ ...outputs, etag: undefined })}"`;

const hash = (algorithm: string, value: unknown): string => createHash(algorithm).update(JSON.stringify(value)).digest("hex");
export const digest = (value: unknown): string => hash("sha256", value);
export const sha1 = (...value: unknown[]): string => hash("sha1", value);

/** A number as GitHub gives them, different for everything. */
export const number = (cloud: CloudContext, ...purpose: (string | number)[]): number =>
  100_000_000 + (cloud.store.derive("number", ...purpose, cloud.store.next(["number", ...purpose].join(" "))).readUInt32BE() % 900_000_000);

/** The parts of an id, escaped where they hold its separator. */
export const joinId = (...parts: unknown[]): string =>
  parts.map((part, index) => (index === parts.length - 1 ? text(part) : escape(part))).join(":");

const escape = (part: unknown): string => text(part).replaceAll(":", "??");
export const unescape = (part: string): string => part.replaceAll("??", ":");

/** An id that a user imports: as many parts as are named, none of them empty. */
export const parts =
  (count: number) =>
  (written: string): string | undefined => {
    const all = written.split(":");
    return all.length >= count && all.every((part) => part !== "") ? written : undefined;
  };
