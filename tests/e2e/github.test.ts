import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { account } from "../../sandbox/catalogue/github/account.ts";
import { types } from "../../sandbox/catalogue/github/common.ts";
import { CloudStore, type CloudObject, type Properties } from "../../sandbox/cloud/store.ts";
import { kinds } from "../../sandbox/catalogue/index.ts";
import { TestEngine } from "../engine.ts";

interface Step {
  readonly op: string;
  readonly urn: string;
}

describe("a repository with all that GitHub offers, on the engine", () => {
  let engine: TestEngine;
  let folder: string;
  let store: CloudStore;

  const pulumi = (stack: string, args: readonly string[], imports: Readonly<Record<string, string>> = {}) =>
    engine.expect([...args, "--stack", stack], { folder, env: { GITHUB_IMPORTS: JSON.stringify(imports) } });
  const steps = async (stack: string, args: readonly string[], imports: Readonly<Record<string, string>> = {}): Promise<string[]> => {
    const preview = JSON.parse(await pulumi(stack, [...args, "--json"], imports)) as { steps?: Step[] };
    return (preview.steps ?? [])
      .filter(({ op }) => !["same", "refresh", "read"].includes(op))
      .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`)
      .sort();
  };
  const object = (type: string, id: string): CloudObject => {
    const found = store.get(type, id);
    if (!found) throw new Error(`no ${type} ${id}`);
    return found;
  };
  const change = (one: CloudObject, outputs: Properties): void => store.put({ ...one, outputs: { ...one.outputs, ...outputs } });
  const everything = (): CloudObject[] => store.list().toSorted((a, b) => (`${a.type} ${a.id}` < `${b.type} ${b.id}` ? -1 : 1));

  beforeAll(async () => {
    engine = await TestEngine.open();
    folder = await engine.project("github", join(import.meta.dirname, "github-program.ts"), "one");
    await engine.expect(["config", "set", "github:owner", "acme", "--stack", "one"], { folder });
    store = new CloudStore(engine.home.cloud);
    store.put(account("acme", "enterprise"));
    await pulumi("one", ["up", "--yes", "--skip-preview"]);
  }, 120_000);
  afterAll(async () => {
    store?.close();
    await engine?.[Symbol.asyncDispose]();
  });

  test("the program has every type, and neither a second preview nor a refresh finds anything", async () => {
    const exported = JSON.parse(await pulumi("one", ["stack", "export"])) as { deployment: { resources: { type: string }[] } };
    const made = new Set(exported.deployment.resources.map(({ type }) => type).filter((type) => type.startsWith("github:")));
    expect([...made].sort()).toEqual(Object.keys(kinds.github ?? {}).sort());
    await pulumi("one", ["preview", "--expect-no-changes"]);
    expect(await steps("one", ["refresh", "--preview-only"])).toEqual([]);
  });

  test("what is changed by hand and what is deleted is found, but for a secret's value and reviewers that are gone", async () => {
    const before = store.list();
    const repo = object(types.repository, "web");
    const { alerts, actions, workflows } = repo.outputs as Record<string, Properties>;
    change(repo, {
      description: "Ours",
      topics: ["web"],
      labels: [],
      defaultBranch: "dev",
      alerts: { ...alerts, vulnerabilities: false, securityUpdates: false },
      actions: { ...actions, shaPinningRequired: false },
      workflows: { ...workflows, defaultWorkflowPermissions: "write" },
    });
    change(object(types.environmentSecret, "web:production:TOKEN"), { value: "stolen", updatedAt: "2027-01-01 00:00:00 +0000 UTC" });
    change(object(types.environmentVariable, "web:production:REGION"), { value: "nyc3" });
    change(object(types.environment, "web:production"), { reviewers: null });
    const [ruleset, policy, key] = [types.ruleset, types.policy, types.deployKey].map((type) => store.list(type)[0] as CloudObject);
    change(ruleset as CloudObject, { enforcement: "disabled" });
    const file = object(types.file, "web:.github/workflows/deploy.yml:dev");
    change(file, { content: "name: other\n", sha: "0" });
    for (const [type, { id }] of [
      [types.policy, policy as CloudObject],
      [types.deployKey, key as CloudObject],
      [types.secret, { id: "web:TOKEN" }],
      [types.variable, { id: "web:REGION" }],
    ] as const)
      store.remove(type, id);

    const found = await steps("one", ["refresh", "--preview-only"]);
    const changed = [
      "actions",
      "alerts",
      "default",
      "environment-variable",
      "file",
      "labels",
      "repo",
      "ruleset",
      "topics",
      "updates",
      "workflows",
    ];
    expect(found).toEqual([
      ...["key", "label", "policy", "secret", "variable"].map((name) => `delete ${name}`),
      ...changed.map((name) => `update ${name}`),
    ]);
    store.transaction(() => before.forEach((one) => store.put(one)));
  });

  test("all of it is imported into another stack, and nothing is made, changed or deleted", async () => {
    await engine.expect(["stack", "init", "two"], { folder });
    await engine.expect(["config", "set", "github:owner", "acme", "--stack", "two"], { folder });
    const [ruleset] = store.list(types.ruleset);
    const [policy] = store.list(types.policy);
    const [key] = store.list(types.deployKey);
    const [team] = store.list(types.teamRepository);
    const ofRepository = ["repo", "topics", "labels", "default", "actions", "workflows", "alerts", "updates"].map((name) => [name, "web"]);
    const imports = {
      ...(Object.fromEntries(ofRepository) as Record<string, string>),
      label: "web:drift",
      dev: "web:dev",
      file: "web:.github/workflows/deploy.yml:dev",
      ruleset: `web:${ruleset?.id}`,
      production: "web:production",
      policy: policy?.id ?? "",
      variable: "web:REGION",
      "environment-variable": "web:production:REGION",
      key: key?.id ?? "",
      team: team?.id ?? "",
    };
    const before = everything();
    const secrets = ["create environment-secret", "create github-two", "create secret"];
    expect(await steps("two", ["preview"], imports)).toEqual([
      ...secrets,
      ...Object.keys(imports)
        .map((name) => `import ${name}`)
        .sort(),
    ]);
    await pulumi("two", ["up", "--yes", "--skip-preview"], imports);
    await pulumi("two", ["preview", "--expect-no-changes"]);
    const times = (one: CloudObject) => ({ ...one, inputs: {}, outputs: { ...one.outputs, updatedAt: "", remoteUpdatedAt: "" } });
    expect(everything().map(times)).toEqual(before.map(times));
  });

  test("destroy leaves the account, and nothing else", async () => {
    await pulumi("one", ["destroy", "--yes", "--skip-preview"]);
    expect(store.list().map(({ id }) => id)).toEqual(["acme"]);
  });
});
