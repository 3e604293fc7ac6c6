import { expect, test } from "vitest";
import { fail, types } from "./faults.ts";
import type { TestEngine } from "../engine.ts";
import { TestEngine as Engine } from "../engine.ts";
import { cloud, configure, objectOf, stateOf, stepsOf } from "./template.ts";

const image = (service: string, letter: string): string => `ghcr.io/acme/${service}@sha256:${letter.repeat(64)}`;

/** Two services in staging, nothing up yet but the zone; no image but what a run passes. */
async function open(): Promise<TestEngine> {
  const engine = await Engine.open("tests/systems/pair");
  engine.sandbox.environment["GROUNDWORK_IMAGES"] = "";
  for (const stack of ["shared", "staging"]) await engine.sandbox.ensureStack(stack);
  await engine.expect(["up", "--stack", "shared", "--yes", "--skip-preview"]);
  return engine;
}

const up = (engine: TestEngine, images: Record<string, string> | "none" | undefined = undefined, env: Record<string, string> = {}) =>
  engine.run(["up", "--stack", "staging", "--yes", "--skip-preview"], {
    env: { ...env, GROUNDWORK_IMAGES: images === undefined ? "" : typeof images === "string" ? images : JSON.stringify(images) },
  });

async function expectUp(...args: Parameters<typeof up>): Promise<string> {
  const { code, stdout, stderr } = await up(...args);
  if (code !== 0) throw new Error(stdout + stderr);
  return stdout;
}

/** The digests' letters that the App was last asked to run, and what its deployments came to, oldest first. */
function served(engine: TestEngine) {
  const app = objectOf(engine, "App");
  const { services } = app.outputs["spec"] as { services: { name: string; image: { digest: string } }[] };
  const phases = cloud(engine, (store) => store.deployments(app.id))
    .map(({ phase }) => phase)
    .toReversed();
  return { ...Object.fromEntries(services.map(({ name, image }) => [name, image.digest.at(-1)])), phases };
}

interface Listed {
  readonly verdict: string;
  readonly images: Record<string, string>;
  readonly commit?: string;
  readonly run?: string;
  readonly time?: string;
}

/** The releases that the state lists, by verdict, as letters. */
function releases(engine: TestEngine, name = "releases", list = "releases"): Listed[] {
  const { text } = stateOf(engine, "staging");
  const { checkpoint } = JSON.parse(text) as {
    checkpoint: { latest: { resources: { urn: string; outputs?: Record<string, Listed[]> }[] } };
  };
  return checkpoint.latest.resources.find(({ urn }) => urn.endsWith(`ReleaseRecord::${name}`))?.outputs?.[list] ?? [];
}
const letters = (list: readonly Listed[]) =>
  list.map(({ images }) =>
    Object.entries(images)
      .map(([service, text]) => `${service}=${text.at(-1) ?? ""}`)
      .join(" "),
  );
const failures = (engine: TestEngine) => letters(releases(engine, "failed-releases", "failures"));

const clean = async (engine: TestEngine) => expect(await stepsOf(engine, "staging")).toEqual([]);

test("the first up without an image registers nothing and names the command", async () => {
  await using engine = await open();
  const { code, stdout } = await up(engine);
  expect(code).not.toBe(0);
  expect(stdout).toContain(`images/api: no image is known for this service. Pass its digest: GROUNDWORK_IMAGES='{"api":`);
  expect(stdout).toContain("images/web: no image is known for this service.");
  // The stack itself, and the engine's own provider, which reads the state.
  expect(stateOf(engine, "staging").resources.filter(({ type }) => !type.startsWith("pulumi:"))).toEqual([]);
  expect((await up(engine, { api: image("api", "a") })).stdout).not.toContain("images/api");
});

test("none builds everything but the services; then each keeps what it runs, unless its digest is passed", async () => {
  await using engine = await open();
  await expectUp(engine, "none");
  await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"], { env: { GROUNDWORK_IMAGES: "none" } });
  expect((await up(engine)).stdout).toContain("images/api: no image is known");

  await expectUp(engine, { api: image("api", "a"), web: image("web", "a") });
  await clean(engine);
  await expectUp(engine, { web: image("web", "b") }, { GROUNDWORK_COMMIT: "c0ffee", GROUNDWORK_RUN: "run 7" });
  expect(served(engine)).toEqual({ api: "a", web: "b", phases: ["ACTIVE", "ACTIVE"] });
  await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);
  await clean(engine);

  // Deployments alone are listed, with what the workflow said of itself.
  await expectUp(engine, undefined, { GROUNDWORK_COMMIT: "later" });
  expect(letters(releases(engine))).toEqual(["api=a web=a", "api=a web=b"]);
  expect(releases(engine)[1]).toMatchObject({ verdict: "healthy", commit: "c0ffee", run: "run 7" });
  expect(releases(engine)[1]?.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(failures(engine)).toEqual([]);
});

