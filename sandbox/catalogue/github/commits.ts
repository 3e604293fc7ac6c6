import { createHash } from "node:crypto";
import type { CloudObject, Properties } from "../../cloud/store.ts";
import type { CloudContext } from "../kind.ts";
import { changeRepository, childrenOf, etag, joinId, sha1, types } from "./common.ts";

/** One commit as a branch lists it, newest first. */
export interface Commit {
  readonly sha: string;
  readonly message: string;
  readonly author: string;
  readonly email: string;
  /** The files that it wrote or removed. */
  readonly files: readonly string[];
  /** Whether it starts workflows. */
  readonly runs: boolean;
}

/** What keeps a commit from starting workflows. Source: GitHub's documentation, "Skipping workflow runs". */
const skips = /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/;

interface Change {
  readonly message: string;
  readonly author?: string | undefined;
  readonly email?: string | undefined;
  /** Path → content; undefined removes. */
  readonly files: Readonly<Record<string, string | undefined>>;
}

/** The number that git gives a file's content. */
export const blobSha = (content: string): string =>
  createHash("sha1")
    .update(`blob ${Buffer.byteLength(content)}\0${content}`)
    .digest("hex");

export const findBranch = (cloud: CloudContext, repository: CloudObject, branch: unknown): CloudObject | undefined =>
  childrenOf(cloud, types.branch, repository).find(({ outputs }) => outputs.branch === branch);

export const findFile = (cloud: CloudContext, repository: CloudObject, branch: unknown, file: unknown): CloudObject | undefined =>
  childrenOf(cloud, types.file, repository).find(({ outputs }) => outputs.branch === branch && outputs.file === file);

/** Puts one commit on a branch, which it makes where there is none. */
export function commit(cloud: CloudContext, repository: CloudObject, branch: string, { message, author, email, files }: Change): Commit {
  const now = findBranch(cloud, repository, branch);
  const made: Commit = {
    sha: sha1(now?.outputs.sha ?? repository.outputs.repoId, message, files, cloud.store.next(`commit ${repository.id}`)),
    message,
    author: author ?? "GitHub",
    email: email ?? "noreply@github.com",
    files: Object.keys(files),
    runs: !skips.test(message),
  };
  putBranch(cloud, repository, branch, [made, ...((now?.outputs.commits as Commit[] | undefined) ?? [])], now);
  for (const [path, content] of Object.entries(files)) {
    const known = findFile(cloud, repository, branch, path);
    if (content === undefined) {
      if (known) cloud.store.remove(types.file, known.id);
    } else putFile(cloud, repository, branch, path, { content, commit: made }, known);
  }
  return made;
}

/** Makes a branch of another one's commits and files. */
export function branchOff(
  cloud: CloudContext,
  repository: CloudObject,
  branch: string,
  source: CloudObject | undefined,
  sha: string,
): CloudObject {
  const commits = (source?.outputs.commits as Commit[] | undefined) ?? [];
  const from = commits.findIndex((one) => one.sha === sha);
  const made = putBranch(cloud, repository, branch, from < 0 ? commits : commits.slice(from));
  for (const { outputs } of source ? childrenOf(cloud, types.file, repository) : [])
    if (outputs.branch === source?.outputs.branch)
      putFile(cloud, repository, branch, String(outputs.file), { content: String(outputs.content), commit: commits[0] });
  return made;
}

/** Gives a branch another name, and what refers to it. */
export function renameBranch(cloud: CloudContext, repository: CloudObject, branch: CloudObject, name: string): CloudObject {
  for (const file of childrenOf(cloud, types.file, repository))
    if (file.outputs.branch === branch.outputs.branch) cloud.store.put({ ...file, outputs: { ...file.outputs, branch: name, ref: name } });
  if (repository.outputs.defaultBranch === branch.outputs.branch) changeRepository(cloud, repository, { defaultBranch: name });
  return putBranch(cloud, repository, name, branch.outputs.commits as Commit[], branch);
}

function putBranch(
  cloud: CloudContext,
  repository: CloudObject,
  branch: string,
  commits: readonly Commit[],
  now?: CloudObject,
): CloudObject {
  const id = now?.id ?? joinId(repository.id, branch);
  const content: Properties = {
    ...now?.outputs,
    id,
    repository: repository.name,
    repositoryId: repository.outputs.repoId,
    branch,
    ref: `refs/heads/${branch}`,
    sha: commits[0]?.sha ?? "",
    commits,
  };
  const object = {
    id,
    provider: "github",
    type: types.branch,
    name: branch,
    inputs: now?.inputs ?? {},
    outputs: { ...content, etag: etag(content) },
  };
  cloud.store.put(object);
  return object;
}

function putFile(
  cloud: CloudContext,
  repository: CloudObject,
  branch: string,
  file: string,
  { content, commit }: { readonly content: string; readonly commit: Commit | undefined },
  now?: CloudObject,
): void {
  const id = now?.id ?? joinId(repository.id, file, branch);
  const outputs: Properties = {
    ...now?.outputs,
    id,
    repository: repository.name,
    repositoryId: repository.outputs.repoId,
    branch,
    file,
    content,
    ref: branch,
    sha: blobSha(content),
    commitSha: commit?.sha ?? "",
    commitMessage: commit?.message ?? "",
  };
  cloud.store.put({ id, provider: "github", type: types.file, name: file, inputs: now?.inputs ?? {}, outputs });
}
