import { describe, expect, test } from "vitest";
import { types } from "../../sandbox/catalogue/digitalocean/common.ts";
import { Account, app, cluster, vpc } from "./account.ts";

/** An error of the API, whatever the number of its request. */
const error = (text: string): RegExp =>
  new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replace("REQUEST", 'request "[0-9a-f-]{36}"')}$`);

describe("names that are taken", () => {
  test("a VPC's", async () => {
    using account = new Account();
    await vpc(account);
    await expect(vpc(account)).rejects.toThrow(
      error(
        "Error creating VPC: POST https://api.digitalocean.com/v2/vpcs: 422 (REQUEST) This name is already taken. Please choose another name.",
      ),
    );
    await expect(vpc(account, { ipRange: "10.9.0.0/16" }, "a")).resolves.toBeDefined();
    await expect(vpc(account, { ipRange: "10.9.0.0/16" }, "b")).rejects.toThrow("This range/size overlaps with another VPC network");
  });

  test("an app's, a cluster's, a project's, a zone's, a registry's, a database's, a user's", async () => {
    using account = new Account();
    const twice = async (make: () => Promise<unknown>, message: string): Promise<void> => {
      await make();
      await expect(make()).rejects.toThrow(message);
    };
    const pg = await cluster(account);
    await expect(cluster(account)).rejects.toThrow("cluster name is not available");
    await twice(() => app(account), "App name is already taken");
    await twice(() => account.create(types.project, "p", { name: "house" }), "duplicate project name");
    await twice(() => account.create(types.domain, "zone", { name: "example.com" }), "Name already exists");
    await twice(() => account.create(types.registry, "r", { name: "house", subscriptionTierSlug: "basic" }), "name already exists");
    const child = { clusterId: pg.id, name: "app" };
    await twice(() => account.create(types.database, "db", child), "database name is not available");
    await twice(() => account.create(types.databaseUser, "user", child), "username is not available");
    await expect(account.create(types.database, "default", { ...child, name: "defaultdb" })).rejects.toThrow("not available");
  });

  test("records that a zone cannot hold beside each other", async () => {
    using account = new Account();
    const { id: domain } = await account.create(types.domain, "zone", { name: "example.com" });
    const record = (type: string, value: string) => account.create(types.record, `${type}-${value}`, { domain, name: "www", type, value });
    await record("A", "192.0.2.1");
    await record("A", "192.0.2.2");
    await expect(record("A", "192.0.2.1")).rejects.toThrow("Record already exists");
    await expect(record("CNAME", "example.net.")).rejects.toThrow("CNAME records cannot share a name with other records");
  });

  test("a name is free again when its object is gone", async () => {
    using account = new Account();
    await account.delete(await vpc(account));
    await expect(vpc(account)).resolves.toBeDefined();
  });
});

describe("references must exist", () => {
  const nobody = "11111111-1111-4111-8111-111111111111";

  test.each([
    [types.database, { clusterId: nobody, name: "app" }, "404"],
    [types.databaseUser, { clusterId: nobody, name: "app" }, "404"],
    [types.databaseFirewall, { clusterId: nobody, rules: [{ type: "ip_addr", value: "10.0.0.0/8" }] }, "404"],
    [types.record, { domain: "example.com", name: "www", type: "A", value: "192.0.2.1" }, "404"],
    [types.project, { name: "house", resources: [`do:app:${nobody}`] }, `resource do:app:${nobody} could not be found`],
    [types.projectResources, { project: nobody, resources: [] }, "project could not be found"],
  ])("%s", async (type, inputs, message) => {
    using account = new Account();
    await expect(account.create(type, "one", inputs)).rejects.toThrow(message);
    expect(account.store.list()).toEqual([]);
  });

  test("a cluster's and an app's network", async () => {
    using account = new Account();
    const elsewhere = await vpc(account, { region: "ams3" });
    await expect(cluster(account, { privateNetworkUuid: nobody })).rejects.toThrow("private network could not be found");
    await expect(cluster(account, { privateNetworkUuid: elsewhere.id })).rejects.toThrow("cluster region must match VPC region");
    await expect(app(account, { vpcs: [{ id: nobody }] })).rejects.toThrow(`VPC ${nobody} could not be found`);
    await expect(app(account, { vpcs: [{ id: elsewhere.id }] })).rejects.toThrow("VPC must be in a datacenter of the app's region");
  });

  test("an app that a firewall names, a component that the ingress names, a zone that a host names", async () => {
    using account = new Account();
    const { id: clusterId } = await cluster(account);
    const rules = [{ type: "app", value: nobody }];
    await expect(account.create(types.databaseFirewall, "f", { clusterId, rules })).rejects.toThrow(`app ${nobody} could not be found`);
    const ingress = { rules: [{ component: { name: "api" }, match: { path: { prefix: "/" } } }] };
    await expect(app(account, { ingress })).rejects.toThrow('component "api" could not be found');
    await expect(app(account, { domainNames: [{ name: "a.example.com", zone: "example.com" }] })).rejects.toThrow(
      'zone "example.com" could not be found',
    );
  });
});

describe("deletes", () => {
  test("a VPC with members stays", async () => {
    using account = new Account();
    const network = await vpc(account);
    const members = [await cluster(account, { privateNetworkUuid: network.id }), await app(account, { vpcs: [{ id: network.id }] })];
    for (const member of members) {
      await expect(account.delete(network)).rejects.toThrow(
        error(
          `Error deleting VPC: DELETE https://api.digitalocean.com/v2/vpcs/${network.id}: 403 (REQUEST) Can not delete VPC with members`,
        ),
      );
      await account.delete(member);
    }
    await account.delete(network);
    expect(account.store.list()).toEqual([]);
  });

  test("a project with resources that its state does not know stays", async () => {
    using account = new Account();
    const project = await account.create(types.project, "p", { name: "house" });
    const web = await app(account);
    await account.create(types.projectResources, "r", { project: project.id, resources: [`do:app:${web.id}`] });
    await expect(account.delete(project)).rejects.toThrow("412");
    const read = await account.read(project);
    await account.delete({ ...project, outputs: read?.outputs ?? {} });
    expect(account.store.list(types.project)).toEqual([]);
  });

  test("a cluster goes with what is in it, a zone with its records; what is gone is gone without a complaint", async () => {
    using account = new Account();
    const pg = await cluster(account);
    const database = await account.create(types.database, "db", { clusterId: pg.id, name: "app" });
    const zone = await account.create(types.domain, "zone", { name: "example.com" });
    await account.create(types.record, "www", { domain: zone.id, name: "www", type: "A", value: "192.0.2.1" });
    await account.delete(pg);
    await account.delete(zone);
    expect(account.store.list()).toEqual([]);
    expect(await account.read(database)).toBeUndefined();
    await account.delete(database);
  });
});