test("a first deployment that failed is deployed again, with the same digest", async () => {
  await using engine = await open();
  const images = { api: image("api", "a"), web: image("web", "a") };
  fail(engine, { type: types.app, operation: "create", kind: "deployment", details: { phase: "deploy" } });
  expect((await up(engine, images)).code).not.toBe(0);
  // Nothing ran healthy, so there is nothing to keep.
  expect((await up(engine)).stdout).toContain("images/api: no image is known");
  fail(engine, { type: types.app, operation: "update", kind: "deployment", details: { phase: "deploy" } });
  expect((await up(engine, images)).code).not.toBe(0);
  const text = await expectUp(engine, images);
  expect(text).toContain("The last deployment did not come to serve, so this run deploys again.");
  expect(served(engine)).toEqual({ api: "a", web: "a", phases: ["ERROR", "ERROR", "ACTIVE"] });
  await clean(engine);
  expect(failures(engine)).toEqual(["api=a web=a", "api=a web=a"]);
  expect(letters(releases(engine))).toEqual(["api=a web=a"]);
});

test("after a failed deployment of a new digest the next up returns to the healthy one and says so", async () => {
  await using engine = await open();
  await expectUp(engine, { api: image("api", "a"), web: image("web", "a") });
  fail(engine, { type: types.app, operation: "update", kind: "deployment", details: { phase: "deploy" } });
  expect((await up(engine, { api: image("api", "b") })).code).not.toBe(0);
  expect((await stepsOf(engine, "staging")).map(({ op, type }) => `${op} ${type}`)).toEqual(["update App"]);
  const text = await expectUp(engine);
  expect(text).toContain(`  api: ${image("api", "a")} instead of ${image("api", "b")}, which failed.`);
  expect(text).not.toContain("  web:");
  expect(served(engine)).toEqual({ api: "a", web: "a", phases: ["ACTIVE", "ERROR", "ACTIVE"] });
  await clean(engine);
  expect(await expectUp(engine)).not.toContain("did not come to serve");
  expect(failures(engine)).toEqual(["api=b web=a"]);
  expect(letters(releases(engine))).toEqual(["api=a web=a", "api=a web=a"]);
});

test("a failed deployment of the same digest is deployed again, not read until it looks green", async () => {
  await using engine = await open();
  await expectUp(engine, { api: image("api", "a"), web: image("web", "a") });
  configure(engine, "staging", ["groundwork:greeting"], "good day");
  fail(engine, { type: types.app, operation: "update", kind: "deployment", details: { phase: "deploy" } });
  expect((await up(engine)).code).not.toBe(0);
  fail(engine, { type: types.app, operation: "update", kind: "deployment", details: { phase: "deploy" } });
  expect((await up(engine)).code).not.toBe(0);
  await expectUp(engine);
  expect(served(engine)).toEqual({ api: "a", web: "a", phases: ["ACTIVE", "ERROR", "ERROR", "ACTIVE"] });
  await clean(engine);
});

test.for(["after the App", "while the App is deployed"])("an unrelated resource fails %s: the new digest stays", async (when) => {
  await using engine = await open();
  await expectUp(engine, { api: image("api", "a"), web: image("web", "a") });
  configure(engine, "staging", ["groundwork:note"], "second");
  // Both change at once, and the record fails after a third of a second of retries.
  if (when === "while the App is deployed") fail(engine, { type: types.app, operation: "update", kind: "slow", details: { seconds: 3 } });
  fail(engine, { type: types.record, operation: "update", kind: "500", times: 5 });
  const failed = await up(engine, { api: image("api", "b") });
  expect(failed.code).not.toBe(0);
  expect(served(engine)).toEqual({ api: "b", web: "a", phases: ["ACTIVE", "ACTIVE"] });
  cloud(engine, (store) => store.clearFaults());
  await expectUp(engine);
  expect(served(engine)).toEqual({ api: "b", web: "a", phases: ["ACTIVE", "ACTIVE"] });
  expect(letters(releases(engine))).toEqual(["api=a web=a", "api=b web=a"]);
  expect(failures(engine)).toEqual([]);
  await clean(engine);
});

test("images of DigitalOcean's own registry and of Docker Hub are kept by a plain up, and returned to after a failure", async () => {
  await using engine = await open();
  configure(engine, "shared", ["groundwork:registry"], { name: "house", tier: "basic", region: "fra" });
  const api = (letter: string): string => `registry.digitalocean.com/house/team/api@sha256:${letter.repeat(64)}`;
  const web = `docker.io/acme/web@sha256:${"b".repeat(64)}`;
  const early = await up(engine, { api: api("a"), web });
  expect(early.stdout).toContain("the account has no container registry");
  await engine.expect(["up", "--stack", "shared", "--yes", "--skip-preview"]);

  await expectUp(engine, { api: api("a"), web });
  await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);
  const { services } = objectOf(engine, "App").outputs["spec"] as { services: { image: Record<string, unknown> }[] };
  expect(services.map(({ image }) => image)).toMatchObject([
    { registryType: "DOCR", repository: "team/api" },
    { registryType: "DOCKER_HUB", registry: "acme", repository: "web" },
  ]);
  expect(releases(engine).at(-1)?.images).toEqual({ api: api("a"), web });

  fail(engine, { type: types.app, operation: "update", kind: "deployment", details: { phase: "deploy" } });
  expect((await up(engine, { api: api("c") })).code).not.toBe(0);
  expect(await expectUp(engine)).toContain(`api: ${api("a")} instead of ${api("c")}, which failed.`);
  expect(releases(engine, "failed-releases", "failures").at(-1)?.images).toEqual({ api: api("c"), web });
  await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);
});
