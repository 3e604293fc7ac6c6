import { describe, expect, test } from "vitest";
import { types } from "../../sandbox/catalogue/digitalocean/common.ts";
import { InitializationError } from "../../sandbox/provider/provider.ts";
import { Account, app, type Made, spec, type Values } from "./account.ts";

const sealed = /^EV\[1:[A-Za-z0-9+/]{32}:[A-Za-z0-9+/]{32}\]$/;
const envs = [
  { key: "TOKEN", scope: "RUN_TIME", type: "SECRET", value: "t0p" },
  { key: "MODE", scope: "RUN_TIME", type: "GENERAL", value: "fast" },
];
const service = (values: Values): Values => ((values.spec as Values).services as Values[])[0] as Values;
const envOf = (values: Values, key: string): unknown => (service(values).envs as Values[]).find((env) => env.key === key)?.value;

describe("secrets", () => {
  test("the state keeps what was sent; the cloud and every read have it sealed", async () => {
    using account = new Account();
    const made = await app(account, {}, { envs });
    expect(envOf(made.outputs, "TOKEN")).toBe("t0p");
    const read = await account.read(made);
    expect(envOf(read?.outputs ?? {}, "TOKEN")).toMatch(sealed);
    expect(envOf(read?.inputs ?? {}, "TOKEN")).toMatch(sealed);
    expect(envOf(read?.outputs ?? {}, "MODE")).toBe("fast");
    expect(JSON.stringify(account.store.list())).not.toContain("t0p");
  });

  test("what is sent sealed stays as it is", async () => {
    using account = new Account();
    const made = await app(account, {}, { envs });
    const value = envOf((await account.read(made))?.outputs ?? {}, "TOKEN");
    const again = await account.update(made, { spec: spec({}, { envs: [{ ...envs[0], value }] }) });
    expect(envOf((await account.read(again))?.outputs ?? {}, "TOKEN")).toBe(value);
  });
});

describe("the spec", () => {
  test("an update replaces it whole: what is left out is gone", async () => {
    using account = new Account();
    const jobs = [{ name: "migrate", kind: "PRE_DEPLOY", image: { registryType: "GHCR", registry: "acme", repository: "web" } }];
    const made = await app(account, { jobs, alerts: [{ rule: "DOMAIN_FAILED" }] }, { envs });
    const changed = await account.update(made, { spec: spec() });
    const held = (await account.read(changed))?.outputs.spec as Values;
    expect(held.jobs).toEqual([]);
    expect(held.alerts).toEqual([]);
    expect((held.services as Values[])[0]?.envs).toEqual([]);
  });

  test("address and host follow from it", async () => {
    using account = new Account();
    const made = await app(account);
    expect(made.outputs.defaultIngress).toMatch(/^https:\/\/house-web-[0-9a-f]{5}\.ondigitalocean\.app$/);
    expect(made.outputs.liveUrl).toBe(made.outputs.defaultIngress);
    const domainNames = [{ name: "app.example.com", type: "PRIMARY" }, { name: "www.example.com" }];
    const changed = await account.update(made, { spec: spec({ domainNames }) });
    expect(changed.outputs).toMatchObject({ liveDomain: "app.example.com", liveUrl: "https://app.example.com" });
    expect(changed.outputs.defaultIngress).toBe(made.outputs.defaultIngress);
    expect((changed.outputs.spec as Values).domainNames).toEqual([
      { name: "app.example.com", type: "PRIMARY", wildcard: false, zone: "" },
      { name: "www.example.com", type: "UNSPECIFIED", wildcard: false, zone: "" },
    ]);
  });

  test("what is left out and has a default is filled in, and said so", async () => {
    using account = new Account();
    const rules = [{ match: { path: { prefix: "/old" } }, redirect: { uri: "/new" } }];
    const logDestinations = [{ name: "logs", datadog: { apiKey: "k" } }];
    const jobs = [{ name: "migrate", envs: [{ key: "A", value: "b" }] }];
    const { inputs } = await app(account, { jobs, ingress: { rules } }, { logDestinations });
    expect(inputs).toMatchObject({ __defaults: ["deploymentPerPage"], deploymentPerPage: 20 });
    expect(service(inputs).logDestinations).toMatchObject([
      { datadog: { __defaults: ["endpoint"], endpoint: "https://http-intake.logs.datadoghq.com" } },
    ]);
    expect(inputs.spec).toMatchObject({
      ingress: { rules: [{ redirect: { __defaults: ["redirectCode"], redirectCode: 302 } }] },
      jobs: [{ __defaults: ["kind"], kind: "UNSPECIFIED", envs: [{ __defaults: ["scope"], scope: "RUN_AND_BUILD_TIME" }] }],
    });
  });

  test("two components of one name, and none at all", async () => {
    using account = new Account();
    await expect(app(account, { workers: [{ name: "web" }] })).rejects.toThrow('component name "web" is used more than once');
    await expect(app(account, { services: [] })).rejects.toThrow("at least one component is required");
  });
});

