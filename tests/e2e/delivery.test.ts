import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { account, type Plan } from "../../sandbox/catalogue/github/account.ts";
import { types } from "../../sandbox/catalogue/github/common.ts";
import type { CloudObject } from "../../sandbox/cloud/store.ts";
import { TestEngine } from "../engine.ts";
import { cloud, configure, stateOf, stepsOf } from "./template.ts";
import { encrypt, type StackEncryption } from "../../sandbox/stack-secrets.ts";
import { readFileSync } from "node:fs";

/** An organization, and the delivery stack of the system with everything switched on. */
async function open(plan: Plan = "enterprise"): Promise<TestEngine> {
  const engine = await TestEngine.open("tests/systems/delivered");
  cloud(engine, (store) => store.put(account("acme", plan)));
  await engine.sandbox.ensureStack("delivery");
  return engine;
}

const up = (engine: TestEngine) => engine.expect(["up", "--stack", "delivery", "--yes", "--skip-preview"]);
const preview = (engine: TestEngine) => engine.run(["preview", "--stack", "delivery"]);
const destroy = (engine: TestEngine, ...more: string[]) =>
  engine.run(["destroy", "--stack", "delivery", "--yes", "--skip-preview", ...more]);
const refresh = (engine: TestEngine) => stepsOf(engine, "delivery", ["refresh", "--preview-only"]);
const isClean = async (engine: TestEngine): Promise<void> => {
  await engine.expect(["preview", "--stack", "delivery", "--expect-no-changes"]);
  expect(await refresh(engine)).toEqual([]);
};

/** What stands at GitHub: `RepositoryEnvironment delivered:production`. The account itself is left out. */
const standing = (engine: TestEngine, type?: string): string[] =>
  cloud(engine, (store) =>
    store
      .list(type)
      .filter((one) => one.provider === "github" && one.name !== "acme")
      .map(({ type: token, id }) => `${token.split(":").at(-1)} ${id}`)
      .sort(),
  );
const get = (engine: TestEngine, type: string, id: string): CloudObject => {
  const found = cloud(engine, (store) => store.get(type, id));
  if (!found) throw new Error(`there is no ${type} ${id}`);
  return found;
};
const labels = (engine: TestEngine, repository: string): string[] =>
  (get(engine, types.repository, repository).outputs.labels as { name: string }[]).map(({ name }) => name);

/** Gives a secret of the delivery stack another value. */
function provide(engine: TestEngine, path: readonly string[], value: string): void {
  const encryption = JSON.parse(readFileSync(join(engine.home.root, "encryption.json"), "utf8")) as StackEncryption;
  configure(engine, "delivery", ["groundwork:provided", ...path, "secure"], encrypt(encryption, value));
}

