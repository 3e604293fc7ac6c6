import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderStep, renderValue } from "../../operations/plan.ts";
import { dangersOf } from "../../operations/dangers.ts";
import { changeLine } from "../../operations/plan/lines.ts";
import { type FullPlan, type FullState, readPlan } from "../../operations/plan/steps.ts";
import { isVisible } from "../../operations/plan/visible.ts";
import { Hidden } from "../../operations/plan/values.ts";

const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const mark = (value: unknown): object => ({ "4dabf18193072939515e22adb298388d": secretMark, plaintext: JSON.stringify(value) });
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const stack = "urn:pulumi:staging::template::pulumi:pulumi:Stack::template-staging";
const app = "urn:pulumi:staging::template::digitalocean:index/app:App::app";
const database = "urn:pulumi:staging::template::groundwork:components:Database::database";
const cluster = "urn:pulumi:staging::template::groundwork:components:Database$digitalocean:index/databaseCluster:DatabaseCluster::database";
const user = "urn:pulumi:staging::template::groundwork:components:Database$digitalocean:index/databaseUser:DatabaseUser::database-user";
const service = (level: string, key: string, size: string, more: readonly object[] = []): object => ({
  __defaults: [],
  name: "backend",
  instanceSizeSlug: size,
  image: { digest: "sha256:aa", registryCredentials: mark("bot:ghp_0123456789abcdef") },
  envs: [
    { __defaults: [], key: "LOG_LEVEL", type: "GENERAL", value: mark(level) },
    { __defaults: [], key: "SECRET_KEY", type: "SECRET", value: mark(key) },
    ...more,
  ],
  logDestinations: [{ name: "logs", datadog: { apiKey: mark("0123456789abcdef0123456789abcdef"), endpoint: "https://logs.example.com" } }],
});
const before = { spec: { name: "app", services: mark([service("INFO", "the former key of it", "apps-s-1vcpu-1gb")]) } };
const after = {
  spec: {
    name: "app",
    services: mark([service("DEBUG", "another key of it!", "apps-s-1vcpu-2gb", [{ key: "NEW", type: "GENERAL", value: "1" }])]),
  },
};
const shown = { __defaults: [], spec: { name: "app", services: "[secret]" } };
const state: FullState = {
  deployment: {
    resources: [
      { urn: stack, type: "pulumi:pulumi:Stack" },
      { urn: app, type: "digitalocean:index/app:App", custom: true, parent: stack, inputs: before, outputs: before },
      { urn: database, type: "groundwork:components:Database", parent: stack },
      {
        urn: cluster,
        type: "digitalocean:index/databaseCluster:DatabaseCluster",
        custom: true,
        parent: database,
        protect: true,
        retainOnDelete: true,
        inputs: { size: "db-s-1vcpu-1gb" },
        outputs: { password: mark("AVNS_0123456789"), privateNetworkUuid: "4e1b" },
      },
      { urn: user, type: "digitalocean:index/databaseUser:DatabaseUser", custom: true, parent: cluster, inputs: { name: "app" } },
    ],
  },
};
const plan: FullPlan = { resourcePlans: { [app]: { goal: { inputDiff: { updates: after } } } } };
const step = (op: string, urn: string, more: object): object => ({ op, urn, ...more });
const appStep = step("update", app, {
  oldState: { type: "digitalocean:index/app:App", custom: true, parent: stack, inputs: shown },
  newState: { type: "digitalocean:index/app:App", custom: true, parent: stack, inputs: shown },
  detailedDiff: {
    "spec.services[0].envs": { kind: "update" },
    "spec.services[0].instanceSizeSlug": { kind: "update" },
    "spec.services[0].image.registryCredentials": { kind: "update" },
  },
});
const clusterState = {
  type: "digitalocean:index/databaseCluster:DatabaseCluster",
  custom: true,
  parent: database,
  protect: true,
  retainOnDelete: true,
};