describe("what the API refuses of a spec", () => {
  const rule = (rest: Values): Values => ({ ingress: { rules: [{ match: { path: { prefix: "/" } }, ...rest }] } });
  test.each<[Values, Values, string]>([
    [
      {},
      { github: { repo: "a/b", branch: "main" } },
      'services[0].image": only one of git, github, gitlab, bitbucket and image may be set',
    ],
    [
      {},
      { image: { registryType: "GHCR", repository: "a", tag: "x", digest: `sha256:${"1".repeat(64)}` } },
      'image.tag": cannot be specified',
    ],
    [{}, { healthCheck: { timeoutSeconds: 121 } }, 'health_check.timeout_seconds": must be between 1 and 120'],
    [{}, { livenessHealthCheck: { successThreshold: 2 } }, 'liveness_health_check.success_threshold": must be between 1 and 1'],
    [{}, { logDestinations: [{ name: "logs" }] }, 'log_destinations[0]": exactly one destination must be set'],
    [{}, { logDestinations: [{ name: "-", logtail: { token: "t" } }] }, 'log_destinations[0].name": invalid name'],
    [
      { staticSites: [{ name: "site", catchallDocument: "a", errorDocument: "b" }] },
      {},
      'catchall_document": only one of catchall_document and error_document may be set',
    ],
    [rule({}), {}, 'component": only one of component or redirect may be set'],
    [rule({ component: { name: "web", preservePathPrefix: true, rewrite: "/v1" } }), {}, 'rewrite": is mutually exclusive'],
    [rule({ redirect: { uri: "/", redirectCode: 200 } }), {}, 'redirect_code": 200 is not supported'],
    [rule({ redirect: { uri: "/", scheme: "ftp" } }), {}, 'scheme": must be http or https'],
    [rule({ component: { name: "web" }, cors: { maxAge: "soon" } }), {}, 'cors.max_age": invalid duration'],
  ])("%j %j", async (whole, part, message) => {
    using account = new Account();
    await expect(app(account, whole, part)).rejects.toThrow(message);
  });
});

test("credentials for images come back sealed, so they differ from what was sent in every preview", async () => {
  using account = new Account();
  const image = { registryType: "GHCR", registry: "acme", repository: "web", registryCredentials: "robot:t0p" };
  const { outputs } = await app(account, {}, { image });
  expect((service(outputs).image as Values).registryCredentials).toMatch(sealed);
  expect(JSON.stringify(outputs)).not.toContain("t0p");
});

describe("a variable without a type", () => {
  test("makes the state hold what the API gives back, secrets of the same component sealed", async () => {
    using account = new Account();
    const untyped = { key: "MODE", scope: "RUN_TIME", value: "fast" };
    const made = await app(account, {}, { envs: [envs[0], untyped] });
    expect(envOf(made.outputs, "TOKEN")).toMatch(sealed);
    expect(envOf(made.outputs, "MODE")).toBe("fast");
    const again = await account.update(made, { spec: spec({}, { envs }) });
    expect(envOf(again.outputs, "TOKEN")).toBe("t0p");
  });
});

describe("who is told of alerts", () => {
  const people = (name: string): Values => ({ destinations: { emails: [`${name}@example.com`] } });
  const told = (account: Account, made: Made): string[] => {
    const { alerts, services, workers } = account.store.get(types.app, made.id)?.outputs.spec as Record<string, Values[]>;
    const all = [...(alerts ?? []), ...[...(services ?? []), ...(workers ?? [])].flatMap((one) => one.alerts as Values[])];
    return all.map(({ destinations }) => ((destinations as Values | null)?.emails as string[] | undefined)?.join() ?? "nobody");
  };
  const alert = (more: Values) => ({ rule: "CPU_UTILIZATION", operator: "GREATER_THAN", value: 80, window: "FIVE_MINUTES", ...more });

  test("of the app's own alerts: nobody, unless the first one has somebody; and who was told stays", async () => {
    using account = new Account();
    const [failed, domain] = [{ rule: "DEPLOYMENT_FAILED" }, { rule: "DOMAIN_FAILED" }];
    const made = await app(account, { alerts: [failed, { ...domain, ...people("ops") }] });
    expect(told(account, made)).toEqual(["nobody", "nobody"]);
    const first = {
      alerts: [
        { ...failed, ...people("dev") },
        { ...domain, ...people("ops") },
      ],
    };
    const both = await account.update(made, { spec: spec(first) });
    expect(told(account, both)).toEqual(["dev@example.com", "ops@example.com"]);
    const none = await account.update(both, { spec: spec({ alerts: [failed, domain] }) });
    expect(told(account, none)).toEqual(["dev@example.com", "ops@example.com"]);
  });

  test("of two components with one rule: those of the last", async () => {
    using account = new Account();
    const workers = [{ name: "jobs", alerts: [alert(people("jobs"))] }];
    const made = await app(account, { workers }, { alerts: [alert(people("web"))] });
    expect(told(account, made)).toEqual(["jobs@example.com", "jobs@example.com"]);
  });
});