describe("an empty organization", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await open();
    await up(engine);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test("gets complete repositories, a private and a public one, and neither a second preview nor a refresh finds anything", async () => {
    await isClean(engine);
    expect(standing(engine, types.repository)).toEqual(["Repository delivered", "Repository delivered-front"]);
    expect(get(engine, types.repository, "delivered").outputs).toMatchObject({
      visibility: "private",
      allowMergeCommit: false,
      deleteBranchOnMerge: true,
      actions: { allowedActions: "selected", shaPinningRequired: true },
      workflows: { defaultWorkflowPermissions: "read" },
      alerts: { vulnerabilities: true, securityUpdates: true },
    });
    expect(get(engine, types.repository, "delivered-front").outputs).toMatchObject({ visibility: "public" });
    expect(standing(engine, types.environment)).toContain("RepositoryEnvironment delivered:production");
    expect(standing(engine, types.ruleset)).toHaveLength(7);
    // GitHub takes workflows from the branch that something happens to, so each that stays holds them all.
    const files = standing(engine, types.file).filter((one) => one.includes("RepositoryFile delivered:"));
    const on = (branch: string) => files.filter((one) => one.endsWith(`:${branch}`)).map((one) => one.replace(/:[^:]*$/, ""));
    expect(on("next").filter((one) => one.endsWith("/ci.yml"))).toHaveLength(1);
    expect(on("next")).toEqual(on("main"));
    expect(labels(engine, "delivered")).toEqual(expect.arrayContaining(["bug", "question"]));
  });

  test("a secret that changes is one update, and reaches nothing else", async () => {
    provide(engine, ["staging", "digitaloceanToken"], "dop_v1_another");
    const [step, ...others] = await stepsOf(engine, "delivery");
    expect(others).toEqual([]);
    expect(step).toMatchObject({
      op: "update",
      type: "ActionsEnvironmentSecret",
      name: "application-staging-DIGITALOCEAN_TOKEN",
      changes: { value: "update" },
    });
    await up(engine);
    await isClean(engine);
  });

  test("the repository keeps its workflows itself, and gives them back: no file goes, and nothing is refused", async () => {
    const files = standing(engine, types.file);
    const kept = { DELIVERED_FILES: "kept" };
    const run = (args: string[], env: Record<string, string>) => engine.expect([...args, "--stack", "delivery"], { env });
    const content = (): unknown => get(engine, types.file, "delivered:.github/workflows/ci.yml:main").outputs.content;
    const text = content();
    await run(["up", "--yes", "--skip-preview"], kept);
    expect(standing(engine, types.file)).toEqual(files);
    const main = cloud(engine, (store) => store.list(types.ruleset)).find(
      ({ name, outputs }) => name === "groundwork: main" && outputs.repository === "delivered",
    );
    expect(main?.outputs.bypassActors).toEqual([]);
    await run(["preview", "--expect-no-changes"], kept);
    // A pull request has changed one, and another is gone: none of this stack's business until it owns them again.
    cloud(engine, (store) => {
      const ci = get(engine, types.file, "delivered:.github/workflows/ci.yml:main");
      store.put({ ...ci, outputs: { ...ci.outputs, content: "on: push\n" } });
    });
    await run(["up", "--yes", "--skip-preview"], kept);
    cloud(engine, (store) => store.remove(types.file, "delivered:.github/workflows/rotate.yml:main"));
    await run(["up", "--yes", "--skip-preview"], kept);
    expect(
      stateOf(engine, "delivery")
        .resources.filter(({ type }) => type === types.file)
        .map(({ urn }) => urn.split("::").at(-1)),
    ).toEqual(expect.not.arrayContaining([expect.stringContaining("application-")]));
    await up(engine);
    await isClean(engine);
    expect(standing(engine, types.file)).toEqual(files);
    expect(content()).toBe(text);
  });

  test("a ruleset that is loosened, an environment that is opened, and a secret that is deleted by hand are drift", async () => {
    const before = cloud(engine, (store) => store.list());
    const [main] = cloud(engine, (store) => store.list(types.ruleset)).filter(({ name }) => name === "groundwork: main");
    const environment = get(engine, types.environment, "delivered:production");
    cloud(engine, (store) => {
      if (main) store.put({ ...main, outputs: { ...main.outputs, enforcement: "disabled" } });
      store.put({ ...environment, outputs: { ...environment.outputs, waitTimer: null } });
      store.remove(types.environmentSecret, "delivered:production:DIGITALOCEAN_TOKEN");
    });
    const found = (await refresh(engine)).map(({ op, type }) => `${op} ${type}`).sort();
    expect(found).toEqual(["delete ActionsEnvironmentSecret", "update RepositoryEnvironment", "update RepositoryRuleset"]);
    cloud(engine, (store) => before.forEach((one) => store.put(one)));
    expect(await refresh(engine)).toEqual([]);
  });

  test("another owner is refused: nothing would follow the repositories there", async () => {
    configure(engine, "delivery", ["groundwork:github", "owner"], "other");
    configure(engine, "delivery", ["groundwork:environments"], {});
    const { code, stdout } = await preview(engine);
    expect(code).toBe(1);
    expect(stdout).toContain('github/owner: is "other", but this stack holds repositories of "acme".');
    configure(engine, "delivery", ["groundwork:github", "owner"], "acme");
    configure(engine, "delivery", ["groundwork:environments"], { production: { reviewers: ["ann", "acme/platform"], wait: "30 min" } });
    await isClean(engine);
  });

  test("destroy is refused as long as the repositories are protected, and leaves them with their branches and labels", async () => {
    const refused = await destroy(engine);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toContain("protected");
    expect((await destroy(engine, "--ignore-protect")).code).toBe(0);
    expect(new Set(standing(engine).map((one) => one.split(" ")[0]))).toEqual(new Set(["Branch", "Repository", "RepositoryFile"]));
    expect(labels(engine, "delivered")).toEqual(expect.arrayContaining(["bug", "question"]));
    expect(get(engine, types.repository, "delivered").outputs).toMatchObject({
      actions: { shaPinningRequired: true, allowedActions: "selected" },
      alerts: { vulnerabilities: true, securityUpdates: true },
    });
    // What stays is in the way of a new one, and said with the way out.
    const { code, stdout } = await preview(engine);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'repositories/application/name: there is a repository "acme/delivered" already. Say from: "import" or "reference" to take it in as it is',
    );
  });
});

