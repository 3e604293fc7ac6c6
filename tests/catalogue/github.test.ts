import { describe, expect, test } from "vitest";
import { account, type Plan } from "../../sandbox/catalogue/github/account.ts";
import { types } from "../../sandbox/catalogue/github/common.ts";
import { Account, type Made, type Values } from "./account.ts";

/** An organization with a plan, and a repository in it. */
async function open(
  plan: Plan = "team",
  repository: Values = { visibility: "private" },
): Promise<{ hub: Account; repo: Made } & Disposable> {
  const hub = new Account(undefined, "github");
  hub.provider.configure({ owner: "acme" });
  hub.store.put(account("acme", plan));
  const repo = await hub.create(types.repository, "repo", { name: "web", autoInit: true, ...repository });
  return { hub, repo, [Symbol.dispose]: () => hub[Symbol.dispose]() };
}

const environment = (hub: Account, more: Values = {}) =>
  hub.create(types.environment, "env", { repository: "web", environment: "production", ...more });
const secret = (hub: Account, more: Values = {}) =>
  hub.create(types.environmentSecret, "secret", { repository: "web", environment: "production", secretName: "TOKEN", value: "x", ...more });

describe("environments and their secrets", () => {
  test("a name that is taken, a repository and an environment that do not exist", async () => {
    using there = await open();
    const { hub } = there;
    await expect(hub.create(types.repository, "again", { name: "Web" })).rejects.toThrow(
      /^POST https:\/\/api.github.com\/orgs\/acme\/repos: 422 Repository creation failed. \[{Resource:Repository Field:name Code:custom Message:name already exists on this account}\]$/,
    );
    await expect(environment(hub, { repository: "other" })).rejects.toThrow(
      "PUT https://api.github.com/repos/acme/other/environments/production: 404 Not Found []",
    );
    await expect(secret(hub)).rejects.toThrow(
      /^GET https:\/\/api.github.com\/repositories\/\d+\/environments\/production\/secrets\/public-key: 404 Not Found \[\]$/,
    );
    await environment(hub);
    expect((await secret(hub)).id).toBe("web:production:TOKEN");
  });

  test.each<[plan: Plan, visibility: string, rules: Values, words: string | undefined]>([
    ["free", "private", {}, "404 Not Found"],
    ["free", "public", { waitTimer: 5, reviewers: [{ users: [1] }] }, undefined],
    ["team", "private", { deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true } }, undefined],
    ["team", "private", { reviewers: [{ users: [1] }] }, "billing plan supports the required reviewers protection rule"],
    ["team", "private", { waitTimer: 5 }, "billing plan supports the wait timer protection rule"],
    ["enterprise", "private", { waitTimer: 5, reviewers: [{ teams: [1] }] }, undefined],
    ["enterprise", "private", { reviewers: [{ users: [1, 2, 3, 4], teams: [5, 6, 7] }] }, "A maximum of 6 reviewers"],
    ["enterprise", "private", { preventSelfReview: true }, "must have at least one reviewer to set prevent_self_review"],
    ["team", "private", { deploymentBranchPolicy: { protectedBranches: true, customBranchPolicies: true } }, "cannot have the same value"],
  ])("on the plan %s, in a %s repository: %j", async (plan, visibility, rules, words) => {
    using there = await open(plan, { visibility });
    const made = environment(there.hub, rules);
    await (words === undefined ? expect(made).resolves.toMatchObject({ id: "web:production" }) : expect(made).rejects.toThrow(words));
  });

  test("an environment takes its secrets along, a repository everything", async () => {
    using there = await open();
    const { hub, repo } = there;
    const made = await environment(hub);
    const token = await secret(hub);
    await hub.delete(made);
    expect(await hub.read(token)).toBeUndefined();
    await expect(hub.delete(token)).rejects.toThrow("404 Not Found");
    await environment(hub);
    await secret(hub);
    await hub.delete(repo);
    expect(hub.store.list().map(({ type }) => type)).toEqual(["github:account:Account"]);
  });

  test("a secret that is changed by hand is not found by a read of its inputs, but its time is another one", async () => {
    using there = await open();
    const { hub } = there;
    await environment(hub);
    const token = await secret(hub);
    const object = hub.store.get(types.environmentSecret, token.id);
    if (object) hub.store.put({ ...object, outputs: { ...object.outputs, value: "y", updatedAt: "2027-01-01 00:00:00 +0000 UTC" } });
    const read = await hub.read(token);
    expect(read?.inputs).toEqual(token.inputs);
    expect(read?.outputs).toEqual({ ...token.outputs, remoteUpdatedAt: "2027-01-01 00:00:00 +0000 UTC" });
  });
});

