import { expect, test } from "vitest";
import { TestEngine } from "../engine.ts";
import { configure, provide, stateOf, stepsOf } from "./template.ts";

async function openSecretive(): Promise<TestEngine> {
  const engine = await TestEngine.open("tests/systems/secretive");
  await engine.sandbox.ensureStack("staging");
  await up(engine);
  return engine;
}

const up = (engine: TestEngine): Promise<string> => engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);

const plan = async (engine: TestEngine): Promise<string[]> =>
  (await stepsOf(engine, "staging")).map(({ op, type, name }) => `${op} ${type} ${name}`).sort();

/** An exported state; a secret in it is JSON inside of JSON, and may hold others. */
function inTheClear(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    const { plaintext } = (value ?? {}) as { plaintext?: string };
    return plaintext === undefined ? value : inTheClear(plaintext);
  });
}

/** What the api is told, in the clear: from the state, since the cloud gives secrets back encrypted. */
async function told(engine: TestEngine): Promise<Record<string, string>> {
  const text = await engine.expect(["stack", "export", "--stack", "staging", "--show-secrets"]);
  const { deployment } = inTheClear(text) as { deployment: Deployment };
  const app = deployment.resources.find(({ type }) => type.endsWith(":App"));
  const api = app?.inputs.spec.services.find(({ name }) => name === "api");
  return Object.fromEntries((api?.envs ?? []).map(({ key, value }) => [key, value]));
}

interface Deployment {
  readonly resources: readonly {
    readonly type: string;
    readonly inputs: {
      readonly spec: {
        readonly services: readonly { readonly name: string; readonly envs: readonly { readonly key: string; readonly value: string }[] }[];
      };
    };
  }[];
}

interface SetOutputs {
  readonly readers: readonly string[];
  readonly values: Readonly<Record<string, { readonly generation?: number; readonly since: string }>>;
}

function recorded(engine: TestEngine): SetOutputs {
  const set = stateOf(engine, "staging").resources.find(({ type }) => type.endsWith(":SecretSet")) as unknown as { outputs: SetOutputs };
  return set.outputs;
}

test("a raised generation plans the random value and the App, and nothing else", async () => {
  await using engine = await openSecretive();
  expect(await plan(engine)).toEqual([]);
  const before = await told(engine);
  configure(engine, "staging", ["groundwork:generations", "key"], 2);
  expect(await plan(engine)).toEqual(["replace RandomPassword secrets-secret-key", "update App app"]);
  await up(engine);
  const after = await told(engine);
  expect(
    Object.keys(after)
      .filter((key) => after[key] !== before[key])
      .sort(),
  ).toEqual(["BROKER_URL", "SECRET_KEY"]);
  expect(await plan(engine)).toEqual([]);
});

test("a ring of keys moves on by one: a new key is made, the kept ones stay as they are, the oldest goes", async () => {
  await using engine = await openSecretive();
  const first = await told(engine);
  expect(first["SECRETS_MASTER_KEY"]).toMatch(/^[\w-]{43}=$/);
  expect(first).not.toHaveProperty("SECRETS_MASTER_KEY_ROTATING_FROM");

  configure(engine, "staging", ["groundwork:generations", "ring"], 2);
  expect(await plan(engine)).toEqual(["create RandomPassword secrets-secrets-master-key-2", "update App app"]);
  await up(engine);
  const second = await told(engine);
  expect(second["SECRETS_MASTER_KEY_ROTATING_FROM"]).toBe(first["SECRETS_MASTER_KEY"]);
  expect(second["SECRETS_MASTER_KEY"]).not.toBe(first["SECRETS_MASTER_KEY"]);

  configure(engine, "staging", ["groundwork:generations", "ring"], 3);
  expect(await plan(engine)).toEqual([
    "create RandomPassword secrets-secrets-master-key-3",
    "delete RandomPassword secrets-secrets-master-key-1",
    "update App app",
  ]);
  await up(engine);
  expect((await told(engine))["SECRETS_MASTER_KEY_ROTATING_FROM"]).toBe(second["SECRETS_MASTER_KEY"]);

  configure(engine, "staging", ["groundwork:generations", "kept"], 0);
  expect(await plan(engine)).toEqual(["delete RandomPassword secrets-secrets-master-key-2", "update App app"]);
  configure(engine, "staging", ["groundwork:generations", "kept"], 1);

  configure(engine, "staging", ["groundwork:generations", "ring"], 5);
  const { code, stdout } = await engine.run(["preview", "--stack", "staging"]);
  expect(code).toBe(1);
  expect(stdout).toContain("SECRETS_MASTER_KEY: has generation 5, but this stack is at 3: the keys in between would be missing.");
});

