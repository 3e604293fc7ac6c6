import type { CloudObject, Properties } from "../../cloud/store.ts";
import { text } from "../values.ts";
import type { CloudContext, Kinds } from "../kind.ts";
import { accountOf } from "./account.ts";
import { blobSha, branchOff, type Commit, commit, findBranch, findFile, renameBranch } from "./commits.ts";
import {
  changeRepository,
  childrenOf,
  detail,
  failed,
  findRepository,
  joinId,
  parts,
  path,
  refuse,
  repositoryOf,
  types,
  unescape,
} from "./common.ts";
import { refuseByRules } from "./ruleset.ts";

const isBranchName = (name: string): boolean =>
  /^(?![/-])(?!.*(?:\.\.|\/\/|@\{))[^\s~^:?*[\\]+(?<![/.])$/.test(name) && !name.endsWith(".lock");

/** The commit that a branch starts from. */
function sourceOf(cloud: CloudContext, repository: CloudObject, inputs: Properties): { source: CloudObject | undefined; sha: string } {
  if (inputs.sourceSha !== undefined) {
    const sha = text(inputs.sourceSha);
    const source = childrenOf(cloud, types.branch, repository).find(({ outputs }) =>
      (outputs.commits as Commit[]).some((one) => one.sha === sha),
    );
    if (!source) refuse(cloud, "POST", `${path(cloud, repository.name)}/git/refs`, 422, "Object does not exist");
    return { source, sha };
  }
  const source = findBranch(cloud, repository, inputs.sourceBranch);
  if (!source) {
    const where = `${path(cloud, repository.name)}/git/ref/heads/${text(inputs.sourceBranch)}`;
    if (childrenOf(cloud, types.branch, repository).length === 0) refuse(cloud, "GET", where, 409, "Git Repository is empty.");
    refuse(cloud, "GET", where, 404, "Not Found");
  }
  return { source, sha: text(source.outputs.sha) };
}

/** The default branch is a part of the repository. */
function setDefault(cloud: CloudContext, inputs: Properties, prior?: Properties): CloudObject {
  const where = path(cloud, inputs.repository);
  const repository = repositoryOf(cloud, inputs.repository, { method: "PATCH", path: where });
  const [now, wanted] = [text(repository.outputs.defaultBranch), text(inputs.branch)];
  if (now === wanted && prior === undefined) return repository;
  if (inputs.rename === true && now !== wanted) {
    const source = findBranch(cloud, repository, now);
    if (!source) refuse(cloud, "POST", `${where}/branches/${now}/rename`, 404, "Not Found");
    renameBranch(cloud, repository, source, wanted);
  } else if (!findBranch(cloud, repository, wanted)) {
    const message =
      childrenOf(cloud, types.branch, repository).length === 0
        ? "Cannot update default branch for an empty repository. Please init the repository and push first."
        : `The branch ${wanted} was not found. Please push that ref first or create it via the Git Data API.`;
    refuse(cloud, "PATCH", where, 422, "Validation Failed", detail("Repository", "default_branch", message, "invalid"));
  }
  changeRepository(cloud, repository, { defaultBranch: wanted });
  return repository;
}

/** The repository and the branch that a file is on. */
function placeOf(cloud: CloudContext, inputs: Properties): { repository: CloudObject; branch: string; where: string } {
  const repository = repositoryOf(cloud, inputs.repository, { method: "GET", path: path(cloud, inputs.repository) });
  const where = `${path(cloud, inputs.repository)}/contents/${text(inputs.file)}`;
  if (repository.outputs.archived === true) refuse(cloud, "PUT", where, 403, "Repository was archived so is read-only.");
  return { repository, branch: text(inputs.branch ?? repository.outputs.defaultBranch), where };
}

/** A commit that changes one file; `sha` is the content that whoever asks believes to be there. */
function write(
  cloud: CloudContext,
  { repository, branch, where }: ReturnType<typeof placeOf>,
  inputs: Properties,
  { method, sha, message, content }: { method: string; sha: unknown; message: string; content: string | undefined },
): Commit {
  const file = text(inputs.file);
  const now = findFile(cloud, repository, branch, file);
  if (!now && content === undefined) refuse(cloud, method, where, 404, "Not Found");
  if (now && now.outputs.sha !== sha) refuse(cloud, method, where, 409, `${file} does not match ${text(sha)}`);
  const author = inputs.commitAuthor === undefined || inputs.commitAuthor === null ? undefined : text(inputs.commitAuthor);
  const email = author === undefined ? undefined : text(inputs.commitEmail);
  refuseByRules(cloud, repository, branch, {
    method,
    where,
    status: 409,
    action: "update",
    commit: { message, signed: author === undefined, files: [file] },
  });
  return commit(cloud, repository, branch, { message, author, email, files: { [file]: content } });
}

const fileOutputs = (made: Commit, content: unknown, branch: string): Properties => ({
  commitMessage: made.message,
  commitSha: made.sha,
  ref: branch,
  sha: blobSha(text(content)),
});

const git = {
  create: "error creating GitHub branch reference",
  update: "error renaming GitHub branch",
  delete: "error deleting GitHub branch reference",
  read: "",
};

export const contents: Kinds = {
  [types.branch]: {
    failed: git,
    request: { collection: "https://api.github.com/repos/{owner}/{repository}/git/refs/heads" },
    defaults: { sourceBranch: "main" },
    deletesOnce: true,
    importId: (written) => parts(2)(written) && written.split(":").slice(0, 2).join(":"),
    importForm: "<repository>:<branch> or <repository>:<branch>:<source branch>",
    create(cloud, inputs) {
      const where = `${path(cloud, inputs.repository)}/git/refs`;
      const repository = repositoryOf(cloud, inputs.repository, { method: "POST", path: where });
      const { source, sha } = sourceOf(cloud, repository, inputs);
      const name = text(inputs.branch);
      if (!isBranchName(name)) refuse(cloud, "POST", where, 422, `refs/heads/${name} is not a valid ref name.`);
      // One that stands is taken over as it is; the plugin passes over the API's refusal.
      const known = findBranch(cloud, repository, name);
      if (!known) refuseByRules(cloud, repository, name, { method: "POST", where, status: 422, action: "create" });
      const { id, outputs } = known ?? branchOff(cloud, repository, name, source, sha);
      const { etag, ref, sha: head, commits, repositoryId } = outputs;
      return { id, name, outputs: { etag, ref, sha: head, sourceSha: sha }, beside: { commits, repositoryId } };
    },
    update(cloud, object, inputs) {
      const where = `${path(cloud, inputs.repository)}/branches/${text(object.outputs.branch)}/rename`;
      const repository = repositoryOf(cloud, inputs.repository, { method: "POST", path: where });
      const name = text(inputs.branch);
      if (name !== object.outputs.branch && findBranch(cloud, repository, name))
        refuse(cloud, "POST", where, 422, "New branch already exists");
      const { etag, ref, sha } = renameBranch(cloud, repository, object, name).outputs;
      return { etag, ref, sha };
    },
    read: (found, prior) => ({ ...found, sourceBranch: prior?.sourceBranch ?? "main", sourceSha: prior?.sourceSha ?? null }),
    delete(cloud, object) {
      const where = `${path(cloud, object.outputs.repository)}/git/refs/heads/${text(object.outputs.branch)}`;
      const repository = repositoryOf(cloud, object.outputs.repository, { method: "DELETE", path: where });
      if (repository.outputs.defaultBranch === object.outputs.branch)
        refuse(cloud, "DELETE", where, 422, "Cannot delete the default branch");
      refuseByRules(cloud, repository, text(object.outputs.branch), { method: "DELETE", where, status: 422, action: "delete" });
      for (const { id, outputs } of childrenOf(cloud, types.file, repository))
        if (outputs.branch === object.outputs.branch) cloud.store.remove(types.file, id);
    },
  },
  [types.branchDefault]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}" },
    absent: { rename: false, waitForRename: false },
    view(cloud, id, prior) {
      const found = findRepository(cloud, prior?.repository ?? id);
      if (!found) return undefined;
      const { defaultBranch: branch, etag, repoId: repositoryId } = found.outputs;
      const { rename = false, waitForRename = false } = prior ?? {};
      return { branch, etag, rename, repository: prior?.repository ?? found.name, repositoryId, waitForRename };
    },
    create(cloud, inputs) {
      const { name, outputs } = setDefault(cloud, inputs);
      return { id: text(inputs.repository), name, outputs: { etag: outputs.etag, repositoryId: outputs.repoId } };
    },
    update(cloud, _object, inputs, prior) {
      const { outputs } = setDefault(cloud, inputs, prior);
      return { etag: outputs.etag, repositoryId: outputs.repoId };
    },
    // Nothing is taken back.
  },
  [types.file]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}/{repository}/contents" },
    together: [
      [
        { path: "commitAuthor", own: "commit_author" },
        { path: "commitEmail", own: "commit_email" },
      ],
    ],
    deletesOnce: true,
    importId(written, cloud) {
      const [repository = "", file = "", ...branch] = written.split(":");
      if (repository === "" || file === "" || branch.length === 0) return undefined;
      const name = branch.join(":") || text(findRepository(cloud, repository)?.outputs.defaultBranch ?? "");
      return joinId(repository, unescape(file), name);
    },
    importForm: "<repository>:<file>:<branch> or <repository>:<file>:",
    create(cloud, inputs) {
      const place = placeOf(cloud, inputs);
      const { repository, branch } = place;
      const isEmpty = childrenOf(cloud, types.branch, repository).length === 0;
      if (!findBranch(cloud, repository, branch) && !(isEmpty && branch === repository.outputs.defaultBranch)) {
        if (inputs.autocreateBranch !== true)
          throw new Error(
            `branch ${branch} not found in repository ${accountOf(cloud).id}/${repository.name} or repository is not readable`,
          );
        const { source, sha } = sourceOf(cloud, repository, {
          sourceSha: inputs.autocreateBranchSourceSha,
          sourceBranch: inputs.autocreateBranchSourceBranch ?? "main",
        });
        branchOff(cloud, repository, branch, source, sha);
      }
      const now = findFile(cloud, repository, branch, inputs.file);
      if (now && inputs.overwriteOnCreate !== true)
        throw new Error("refusing to overwrite existing file: configure `overwrite_on_create` to `true` to override");
      const message = text(inputs.commitMessage ?? `Add ${text(inputs.file)}`);
      const made = write(cloud, place, inputs, { method: "PUT", sha: now?.outputs.sha, message, content: text(inputs.content) });
      return {
        id: joinId(inputs.repository, inputs.file, branch),
        name: text(inputs.file),
        outputs: { ...fileOutputs(made, inputs.content, branch), branch, repositoryId: repository.outputs.repoId },
      };
    },
    update(cloud, _object, inputs, prior) {
      const place = placeOf(cloud, { branch: prior.branch, ...inputs });
      const known = text(inputs.commitMessage ?? prior.commitMessage);
      const message = known === `Add ${text(inputs.file)}` ? `Update ${text(inputs.file)}` : known;
      const made = write(cloud, place, inputs, { method: "PUT", sha: prior.sha, message, content: text(inputs.content) });
      return fileOutputs(made, inputs.content, place.branch);
    },
    read(found, prior) {
      // Who wrote it and why is looked up by the commit that the state knows, whatever came after it.
      const known = ["autocreateBranch", "commitAuthor", "commitEmail", "commitMessage", "commitSha", "overwriteOnCreate"] as const;
      if (prior) return { ...found, ...Object.fromEntries(known.map((name) => [name, prior[name]])) };
      return { ...found, commitAuthor: null, commitEmail: null, overwriteOnCreate: false };
    },
    byHand: (outputs) => ({ ...outputs, sha: blobSha(text(outputs.content)) }),
    delete(cloud, object, prior) {
      const place = placeOf(cloud, { ...prior, branch: prior.branch ?? object.outputs.branch });
      const known = text(prior.commitMessage);
      const message = known === `Add ${text(prior.file)}` ? `Delete ${text(prior.file)}` : known;
      write(cloud, place, prior, { method: "DELETE", sha: prior.sha, message, content: undefined });
    },
  },
};
