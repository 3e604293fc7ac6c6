import type { CloudObject, Properties } from "../../cloud/store.ts";
import { isObject, isPresent, text } from "../values.ts";
import type { CloudContext, Kinds } from "../kind.ts";
import { allows } from "./account.ts";
import { childrenOf, failed, findRepository, number, path, refuse, repositoryName, repositoryOf, types } from "./common.ts";

/** What somebody wants to do to a branch. */
interface Attempt {
  readonly method: string;
  readonly where: string;
  readonly status: number;
  readonly action: "create" | "update" | "delete";
  readonly commit?: { readonly message: string; readonly signed: boolean; readonly files: readonly string[] };
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** GitHub's patterns: `*` stays within a part of the path, `**` does not. */
const fits = (pattern: string, ref: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll(/\*\*\/?|\*|\?/g, (one) => (one === "*" ? "[^/]*" : one === "?" ? "[^/]" : ".*"))}$`,
  ).test(ref);

/** Whether a ruleset is about a branch. */
export function covers({ outputs }: CloudObject, repository: CloudObject, branch: string): boolean {
  const conditions = outputs.conditions as Properties | null;
  const names = (conditions?.refName ?? {}) as Properties;
  const meets = (pattern: unknown): boolean =>
    pattern === "~ALL" ||
    (pattern === "~DEFAULT_BRANCH" ? branch === repository.outputs.defaultBranch : fits(text(pattern), `refs/heads/${branch}`));
  return list(names.includes).some(meets) && !list(names.excludes).some(meets);
}

/** The provider's token is an organization owner's: what owners and the repository's administrators may pass, it passes. */
const passes = ({ outputs }: CloudObject): boolean =>
  list(outputs.bypassActors).some((actor) => {
    const { actorType, actorId, bypassMode } = actor as Properties;
    return bypassMode !== "pull_request" && (actorType === "OrganizationAdmin" || (actorType === "RepositoryRole" && actorId === 5));
  });

/** What the API says of whoever asks: the provider's token, which is an organization owner's. */
export const bypassOf = (ruleset: CloudObject): "always" | "never" => (passes(ruleset) ? "always" : "never");

/** The rules that a ruleset has, by the API's names for them. */
export const rulesOf = ({ outputs }: CloudObject): string[] =>
  Object.entries((outputs.rules ?? {}) as Properties)
    .filter(([name, value]) => !name.startsWith("__") && isPresent(value) && value !== false)
    .map(([name]) => snake(name));

/** Whether a text breaks a rule of the kind "must match". */
function breaks(rule: unknown, value: string): boolean {
  if (!isObject(rule)) return false;
  const pattern = text(rule.pattern);
  const matches = { starts_with: value.startsWith(pattern), ends_with: value.endsWith(pattern), contains: value.includes(pattern) }[
    text(rule.operator)
  ];
  return (matches ?? new RegExp(pattern).test(value)) === (rule.negate === true);
}

function violations(rules: Properties, branch: string, { action, commit }: Attempt): string[] {
  if (action === "delete") return rules.deletion === true ? ["Cannot delete this branch"] : [];
  if (action === "create")
    return [
      ...(rules.creation === true ? ["Cannot create ref due to creations being restricted."] : []),
      ...(breaks(rules.branchNamePattern, branch) ? ["Branch name does not match the required pattern"] : []),
    ];
  const checks = isObject(rules.requiredStatusChecks) ? list(rules.requiredStatusChecks.requiredChecks) : [];
  return [
    ...(rules.update === true ? ["Cannot update this protected ref."] : []),
    ...(isPresent(rules.pullRequest) ? ["Changes must be made through a pull request."] : []),
    ...(checks.length === 1 ? [`Required status check "${text((checks[0] as Properties).context)}" is expected.`] : []),
    ...(checks.length > 1 ? [`${checks.length} of ${checks.length} required status checks are expected.`] : []),
    ...(rules.requiredSignatures === true && commit?.signed === false ? ["Commits must have verified signatures."] : []),
    ...(commit && breaks(rules.commitMessagePattern, commit.message) ? ["Commit message does not match the required pattern"] : []),
  ];
}

/** Whether an active ruleset is about a branch. */
export const isProtected = (cloud: CloudContext, repository: CloudObject, branch: string): boolean =>
  childrenOf(cloud, types.ruleset, repository).some(
    (one) => one.outputs.target === "branch" && one.outputs.enforcement === "active" && covers(one, repository, branch),
  );

/** Refuses what an active ruleset does not let happen to a branch. */
export function refuseByRules(cloud: CloudContext, repository: CloudObject, branch: string, attempt: Attempt): void {
  const broken = childrenOf(cloud, types.ruleset, repository)
    .filter(
      (one) => one.outputs.target === "branch" && one.outputs.enforcement === "active" && covers(one, repository, branch) && !passes(one),
    )
    .flatMap((one) => violations(one.outputs.rules as Properties, branch, attempt));
  if (broken.length > 0)
    refuse(
      cloud,
      attempt.method,
      attempt.where,
      attempt.status,
      `Repository rule violations found\n\n${[...new Set(broken)].join("\n\n")}\n\n`,
    );
}

/** Rules that look at names and texts: Enterprise only. */
const enterprise: Readonly<Record<string, string>> = {
  branchNamePattern: "branch_name_pattern",
  commitAuthorEmailPattern: "commit_author_email_pattern",
  commitMessagePattern: "commit_message_pattern",
  committerEmailPattern: "committer_email_pattern",
  tagNamePattern: "tag_name_pattern",
};

/** Rules about content, which are for pushes; all others are for branches and tags. */
const pushRules = ["fileExtensionRestriction", "filePathRestriction", "maxFilePathLength", "maxFileSize"];
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function refuseRuleset(
  cloud: CloudContext,
  method: string,
  where: string,
  repository: CloudObject,
  inputs: Properties,
  self?: string,
): void {
  const no = (message: string): never =>
    refuse(cloud, method, where, 422, "Validation Failed", `{Resource: Field: Code: Message:${message}}`);
  if (!allows(cloud, repository, "team"))
    refuse(cloud, method, where, 403, "Upgrade to GitHub Pro or make this repository public to enable this feature.");
  if (inputs.enforcement === "evaluate" && !allows(cloud, privately(repository), "enterprise"))
    no("Enforcement evaluate option is not supported on this plan");
  const rules = inputs.rules as Properties;
  const dear = Object.keys(enterprise).find((name) => isPresent(rules[name]));
  if (dear && !allows(cloud, privately(repository), "enterprise")) no(`Invalid rule '${enterprise[dear]}': `);
  if (
    childrenOf(cloud, types.ruleset, repository).some(
      (one) => one.id !== self && one.outputs.name === inputs.name && one.outputs.target === inputs.target,
    )
  )
    no("Name must be unique");
  // GitHub Actions itself is an app that no organization owns.
  if (
    list(inputs.bypassActors).some((actor) => (actor as Properties).actorType === "Integration" && (actor as Properties).actorId === 15368)
  )
    no("Actor GitHub Actions integration must be part of the ruleset source or owner organization");
}

/** A repository whose plan counts though it is public. */
const privately = (repository: CloudObject): CloudObject => ({ ...repository, outputs: { ...repository.outputs, visibility: "private" } });

const operator = { oneOf: ["starts_with", "ends_with", "contains", "regex"] };
const share = { range: [0, 100] } as const;

export const rulesets: Kinds = {
  [types.ruleset]: {
    failed,
    request: { collection: "https://api.github.com/repos/{owner}/{repository}/rulesets" },
    absent: { bypassActors: [] },
    computed: ["rules.pullRequest.allowedMergeMethods"],
    unset: {
      "rules.mergeQueue.checkResponseTimeoutMinutes": 60,
      "rules.mergeQueue.groupingStrategy": "ALLGREEN",
      "rules.mergeQueue.maxEntriesToBuild": 5,
      "rules.mergeQueue.maxEntriesToMerge": 5,
      "rules.mergeQueue.mergeMethod": "MERGE",
      "rules.mergeQueue.minEntriesToMerge": 1,
      "rules.mergeQueue.minEntriesToMergeWaitMinutes": 5,
    },
    sets: [
      "bypassActors",
      "rules.requiredStatusChecks.requiredChecks",
      "rules.requiredCodeScanning.requiredCodeScanningTools",
      "rules.fileExtensionRestriction.restrictedFileExtensions",
    ],
    dropped: [
      ...["creation", "deletion", "nonFastForward", "requiredLinearHistory", "requiredSignatures", "update"].map((name) => `rules.${name}`),
      "rules.requiredStatusChecks.strictRequiredStatusChecksPolicy",
    ],
    whole: ["rules.requiredStatusChecks.requiredChecks"],
    deletesOnce: true,
    conflicts: [
      {
        path: "rules.branchNamePattern",
        own: "rules.0.branch_name_pattern",
        with: { path: "rules.tagNamePattern", own: "rules.0.tag_name_pattern" },
      },
    ],
    rules: {
      name: { length: [1, 100] },
      repository: repositoryName,
      target: { oneOf: ["branch", "push", "tag"] },
      enforcement: { oneOf: ["disabled", "active", "evaluate"] },
      "bypassActors[*].actorType": {
        oneOf: ["RepositoryRole", "Team", "Integration", "OrganizationAdmin", "DeployKey", "EnterpriseOwner", "User"],
      },
      "bypassActors[*].bypassMode": { oneOf: ["always", "pull_request", "exempt"] },
      "rules.pullRequest.requiredApprovingReviewCount": { range: [0, 10] },
      "rules.pullRequest.allowedMergeMethods[*]": { oneOf: ["merge", "squash", "rebase"] },
      ...Object.fromEntries(Object.keys(enterprise).map((name) => [`rules.${name}.operator`, operator])),
      "rules.mergeQueue.checkResponseTimeoutMinutes": { range: [0, 360] },
      "rules.mergeQueue.groupingStrategy": { oneOf: ["ALLGREEN", "HEADGREEN"] },
      "rules.mergeQueue.maxEntriesToBuild": share,
      "rules.mergeQueue.maxEntriesToMerge": share,
      "rules.mergeQueue.mergeMethod": { oneOf: ["MERGE", "SQUASH", "REBASE"] },
      "rules.mergeQueue.minEntriesToMerge": share,
      "rules.mergeQueue.minEntriesToMergeWaitMinutes": { range: [0, 360] },
      "rules.maxFileSize.maxFileSize": { range: [1, 100] },
      "rules.maxFilePathLength.maxFilePathLength": { range: [1, 32767] },
    },
    refusePlan(inputs) {
      const target = text(inputs.target);
      if (!["branch", "tag", "push"].includes(target)) return undefined; // refused before, in other words
      const foreign = Object.entries((inputs.rules ?? {}) as Properties).find(
        ([name, value]) => name !== "__defaults" && isPresent(value) && value !== false && pushRules.includes(name) !== (target === "push"),
      );
      if (foreign) return `rule "${snake(foreign[0])}" is not valid for ${target} target`;
      return target === "push" && isPresent((inputs.conditions as Properties | undefined)?.refName)
        ? "ref_name must not be set for push target"
        : undefined;
    },
    importId(written, cloud) {
      const [repository = "", id = "", ...rest] = written.split(":");
      const found = findRepository(cloud, repository);
      if (rest.length > 0 || !/^\d+$/.test(id) || !found) return undefined;
      return cloud.store.get(types.ruleset, id)?.outputs.repositoryId === found.outputs.repoId ? id : "0";
    },
    importForm: "<repository>:<number of the ruleset>",
    create(cloud, inputs) {
      const where = `${path(cloud, inputs.repository)}/rulesets`;
      const repository = repositoryOf(cloud, inputs.repository, { method: "POST", path: where });
      refuseRuleset(cloud, "POST", where, repository, inputs);
      const rulesetId = number(cloud, "ruleset", repository.id, text(inputs.name));
      return {
        id: String(rulesetId),
        name: text(inputs.name),
        outputs: { etag: "", nodeId: Buffer.from(`RRS:${rulesetId}`).toString("base64"), rulesetId },
        beside: { repositoryId: repository.outputs.repoId },
      };
    },
    update(cloud, object, inputs) {
      const where = `${path(cloud, inputs.repository)}/rulesets/${object.id}`;
      const repository = repositoryOf(cloud, inputs.repository, { method: "GET", path: path(cloud, inputs.repository) });
      if (repository.outputs.archived === true) return object.outputs; // the plugin leaves it alone
      refuseRuleset(cloud, "PUT", where, repository, inputs, object.id);
      return {};
    },
  },
};
