import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestEngine } from "../engine.ts";
import { fail, types } from "../e2e/faults.ts";
import { objectOf, openTemplate } from "../e2e/template.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import { listReleases } from "../../operations/releases.ts";
import { readExport } from "../../operations/stack-state.ts";
import { application } from "./application.ts";
import { dispatch, printed, pull, push, release, results, said, serves as servesIn } from "./happenings.ts";
import { type JobRun, Runner } from "./runner/runner.ts";

// The template's workflows, as its delivery stack has committed them, from a push to production. The engine, the verbs and the state are the
// real ones; GitHub, the registry and the cloud are stand-ins.

let engine: TestEngine;
let runner: Runner;

beforeAll(async () => {
  engine = await openTemplate();
  for (const stack of ["delivery", "production"]) await engine.sandbox.ensureStack(stack);
  await engine.expect(["up", "--stack", "delivery", "--yes", "--skip-preview"]);
  runner = new Runner(engine, { name: "template", system: ".", files: application });
}, 240_000);
afterAll(async () => {
  await runner[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

interface Spec {
  readonly services: readonly { readonly envs?: readonly { readonly key: string; readonly value?: string }[] }[];
}

const registry = "ghcr.io/example/template";
const serves = (stack: string): Record<string, string> => servesIn(engine, `template-${stack}`);
/** What the list of releases says that serves, and the deployment that the cloud lets serve: a description that failed stays with the App. */
async function serving(stack: string): Promise<{ images: Readonly<Record<string, string>> | undefined; deployment: unknown }> {
  const { serving: release } = listReleases(stack, await readExport(Pulumi.sandbox(engine.sandbox), stack));
  return { images: release?.images, deployment: objectOf(engine, "App", `template-${stack}`).outputs["activeDeploymentId"] };
}

const built = (commit: string): Record<string, string | undefined> => ({
  backend: runner.digest(`${registry}/backend`, commit),
  dashboard: runner.digest(`${registry}/dashboard`, commit),
});

/** Service → image by its digest. */
const imagesOf = (commit: string): Record<string, string> =>
  Object.fromEntries(Object.entries(built(commit)).map(([service, digest]) => [service, `${registry}/${service}@${digest}`]));

const ci = { "test-backend": "success", playwright: "success", "pre-commit": "success" };
const builds = { "build-backend": "success", "build-dashboard": "success" };
let first = "";

test("a push to main ends with the new digests in staging", { timeout: 300_000 }, async () => {
  const before = serves("staging");
  first = runner.origin.commit({ "backend/app.py": "first\n", "frontend/app.ts": "first\n" });
  const { "deploy-staging.yml": jobs, ...others } = await runner.happen(push(first));
  expect(said(jobs)).toBe("");
  expect(results(jobs)).toEqual({ ...ci, ...builds, "deploy-staging": "success", "tag-staging": "success", tell: "skipped" });
  expect(others).toEqual({});
  expect(serves("staging")).toEqual(built(first));
  expect(serves("staging")).not.toEqual(before);
  expect(runner.digest(`${registry}/backend`, "staging")).toBe(built(first)["backend"]);
  // Nothing of the environment's is printed, and no other job could read it.
  expect(jobs?.["deploy-staging"]?.secrets).toContain("DIGITALOCEAN_TOKEN");
  expect(
    Object.entries(jobs ?? {})
      .filter(([, { secrets }]) => secrets.length > 0)
      .map(([id]) => id),
  ).toEqual(["deploy-staging"]);
});

test("a published release ends with the digests that staging ran in production, and nothing is built", { timeout: 300_000 }, async () => {
  const { "deploy-production.yml": jobs, ...others } = await runner.happen(release("v1.0.0", first));
  expect(said(jobs)).toBe("");
  expect(results(jobs)).toEqual({ images: "success", "deploy-production": "success", "tag-production": "success", tell: "skipped" });
  expect(others).toEqual({});
  expect(serves("production")).toEqual(serves("staging"));
  for (const tag of ["v1.0.0", "latest"]) expect(runner.digest(`${registry}/dashboard`, tag)).toBe(built(first)["dashboard"]);
});

test(
  "a version that does not come to serve is red and told of, and the one before serves on; no release brings it to production",
  {
    timeout: 300_000,
  },
  async () => {
    const before = { staging: await serving("staging"), production: await serving("production") };
    const commit = runner.origin.commit({ "backend/app.py": "second\n" });
    fail(engine, { type: types.app, operation: "update", kind: "deployment", details: { phase: "deploy", log: ["no such table"] } });
    const { "deploy-staging.yml": jobs } = await runner.happen(push(commit));
    expect(results(jobs)).toEqual({ ...ci, ...builds, "deploy-staging": "failure", "tag-staging": "skipped", tell: "success" });
    expect(await serving("staging")).toEqual(before.staging);
    expect(before.staging.images).toEqual(imagesOf(first));
    expect(built(commit)["backend"]).not.toBe(built(first)["backend"]);
    expect(runner.digest(`${registry}/backend`, "staging")).toBe(built(first)["backend"]);
    const [issue = "", ...more] = runner.issues();
    expect(more).toEqual([]);
    expect(issue).toContain(`Deploy to staging failed: deploy-staging, while deploying. Commit ${commit}, https://github.com/`);
    expect(issue).toContain("    error: the deployment of staging failed; release");
    expect(issue).toContain("no such table");

    const { "deploy-production.yml": released } = await runner.happen(release("v1.1.0", commit));
    expect(results(released)).toEqual({ images: "success", "deploy-production": "failure", "tag-production": "skipped", tell: "success" });
    expect(said(released)).toContain(`staging has no release of commit "${commit}"`);
    expect(await serving("production")).toEqual(before.production);
  },
);

test("tests that are red deploy nothing, and somebody is told", { timeout: 60_000 }, async () => {
  const [before = "", ...others] = runner.issues();
  const commit = runner.origin.commit({ "backend/broken": "one\n" });
  const { "deploy-staging.yml": jobs } = await runner.happen(push(commit));
  expect(results(jobs)).toMatchObject({
    "test-backend": "failure",
    "deploy-staging": "skipped",
    "tag-staging": "skipped",
    tell: "success",
  });
  // The issue that is open is added to.
  const [issue = "", ...more] = runner.issues();
  expect(issue.startsWith(before)).toBe(true);
  expect(issue.slice(before.length)).toContain(`Deploy to staging failed: test-backend. Commit ${commit}, `);
  expect(more).toEqual(others);
});

test("a pull request is told what it changes, with credentials that only look", { timeout: 120_000 }, async () => {
  const commit = runner.origin.commit({ "backend/app.py": "third\n", "backend/broken": "" });
  const { "preview.yml": jobs } = await runner.happen(pull("example", commit));
  expect(said(jobs)).toBe("");
  expect(jobs?.["preview-staging"]?.secrets).toEqual([
    "DIGITALOCEAN_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
    "STATE_ACCESS_KEY_ID",
    "STATE_SECRET_ACCESS_KEY",
  ]);
  expect(runner.hosted.readable("staging-preview", push(commit)).secrets["DIGITALOCEAN_TOKEN"]).not.toBe(
    runner.hosted.readable("staging", push(commit)).secrets["DIGITALOCEAN_TOKEN"],
  );
  expect(runner.comments()).toContain("## What this changes in `template`");
  expect(runner.comments()).toContain("### `staging`: ");
});

test("a merge does what its pull request was shown, and refuses what nobody was shown", { timeout: 300_000 }, async () => {
  const file = "Pulumi.staging.yaml";
  const before = runner.origin.read(file);
  const level = (name: string): string => runner.origin.commit({ [file]: before.replace("logLevel: INFO", `logLevel: ${name}`) });
  const shows = (): unknown => {
    const { envs = [] } = (objectOf(engine, "App", "template-staging").outputs["spec"] as Spec).services[0] ?? {};
    return envs.find(({ key }) => key === "LOG_LEVEL")?.value;
  };

  const commit = level("WARNING");
  runner.propose(8, commit);
  expect(said((await runner.happen(pull("example", commit, "template", 8)))["preview.yml"])).toBe("");
  const { "deploy-staging.yml": jobs } = await runner.happen(push(commit));
  expect(said(jobs)).toBe("");
  expect(printed(jobs?.["deploy-staging"], "Deploy to staging")).toContain("The plan is the one that was shown by #8.");
  expect(shows()).toBe("WARNING");

  // Somebody may push to main past every pull request. What it changes nobody has seen.
  const unseen = level("ERROR");
  const { "deploy-staging.yml": refused } = await runner.happen(push(unseen));
  expect(results(refused)).toMatchObject({ "deploy-staging": "failure", "tag-staging": "skipped", tell: "success" });
  expect(said(refused)).toMatch(
    /the plan for staging went stale: it does what nobody was shown, since the commit came by no pull request:\n {2}update App/,
  );
  expect(shows()).toBe("WARNING");
  // The way out that it names: a pull request that shows it.
  const shown = runner.origin.commit({ "README.md": "shown\n" });
  runner.propose(9, shown);
  expect(said((await runner.happen(pull("example", shown, "template", 9)))["preview.yml"])).toBe("");
  expect(said((await runner.happen(push(shown)))["deploy-staging.yml"])).toBe("");
  expect(shows()).toBe("ERROR");
});

test(
  "a fork's pull request sees no secret, whatever it makes of the workflows, and no branch of one's own deploys",
  { timeout: 60_000 },
  async () => {
    const fork = pull("mallory", runner.origin.commit({ "backend/app.py": "fourth\n", "backend/broken": "" }));
    const readable = (runs: Record<string, Record<string, JobRun>>): string[] =>
      Object.entries(runs).flatMap(([file, jobs]) =>
        Object.entries(jobs).map(([id, { result, secrets }]) => `${file}: ${id} (${result}) reads ${secrets.join(", ") || "nothing"}`),
      );
    expect(readable(await runner.happen(fork)).sort()).toEqual([
      "ci.yml: playwright (success) reads nothing",
      "ci.yml: pre-commit (success) reads nothing",
      "ci.yml: test-backend (success) reads nothing",
      "migrations.yml: migrations (success) reads nothing",
      "preview.yml: preview-staging (skipped) reads nothing",
    ]);

    // The fork's own workflows run: one that takes the condition away, and one that reaches for production.
    const preview = runner.origin.read(".github/workflows/preview.yml").replace(/^ {4}if: .*\n/m, "");
    const changed = {
      ".github/workflows/preview.yml": preview,
      ".github/workflows/migrations.yml": preview.replace("staging-preview", "production"),
    };
    const runs = await runner.happen({ ...fork, commit: runner.origin.commit(changed) });
    const job = runs["preview.yml"]?.["preview-staging"];
    expect(job).toMatchObject({ result: "failure", secrets: [] });
    expect(said({ job: job! })).toContain("these credentials do not open staging");
    expect(runs["migrations.yml"]?.["preview-staging"]).toMatchObject({
      refused: "production does not take refs/pull/7/merge",
      steps: [],
      secrets: [],
    });

    const inputs = { stack: "production", release: "", reason: "mine" };
    const { "rollback.yml": rollback } = await runner.happen(dispatch("rollback.yml", fork.commit, inputs, "feature/x"));
    expect(rollback?.["roll-back-production"]).toMatchObject({
      refused: "production does not take refs/heads/feature/x",
      steps: [],
      secrets: [],
    });
    // Nothing was rolled back, so there is nothing to write down.
    expect(rollback?.["post-mortem"]?.result).toBe("skipped");
  },
);
