import { afterAll, beforeAll, expect, test } from "vitest";
import { account } from "../../sandbox/catalogue/github/account.ts";
import type { TestEngine } from "../engine.ts";
import { cloud, configure, objectOf, openTemplate } from "../e2e/template.ts";
import { application } from "./application.ts";
import { printed, push, release, results, said } from "./happenings.ts";
import { type JobRun, Runner } from "./runner/runner.ts";

// The template where somebody approves what comes to production: the plan is shown before, and the deploy does that.

let engine: TestEngine;
let runner: Runner;

beforeAll(async () => {
  engine = await openTemplate();
  for (const stack of ["delivery", "production"]) await engine.sandbox.ensureStack(stack);
  cloud(engine, (store) => store.put(account("example", "enterprise")));
  configure(engine, "delivery", ["groundwork:github"], { owner: "example", plan: "enterprise" });
  configure(engine, "delivery", ["groundwork:environments"], { production: { reviewers: ["ann"] } });
  await engine.expect(["up", "--stack", "delivery", "--yes", "--skip-preview"]);
  runner = new Runner(engine, { name: "template", system: ".", files: application });
}, 240_000);
afterAll(async () => {
  await runner?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

/** Brings a commit to staging, and releases it. */
async function ship(tag: string, files: Readonly<Record<string, string>>): Promise<Record<string, JobRun>> {
  const commit = runner.origin.commit(files);
  expect(said((await runner.happen(push(commit)))["deploy-staging.yml"])).toBe("");
  const { "deploy-production.yml": jobs = {} } = await runner.happen(release(tag, commit));
  expect(said(jobs)).toBe("");
  expect(results(jobs)).toEqual({
    ...{ images: "success", "plan-production": "success", "deploy-production": "success", "tag-production": "success", tell: "skipped" },
  });
  return jobs;
}

test("the plan stands on the run's page before the approval, and the deploy is held to it", { timeout: 400_000 }, async () => {
  const first = await ship("v1.0.0", { "backend/app.py": "first\n" });
  expect(first["plan-production"]?.summary).toContain("### `production`: ");
  expect(printed(first["deploy-production"], "Deploy to production")).toContain(
    "production has run nothing yet, so its first deploy is held to no plan that was shown.",
  );

  const file = "Pulumi.production.yaml";
  const text = runner.origin.read(file).replace("logLevel: WARNING", "logLevel: ERROR");
  const second = await ship("v1.1.0", { [file]: text, "backend/app.py": "second\n" });
  const looked = second["plan-production"];
  expect(looked?.summary).toMatch(/LOG_LEVEL[^]*WARNING[^]*ERROR/);
  expect(looked?.outputs["plan"]).toMatch(/^shown:[0-9a-f]{12}(,[0-9a-f]{12})*$/);
  expect(printed(second["deploy-production"], "Deploy to production")).toContain(
    "The plan is the one that was shown by the plan before the approval.",
  );
  expect(JSON.stringify(objectOf(engine, "App", "template-production").outputs["spec"])).toContain('"value":"ERROR"');
  // It looks with what can only look.
  const token = (environment: string) => runner.hosted.readable(environment, push(runner.origin.head())).secrets["DIGITALOCEAN_TOKEN"];
  expect(token("production-preview")).not.toBe(token("production"));
});
