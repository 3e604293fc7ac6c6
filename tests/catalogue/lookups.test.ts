import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
beforeAll(async () => {
  await create("domain", { name: "example.com" });
  ({ id: project } = await create("project", { name: "shop", description: "d", purpose: "p", resources: ["do:domain:example.com"] }));
  const size = { engine: "pg", version: "17", size: "db-s-1vcpu-1gb", nodeCount: 1, region: "fra1" };
  ({ id: cluster } = await create("databaseCluster", { name: "main", ...size }));
  await create("databaseDb", { clusterId: cluster, name: "app" });
  await create("databaseUser", { clusterId: cluster, name: "app" });
});

describe("look-ups", () => {
  const asked: Readonly<Record<string, () => Properties>> = {
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
    ["getApp", { appId: "x" }, /the sandbox's catalogue has no function digitalocean:index\/getApp:getApp/],
  ])("%s %o is refused", async (name, args, message) => {
    await expect(provider.invoke(lookup(name), args)).rejects.toThrow(message);
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
