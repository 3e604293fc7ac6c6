import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { types } from "../../sandbox/catalogue/github/common.ts";
import { lookups } from "../../sandbox/catalogue/index.ts";
import { loadShapes } from "../../sandbox/catalogue/shape.ts";
import { CloudStore, type Properties } from "../../sandbox/cloud/store.ts";
import { Provider } from "../../sandbox/provider/provider.ts";

const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
const store = new CloudStore(folder);
const provider = new Provider("digitalocean", store);
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const token = (name: string): string => `digitalocean:index/${name}:${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
const lookup = (name: string): string => `digitalocean:index/${name}:${name}`;
const create = (name: string, inputs: Properties) => {
  const type = token(name);
  return provider.create({ urn: `urn:pulumi:test::test::${type}::probe`, type, name: "probe" }, inputs);
};
const read = (name: string, id: string) => {
  const type = token(name);
  return provider.read({ urn: `urn:pulumi:test::test::${type}::probe`, type, name: "probe" }, id, undefined, {});
};

let project: string;
let cluster: string;
let app: string;
beforeAll(async () => {
  await create("domain", { name: "example.com" });
  ({ id: project } = await create("project", { name: "shop", description: "d", purpose: "p", resources: ["do:domain:example.com"] }));
  const size = { engine: "pg", version: "17", size: "db-s-1vcpu-1gb", nodeCount: 1, region: "fra1" };
  ({ id: cluster } = await create("databaseCluster", { name: "main", ...size }));
  await create("databaseDb", { clusterId: cluster, name: "app" });
  await create("databaseUser", { clusterId: cluster, name: "app" });
  const envs = [{ key: "KEY", value: "s3cret", type: "SECRET", scope: "RUN_TIME" }];
  ({ id: app } = await create("app", { spec: { name: "shop", region: "fra", services: [{ name: "web", envs }] } }));
});

describe("look-ups", () => {
  const asked: Readonly<Record<string, () => Properties>> = {
    [lookup("getApp")]: () => ({ appId: app }),
    [lookup("getDatabaseCa")]: () => ({ clusterId: cluster }),
    [lookup("getDomain")]: () => ({ name: "example.com" }),
    [lookup("getProject")]: () => ({ id: project }),
    [lookup("getRecords")]: () => ({ domain: "example.com" }),
  };

  test("every one is tried here", () => {
    expect(Object.keys(lookups.digitalocean ?? {}).sort()).toEqual(Object.keys(asked).sort());
  });

  test.each(Object.keys(asked))("%s answers what the published schema says, nothing more, nothing less", async (name) => {
    const { outputs } = loadShapes("digitalocean").functions[name] ?? {};
    // A project's description is published as required, and not among the properties.
    const published = new Set([...Object.keys(outputs?.properties ?? {}), ...(outputs?.required ?? [])]);
    const answer = await provider.invoke(name, asked[name]?.() ?? {});
    expect(Object.keys(answer).filter((key) => !published.has(key))).toEqual([]);
    expect((outputs?.required ?? ["none"]).filter((key) => answer[key] === undefined)).toEqual([]);
  });

  test("answer what stands", async () => {
    expect(await provider.invoke(lookup("getDomain"), { name: "example.com" })).toMatchObject({
      id: "example.com",
      domainUrn: "do:domain:example.com",
    });
    const found = { id: project, name: "shop", resources: ["do:domain:example.com"] };
    expect(await provider.invoke(lookup("getProject"), { id: project })).toMatchObject(found);
    expect(await provider.invoke(lookup("getProject"), { name: "shop" })).toMatchObject(found);
    await create("dnsRecord", { domain: "example.com", type: "CNAME", name: "blog", value: "shop.example.net." });
    const { specs } = await provider.invoke(lookup("getApp"), { appId: app });
    const value = expect.stringMatching(/^EV\[1:/) as unknown;
    expect(specs).toMatchObject([{ name: "shop", services: [{ name: "web", envs: [{ key: "KEY", value }] }] }]);
    const { records } = await provider.invoke(lookup("getRecords"), { domain: "example.com" });
    expect(records).toMatchObject([{ domain: "example.com", type: "CNAME", name: "blog", value: "shop.example.net." }]);
  });

  test.each([
    ["getDomain", { name: "other.com" }, /^domain not found: GET .*\/v2\/domains\/other.com: 404/],
    ["getDomain", {}, /Missing required argument: The argument "name" is required/],
    ["getDomain", { name: "example.com", region: "fra1" }, /Invalid or unknown key "region"/],
    ["getProject", { id: "x" }, /^Unable to load project: GET .*\/v2\/projects\/x: 404/],
    ["getDatabaseCa", { clusterId: "x" }, /^Error retrieving database CA certificate: GET .*\/v2\/databases\/x\/ca: 404/],
    ["getRecords", { domain: "other.com" }, /404/],
    ["getApp", { appId: "x" }, /^Error reading App: GET .*\/v2\/apps\/x: 404/],
    ["getTags", {}, /the sandbox's catalogue has no function digitalocean:index\/getTags:getTags/],
  ])("%s %o is refused", async (name, args, message) => {
    await expect(provider.invoke(lookup(name), args)).rejects.toThrow(message);
  });
});

describe("look-ups of GitHub", () => {
  const hub = new Provider("github", store);
  hub.configure({ owner: "acme" });
  const of = (name: string): string => `github:index/${name}:${name}`;
  const make = (type: string, inputs: Properties) => hub.create({ urn: `urn:pulumi:t::t::${type}::p`, type, name: "p" }, inputs);

  beforeAll(async () => {
    await make(types.repository, { name: "web", visibility: "private", autoInit: true });
    await make(types.branch, { repository: "web", branch: "dev", sourceBranch: "main" });
    await make(types.ruleset, {
      ...{ repository: "web", name: "main", target: "branch", enforcement: "active", rules: { deletion: true } },
      conditions: { refName: { includes: ["refs/heads/main"], excludes: [] } },
    });
    await make(types.environment, { repository: "web", environment: "production" });
    await make(types.secret, { repository: "web", secretName: "ONE", value: "1" });
    await make(types.environmentSecret, { repository: "web", environment: "production", secretName: "TWO", value: "2" });
    await make(types.environmentVariable, { repository: "web", environment: "production", variableName: "THREE", value: "3" });
    await make(types.teamRepository, { repository: "web", teamId: "ops" });
  });

  const asked: Readonly<Record<string, Properties>> = {
    getActionsEnvironmentSecrets: { name: "web", environment: "production" },
    getActionsEnvironmentVariables: { fullName: "acme/web", environment: "production" },
    getActionsSecrets: { fullName: "acme/web" },
    getOrganization: { name: "acme" },
    getRepository: { name: "web" },
    getRepositoryBranches: { repository: "web" },
    getRepositoryEnvironmentDeploymentPolicies: { repository: "web", environment: "production" },
    getRepositoryEnvironments: { repository: "web" },
    getRestApi: { endpoint: "repos/acme/web/rules/branches/main" },
    getTeam: { slug: "ops" },
    getUser: { username: "ann" },
  };

  test("every one is tried here", () => {
    expect(Object.keys(lookups.github ?? {}).sort()).toEqual(Object.keys(asked).map(of).sort());
  });

  test.each(Object.keys(asked))("%s answers what the published schema says, nothing more, nothing less", async (name) => {
    const { outputs } = loadShapes("github").functions[of(name)] ?? {};
    // Descriptions are not among the published properties.
    const published = new Set([...Object.keys(outputs?.properties ?? {}), ...(outputs?.required ?? []), "description"]);
    const answer = await hub.invoke(of(name), asked[name] ?? {});
    expect(Object.keys(answer).filter((key) => !published.has(key))).toEqual([]);
    expect((outputs?.required ?? ["none"]).filter((key) => answer[key] === undefined)).toEqual([]);
  });

  test("answer what stands: names and times of secrets, no values; the plan; people by their numbers", async () => {
    const secrets = await hub.invoke(of("getActionsEnvironmentSecrets"), { name: "web", environment: "production" });
    const time = expect.stringMatching(/^\d{4}-/) as unknown;
    expect(secrets.secrets).toEqual([{ name: "TWO", createdAt: time, updatedAt: time }]);
    expect(await hub.invoke(of("getRepository"), { name: "web" })).toMatchObject({ name: "web", visibility: "private", fork: false });
    expect(await hub.invoke(of("getRepositoryEnvironments"), { repository: "web" })).toMatchObject({
      environments: [{ name: "production" }],
    });
    const [dev, main] = [
      { name: "dev", protected: false },
      { name: "main", protected: true },
    ];
    const branches = async (which = {}) => (await hub.invoke(of("getRepositoryBranches"), { repository: "web", ...which })).branches;
    expect(await branches()).toEqual(expect.arrayContaining([dev, main]));
    expect(await branches({ onlyProtectedBranches: true })).toEqual([main]);
    expect(await branches({ onlyNonProtectedBranches: true })).toEqual([dev]);
    expect(await hub.invoke(of("getOrganization"), { name: "acme" })).toMatchObject({ plan: "team", repositories: ["acme/web"] });
    expect(await hub.invoke(of("getTeam"), { slug: "ops" })).toMatchObject({ repositories: ["web"] });
    expect((await hub.invoke(of("getUser"), { username: "ann" })).id).toMatch(/^\d+$/);
  });

  test("a repository that is not there is no error, everything else is", async () => {
    expect(await hub.invoke(of("getRepository"), { name: "none" })).toEqual({ name: "none", id: "-" });
    await expect(hub.invoke(of("getUser"), { username: "nobody" })).rejects.toThrow(
      "GET https://api.github.com/users/nobody: 404 Not Found []",
    );
    await expect(hub.invoke(of("getTeam"), { slug: "nobody" })).rejects.toThrow("/orgs/acme/teams/nobody: 404");
    await expect(hub.invoke(of("getActionsSecrets"), { name: "none" })).rejects.toThrow("/repos/acme/none: 404");
    await expect(hub.invoke(of("getRepository"), {})).rejects.toThrow('one of "full_name" or "name" has to be provided');
  });
});

describe("importing by id", () => {
  test("a zone by its name, a project by its id", async () => {
    expect(await read("domain", "example.com")).toMatchObject({ id: "example.com", inputs: { name: "example.com" } });
    expect(await read("project", project)).toMatchObject({ id: project, inputs: { name: "shop" } });
    expect(await read("domain", "other.com")).toBeUndefined();
  });

  test("what lives in something by both, joined by a comma", async () => {
    const { id } = await create("dnsRecord", { domain: "example.com", name: "www", type: "A", value: "192.0.2.1" });
    expect(await read("dnsRecord", `example.com,${id}`)).toMatchObject({ id, inputs: { name: "www", value: "192.0.2.1" } });
    expect(await read("databaseDb", `${cluster},app`)).toMatchObject({ id: `${cluster}/database/app` });
    expect(await read("databaseUser", `${cluster},app`)).toMatchObject({ id: `${cluster}/user/app` });
    await expect(read("databaseDb", `${cluster}/database/app`)).rejects.toThrow("two parts joined by a comma are wanted");
  });
});
