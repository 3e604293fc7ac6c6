import type { CloudObject, Properties } from "../../cloud/store.ts";
import { text } from "../values.ts";
import type { CloudContext, Kinds } from "../kind.ts";
import { accountOf, planOf } from "./account.ts";
import { commit } from "./commits.ts";
import {
  changeRepository,
  childrenOf,
  detail,
  digest,
  etag,
  failed,
  findRepository,
  number,
  path,
  refuse,
  repositoryName,
  types,
} from "./common.ts";
import { defaultLabels, defaultSettings } from "./defaults.ts";

const statuses = { oneOf: ["enabled", "disabled"] };

/** What the API reads back of what was asked for; what nobody asked for is what a new repository has. */
function settings(inputs: Properties, now: Properties): Properties {
  const given = (name: string, otherwise: unknown): unknown => inputs[name] ?? otherwise;
  const visibility = text(
    inputs.visibility ?? (inputs.private === undefined ? (now.visibility ?? "public") : inputs.private ? "private" : "public"),
  );
  return {
    ...Object.fromEntries(
      ["hasIssues", "hasDiscussions", "hasDownloads", "hasProjects", "hasWiki", "isTemplate", "allowUpdateBranch"].map((name) => [
        name,
        given(name, false),
      ]),
    ),
    allowForking: given("allowForking", now.allowForking ?? true),
    description: given("description", ""),
    homepageUrl: given("homepageUrl", ""),
    private: visibility !== "public",
    visibility,
    topics: given("topics", now.topics ?? []),
    webCommitSignoffRequired: given("webCommitSignoffRequired", now.webCommitSignoffRequired ?? false),
  };
}

const addresses = (owner: string, name: string): Properties => ({
  fullName: `${owner}/${name}`,
  gitCloneUrl: `git://github.com/${owner}/${name}.git`,
  htmlUrl: `https://github.com/${owner}/${name}`,
  httpCloneUrl: `https://github.com/${owner}/${name}.git`,
  sshCloneUrl: `git@github.com:${owner}/${name}.git`,
  svnUrl: `https://github.com/${owner}/${name}`,
});

function refuseName(cloud: CloudContext, method: string, where: string, name: string, self?: string): void {
  const other = findRepository(cloud, name);
  if (!other || other.id === self) return;
  const what = method === "POST" ? "Repository creation failed." : "Validation Failed";
  refuse(cloud, method, where, 422, what, detail("Repository", "name", "name already exists on this account"));
}

function refuseVisibility(cloud: CloudContext, method: string, where: string, inputs: Properties): void {
  if (inputs.visibility === "internal" && planOf(cloud) !== "enterprise")
    refuse(cloud, method, where, 422, "Only organizations associated with an enterprise can set visibility to internal");
}

/** Everything in a repository goes with it. */
function empty(cloud: CloudContext, repository: CloudObject): void {
  for (const type of Object.values(types))
    if (type !== types.repository) for (const { id } of childrenOf(cloud, type, repository)) cloud.store.remove(type, id);
}