describe("slugs, regions and sizes", () => {
  test.each([
    ["engine", "postgres", "invalid engine"],
    ["engine", "redis", "invalid engine"],
    ["version", "9", "invalid cluster engine version"],
    ["region", "fra9", "invalid region"],
    ["size", "db-s-9vcpu-9gb", "invalid size"],
    ["nodeCount", 9, "invalid node count"],
  ])("a cluster's %s %j", async (name, value, message) => {
    using account = new Account();
    await expect(cluster(account, { [name]: value })).rejects.toThrow(
      error(`Error creating database cluster: POST https://api.digitalocean.com/v2/databases: 422 (REQUEST) ${message}`),
    );
  });

  test("a cluster grows and does not shrink", async () => {
    using account = new Account();
    const pg = await cluster(account);
    const { __defaults, ...inputs } = pg.inputs;
    expect(__defaults).toEqual([]);
    const larger = await account.update(pg, { ...inputs, size: "db-s-2vcpu-4gb", version: "18" });
    expect(larger.outputs).toMatchObject({ size: "db-s-2vcpu-4gb", version: "18", uri: pg.outputs.uri });
    await expect(account.update(larger, { ...inputs, version: "18" })).rejects.toThrow("cluster storage can not be reduced");
    await expect(account.update(larger, { ...inputs, size: "db-s-2vcpu-4gb", version: "17" })).rejects.toThrow("invalid cluster engine");
    await expect(cluster(account, { size: "db-s-1vcpu-1gb", nodeCount: 2 }, "small")).rejects.toThrow("standby nodes are not available");
  });

  test("a VPC's region, an app's region, an instance size", async () => {
    using account = new Account();
    await expect(vpc(account, { region: "fra" })).rejects.toThrow("region is invalid");
    await expect(app(account, { region: "fra1" })).rejects.toThrow('field "region": fra1 is not a valid region');
    await expect(app(account, {}, { instanceSizeSlug: "apps-s-9vcpu-1gb" })).rejects.toThrow(
      "apps-s-9vcpu-1gb is not a valid instance size",
    );
    await expect(app(account, {}, { instanceCount: 0 })).rejects.toThrow("must be between 1 and 250");
    await expect(app(account, {}, { instanceSizeSlug: "apps-s-1vcpu-0.5gb", instanceCount: 2 })).rejects.toThrow(
      "limited to a single instance",
    );
    await expect(app(account, {}, { image: { registryType: "GHCR", repository: "web", digest: "latest" } })).rejects.toThrow(
      "invalid digest",
    );
  });

  test("images of the team's registry, where the team has none or another is named", async () => {
    using account = new Account();
    const image = { registryType: "DOCR", repository: "web", digest: `sha256:${"1".repeat(64)}` };
    await expect(app(account, {}, { image })).rejects.toThrow("the account has no container registry");
    await account.create(types.registry, "r", { name: "house", subscriptionTierSlug: "basic" });
    await expect(app(account, {}, { image: { ...image, registry: "house" } })).rejects.toThrow("must be empty for registry type DOCR");
    await app(account, {}, { image });
  });

  test("a registry in a region that has none, and a second one of a team that may have one", async () => {
    using account = new Account();
    const registry = (name: string, rest: object = {}) =>
      account.create(types.registry, name, { name, subscriptionTierSlug: "basic", ...rest });
    await expect(registry("house", { region: "lon1" })).rejects.toThrow("invalid region");
    await registry("house", { region: "syd1" });
    await expect(registry("other")).rejects.toThrow("422 (request");
    await expect(registry("other")).rejects.toThrow("user already has a registry");
    await registry("other", { subscriptionTierSlug: "professional" });
  });

  test("a type that the catalogue does not have", async () => {
    using account = new Account();
    await expect(account.create("digitalocean:index/genaiAgent:GenaiAgent", "a", {})).rejects.toThrow(
      "the sandbox's catalogue has no resource type digitalocean:index/genaiAgent:GenaiAgent",
    );
  });
});

test("a new name must be free as well", async () => {
  using account = new Account();
  const [one] = [await vpc(account, {}, "one"), await vpc(account, { ipRange: "10.9.0.0/16" }, "two")];
  await expect(account.update(one, { name: "house-two", region: "fra1" })).rejects.toThrow("This name is already taken");
  const same = await account.update(one, { name: "house-one", region: "fra1", description: "x" });
  expect(same.outputs).toMatchObject({ id: one.id, name: "house-one", description: "x", ipRange: one.outputs.ipRange });
  const renamed = await account.update(same, { name: "house-three", region: "fra1" });
  expect(renamed.outputs).toMatchObject({ name: "house-three", description: "" });
  await expect(vpc(account, { ipRange: "10.8.0.0/16" }, "one")).resolves.toBeDefined();
});
