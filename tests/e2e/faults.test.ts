import { expect, test } from "vitest";
import type { TestEngine } from "../engine.ts";
import { runDocumented } from "./documents.ts";
import { fail, types } from "./faults.ts";
import { cloud, configure, mismatches, objectOf, openEmpty, openTemplate, stepsOf } from "./template.ts";

const up = (engine: TestEngine, stack = "staging", ...more: readonly string[]) =>
  engine.run(["up", "--stack", stack, "--yes", "--skip-preview", ...more]);

async function sharedUp(): Promise<TestEngine> {
  const engine = await openEmpty();
  for (const stack of ["shared", "staging"]) await engine.sandbox.ensureStack(stack);
  expect((await up(engine, "shared")).code).toBe(0);
  return engine;
}

test.for(["429", "500"] as const)("%s that passes is survived", async (kind) => {
  await using engine = await sharedUp();
  for (const type of [types.vpc, types.cluster, types.app]) fail(engine, { type, operation: "create", kind, times: 3 });
  expect((await up(engine)).code).toBe(0);
  expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
  expect(cloud(engine, (store) => store.faults().map(({ struck }) => struck))).toEqual([3, 3, 3]);
});

test.for(["429", "500"] as const)("%s that lasts is reported plainly, and the next up converges", async (kind) => {
  await using engine = await sharedUp();
  fail(engine, { type: types.cluster, operation: "create", kind, times: 5 });
  const failed = await up(engine);
  expect(failed.code).not.toBe(0);
  expect(failed.stdout).toContain(`Error creating database cluster: POST https://api.digitalocean.com/v2/databases: ${kind}`);
  expect((await up(engine)).code).toBe(0);
  expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
  expect(await stepsOf(engine, "staging")).toEqual([]);
});

test("a plugin that crashes is reported, and the next up converges", async () => {
  await using engine = await sharedUp();
  fail(engine, { type: types.cluster, operation: "create", kind: "crash" });
  // One at a time: what the plugin was just making beside it would be in the cloud and, its answer lost, in no state.
  const failed = await up(engine, "staging", "--parallel", "1");
  expect(failed.code).not.toBe(0);
  expect(failed.stdout).toMatch(/digitalocean.*(crashed|unavailable|plugin|connection)/is);
  expect((await up(engine)).code).toBe(0);
  expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
});

test("a lost reply leaves an orphan that the next up runs into, as with the real API; deleted by hand, the next up converges", async () => {
  await using engine = await sharedUp();
  fail(engine, { type: types.vpc, operation: "create", kind: "500", after: true });
  const failed = await up(engine);
  expect(failed.code).not.toBe(0);
  expect(failed.stdout).toContain("This name is already taken");
  expect(mismatches(engine, ["shared", "staging"])).toEqual([expect.stringContaining("only in the cloud: digitalocean:index/vpc:Vpc")]);
  expect((await up(engine)).stdout).toContain("This name is already taken");
  cloud(engine, (store) => store.list(types.vpc).forEach(({ type, id }) => store.remove(type, id)));
  expect((await up(engine)).code).toBe(0);
  expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
});

test("an App whose first deployment fails exists, serves nothing, and stays in the state", async () => {
  await using engine = await sharedUp();
  fail(engine, {
    type: types.app,
    operation: "create",
    kind: "deployment",
    details: { phase: "deploy", log: ["backend: no route to database"] },
  });
  const failed = await up(engine);
  expect(failed.code).not.toBe(0);
  expect(failed.stdout).toMatch(/error deploying app \([0-9a-f-]+\) \(deployment ID: [0-9a-f-]+\)/);
  expect(failed.stdout).toContain('Name:"deploy", Status:"ERROR"');
  const app = objectOf(engine, "App");
  expect(app.outputs).toMatchObject({ liveUrl: "", activeDeploymentId: "" });
  expect(cloud(engine, (store) => store.deployments(app.id))).toMatchObject([
    { phase: "ERROR", failedIn: "deploy", log: ["backend: no route to database"] },
  ]);
  // What needs the App did not go on; the App itself is known, so the next up makes no second one.
  expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
  expect((await up(engine)).code).toBe(0);
  expect(mismatches(engine, ["shared", "staging"])).toEqual([]);
});

test("a failed deployment of a change keeps what served before", async () => {
  await using engine = await openTemplate();
  const before = objectOf(engine, "App").outputs;
  fail(engine, { type: types.app, operation: "update", kind: "deployment", details: { phase: "build" } });
  configure(engine, "staging", ["groundwork:backend", "logLevel"], "DEBUG");
  const failed = await up(engine);
  expect(failed.code).not.toBe(0);
  expect(failed.stdout).toContain('Name:"build", Status:"ERROR"');
  expect(objectOf(engine, "App").outputs).toMatchObject({ activeDeploymentId: before.activeDeploymentId, liveUrl: before.liveUrl });
});

test("two runs of the verb at once: one works, the other changes nothing and says for whom to wait, never to take the lock away", async () => {
  await using engine = await openEmpty();
  cloud(engine, (store) => store.addFault({ type: "*", operation: "create", kind: "slow", after: false, details: { seconds: 10 } }, 1, 1));
  const up = () => runDocumented(engine, { page: "", line: 0, command: "npm run ops -- up --stack shared --yes", codes: [] });
  const both = (await Promise.all([up(), up()])).toSorted((a, b) => a.code - b.code);
  const [first, second] = both;
  expect(first?.code, first?.stderr).toBe(0);
  expect(second?.code).not.toBe(0);
  expect(second?.stderr).toMatch(/shared is being changed by \S+ .*, which still runs\. Wait for it to end, then run this again\./);
  for (const { stdout, stderr } of both) expect(stdout + stderr).not.toContain("pulumi cancel");
  const again = await up();
  expect(again.code, again.stderr).toBe(0);
  expect(await stepsOf(engine, "shared")).toEqual([]);
  expect(mismatches(engine, ["shared"])).toEqual([]);
});