export const repository: Kinds = {
  [types.repository]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}" },
    sets: ["topics"],
    defaults: {
      allowMergeCommit: true,
      allowRebaseMerge: true,
      allowSquashMerge: true,
      mergeCommitMessage: "PR_TITLE",
      mergeCommitTitle: "MERGE_MESSAGE",
      squashMergeCommitMessage: "COMMIT_MESSAGES",
      squashMergeCommitTitle: "COMMIT_OR_PR_TITLE",
    },
    absent: { allowAutoMerge: false, archived: false, deleteBranchOnMerge: false, ignoreVulnerabilityAlertsDuringRead: false },
    recomputes: { name: ["fullName"] },
    conflicts: [{ path: "private", own: "private", with: { path: "visibility", own: "visibility" } }],
    deletesOnce: true,
    rules: {
      name: repositoryName,
      visibility: { oneOf: ["public", "private", "internal"] },
      "topics[*]": {
        match: "^[a-z0-9][a-z0-9-]{0,49}$",
        words:
          "must include only lowercase alphanumeric characters or hyphens and cannot start with a hyphen and consist of 50 characters or less",
      },
      ...Object.fromEntries(
        [
          "advancedSecurity",
          "codeSecurity",
          "secretScanning",
          "secretScanningAiDetection",
          "secretScanningNonProviderPatterns",
          "secretScanningPushProtection",
        ].map((name) => [`securityAndAnalysis.${name}.status`, statuses]),
      ),
      "pages.buildType": { oneOf: ["legacy", "workflow"] },
    },
    create(cloud, inputs) {
      const owner = accountOf(cloud).id;
      const where = `/orgs/${owner}/repos`;
      const name = text(inputs.name);
      if (inputs.defaultBranch !== undefined && inputs.defaultBranch !== "main")
        throw new Error("cannot set the default branch on a new repository to something other than 'main'");
      refuseName(cloud, "POST", where, name);
      refuseVisibility(cloud, "POST", where, inputs);
      if (cloud.store.get(types.repository, name)) throw new Error(`the sandbox holds one repository "${name}" only, whoever owns it`);
      const repoId = number(cloud, "repository", owner, name);
      const outputs: Properties = {
        ...settings(inputs, {}),
        ...addresses(owner, name),
        defaultBranch: "main",
        fork: "false",
        nodeId: Buffer.from(`Repository:${repoId}`).toString("base64"),
        primaryLanguage: "",
        repoId,
        sourceOwner: "",
        sourceRepo: "",
      };
      const object = { id: name, provider: "github", type: types.repository, name, inputs: {}, outputs: { ...outputs, name } };
      if (inputs.autoInit === true) {
        const content = `# ${name}\n${text(inputs.description ?? "")}`.trimEnd();
        commit(cloud, object, "main", { message: "Initial commit", files: { "README.md": content } });
      }
      return { id: name, name, outputs: { ...outputs, etag: etag(outputs) }, beside: { labels: defaultLabels, ...defaultSettings } };
    },
    update(cloud, object, inputs, prior) {
      const where = path(cloud, object.name);
      const name = text(inputs.name);
      // An archived repository can only be left alone; the plugin does not even ask.
      if (prior.archived === true && inputs.archived === true) return object.outputs;
      if (object.outputs.archived === true && inputs.archived === true)
        refuse(cloud, "PATCH", where, 403, "Repository was archived so is read-only.");
      refuseName(cloud, "PATCH", where, name, object.id);
      refuseVisibility(cloud, "PATCH", where, inputs);
      const branch = text(inputs.defaultBranch ?? object.outputs.defaultBranch);
      if (
        branch !== object.outputs.defaultBranch &&
        !childrenOf(cloud, types.branch, object).some(({ outputs }) => outputs.branch === branch)
      )
        refuse(
          cloud,
          "PATCH",
          where,
          422,
          "Validation Failed",
          detail(
            "Repository",
            "default_branch",
            `The branch ${branch} was not found. Please push that ref first or create it via the Git Data API.`,
          ),
        );
      const outputs = { ...settings(inputs, object.outputs), ...addresses(accountOf(cloud).id, name), defaultBranch: branch };
      changeRepository(cloud, object, { name });
      return { ...outputs, etag: `W/"${digest(outputs)}"` };
    },
    read(found, prior) {
      // What only a create asks for is in no answer; an import says that there was none.
      const asked = ["autoInit", "licenseTemplate", "gitignoreTemplate", "archiveOnDestroy", "ignoreVulnerabilityAlertsDuringRead"];
      const kept = Object.fromEntries(asked.map((name) => [name, prior ? prior[name] : name === "autoInit" ? false : null]));
      return { ...found, ...kept };
    },
    delete(cloud, object, prior) {
      if (prior.archiveOnDestroy === true) return { ...object.outputs, archived: true };
      empty(cloud, object);
      return undefined;
    },
  },
};