describe("branches, files and rulesets", () => {
  const file = (hub: Account, more: Values = {}) =>
    hub.create(types.file, "file", { repository: "web", file: "a.txt", content: "a\n", ...more });
  const ruleset = (hub: Account, more: Values = {}) =>
    hub.create(types.ruleset, "rules", {
      repository: "web",
      name: "main",
      target: "branch",
      enforcement: "active",
      conditions: { refName: { includes: ["~DEFAULT_BRANCH"], excludes: [] } },
      rules: { pullRequest: {} },
      ...more,
    });
  const commits = (hub: Account, branch = "main") =>
    hub.store.get(types.branch, `web:${branch}`)?.outputs.commits as { message: string; runs: boolean }[];

  test("a new repository has a branch with a first commit only where it is asked for, and its labels always", async () => {
    using there = await open();
    const { hub } = there;
    expect(commits(hub).map(({ message }) => message)).toEqual(["Initial commit"]);
    expect(hub.store.get(types.file, "web:README.md:main")?.outputs.content).toBe("# web");
    expect(hub.store.get(types.repository, "web")?.outputs.labels).toHaveLength(9);
    await hub.create(types.repository, "bare", { name: "bare" });
    const branch = hub.create(types.branch, "dev", { repository: "bare", branch: "dev" });
    await expect(branch).rejects.toThrow("409 Git Repository is empty.");
  });

  test("a file is one commit on its branch; what is there is written over only where that is said", async () => {
    using there = await open();
    const { hub } = there;
    const made = await file(hub, { commitMessage: "Add a [skip ci]" });
    // The number that git itself gives this content.
    expect(made.outputs.sha).toBe("78981922613b2afb6025042ff6bd878ac1994e85");
    await hub.update(made, { repository: "web", file: "a.txt", content: "b\n" });
    expect(commits(hub)).toMatchObject([
      { message: "Add a [skip ci]", runs: false },
      { message: "Add a [skip ci]", runs: false },
      { runs: true },
    ]);
    await expect(file(hub)).rejects.toThrow("refusing to overwrite existing file: configure `overwrite_on_create` to `true` to override");
    await file(hub, { overwriteOnCreate: true });
    await expect(file(hub, { file: "b.txt", branch: "dev" })).rejects.toThrow(
      "branch dev not found in repository acme/web or repository is not readable",
    );
    await expect(file(hub, { file: "b.txt", commitAuthor: "bot" })).rejects.toThrow(
      "all of `commit_author,commit_email` must be specified",
    );
  });

  test("a file that somebody else has changed is not written over by what the state remembers", async () => {
    using there = await open();
    const { hub } = there;
    const made = await file(hub);
    const now = hub.store.get(types.file, made.id);
    if (now) hub.store.put({ ...now, outputs: { ...now.outputs, content: "theirs\n", sha: "0" } });
    const changed = hub.update(made, { repository: "web", file: "a.txt", content: "b\n" });
    await expect(changed).rejects.toThrow(/^PUT .*\/repos\/acme\/web\/contents\/a.txt: 409 a.txt does not match 7898/);
    await expect(hub.delete(made)).rejects.toThrow("409 a.txt does not match");
    expect((await hub.read(made))?.inputs.content).toBe("theirs\n");
  });

  test.each<[rules: Values, words: string | undefined]>([
    [{}, "409 Repository rule violations found\n\nChanges must be made through a pull request.\n\n []"],
    [{ rules: { requiredStatusChecks: { requiredChecks: [{ context: "ci" }] } } }, 'Required status check "ci" is expected.'],
    [{ rules: { update: true } }, "Cannot update this protected ref."],
    [{ enforcement: "disabled" }, undefined],
    [{ target: "tag" }, undefined],
    [{ conditions: { refName: { includes: ["refs/heads/release/**"], excludes: [] } } }, undefined],
    [{ conditions: { refName: { includes: ["~ALL"], excludes: ["refs/heads/ma*"] } } }, undefined],
    [{ bypassActors: [{ actorId: 5, actorType: "RepositoryRole", bypassMode: "always" }] }, undefined],
    [{ bypassActors: [{ actorId: 1, actorType: "OrganizationAdmin", bypassMode: "pull_request" }] }, "through a pull request"],
    [{ bypassActors: [{ actorId: 7, actorType: "Team", bypassMode: "always" }] }, "through a pull request"],
  ])("a commit on main beside the ruleset %j", async (rules, words) => {
    using there = await open();
    await ruleset(there.hub, rules);
    const made = file(there.hub);
    await (words === undefined ? expect(made).resolves.toBeDefined() : expect(made).rejects.toThrow(words));
  });

  test.each<[plan: Plan, visibility: string, rules: Values, words: string]>([
    ["free", "private", {}, "403 Upgrade to GitHub Pro or make this repository public to enable this feature."],
    ["team", "private", { enforcement: "evaluate" }, "Enforcement evaluate option is not supported on this plan"],
    ["team", "public", { rules: { branchNamePattern: { operator: "starts_with", pattern: "x" } } }, "Invalid rule 'branch_name_pattern'"],
    [
      "enterprise",
      "private",
      { bypassActors: [{ actorId: 15368, actorType: "Integration", bypassMode: "always" }] },
      "must be part of the ruleset source",
    ],
    [
      "enterprise",
      "private",
      { rules: { filePathRestriction: { restrictedFilePaths: ["x"] } } },
      'rule "file_path_restriction" is not valid for branch target',
    ],
  ])("a ruleset on the plan %s, in a %s repository: %j", async (plan, visibility, rules, words) => {
    using there = await open(plan, { visibility });
    await expect(ruleset(there.hub, rules)).rejects.toThrow(words);
  });

  test("names of rulesets, branches that rules or the repository keep, names that are none", async () => {
    using there = await open();
    const { hub } = there;
    await ruleset(hub, {
      rules: { deletion: true, creation: true },
      conditions: { refName: { includes: ["refs/heads/keep"], excludes: [] } },
    });
    await expect(ruleset(hub)).rejects.toThrow("Name must be unique");
    const branch = (name: string) => hub.create(types.branch, name, { repository: "web", branch: name });
    await expect(branch("keep")).rejects.toThrow("Cannot create ref due to creations being restricted.");
    await expect(branch("a b")).rejects.toThrow("422 refs/heads/a b is not a valid ref name.");
    const dev = await branch("dev");
    expect(await branch("dev")).toMatchObject({ id: "web:dev", outputs: { sha: dev.outputs.sha } });
    await hub.create(types.branchDefault, "default", { repository: "web", branch: "dev" });
    await expect(hub.delete(dev)).rejects.toThrow("Cannot delete the default branch");
    await expect(hub.create(types.branchDefault, "default", { repository: "web", branch: "other" })).rejects.toThrow(
      "The branch other was not found.",
    );
  });
});