test("values that stand beside secrets are shown, those that are secrets are not", () => {
  const { steps, before: held, after: planned, secrets } = readPlan(JSON.stringify({ steps: [appStep] }), { state, plan });
  expect(steps[0]?.changes.map(({ path, kind, from, to, hidden }) => [path, kind, renderValue(from), renderValue(to), hidden])).toEqual([
    ["spec.services[0].envs[0].value", "update", '"INFO"', '"DEBUG"', false],
    ["spec.services[0].envs[1].value", "update", "[secret]", "[secret]", true],
    ["spec.services[0].envs[2]", "add", "nothing", '{"key":"NEW","type":"GENERAL","value":"1"}', false],
    // Nobody but the engine sees a difference: it is told, and not which.
    ["spec.services[0].image.registryCredentials", "update", "[secret]", "[secret]", true],
    ["spec.services[0].instanceSizeSlug", "update", '"apps-s-1vcpu-1gb"', '"apps-s-1vcpu-2gb"', false],
  ]);
  expect([...secrets.keys()].sort()).toEqual([
    "0123456789abcdef0123456789abcdef",
    "AVNS_0123456789",
    "another key of it!",
    "bot:ghp_0123456789abcdef",
    "the former key of it",
  ]);
  const text = JSON.stringify({ steps, held, planned });
  for (const secret of [...secrets.keys(), "ghp_"]) expect(text).not.toContain(secret);
  expect(held.map(({ name, component }) => `${component}/${name}`)).toEqual(["app/app", "database/database", "database/database-user"]);
  expect(planned[0]?.inputs).toMatchObject({
    spec: {
      services: [{ instanceSizeSlug: "apps-s-1vcpu-2gb", logDestinations: [{ datadog: { endpoint: "https://logs.example.com" } }] }],
    },
  });
});

test("a variable and a service that stand in the middle and go are what goes, and not all behind them", () => {
  const variable = (key: string, type = "GENERAL"): object => ({
    key,
    type,
    value: type === "SECRET" ? mark(`the secret of ${key}`) : key,
  });
  const program = (name: string, ...envs: object[]): object => ({ name, envs });
  const api = [variable("A"), variable("KEY", "SECRET"), variable("B"), variable("C")];
  const was = { spec: { services: [program("old", variable("X")), program("api", ...api)] } };
  const is = { spec: { services: [program("api", ...api.filter((one) => one !== api[1]), variable("NEW"))] } };
  const type = "digitalocean:index/app:App";
  const moved = step("update", app, {
    oldState: { type, custom: true, inputs: was },
    newState: { type, custom: true, inputs: is },
    // As the engine compares them: by position.
    detailedDiff: {
      "spec.services[0].name": { kind: "update" },
      "spec.services[0].envs[0].key": { kind: "update" },
      "spec.services[0].envs[0].value": { kind: "update" },
      "spec.services[0].envs[1]": { kind: "add" },
      "spec.services[1]": { kind: "delete" },
    },
  });
  const [found] = readPlan(JSON.stringify({ steps: [moved] }), {
    state: { deployment: { resources: [{ urn: app, type, custom: true, inputs: was }] } },
    plan: { resourcePlans: { [app]: { goal: { inputDiff: { updates: is } } } } },
  }).steps;
  expect(found?.changes.map((change) => [change.kind, changeLine(found, change)])).toEqual([
    ["delete", "service old: variable X → nothing"],
    ["delete", 'api KEY: {"key":"KEY","type":"SECRET","value":[secret]} → nothing'],
    ["add", 'api NEW: nothing → {"key":"NEW","type":"GENERAL","value":"NEW"}'],
  ]);
  expect(dangersOf("production", { steps: [found!], loosened: [] }).map(({ severity, name, what }) => [severity, name, what])).toEqual([
    ["refusal", "remove:App/old", "old (App) is removed"],
    ["warning", "lose:App/api", "api (App): KEY [secret] → nothing"],
    ["warning", "restart:App/api", expect.stringContaining("NEW nothing → ")],
  ]);
});

