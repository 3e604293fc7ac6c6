import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { kinds } from "../../sandbox/catalogue/index.ts";
import { types } from "../../sandbox/catalogue/digitalocean/common.ts";
import { Account, cluster, type Made, type Values, vpc } from "./account.ts";

const bucket = (account: Account, more: Values = {}): Promise<Made> =>
  account.create(types.bucket, "files", { name: "house-files", region: "fra1", acl: "private", versioning: { enabled: true }, ...more });
const inputsOf = ({ inputs: { __defaults, ...inputs } }: Made): Values => (expect(__defaults).toBeDefined(), inputs);

describe("databases", () => {
  test("pools share what the node has, and every field of a pool replaces", async () => {
    using account = new Account();
    const { id: clusterId } = await cluster(account, { size: "db-s-1vcpu-1gb" });
    const pool = (name: string, size: number) =>
      account.create(types.pool, name, { clusterId, name, mode: "transaction", size, dbName: "defaultdb", user: "doadmin" });
    const one = await pool("one", 12);
    await expect(pool("two", 11)).rejects.toThrow("pool size exceeds the available connections");
    await pool("two", 10);
    for (const [name, value] of Object.entries({ size: 5, mode: "session", name: "three", dbName: "x", user: "y" })) {
      const resource = { urn: "", type: types.pool, name: "one" };
      expect(account.provider.diff(resource, one.outputs, { ...one.inputs, [name]: value }, []).replaces).toEqual([name]);
    }
  });

  test("settings live in the cluster: a delete forgets them, another engine's are refused", async () => {
    using account = new Account();
    const { id: clusterId } = await cluster(account);
    const settings = await account.create(types.postgresqlConfig, "settings", { clusterId, timezone: "UTC" });
    expect(settings.outputs).toMatchObject({ timezone: "UTC", workMem: 4, jit: false, pgbouncers: null });
    const changed = await account.update(settings, { clusterId, timezone: "UTC", workMem: 8, pgbouncers: [{ minPoolSize: 2 }] });
    expect(changed.outputs).toMatchObject({ workMem: 8, pgbouncers: [{ minPoolSize: 2, serverIdleTimeout: 0 }] });
    const resource = { urn: "", type: types.postgresqlConfig, name: "settings" };
    const { changes } = account.provider.diff(resource, settings.outputs, { clusterId, timezone: "UTC", pgbouncers: [{}] }, []);
    expect([...changes]).toEqual([["pgbouncers", { kind: "add", replace: false }]]);
    await expect(account.create(types.valkeyConfig, "wrong", { clusterId })).rejects.toThrow("invalid config for this engine");
  });

  test("a replica is as large as its primary at least, and does not shrink", async () => {
    using account = new Account();
    const { id: clusterId } = await cluster(account, { size: "db-s-1vcpu-2gb" });
    const network = await vpc(account, { region: "ams3" });
    const replica = (size: string, more: Values = {}) =>
      account.create(types.databaseReplica, "reader", { clusterId, name: "reader", region: "fra1", size, ...more });
    await expect(replica("db-s-1vcpu-1gb")).rejects.toThrow("cluster storage can not be reduced");
    await expect(replica("db-s-1vcpu-2gb", { privateNetworkUuid: network.id })).rejects.toThrow("must match VPC region");
    const made = await replica("db-s-2vcpu-4gb");
    await expect(replica("db-s-2vcpu-4gb")).rejects.toThrow("replica name is not available");
    await expect(account.update(made, { ...inputsOf(made), size: "db-s-1vcpu-2gb" })).rejects.toThrow("can not be reduced");
  });

  test("a replica goes with its primary, and its firewall with it", async () => {
    using account = new Account();
    const made = await cluster(account, { size: "db-s-1vcpu-2gb" });
    const replica = { clusterId: made.id, name: "reader", region: "fra1", size: "db-s-1vcpu-2gb" };
    const { outputs } = await account.create(types.databaseReplica, "reader", replica);
    const rules = [{ type: "ip_addr", value: "10.0.0.0/16" }];
    await account.create(types.databaseFirewall, "reader", { clusterId: outputs.uuid, rules });
    await account.delete(made);
    expect(account.store.list().filter(({ type }) => type.includes("database"))).toEqual([]);
  });
});