describe("policies, variables, keys and settings", () => {
  const policy = (hub: Account, more: Values = { branchPattern: "main" }) =>
    hub.create(types.policy, "policy", { repository: "web", environment: "production", ...more });
  const custom = { deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true } };

  test("a policy is for environments with policies of their own, and for a branch or a tag", async () => {
    using there = await open();
    const { hub } = there;
    await environment(hub);
    await expect(policy(hub)).rejects.toThrow(/deployment-branch-policies: 404 Not Found \[\]$/);
    await environment(hub, custom);
    const made = await policy(hub);
    expect((await policy(hub)).id).toBe(made.id);
    await expect(policy(hub, {})).rejects.toThrow("one of `branch_pattern,tag_pattern` must be specified");
    await expect(policy(hub, { branchPattern: "a", tagPattern: "b" })).rejects.toThrow(
      "only one of `branch_pattern,tag_pattern` can be specified",
    );
  });

  test("a variable that stands is refused, a secret is written over", async () => {
    using there = await open();
    const { hub } = there;
    const variable = () => hub.create(types.variable, "v", { repository: "web", variableName: "REGION", value: "fra1" });
    await variable();
    await expect(variable()).rejects.toThrow(
      /^POST https:\/\/api.github.com\/repos\/acme\/web\/actions\/variables: 409 Already exists - Variable already exists \[\]$/,
    );
    const repositorySecret = (value: string) => hub.create(types.secret, "s", { repository: "web", secretName: "TOKEN", value });
    await repositorySecret("one");
    await repositorySecret("two");
    expect(hub.store.get(types.secret, "web:TOKEN")?.outputs.value).toBe("two");
    await expect(hub.create(types.secret, "s", { repository: "web", secretName: "TOKEN" })).rejects.toThrow(
      '"value": one of `encrypted_value,plaintext_value,value,value_encrypted` must be specified',
    );
  });

  test("a deploy key is one key of one repository", async () => {
    using there = await open();
    const { hub } = there;
    const key = (text: string) => hub.create(types.deployKey, "key", { repository: "web", title: "t", key: text });
    const made = await key("ssh-ed25519 AAAA somebody");
    expect(made.outputs.key).toBe("ssh-ed25519 AAAA");
    const same = { ...made.inputs, key: "ssh-ed25519 AAAA" };
    expect(hub.provider.diff({ urn: "", type: types.deployKey, name: "key" }, made.outputs, same, []).diffs).toEqual([]);
    await expect(key("ssh-ed25519 AAAA")).rejects.toThrow("key is already in use");
    await expect(key("none")).rejects.toThrow("key is invalid. You must supply a key in OpenSSH public key format");
  });

  test("what a delete leaves: everything allowed for actions, no topics, labels of others", async () => {
    using there = await open();
    const { hub } = there;
    const actions = await hub.create(types.actionsPermissions, "a", {
      repository: "web",
      allowedActions: "local_only",
      shaPinningRequired: true,
    });
    const labels = await hub.create(types.labels, "l", { repository: "web", labels: [{ name: "drift", color: "d73a4a" }] });
    const topics = await hub.create(types.topics, "t", { repository: "web", topics: ["web"] });
    const held = () => hub.store.get(types.repository, "web")?.outputs as Record<string, unknown>;
    expect(held().labels).toEqual([{ name: "drift", color: "d73a4a", description: "" }]);
    await hub.delete(actions);
    await hub.delete(labels);
    await hub.delete(topics);
    expect(held()).toMatchObject({ actions: { enabled: true, allowedActions: "all", shaPinningRequired: true }, labels: [], topics: [] });
    await expect(hub.create(types.labels, "l", { repository: "web", labels: [{ name: "x", color: "red" }] })).rejects.toThrow(
      "{Resource:Label Field:color Code:invalid Message:}",
    );
    await expect(hub.create(types.securityUpdates, "u", { repository: "web", enabled: true })).rejects.toThrow(
      "Vulnerability alerts must be enabled",
    );
  });

  test("one label is taken over where it stands, and the others stay", async () => {
    using there = await open();
    const { hub } = there;
    const held = () => (hub.store.get(types.repository, "web")?.outputs.labels as { name: string; color: string }[]) ?? [];
    const before = held().length;
    const bug = await hub.create(types.label, "bug", { repository: "web", name: "Bug", color: "ffffff" });
    expect(held()).toHaveLength(before);
    expect(held().find(({ name }) => name === "Bug")?.color).toBe("ffffff");
    const own = await hub.create(types.label, "own", { repository: "web", name: "own", color: "000000" });
    expect(held()).toHaveLength(before + 1);
    await expect(hub.create(types.label, "red", { repository: "web", name: "red", color: "red" })).rejects.toThrow(
      "Field:color Code:invalid",
    );
    await hub.delete(own);
    await hub.delete(bug);
    expect(held().map(({ name }) => name)).toEqual(expect.not.arrayContaining(["own", "Bug"]));
    expect(held()).toHaveLength(before - 1);
  });

  test("an archived repository can only be read, and a delete can archive", async () => {
    using there = await open("team", { archiveOnDestroy: true });
    const { hub, repo } = there;
    await hub.delete(repo);
    expect(hub.store.get(types.repository, "web")?.outputs.archived).toBe(true);
    await expect(environment(hub)).rejects.toThrow("403 Repository was archived so is read-only.");
  });
});