describe("an organization full of existing things", () => {
  /** The same with what somebody has made by hand; no state knows it. */
  async function openFull(env: Record<string, string> = {}): Promise<{ engine: TestEngine; before: CloudObject[] } & AsyncDisposable> {
    const engine = await open();
    const folder = await engine.project("by-hand", join(import.meta.dirname, "by-hand.ts"), "once");
    await engine.expect(["up", "--stack", "once", "--yes", "--skip-preview"], { folder, env });
    await engine.expect(["stack", "rm", "once", "--force", "--yes"], { folder });
    for (const [key, name] of [
      ["application", "delivered"],
      ["storefront", "delivered-front"],
    ] as const) {
      configure(engine, "delivery", ["groundwork:repositories", key], { name, from: key === "application" ? "import" : "reference" });
    }
    return { engine, before: cloud(engine, (store) => store.list()), [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
  }
  const lost = (engine: TestEngine, before: readonly CloudObject[]): string[] => {
    const now = cloud(engine, (store) => store.list());
    return before.filter((one) => !now.some(({ type, id }) => type === one.type && id === one.id)).map(({ type, id }) => `${type} ${id}`);
  };

  test("is taken in without deleting anything or changing a setting, a second preview is clean, and destroy leaves it", async () => {
    await using there = await openFull();
    const { engine, before } = there;
    const planned = (await stepsOf(engine, "delivery")).map(({ op, type }) => `${op} ${type}`);
    expect(planned.filter((step) => !step.startsWith("create "))).toEqual(
      expect.arrayContaining(["import Repository", "import ActionsEnvironmentVariable"]),
    );
    expect(planned.filter((step) => /^(delete|replace|update)/.test(step))).toEqual([]);
    await up(engine);
    await isClean(engine);
    expect(lost(engine, before)).toEqual([]);

    const own = ({ outputs: { description, topics, hasWiki, homepageUrl, allowMergeCommit, actions, workflows } }: CloudObject) => ({
      ...{ description, topics, hasWiki, homepageUrl, allowMergeCommit, actions, workflows },
    });
    for (const repository of before.filter(({ type }) => type === types.repository)) {
      expect(own(get(engine, types.repository, repository.id))).toEqual(own(repository));
    }
    expect(labels(engine, "delivered")).toEqual(expect.arrayContaining(["bug", "ours", "question"]));
    const production = get(engine, types.environment, "delivered:production").outputs as {
      reviewers: { users: number[] }[];
      waitTimer: number;
      preventSelfReview: boolean;
      canAdminsBypass: boolean;
    };
    expect(production.reviewers[0]?.users).toContain(7);
    expect(production.reviewers[0]?.users).toHaveLength(2);
    expect(production).toMatchObject({ waitTimer: 60, preventSelfReview: true, canAdminsBypass: false });
    expect(standing(engine, types.environmentSecret)).toEqual(
      expect.arrayContaining([
        "ActionsEnvironmentSecret delivered:old:OLD_TOKEN",
        "ActionsEnvironmentSecret delivered:production:OLD_TOKEN",
      ]),
    );

    expect((await destroy(engine, "--ignore-protect")).code).toBe(0);
    const gone = lost(engine, before).map((one) => one.split(":").at(-1));
    expect(gone).toEqual(["PULUMI_BACKEND_URL"]);
  });

  const choose = (engine: TestEngine, choice: Readonly<Record<string, unknown>>): void =>
    configure(engine, "delivery", ["groundwork:repositories", "application"], { name: "delivered", ...choice });

  test(
    "a file that stands at the path of a workflow is refused, and written over where that is asked for",
    { timeout: 120_000 },
    async () => {
      const file = ".github/workflows/ci.yml";
      await using there = await openFull({ BY_HAND_FILE: file });
      const { engine, before } = there;
      const text = (): unknown => get(engine, types.file, `delivered:${file}:main`).inputs["content"];
      const refused = await engine.run(["up", "--stack", "delivery", "--yes", "--skip-preview"]);
      expect(refused.code).not.toBe(0);
      expect(refused.stdout).toContain("overwrite");
      expect(text()).toBe("on: push\n");
      choose(engine, { from: "import", overwrite: true });
      await up(engine);
      await isClean(engine);
      expect(text()).toMatch(/^# Generated from [^]*\nname: CI\n/);
      expect(lost(engine, before)).toEqual([]);
    },
  );

  test("what is in the way of the files, or would open the secrets to others, is said in one report, and nothing is changed", async () => {
    await using there = await openFull({ BY_HAND: "wild" });
    const { engine, before } = there;
    const { code, stdout } = await preview(engine);
    expect(code).toBe(1);
    const said = stdout.split("\n").map((line) => line.trim());
    expect(said.filter((line) => line.startsWith("repositories/"))).toEqual([
      'repositories/application: "acme/delivered" merges by "merge", and the system\'s file by "squash", "rebase", so nothing could be merged. ' +
        "Change one of them.",
      'repositories/application: the environment "production" is open to the branch "release/*" already, which anybody with push access can make, ' +
        "and would hand its new secrets to them. Delete that by hand (Settings, Environments, production).",
      'repositories/application: the ruleset "Reviewed" (pull_request) refuses commits to "main", and this stack commits the workflows\' files there. ' +
        'Let administrators of the repository pass by it (bypass list: Repository admin, always), or say workflowFiles: "kept" in the system\'s file ' +
        "and bring the files in by a pull request.",
      'repositories/application: ".github/workflows/ci.yml" stands on "main" already, where this stack would commit its own. Say overwrite: true (git keeps the ' +
        "old text), or give yours another name.",
      'repositories/application/.github/workflows/legacy.yml/label: runs on "pull_request_target" with this repository\'s secrets, and checks files ' +
        "out: those of a pull request would run. Use pull_request, which has no secrets.",
    ]);
    expect(cloud(engine, (store) => store.list())).toEqual(before);
    expect(stateOf(engine, "delivery").resources.filter(({ type }) => type.startsWith("github:"))).toEqual([]);
  });

  test("a repository that this stack holds cannot be only referred to from now on, and is told how to let it go", async () => {
    await using there = await openFull();
    const { engine } = there;
    await up(engine);
    configure(engine, "delivery", ["groundwork:repositories", "application", "from"], "reference");
    const { code, stdout } = await preview(engine);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'repositories/application/from: is "reference", and this stack holds the repository, protected. Say from: "import"',
    );
  });

  test("a variable that somebody uses for something else is not written over", async () => {
    await using there = await openFull({ BY_HAND_STATE: "s3://elsewhere" });
    const { engine, before } = there;
    const { code, stdout } = await preview(engine);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'repositories/application: the environment "production" has a variable "PULUMI_BACKEND_URL" with another value, which somebody may still need.',
    );
    expect(cloud(engine, (store) => store.list())).toEqual(before);
  });

  test("what contradicts the files is said before anything is registered: a name, a visibility, reviewers that nobody knows", async () => {
    await using there = await openFull();
    const { engine } = there;
    configure(engine, "delivery", ["groundwork:repositories", "application", "name"], "delivered-front");
    configure(engine, "delivery", ["groundwork:repositories", "storefront", "name"], "nowhere");
    configure(engine, "delivery", ["groundwork:environments", "production", "reviewers"], ["nobody"]);
    const { code, stdout } = await preview(engine);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'repositories/application: "acme/delivered-front" has the visibility "public", and the system\'s file says "private".',
    );
    expect(stdout).toContain(
      'repositories/storefront/name: says that it stands, but there is no repository "acme/nowhere" that the token sees.',
    );
    expect(stdout).toContain('environments/production/reviewers: nobody is called "nobody"');
    expect(stateOf(engine, "delivery").resources.filter(({ type }) => type.startsWith("github:"))).toEqual([]);
  });
});

test("a system without delivery has no such stack, and its stacks know nothing of GitHub", async () => {
  await using engine = await TestEngine.open("tests/systems/tiny");
  for (const stack of ["shared", "staging"]) {
    await engine.sandbox.ensureStack(stack);
    await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
    expect(stateOf(engine, stack).text).not.toContain("github:");
  }
  await engine.expect(["stack", "init", "delivery"]);
  const { code, stdout } = await preview(engine);
  expect(code).toBe(1);
  expect(stdout).toContain("tiny has no delivery. Describe it in its system.ts.");
});