test("an address of one's own to the outside is known once it is asked for", async () => {
  using account = new Account();
  const made = await app(account);
  expect(made.outputs.dedicatedIps).toBeNull();
  const own = await account.update(made, { spec: spec({ egresses: [{ type: "DEDICATED_IP" }] }) });
  expect(own.outputs.dedicatedIps).toMatchObject([{ ip: expect.stringMatching(/^198\.51\.100\.\d+$/) as string, status: "ASSIGNED" }]);
  await expect(account.update(own, { spec: spec({ egresses: [{ type: "FIXED" }] }) })).rejects.toThrow("FIXED is not supported");
});

describe("deployments that fail", () => {
  const log = ["Traceback (most recent call last):", "sqlalchemy.exc.OperationalError"];
  const serving = ({ outputs }: { outputs: Values }) => ({
    activeDeploymentId: outputs.activeDeploymentId,
    defaultIngress: outputs.defaultIngress,
    liveUrl: outputs.liveUrl,
  });
  const failure = async (work: Promise<unknown>): Promise<InitializationError> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(InitializationError);
    return error as InitializationError;
  };

  test("the first: the app exists and serves nothing, and its log can be read", async () => {
    using account = new Account();
    account.fail(types.app, "create", "deployment", { details: { phase: "build", log } });
    const error = await failure(app(account));
    expect(error.message).toMatch(/^error deploying app \([0-9a-f-]{36}\) \(deployment ID: [0-9a-f-]{36}\):\n/);
    expect(error.message).toContain('Name:"build", Status:"ERROR"');
    expect(error.outputs).toMatchObject({ activeDeploymentId: "", liveUrl: "", defaultIngress: "", liveDomain: "" });
    expect(account.store.get(types.app, error.id)?.outputs).toMatchObject({ liveUrl: "", activeDeploymentId: "" });
    expect(account.store.deployments(error.id)).toMatchObject([{ phase: "ERROR", failedIn: "build", log }]);
  });

  test("a second run of the same spec merely reads, as with the real plugin; another spec deploys", async () => {
    using account = new Account();
    account.fail(types.app, "create", "deployment");
    const { id, outputs, inputs } = await failure(app(account));
    const made: Made = { type: types.app, name: "app", id, inputs, outputs };
    const again = await account.update(made, { spec: spec() });
    expect(serving(again)).toEqual({ activeDeploymentId: "", defaultIngress: "", liveUrl: "" });
    expect(account.store.deployments(id)).toHaveLength(1);
    const changed = await account.update(again, { spec: spec({}, { instanceCount: 2 }) });
    expect(changed.outputs.liveUrl).toMatch(/^https:/);
    expect(account.store.deployments(id).map(({ phase }) => phase)).toEqual(["ACTIVE", "ERROR"]);
  });

  test("a later one: what served before serves on", async () => {
    using account = new Account();
    const made = await app(account);
    account.fail(types.app, "update", "deployment", { details: { log } });
    const digest = `sha256:${"2".repeat(64)}`;
    const image = { registryType: "GHCR", registry: "acme", repository: "web", digest };
    const error = await failure(account.update(made, { spec: spec({}, { image }) }));
    expect(serving(error)).toEqual(serving(made));
    const held = account.store.get(types.app, made.id);
    expect(serving({ outputs: held?.outputs ?? {} })).toEqual(serving(made));
    // The new spec is there all the same.
    expect((service(held?.outputs ?? {}).image as Values).digest).toBe(digest);
    expect(account.store.deployments(made.id)[0]).toMatchObject({ phase: "ERROR", failedIn: "deploy", log });
  });
});