describe("importing by id", () => {
  const read = (hub: Account, type: string, id: string) =>
    hub.provider.read({ urn: "urn:pulumi:t::t::x::p", type, name: "p" }, id, undefined, {});

  test("in the plugin's forms, and in no other", async () => {
    using there = await open("enterprise");
    const { hub } = there;
    await environment(hub, { deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true } });
    await secret(hub);
    const rules = await hub.create(types.ruleset, "r", {
      repository: "web",
      name: "main",
      target: "branch",
      enforcement: "active",
      rules: { deletion: true },
    });
    const repoId = hub.store.get(types.repository, "web")?.outputs.repoId as number;
    const forms: readonly [type: string, written: string, id: string][] = [
      [types.repository, "web", "web"],
      [types.environment, "web:production", "web:production"],
      [types.environmentSecret, "web:production:TOKEN", "web:production:TOKEN"],
      [types.ruleset, `web:${rules.id}`, rules.id],
      [types.file, "web:README.md:", "web:README.md:main"],
      [types.file, "web:README.md:main", "web:README.md:main"],
      [types.branch, "web:main:main", "web:main"],
      [types.branchDefault, "web", "web"],
      [types.labels, "web", "web"],
      [types.label, "web:bug", "web:bug"],
      [types.topics, "web", "web"],
      [types.actionsPermissions, "web", "web"],
      [types.workflowPermissions, "web", "web"],
      [types.alerts, "web", String(repoId)],
      [types.securityUpdates, "web", "web"],
    ];
    for (const [type, written, id] of forms) expect((await read(hub, type, written))?.id, `${type} ${written}`).toBe(id);
    expect((await read(hub, types.environmentSecret, "web:production:TOKEN"))?.inputs.value).toBeUndefined();
    expect(await read(hub, types.repository, "other")).toBeUndefined();
    expect(await read(hub, types.environment, "web:other")).toBeUndefined();
    await expect(read(hub, types.environment, "production")).rejects.toThrow(
      '"production" is not an id that can be imported: <repository>:<environment> are wanted',
    );
    await expect(read(hub, types.ruleset, rules.id)).rejects.toThrow("<repository>:<number of the ruleset>");
  });

  test("a repository that another name was given is still found by its first one", async () => {
    using there = await open();
    const { hub, repo } = there;
    const resource = { urn: "", type: types.repository, name: "repo" };
    const { changes } = hub.provider.diff(resource, repo.outputs, { ...repo.inputs, name: "site" }, []);
    expect([...changes.keys()].sort()).toEqual(["fullName", "name"]);
    await hub.update(repo, { ...repo.inputs, name: "site" });
    expect((await read(hub, types.repository, "web"))?.outputs).toMatchObject({ name: "site", fullName: "acme/site" });
    expect((await environment(hub, { repository: "site" })).id).toBe("site:production");
  });
});
