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