test("without the clear texts everything that the engine hides stays hidden", () => {
  const [app] = readPlan(JSON.stringify({ steps: [appStep] })).steps;
  expect(app?.changes.map(({ path, from, to, hidden }) => [path, String(from), String(to), hidden])).toEqual([
    ["spec.services[0].envs", "[secret]", "[secret]", true],
    ["spec.services[0].image.registryCredentials", "[secret]", "[secret]", true],
    ["spec.services[0].instanceSizeSlug", "[secret]", "[secret]", true],
  ]);
});

test("a variable that says it is a secret is hidden though nothing marks it", () => {
  const inputs = { spec: { workers: [{ name: "w", envs: [{ key: "A", type: "SECRET", value: "unmarked secret" }] }] } };
  const open = step("create", app, { newState: { type: "digitalocean:index/app:App", custom: true, inputs } });
  const { steps, secrets } = readPlan(JSON.stringify({ steps: [open] }));
  expect(JSON.stringify(steps)).not.toContain("unmarked secret");
  expect([...secrets]).toEqual([["unmarked secret", "A"]]);
});

test("a replacement is one step, with what replaces, what is protected and what only the run will know", () => {
  const parts = ["create-replacement", "replace", "delete-replaced"].map((op) =>
    step(op, cluster, {
      oldState: { ...clusterState, inputs: { region: "fra1", size: "db-s-1vcpu-1gb" }, outputs: { privateNetworkUuid: "4e1b" } },
      newState: { ...clusterState, protect: false, inputs: { region: "ams3", size: "db-s-1vcpu-1gb", privateNetworkUuid: unknown } },
      detailedDiff: { region: { kind: "update-replace" }, privateNetworkUuid: { kind: "update" } },
      replaceReasons: ["region"],
    }),
  );
  const { steps, after } = readPlan(
    JSON.stringify({ steps: [...parts, step("delete", user, { oldState: state.deployment.resources?.[4] })] }),
    { state },
  );
  expect(steps.map(renderStep)).toEqual([
    "replace DatabaseCluster database (privateNetworkUuid, region)",
    "delete DatabaseUser database-user",
  ]);
  expect(steps[0]).toMatchObject({ component: "database", protect: true, protectAfter: false, retained: true, token: clusterState.type });
  expect(steps[0]?.changes).toEqual([
    { path: "privateNetworkUuid", kind: "update", from: "4e1b", to: unknown, hidden: false, computed: true, replaces: false },
    { path: "region", kind: "update", from: "fra1", to: "ams3", hidden: false, computed: false, replaces: true },
  ]);
  expect(renderValue(steps[0]?.changes[0]?.to)).toBe("(known after)");
  expect(after.map(({ name }) => name)).toEqual(["app", "database"]);
});

test("a hidden value prints as one, and tells only whether it is the same", () => {
  const [one, same, other] = [new Hidden("a secret"), new Hidden("a secret"), new Hidden("another")];
  expect([
    JSON.stringify({ one }),
    String(one),
    one.equals(same),
    one.equals(other),
    one.equals("a secret"),
    new Hidden().equals(new Hidden()),
  ]).toEqual(['{"one":"[secret]"}', "[secret]", true, false, false, false]);
  expect(one.digest("key")).toBe(same.digest("key"));
  expect(one.digest("key")).not.toBe(one.digest("other key"));
});

test("no field of an App's spec that the provider's schema calls secret is shown", () => {
  const shapes = JSON.parse(readFileSync(join(import.meta.dirname, "../../sandbox/catalogue/shapes/digitalocean.json"), "utf8")) as {
    types: Record<string, { properties?: Record<string, { secret?: boolean }> }>;
  };
  const marked = Object.entries(shapes.types)
    .filter(([name]) => name.includes("/AppSpec"))
    .flatMap(([, { properties = {} }]) => Object.keys(properties).filter((key) => properties[key]?.secret === true));
  // Each needs its place in what is never shown, and a case here.
  expect([...new Set(marked)].sort()).toEqual(["password", "registryCredentials", "value"]);
  const token = "digitalocean:index/app:App";
  const places = [
    "image.registryCredentials",
    "logDestinations[0].openSearch.basicAuth.password",
    "logDestinations[0].datadog.apiKey",
    "logDestinations[0].logtail.token",
  ];
  for (const place of places) expect(isVisible(token, `spec.services[0].${place}`, {}), place).toBe(false);
  for (const type of ["SECRET", "", undefined]) expect(isVisible(token, "spec.envs[0].value", { type })).toBe(false);
  expect(isVisible(token, "spec.services[0].alerts[0].value", { rule: "CPU_UTILIZATION" })).toBe(true);
  // What nobody has named yet.
  expect(isVisible(token, "spec.services[0].somethingNew", {})).toBe(false);
  expect(isVisible("digitalocean:index/droplet:Droplet", "userData", {})).toBe(false);
});