describe("Spaces", () => {
  test("another name makes no other bucket, and the state speaks of one that does not exist", async () => {
    using account = new Account();
    const made = await bucket(account);
    const renamed = await account.update(made, { ...inputsOf(made), name: "house-media" });
    expect(renamed.outputs).toMatchObject({ id: "house-files", bucketDomainName: "house-media.fra1.digitaloceanspaces.com" });
    expect(account.store.list(types.bucket).map(({ id }) => id)).toEqual(["house-files"]);
    await expect(account.update(made, { ...inputsOf(made), name: "house-media", acl: "public-read" })).rejects.toThrow("NoSuchBucket");
    await expect(account.create(types.cdn, "cdn", { origin: renamed.outputs.bucketDomainName })).rejects.toThrow("could not be found");
  });

  test("names are taken for everybody, and not every name is one", async () => {
    using account = new Account();
    await bucket(account);
    await expect(bucket(account)).rejects.toThrow("BucketAlreadyExists");
    await expect(bucket(account, { name: "Bad_Bucket" })).rejects.toThrow("InvalidBucketName");
  });

  test("versioning that nobody states stays as it is", async () => {
    using account = new Account();
    const made = await bucket(account);
    const { versioning, ...rest } = inputsOf(made);
    expect(versioning).toBeDefined();
    expect(account.provider.diff({ urn: "", type: types.bucket, name: "files" }, made.outputs, rest, []).diffs).toEqual([]);
  });

  test("a read of lost rules ends with an error, one of a lost policy, or of a lost bucket, does not notice", async () => {
    using account = new Account();
    const files = await bucket(account);
    const of = { bucket: files.id, region: "fra1" };
    const corsRules = [{ allowedMethods: ["GET"], allowedOrigins: ["https://example.com"] }];
    const cors = await account.create(types.bucketCors, "cors", { ...of, corsRules });
    const policy = await account.create(types.bucketPolicy, "policy", { ...of, policy: "{}" });
    await account.delete(files);
    await expect(account.read(cors)).rejects.toThrow("404");
    expect((await account.read(policy))?.outputs).toMatchObject({ bucket: files.id, policy: "" });
    await expect(account.create(types.bucketCors, "late", { ...of, corsRules })).rejects.toThrow("NoSuchBucket");
    await bucket(account);
    const wrong = [{ allowedMethods: ["PATCH"], allowedOrigins: ["*"] }];
    await expect(account.create(types.bucketCors, "wrong", { ...of, corsRules: wrong })).rejects.toThrow("Unsupported method is PATCH");
  });

  test("a key's permission that nobody knows is left out, and one for everything names no bucket", async () => {
    using account = new Account();
    const key = (permission: string, name = "house-files") =>
      account.create(types.spacesKey, permission, { name: "key", grants: [{ bucket: name, permission }] });
    expect((await key("write")).outputs.grants).toEqual([{ bucket: "house-files", permission: "" }]);
    await expect(key("fullaccess")).rejects.toThrow("fullaccess grants must not name a bucket");
    const made = await key("read");
    const changed = await account.update(made, { name: "other", grants: [] });
    expect(changed.outputs.secretKey).toBe(made.outputs.secretKey);
    const resource = { urn: "", type: types.spacesKey, name: "read" };
    await expect(account.provider.read(resource, made.id, undefined, {})).rejects.toThrow("doesn't support import");
  });

  test("a CDN that is gone is an error; its certificate stays as long as it is used", async () => {
    using account = new Account();
    const files = await bucket(account);
    const certificate = await account.create(types.certificate, "c", { name: "c", type: "lets_encrypt", domains: ["cdn.example.com"] });
    const origin = files.outputs.bucketDomainName;
    const cdn = (more: Values) => account.create(types.cdn, "cdn", { origin, ...more });
    await expect(cdn({ ttl: 7 })).rejects.toThrow("ttl is invalid");
    await expect(cdn({ customDomain: "cdn.example.com" })).rejects.toThrow("certificate_id is required");
    const made = await cdn({ customDomain: "cdn.example.com", certificateName: "c" });
    await expect(account.delete(certificate)).rejects.toThrow("certificate in use by CDN");
    await account.delete(made);
    await expect(account.read(made)).rejects.toThrow("404");
    await account.delete(certificate);
  });
});

