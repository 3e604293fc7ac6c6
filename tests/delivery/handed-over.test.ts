import { afterAll, beforeAll, expect, test } from "vitest";
import { account } from "../../sandbox/catalogue/github/account.ts";
import { TestEngine } from "../engine.ts";
import { cloud } from "../e2e/template.ts";
import { dispatch, pull, push, results, said, serves } from "./happenings.ts";
import { type JobRun, Runner } from "./runner/runner.ts";

// The program in a repository of its own, and a public application repository that hands over the digests that it builds.

let engine: TestEngine;
let infrastructure: Runner;
let shop: Runner;

beforeAll(async () => {
  const system = "tests/systems/handed";
  engine = await TestEngine.open(system);
  cloud(engine, (store) => store.put(account("acme", "team")));
  for (const stack of ["shared", "staging", "production", "delivery"]) await engine.sandbox.ensureStack(stack);
  for (const stack of ["shared", "staging", "delivery"]) await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
  infrastructure = new Runner(engine, { name: "infrastructure", system, files: {} });
  shop = new Runner(engine, { name: "shop", files: { "api/Dockerfile": "FROM scratch\n", ...migration(1, marked) } });
}, 300_000);
afterAll(async () => {
  for (const runner of [shop, infrastructure]) await runner?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

const marked = "-- groundwork: backward compatible\n";
const migration = (number: number, text: string): Record<string, string> => ({ [`api/migrations/000${number}_step.sql`]: text });
const digestOf = (commit: string): string => shop.digest("ghcr.io/acme/shop/api", commit) ?? "";

/** Whether the infrastructure's repository was told of something, and what became of that. */
async function receive(workflow: string): Promise<Record<string, JobRun>> {
  const event = infrastructure.dispatched().at(-1);
  if (!event) throw new Error("nothing was handed over");
  const { [workflow]: jobs = {}, ...others } = await infrastructure.happen(event);
  expect(others).toEqual({});
  return jobs;
}

/** A push to the application's repository, all the way to staging. */
async function ship(files: Readonly<Record<string, string>>): Promise<string> {
  const commit = shop.origin.commit(files);
  const told = infrastructure.dispatched().length;
  const { "deploy-staging.yml": jobs } = await shop.happen(push(commit));
  expect(said(jobs)).toBe("");
  expect(results(jobs)).toEqual({
    test: "success",
    "build-api": "success",
    migrations: "success",
    "hand-over-staging": "success",
    tell: "skipped",
  });
  expect(infrastructure.dispatched()).toHaveLength(told + 1);
  const received = await receive("receive-staging.yml");
  expect(said(received)).toBe("");
  expect(results(received)).toEqual({ payload: "success", "deploy-staging": "success", tell: "skipped" });
  expect(serves(engine, "handed-staging")).toEqual({ api: digestOf(commit) });
  return commit;
}

const rollback = async (stack: string): Promise<Record<string, JobRun>> => {
  const inputs = { stack, release: "", reason: "slow" };
  const { "rollback.yml": jobs = {} } = await infrastructure.happen(dispatch("rollback.yml", infrastructure.origin.head(), inputs));
  return jobs;
};

let first = "";
let second = "";

test(
  "what is pushed to the application comes to staging by its digest, signed, and nothing else changes there",
  { timeout: 300_000 },
  async () => {
    first = await ship({ "api/app": "first\n" });
    const [handed] = infrastructure.dispatched();
    expect(handed).toMatchObject({
      type: "deploy-staging",
      payload: {
        client_payload: {
          commit: first,
          images: { api: `ghcr.io/acme/shop/api@${digestOf(first)}` },
          migrations: { api: { "0001_step": true } },
        },
      },
    });
    // The application's repository has nothing but the word that it hands over, and that in one job.
    const { "deploy-staging.yml": jobs = {} } = await shop.happen(push(first));
    expect(Object.entries(jobs).flatMap(([id, { secrets }]) => (secrets.length > 0 ? [`${id}: ${secrets.join(", ")}`] : []))).toEqual([
      "hand-over-staging: HANDOVER_TOKEN",
    ]);
    // A run that is started again builds again: what has the commit's name in the registry may be anybody's.
    expect(results(jobs)["build-api"]).toBe("success");
  },
);

test(
  "a digest that this repository's workflow has not signed, and one of another place, are not deployed",
  { timeout: 120_000 },
  async () => {
    const event = infrastructure.dispatched().at(-1);
    const payload = event?.payload?.["client_payload"] as Record<string, unknown>;
    const before = serves(engine, "handed-staging");
    const told = infrastructure.slack();
    for (const [image, why] of [
      [`ghcr.io/acme/shop/api@sha256:${"e".repeat(64)}`, "no attestations found"],
      [`ghcr.io/mallory/shop/api@${digestOf(first)}`, "has an image from another place than its own"],
    ] as const) {
      const forged = { ...event!, payload: { client_payload: { ...payload, images: { api: image } } } };
      const { "receive-staging.yml": jobs } = await infrastructure.happen(forged);
      expect(results(jobs)).toEqual({ payload: "failure", "deploy-staging": "skipped", tell: "success" });
      expect(said(jobs)).toContain(why);
    }
    expect(serves(engine, "handed-staging")).toEqual(before);
    expect(infrastructure.slack().slice(told.length)).toContain("Deploy to staging failed: payload. Commit ");
  },
);

test("a fork of the public repository hands over nothing, whatever it makes of the workflows", { timeout: 120_000 }, async () => {
  const told = infrastructure.dispatched().length;
  const fork = pull("mallory", shop.origin.commit({ "api/app": "theirs\n" }), "shop");
  const runs = await shop.happen(fork);
  expect(Object.keys(runs).sort()).toEqual(["ci.yml", "migrations.yml"]);
  expect(Object.values(runs).flatMap((jobs) => Object.values(jobs).flatMap(({ secrets }) => secrets))).toEqual([]);

  // Its own workflow reaches for the environment, which takes no pull request's ref.
  const ci = [
    "on: pull_request",
    "jobs:",
    "  steal:",
    "    environment: staging-handover",
    "    permissions: {}",
    "    steps:",
    "      - env: { TOKEN: '${{ secrets.HANDOVER_TOKEN }}' }",
    "        run: gh api --method POST repos/acme/infrastructure/dispatches --raw-field event_type=deploy-staging",
    "",
  ].join("\n");
  const changed = { ...fork, commit: shop.origin.commit({ ".github/workflows/ci.yml": ci }) };
  const { "ci.yml": jobs } = await shop.happen(changed);
  shop.origin.commit({ ".github/workflows/ci.yml": shop.hosted.files[".github/workflows/ci.yml"] ?? "", "api/app": "first\n" });
  expect(jobs?.["steal"]).toMatchObject({
    refused: "staging-handover does not take refs/pull/7/merge",
    secrets: [],
    steps: [],
  });
  expect(infrastructure.dispatched()).toHaveLength(told);
});

test("a marked migration that came with a handed-over digest lets a rollback through without force", { timeout: 300_000 }, async () => {
  second = await ship({ "api/app": "second\n", ...migration(2, marked) });
  const jobs = await rollback("staging");
  expect(said(jobs)).toBe("");
  expect(results(jobs)).toEqual({
    "roll-back-staging": "success",
    "roll-back-production": "skipped",
    "post-mortem": "success",
    tell: "skipped",
  });
  expect(serves(engine, "handed-staging")).toEqual({ api: digestOf(first) });
});

test("one that is not marked bars the way, by its name", { timeout: 300_000 }, async () => {
  const third = await ship({ "api/app": "third\n", ...migration(3, "drop table orders;\n") });
  const jobs = await rollback("staging");
  expect(results(jobs)).toEqual({
    "roll-back-staging": "failure",
    "roll-back-production": "skipped",
    "post-mortem": "success",
    tell: "success",
  });
  expect(said(jobs)).toContain('api: 0003_step is not marked "groundwork: backward compatible"');
  expect(said(jobs)).toContain("--force 0003_step");
  expect(serves(engine, "handed-staging")).toEqual({ api: digestOf(third) });
});

test(
  "production waits for somebody's word, in both repositories, and takes what staging ran, with what it brings",
  { timeout: 300_000 },
  async () => {
    // There is nobody who could review: the environment takes the branch alone, and the workflow asks for its name.
    const commit = second;
    for (const confirm of ["", "staging", "yes"]) {
      const { "deploy-production.yml": jobs } = await shop.happen(dispatch("deploy-production.yml", commit, { confirm }));
      expect(results(jobs)).toMatchObject({ images: "failure", "hand-over-production": "skipped" });
      expect(said(jobs)).toContain("::error::Not confirmed. To deploy, write: production");
    }
    const { "deploy-production.yml": bare } = await infrastructure.happen(
      dispatch("deploy-production.yml", infrastructure.origin.head(), { confirm: "no" }),
    );
    expect(results(bare)).toMatchObject({ images: "failure", "deploy-production": "skipped", tell: "success" });

    const handOver = async (): Promise<Record<string, JobRun>> => {
      const { "deploy-production.yml": jobs } = await shop.happen(dispatch("deploy-production.yml", commit, { confirm: "production" }));
      expect(said(jobs)).toBe("");
      expect(results(jobs)).toEqual({ images: "success", migrations: "success", "hand-over-production": "success", tell: "skipped" });
      return receive("receive-production.yml");
    };
    // What is handed over brings no infrastructure up: that is done once, by hand.
    expect(said(await handOver())).toContain("production runs nothing yet, and with --images-only no infrastructure is made.");
    await engine.expect(["up", "--stack", "production", "--yes", "--skip-preview"], {
      env: { GROUNDWORK_IMAGES: JSON.stringify({ api: `ghcr.io/acme/shop/api@${digestOf(first)}` }) },
    });
    const received = await handOver();
    expect(said(received)).toBe("");
    expect(serves(engine, "handed-production")).toEqual({ api: digestOf(second) });
    expect(infrastructure.dispatched().at(-1)?.payload).toMatchObject({
      client_payload: { migrations: { api: { "0001_step": true, "0002_step": true } } },
    });
  },
);