test.each<[string, unknown[], unknown[], object, string[], string[]]>([
  [
    "addresses go from the front",
    ["A", "B", "C"],
    ["B"],
    // As a provider counts a set: by an order of its own.
    { "rules[0]": { kind: "delete" }, "rules[2]": { kind: "delete" } },
    ['rules[0]: {"value":"A"} → nothing', 'rules[2]: {"value":"C"} → nothing'],
    [],
  ],
  [
    "the one behind them",
    ["A", "B", "C"],
    ["A"],
    { "rules[0]": { kind: "delete" } },
    ['rules[1]: {"value":"B"} → nothing', 'rules[2]: {"value":"C"} → nothing'],
    [],
  ],
  [
    "another order",
    ["A", "B"],
    ["B", "A"],
    { "rules[0].value": { kind: "update" } },
    ['rules: [{"value":"A"},{"value":"B"}] → [{"value":"B"},{"value":"A"}]'],
    [],
  ],
  [
    "another one in its place",
    ["A", "B", "C"],
    ["B", "D"],
    { "rules[1]": { kind: "add" }, "rules[0]": { kind: "delete" } },
    ['rules[1].value: "A" → "D"', 'rules[2]: {"value":"C"} → nothing'],
    ["open:DatabaseFirewall/fw"],
  ],
])("a list without names, of which the engine counts by position: %s", (_, from, to, detailedDiff, said, dangers) => {
  const type = "digitalocean:index/databaseFirewall:DatabaseFirewall";
  const urn = `urn:pulumi:staging::template::${type}::fw`;
  const [was, is] = [from, to].map((values) => ({ clusterId: "c", rules: values.map((value) => ({ value })) }));
  const [found] = readPlan(
    JSON.stringify({
      steps: [
        step("update", urn, { oldState: { type, custom: true, inputs: was }, newState: { type, custom: true, inputs: is }, detailedDiff }),
      ],
    }),
  ).steps;
  expect(found?.changes.map((change) => changeLine(found, change))).toEqual(said);
  expect(dangersOf("production", { steps: [found!], loosened: [] }).map(({ name }) => name)).toEqual(dangers);
});

test("of what was not there before nothing is taken for a secret, though the outputs are one as a whole", () => {
  const type = "digitalocean:index/app:App";
  const [was, is] = [{}, { instanceCount: 2, autoscaling: { minInstanceCount: 2 } }].map((more) => ({
    spec: { services: mark([{ name: "api", ...more }]) },
  }));
  const masked = { spec: { services: "[secret]" } };
  const outputs = { spec: mark({ services: [{ name: "api", instanceCount: 1 }] }) };
  const [found] = readPlan(
    JSON.stringify({
      steps: [
        step("update", app, {
          oldState: { type, custom: true, inputs: masked, outputs: { spec: "[secret]" } },
          newState: { type, custom: true, inputs: masked },
          detailedDiff: { "spec.services[0].autoscaling": { kind: "add" }, "spec.services[0].instanceCount": { kind: "add" } },
        }),
      ],
    }),
    {
      state: { deployment: { resources: [{ urn: app, type, custom: true, inputs: was, outputs }] } },
      plan: { resourcePlans: { [app]: { goal: { inputDiff: { updates: is } } } } },
    },
  ).steps;
  expect(found?.changes.map((change) => changeLine(found, change))).toEqual([
    'api autoscaling: nothing → {"minInstanceCount":2}',
    "api instanceCount: 1 → 2",
  ]);
});
