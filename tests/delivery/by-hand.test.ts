import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestEngine } from "../engine.ts";
import { cloud, openTemplate, provide } from "../e2e/template.ts";
import { application } from "./application.ts";
import { deployments, dispatch, night, printed, push, release, results, said, serves } from "./happenings.ts";
import { type Event, type JobRun, Runner } from "./runner/runner.ts";

// What is started by hand or by the clock, on a template that has released a version to production and runs a newer one in staging.

let engine: TestEngine;
let runner: Runner;
let first = "";
let second = "";

beforeAll(async () => {
  engine = await openTemplate();
  for (const stack of ["delivery", "production"]) await engine.sandbox.ensureStack(stack);
  await engine.expect(["up", "--stack", "delivery", "--yes", "--skip-preview"]);
  runner = new Runner(engine, { name: "template", system: ".", files: application });
  first = runner.origin.commit({ "backend/app.py": "first\n" });
  await happens("deploy-staging.yml", push(first));
  await happens("deploy-production.yml", release("v1.0.0", first));
  second = runner.origin.commit({ "backend/app.py": "second\n" });
  await happens("deploy-staging.yml", push(second));
}, 600_000);
afterAll(async () => {
  await runner[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

/** Runs what an event starts, which is this workflow and all green. */
async function happens(workflow: string, event: Event): Promise<Record<string, JobRun>> {
  const { [workflow]: jobs = {}, ...others } = await runner.happen(event);
  expect(said(jobs)).toBe("");
  expect(others).toEqual({});
  return jobs;
}

const app = (stack: string): string => `template-${stack}`;
const digestOf = (commit: string): string => runner.digest("ghcr.io/example/template/backend", commit) ?? "";

test(
  "rotate redeploys the same digests with the secrets that the stack file holds by now, and one stack alone",
  { timeout: 300_000 },
  async () => {
    const before = { staging: serves(engine, app("staging")), times: deployments(engine, app("production")) };
    const times = deployments(engine, app("staging"));
    provide(engine, "staging", "clerkSecretKey", "sk_test_another_one_of_theirs");
    const file = "Pulumi.staging.yaml";
    const commit = runner.origin.commit({ [file]: readFileSync(join(engine.home.project("template"), file), "utf8") });
    const jobs = await happens("rotate.yml", dispatch("rotate.yml", commit, { stack: "staging" }));
    expect(results(jobs)).toEqual({ "rotate-staging": "success", "rotate-production": "skipped", tell: "skipped" });
    expect(serves(engine, app("staging"))).toEqual(before.staging);
    expect(deployments(engine, app("staging"))).toBe(times + 1);
    expect(deployments(engine, app("production"))).toBe(before.times);
    expect(printed(jobs["rotate-staging"], "Redeploy what runs")).not.toContain("sk_test_another");
    // Once more there is nothing to do.
    await happens("rotate.yml", dispatch("rotate.yml", commit, { stack: "staging" }));
    expect(deployments(engine, app("staging"))).toBe(times + 1);
  },
);

test(
  "the nightly run says nothing of stacks that are as they were left, and names what somebody changed",
  { timeout: 300_000 },
  async () => {
    const jobs = await happens("drift.yml", night(runner.origin.head()));
    expect(results(jobs)).toEqual({ "drift-staging": "success", "drift-production": "success", tell: "skipped" });
    const record = cloud(engine, (store) => store.list("digitalocean:index/dnsRecord:DnsRecord").find(({ name }) => name.includes("api")));
    if (!record) throw new Error("there is no record of the API");
    cloud(engine, (store) => store.put({ ...record, outputs: { ...record.outputs, ttl: 17 } }));
    const { "drift.yml": found = {} } = await runner.happen(night(runner.origin.head()));
    cloud(engine, (store) => store.put(record));
    // That something was found is told by the look itself; the notice is for looks that fail.
    expect(results(found)).toEqual({ "drift-staging": "success", "drift-production": "success", tell: "skipped" });
    expect(runner.issues().join("\n")).toMatch(
      /Drift: 1 resource of \w+ is not as deployed[^]*`DnsRecord` `\S+`: changed[^]*\| `ttl` \| `\d+` \| `17` \|/,
    );
  },
);

test(
  "production is previewed by hand, from the protected branch alone, with credentials that only look",
  { timeout: 300_000 },
  async () => {
    const commit = runner.origin.head();
    const { preview } = await happens("preview-production.yml", dispatch("preview-production.yml", commit, {}));
    expect(preview?.summary).toContain(`What main holds at ${commit}, and no pull request:\n`);
    expect(preview?.summary).toMatch(/## What this changes in `template`[^]*### `production`: /);
    const readable = (environment: string) => runner.hosted.readable(environment, push(commit)).secrets["DIGITALOCEAN_TOKEN"];
    expect(readable("production-preview")).not.toBe(readable("production"));
    expect(runner.comments()).toBe("");
    const { "preview-production.yml": foreign } = await runner.happen(dispatch("preview-production.yml", commit, {}, "feature/x"));
    expect(foreign?.["preview"]).toMatchObject({
      refused: "production-preview does not take refs/heads/feature/x",
      secrets: [],
      steps: [],
    });
  },
);

test("a rollback ends with an earlier healthy digest, and proposes the file of its post-mortem", { timeout: 300_000 }, async () => {
  await happens("deploy-production.yml", release("v1.1.0", second));
  expect(serves(engine, app("production"))["backend"]).toBe(digestOf(second));
  const inputs = { stack: "production", release: "", reason: 'Orders were lost: "$(id)" `id`' };
  const jobs = await happens("rollback.yml", dispatch("rollback.yml", second, inputs));
  expect(results(jobs)).toEqual({
    ...{ "roll-back-staging": "skipped", "roll-back-production": "success", "post-mortem": "success" },
    ...{ "tag-staging": "skipped", "tag-production": "success", tell: "skipped" },
  });
  expect(serves(engine, app("production"))["backend"]).toBe(digestOf(first));
  expect(serves(engine, app("staging"))["backend"]).toBe(digestOf(second));
  expect(jobs["roll-back-production"]?.summary).toContain("production: newest first, * serves");

  const asked = (): string[] => runner.issues().filter((text) => text.startsWith("Post-mortem of "));
  const [issue = "", ...others] = asked();
  expect(others).toEqual([]);
  const day = new Date().toISOString().slice(0, 10);
  const branchOf = (text: string): string =>
    /it: https:\/\/github\.com\/example\/template\/compare\/main\.\.\.(.+)\?expand=1$/m.exec(text)?.[1] ?? "";
  expect(issue.split("\n").slice(0, 2)).toEqual([
    `Post-mortem of ${day}-production`,
    expect.stringContaining(`Fill in docs/ops/incidents/${day}-production.md on the branch post-mortem-${day}-production-`),
  ]);
  const branch = branchOf(issue);
  const proposed = runner.origin.proposed(branch);
  expect(Object.keys(proposed)).toEqual([`docs/ops/incidents/${day}-production.md`]);
  const run = (number: number): string => `https://github.com/example/template/actions/runs/${number}`;
  const text = Object.values(proposed)
    .join()
    .replaceAll(/of \d{4}-\S+Z|at \d{4}-\S+Z/g, "TIME")
    .replaceAll(new RegExp(run(0).slice(0, -1) + "\\d+", "g"), "RUN");
  expect(text.split("\n")).toEqual([
    `# ${day}: production rolled back`,
    "",
    `- What happened: ${inputs.reason}`,
    "- By: ann",
    "- Run: RUN",
    "- Rolled back: production, TIME, as release 3",
    `- From: release 2, commit ${second}, TIME, RUN`,
    `- To: release 1, commit ${first}, TIME, RUN`,
    `- backend: ghcr.io/example/template/backend@${digestOf(second)} → ghcr.io/example/template/backend@${digestOf(first)}`,
    "",
    "## Who noticed, and when",
    "",
    "## What users saw",
    "",
    "## Why it happened",
    "",
    "## What we change",
  ]);

  // Once it is merged, the next one of that day has a name of its own. There is nothing before the first release, and the file says so.
  const merged = runner.origin.commit(Object.fromEntries(Object.entries(proposed).map(([name, content]) => [name, `${content}\n`])));
  const { "rollback.yml": again } = await runner.happen(dispatch("rollback.yml", merged, { ...inputs, release: "9" }));
  expect(results(again)).toEqual({
    ...{ "roll-back-staging": "skipped", "roll-back-production": "failure", "post-mortem": "success" },
    ...{ "tag-staging": "skipped", "tag-production": "skipped", tell: "success" },
  });
  expect(said(again)).toContain("production has no release 9");
  const [, next = ""] = asked();
  const [file = "", content = ""] = Object.entries(runner.origin.proposed(branchOf(next)))[0] ?? [];
  expect(file).toBe(`docs/ops/incidents/${day}-production-2.md`);
  expect(content).toContain(`# ${day}: a rollback of production that failed\n`);
  expect(content).toContain("- Asked for: release 9\n");
  expect(serves(engine, app("production"))["backend"]).toBe(digestOf(first));
});

test(
  "an up that is green with hosts that are not well: the release before returns, the job is red, and the notice names it",
  { timeout: 300_000 },
  async () => {
    const commit = runner.origin.commit({ "backend/app.py": "third\n" });
    runner.sicken(runner.digestOfBuild("backend", commit));
    const { "deploy-staging.yml": jobs } = await runner.happen(push(commit));
    const deployed = jobs?.["deploy-staging"];
    expect(deployed?.steps.map(({ name, outcome }) => `${name}: ${outcome}`).slice(-5)).toEqual([
      "Deploy to staging: success",
      "Look at what answers: failure",
      "Say which images run: skipped",
      "Return to the release before: success",
      "Keep what was said last: success",
    ]);
    expect(results(jobs)).toMatchObject({ "deploy-staging": "failure", "tag-staging": "skipped", tell: "success" });
    expect(serves(engine, app("staging"))["backend"]).toBe(digestOf(second));
    const notice = runner.issues().find((issue) => issue.startsWith("Deploy to staging failed")) ?? "";
    expect(notice).toContain(`Deploy to staging failed: deploy-staging, while looking at what answers. Commit ${commit}, `);
    expect(notice).toContain("error: https://api.staging.");
    expect(notice).toContain(`→ ghcr.io/example/template/backend@${digestOf(second)}`);
    expect(notice).toMatch(/staging runs release \d+\./);
  },
);

test("a rotation that would open the database is refused before anything is changed, and told with why", { timeout: 300_000 }, async () => {
  const file = "Pulumi.production.yaml";
  const before = { serves: serves(engine, app("production")), times: deployments(engine, app("production")) };
  const own = readFileSync(join(engine.home.project("template"), file), "utf8");
  provide(engine, "production", "clerkSecretKey", "sk_live_another_one_of_theirs");
  const rotated = readFileSync(join(engine.home.project("template"), file), "utf8");
  expect(rotated).not.toBe(own);
  const until = new Date(Date.now() + 3 * 86_400_000).toISOString();
  const commit = runner.origin.commit({
    [file]: rotated.replace(/^config:\n/m, `$&  groundwork:databaseAccess: [{ address: 203.0.113.7, until: "${until}" }]\n`),
  });
  const { "rotate.yml": refused } = await runner.happen(dispatch("rotate.yml", commit, { stack: "production" }));
  expect(results(refused)).toEqual({ "rotate-staging": "skipped", "rotate-production": "failure", tell: "success" });
  const job = refused?.["rotate-production"];
  expect(printed(job, "Show what changes")).toContain("--accept open:DatabaseFirewall/database-firewall");
  expect(printed(job, "Redeploy what runs")).toBe("");
  expect(serves(engine, app("production"))).toEqual(before.serves);
  expect(deployments(engine, app("production"))).toBe(before.times);
  const notice = runner.issues().find((issue) => issue.startsWith("A rotation of secrets failed")) ?? "";
  expect(notice).toContain("rotate-production, while looking at what would change. Commit");
  expect(notice).toContain("open:DatabaseFirewall/database-firewall");
  expect(notice).not.toContain("sk_live_another");

  // Without the opening it is the rotation that it was meant to be.
  const mended = runner.origin.commit({ [file]: rotated });
  const jobs = await happens("rotate.yml", dispatch("rotate.yml", mended, { stack: "production" }));
  expect(results(jobs)).toEqual({ "rotate-staging": "skipped", "rotate-production": "success", tell: "skipped" });
  expect(serves(engine, app("production"))).toEqual(before.serves);
  expect(deployments(engine, app("production"))).toBe(before.times + 1);
});
