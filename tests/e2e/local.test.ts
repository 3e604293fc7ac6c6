import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Release } from "../../config/releases.ts";
import type { TestEngine } from "../engine.ts";
import { cloud, configure, objectOf, openEmpty, stateOf, stepsOf } from "./template.ts";

const stack = "local";
const up = (engine: TestEngine, env: Record<string, string> = {}) =>
  engine.run(["up", "--stack", stack, "--yes", "--skip-preview"], { env });

/** A sandbox in which local is up. */
async function openLocal(): Promise<TestEngine> {
  const engine = await openEmpty();
  await engine.sandbox.ensureStack(stack);
  const { code, stdout, stderr } = await up(engine);
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  return engine;
}

const image = (letter: string): Record<string, string> => ({
  GROUNDWORK_IMAGES: JSON.stringify({ backend: `ghcr.io/acme/backend@sha256:${letter.repeat(64)}` }),
});

/** The releases that the state lists: verdict, image, and which deployment served afterwards. */
function releases(engine: TestEngine, name: string, list: string): unknown[] {
  const { checkpoint } = JSON.parse(stateOf(engine, stack).text) as {
    checkpoint: { latest: { resources: { urn: string; outputs?: Record<string, Release[]> }[] } };
  };
  const listed = checkpoint.latest.resources.find(({ urn }) => urn.endsWith(`ReleaseRecord::${name}`))?.outputs?.[list];
  return (listed ?? []).map(({ verdict, images, serving }) => [verdict, images["backend"], serving]);
}

/** What a preview would do, a line for each resource. */
async function plan(engine: TestEngine, env: Record<string, string> = {}): Promise<string[]> {
  const text = await engine.expect(["preview", "--stack", stack, "--json"], { env });
  const { steps } = JSON.parse(text.slice(text.indexOf("{"))) as { steps: { op: string; urn: string }[] };
  return steps
    .filter(({ op }) => ["create", "update", "replace", "delete"].includes(op))
    .map(({ op, urn }) => `${op} ${urn.split("::").slice(2).join(" ").split("$").at(-1)}`)
    .sort();
}

test("local runs the same system on a Docker host: clean afterwards, drift found, destroyed to nothing", async () => {
  await using engine = await openLocal();
  const types = cloud(engine, (store) =>
    store.list().map(({ type, name }) => `${type.split(":").at(-1)} ${name.replace(/-[0-9a-f]{8}$/, "-…")}`),
  );
  expect(types.sort()).toEqual([
    "Container template-local-backend-migrate-1",
    "Network template-local",
    "Secret template-local-database-postgres-password-1",
    "Service template-local-backend",
    "Service template-local-dashboard",
    "Service template-local-database",
    "Service template-local-proxy",
    "ServiceConfig template-local-proxy-…",
    "Volume template-local-database-data",
  ]);

  await engine.expect(["preview", "--stack", stack, "--expect-no-changes"]);
  expect(await stepsOf(engine, stack, ["refresh", "--preview-only"])).toEqual([]);

  const service = objectOf(engine, "Service", "template-local-backend");
  cloud(engine, (store) =>
    store.put({ ...service, outputs: { ...service.outputs, mode: { global: false, replicated: { replicas: 7 } } } }),
  );
  expect((await stepsOf(engine, stack, ["refresh", "--preview-only"])).map(({ op, name }) => `${op} ${name}`)).toEqual(["update backend"]);
  cloud(engine, (store) => store.put(service));

  await engine.expect(["destroy", "--stack", stack, "--yes", "--skip-preview"]);
  expect(cloud(engine, (store) => store.list())).toEqual([]);
});

test("a new digest is one update of the service, after its migration ran again; nothing is replaced that serves", async () => {
  await using engine = await openLocal();
  const planned = await plan(engine, image("2"));
  expect(planned).toEqual(["replace docker:index/container:Container backend-migrate", "update docker:index/service:Service backend"]);
  expect((await up(engine, image("2"))).code).toBe(0);
  expect(await plan(engine, image("2"))).toEqual([]);
});

test("a failed migration changes no service, says where its log is, and runs again with the next up", async () => {
  await using engine = await openLocal();
  const running = (): unknown => objectOf(engine, "Service", "template-local-backend").outputs["taskSpec"];
  const before = running();
  cloud(engine, (store) =>
    store.addFault({ type: "docker:index/container:Container", operation: "create", kind: "deployment", after: false, details: {} }, 1, 1),
  );
  const failed = await up(engine, image("3"));
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toContain(
    "backend-migrate ended with exit code 1, so no service was changed. See: docker logs template-local-backend-migrate-1. The next pulumi up runs it again.",
  );
  expect(running()).toEqual(before);

  expect(await plan(engine, image("3"))).toEqual([
    "replace docker:index/container:Container backend-migrate",
    "update docker:index/service:Service backend",
    // Everything is deployed again, with a mark that there was a failure; it restarts nothing by itself.
    "update docker:index/service:Service dashboard",
  ]);
  expect((await up(engine, image("3"))).code).toBe(0);
  expect(objectOf(engine, "Container").name).toBe("template-local-backend-migrate-2");
  expect(JSON.stringify(running())).toContain("3".repeat(64));
  expect(await plan(engine, image("3"))).toEqual([]);
  // What came to serve and what did not is listed, as on App Platform.
  expect(releases(engine, "releases", "releases")).toEqual([
    ["healthy", expect.stringContaining("ghcr.io/example/"), "1"],
    ["healthy", image("3")["GROUNDWORK_IMAGES"]?.slice(12, -2), "2"],
  ]);
  expect(releases(engine, "failed-releases", "failures")).toEqual([["failed", image("3")["GROUNDWORK_IMAGES"]?.slice(12, -2), "1"]]);
});

test.each<[string, readonly string[], unknown, string[]]>([
  ["replicas", ["groundwork:sizes", "backend", "replicas"], 2, ["update docker:index/service:Service backend"]],
  ["the database's memory", ["groundwork:sizes", "database", "memory"], "1 GB", ["update docker:index/service:Service database"]],
  ["the socket", ["groundwork:platform", "host"], "unix:///run/other.sock", ["update pulumi:providers:docker docker"]],
  [
    "the port",
    ["groundwork:platform", "port"],
    8080,
    // The origins that backend, migration and dashboard are told of each other have the port in them.
    [
      "replace docker:index/container:Container backend-migrate",
      "update docker:index/service:Service backend",
      "update docker:index/service:Service dashboard",
      "update docker:index/service:Service proxy",
    ],
  ],
])("another value of %s plans what it says, and nothing else", async (_, path, value, expected) => {
  await using engine = await openLocal();
  configure(engine, stack, path, value);
  expect(await plan(engine)).toEqual(expected);
});

test("no secret stands in the clear in the state or in what the proxy is told", async () => {
  await using engine = await openLocal();
  const password = objectOf(engine, "Secret").outputs["data"] as string;
  const state = readFileSync(engine.home.stateFile("template", stack), "utf8");
  expect(state).not.toContain(password);
  expect(state).not.toContain(Buffer.from(password, "base64").toString());
  expect(state).not.toContain("sandboxfake");
});