test("a key whose overlap is not over stays, unless the stack file says that it may go", async () => {
  await using engine = await openSecretive();
  configure(engine, "staging", ["groundwork:generations"], { ring: 2, overlapDays: 14 });
  await up(engine);
  configure(engine, "staging", ["groundwork:generations", "ring"], 3);
  const { code, stdout } = await engine.run(["preview", "--stack", "staging"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /secrets:\n +SECRETS_MASTER_KEY: would lose the key of generation 1, and its overlap of 14 days is not over: .* Possible from 20\d\d-\d\d-\d\d \d\d:\d\d UTC on\./,
  );
  configure(engine, "staging", ["groundwork:acknowledge"], ["overlap-not-over"]);
  expect(await plan(engine)).toContain("delete RandomPassword secrets-secrets-master-key-1");
  await up(engine);
  // Once it is gone, the word means nothing any more.
  expect((await engine.run(["preview", "--stack", "staging"])).stdout).toContain('acknowledge: "overlap-not-over" does not occur here.');
});

test("where data is kept, no key goes or changes by mistake; a raised generation is no mistake", async () => {
  await using engine = await TestEngine.open("tests/systems/secretive");
  await engine.sandbox.ensureStack("production");
  // Nothing is promoted here, so no digest has to be proven.
  const images = engine.sandbox.environment["GROUNDWORK_IMAGES"] ?? "";
  engine.sandbox.environment["GROUNDWORK_UNPROVEN"] = images.match(/sha256:[0-9a-f]{64}/g)?.join(" ");
  const production = ["--stack", "production"];
  const inProduction = async (): Promise<string[]> =>
    (await stepsOf(engine, "production")).map(({ op, type, name }) => `${op} ${type} ${name}`).sort();
  await engine.expect(["up", ...production, "--yes", "--skip-preview"]);

  configure(engine, "production", ["groundwork:without"], "made");
  // With its preview, as people run it: that is where the engine refuses, before the App is changed.
  const gone = await engine.run(["up", ...production, "--yes"]);
  expect(gone.code).not.toBe(0);
  expect(`${gone.stdout}${gone.stderr}`).toMatch(/cannot be deleted\s+because it is protected/);
  expect(stateOf(engine, "production").resources.filter(({ type }) => type.endsWith(":RandomPassword"))).toHaveLength(3);
  configure(engine, "production", ["groundwork:without"], "nothing");
  expect(await inProduction()).toEqual([]);

  configure(engine, "production", ["groundwork:generations"], { key: 2, ring: 2 });
  expect(await inProduction()).toEqual([
    "create RandomPassword secrets-secrets-master-key-2",
    "replace RandomPassword secrets-secret-key",
    "update App app",
  ]);
  await engine.expect(["up", ...production, "--yes", "--skip-preview"]);
  expect(await inProduction()).toEqual([]);
  configure(engine, "production", ["groundwork:generations"], { key: 2, ring: 3 });
  await engine.expect(["up", ...production, "--yes", "--skip-preview"]);
  const destroyed = await engine.run(["destroy", ...production, "--yes", "--skip-preview"]);
  expect(destroyed.code).not.toBe(0);
  expect(stateOf(engine, "production").resources.filter(({ type }) => type.endsWith(":RandomPassword"))).toHaveLength(4);
});

test("generation, age and readers stand in the state; only a new value is younger", async () => {
  await using engine = await openSecretive();
  const before = recorded(engine);
  expect(before.readers).toEqual(["api"]);
  expect(Object.entries(before.values).map(([key, { generation }]) => [key, generation])).toEqual([
    ["BROKER_URL", undefined],
    ["INSTALLATION", 1],
    ["SECRETS_MASTER_KEY", 1],
    ["SECRET_KEY", 1],
    ["TOKEN", undefined],
  ]);
  const since = ({ values }: SetOutputs): unknown => Object.entries(values).map(([key, { since }]) => [key, since]);
  await up(engine);
  expect(since(recorded(engine))).toEqual(since(before));
  configure(engine, "staging", ["groundwork:generations", "key"], 2);
  provide(engine, "staging", "token", "another-made-up-token");
  await up(engine);
  const after = recorded(engine);
  const renewed = Object.keys(after.values).filter((key) => after.values[key]?.since !== before.values[key]?.since);
  expect(renewed.sort()).toEqual(["SECRET_KEY", "TOKEN"]);
  expect(after.values["SECRET_KEY"]?.generation).toBe(2);
  expect(stateOf(engine, "staging").text).not.toContain("another-made-up-token");
});