describe("what takes too long", () => {
  test("a database that is not there in time is forgotten, and its name is taken", async () => {
    using account = new Account();
    account.fail(types.cluster, "create", "late", { details: { seconds: 1801 } });
    await expect(cluster(account)).rejects.toThrow("Timeout waiting to database cluster to become online");
    expect(account.store.list(types.cluster)).toHaveLength(1);
    await expect(cluster(account)).rejects.toThrow("name is not available");
  });

  test("one that comes within the program's own time is kept", async () => {
    using account = new Account();
    account.fail(types.cluster, "create", "late", { details: { seconds: 1801 } });
    const inputs = { name: "house-pg", engine: "pg", version: "17", size: "db-s-1vcpu-2gb", region: "fra1", nodeCount: 1 };
    const made = await account.provider.create({ urn: "urn", type: types.cluster, name: "pg" }, inputs, 7200);
    expect(account.store.list(types.cluster).map(({ id }) => id)).toEqual([made.id]);
  });

  test("CDN endpoints take five requests in ten seconds; the client waits as it is told", async () => {
    using account = new Account();
    let now = 0;
    const turn = () => account.store.takeTurn("cdn", 5, 10_000, now);
    expect([turn(), turn(), turn(), turn(), turn()]).toEqual([0, 0, 0, 0, 0]);
    now = 4000;
    expect(turn()).toBe(6000);
    now = 10_000;
    expect(turn()).toBe(0);
    // Only the next one of the real kind has to wait: its requests are counted apart.
    const files = await bucket(account);
    await account.create(types.cdn, "cdn", { origin: files.outputs.bucketDomainName });
    for (let spent = 0; spent < 4; spent++) account.store.takeTurn(types.cdn, 5, 10_000, Date.now() - 9900);
    const before = Date.now();
    await expect(account.create(types.cdn, "cdn", { origin: files.outputs.bucketDomainName })).rejects.toThrow("already exists");
    expect(Date.now() - before).toBeGreaterThan(50);
  });
});

test("credentials of a registry, whose delete crashes the plugin, are no type here, and no component imports them", () => {
  expect(kinds.digitalocean?.["digitalocean:index/containerRegistryDockerCredentials:ContainerRegistryDockerCredentials"]).toBeUndefined();
  const sources = ["components", "platforms", "systems"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(`${folder}/${name}`, "utf8")),
  );
  expect(sources.some((text) => text.includes("digitalocean/spacesKey"))).toBe(true);
  expect(sources.filter((text) => /ContainerRegistryDockerCredentials/i.test(text))).toEqual([]);
});

describe("monitoring", () => {
  const notifications = [{ emails: ["ops@example.com"] }];

  test("an alert stays with its check: another one is not found, and a check takes its alerts along", async () => {
    using account = new Account();
    const check = (name: string) => account.create(types.uptimeCheck, name, { name, target: "https://example.com", type: "https" });
    const [one, two] = [await check("one"), await check("two")];
    const wanted = { name: "down", type: "down", period: "2m", notifications };
    const alert = await account.create(types.uptimeAlert, "down", { ...wanted, checkId: one.id });
    const resource = { urn: "", type: types.uptimeAlert, name: "down" };
    expect(account.provider.diff(resource, alert.outputs, { ...alert.inputs, checkId: two.id }, []).replaces).toEqual([]);
    await expect(account.update(alert, { ...wanted, checkId: two.id })).rejects.toThrow("404");
    await account.delete(one);
    expect(await account.read(alert)).toBeUndefined();
  });

  test("what an alert has to say", async () => {
    using account = new Account();
    const { id: checkId } = await account.create(types.uptimeCheck, "one", { name: "one", target: "https://example.com" });
    const alert = (more: Values) => account.create(types.uptimeAlert, "a", { name: "a", checkId, notifications, ...more });
    await expect(alert({ type: "latency", period: "2m" })).rejects.toThrow("threshold and comparison are required");
    await expect(alert({ type: "down" })).rejects.toThrow("period is required");
    const regions = { name: "one", target: "https://example.com", regions: ["mars"] };
    await expect(account.create(types.uptimeCheck, "two", regions)).rejects.toThrow("invalid region mars");
  });
});
