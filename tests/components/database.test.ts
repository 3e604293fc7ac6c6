import { describe, expect, test } from "vitest";
import type { DatabaseArgs } from "../../components/database.ts";
import { Database } from "../../components/database.ts";
import { Network } from "../../components/network.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { PlatformContext } from "../../platforms/platform.ts";
import { record, throwRefused } from "../harness.ts";

type Options = Partial<Omit<DatabaseArgs, "platform" | "network" | "engine">>;
const base = { version: "17", size: { memory: 2048, standby: 0 } } as const;
const cloud = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" } as const;
const machine = { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 } as const;

async function make<T>(
  options: Options,
  use: (database: Database) => T,
  { choice = cloud, held = [] }: { choice?: PlatformChoice; held?: NonNullable<PlatformContext["held"]> } = {},
) {
  return record(async () => {
    const environment = choice.type === "docker-host" ? "local" : "staging";
    const platform = await loadPlatform(choice, { system: "shop", stack: environment, environment, held });
    const network = new Network("network", { platform });
    const result = use(new Database("main", { platform, network, engine: "postgres", ...base, ...options }));
    throwRefused(platform);
    return result;
  });
}
const cluster = (outputs: Readonly<Record<string, unknown>>) => ({
  held: [{ type: "digitalocean:index/databaseCluster:DatabaseCluster", name: "main", outputs }],
});

describe("what is asked for is checked before anything of it is registered", () => {
  test.each<[string, Options, string]>([
    [
      "pools that want too much",
      { pools: { web: { size: 40 }, jobs: { size: 8 } } },
      "pools: together they want 48 connections, and a node of 2 GB has 47 connections for them.",
    ],
    ["a version that the cloud has not", { version: "18" }, 'version: the cloud has no PostgreSQL 18. Versions: "14", "15", "16", "17".'],
    ["a pool of nothing", { pools: { web: { size: 0 } } }, "pools.web.size: must be a whole number from 1 on, got 0."],
    ["a pool of nobody", { pools: { web: { size: 1, user: "x" } } }, 'pools.web.user: there is no user "x". Add it to users.'],
    [
      "a pool to nowhere",
      { pools: { web: { size: 1, database: "x" } } },
      'pools.web.database: there is no database "x". Add it to databases.',
    ],
    ["a short name", { pools: { w: { size: 1 } } }, 'pools: "w" cannot be a name.'],
    ["the whole world", { allow: ["0.0.0.0/0"] }, 'allow: "0.0.0.0/0" is the whole world.'],
    ["the whole world of IPv6", { allow: ["::/0"] }, 'allow: "::/0" is the whole world.'],
    ["the whole world, written otherwise", { allow: ["10.0.0.0/00"] }, 'allow: "10.0.0.0/00" is the whole world.'],
    ["the world in two halves", { allow: ["0.0.0.0/1", "128.0.0.0/1"] }, 'allow: "0.0.0.0/1" is too much of the world.'],
    ["half of IPv6", { allow: ["8000::/1"] }, 'allow: "8000::/1" is too much of the world.'],
    ["no address", { allow: ["999.1.1.1"] }, 'allow: "999.1.1.1" is no address.'],
    ["no prefix", { allow: ["203.0.113.0/99"] }, 'allow: "203.0.113.0/99" is no address.'],
    ["two prefixes", { allow: ["203.0.113.0/24/8"] }, 'allow: "203.0.113.0/24/8" is no address.'],
    ["a host name", { allow: ["office.example.com"] }, 'allow: "office.example.com" is no address.'],
    ["a database that is there", { databases: ["app"] }, 'databases: "app" is there already.'],
    ["a user twice", { users: ["report", "report"] }, 'users: "report" stands there twice.'],
    ["a name with a space", { users: ["the boss"] }, 'users: "the boss" cannot be a name.'],
    ["a small replica", { replicas: { reader: { memory: 1024 } } }, "replicas.reader: 1 GB is less than the primary's 2 GB."],
    ["a replica of no size", { replicas: { reader: { memory: 3072 } } }, "replicas.reader: no database node has 3 GB."],
    ["a setting out of range", { settings: { workMem: 2000 } }, "settings.workMem: must be between 1 and 1024, is 2000."],
    ["a setting that is never sent", { settings: { jit: false } }, "settings.jit: false never reaches the cloud"],
    ["another one", { settings: { backupHour: 0 } }, "settings.backupHour: 0 never reaches the cloud"],
    ["half a setting", { settings: { workMem: 1.5 } }, "settings.workMem: must be a whole number, is 1.5."],
    ["a disk of words", { storage: { size: "a lot" } }, 'storage.size: must be an amount such as "60 GB", is "a lot".'],
    [
      "growth too early",
      { storage: { autoscale: { threshold: 10 } } },
      "storage.autoscale.threshold: must be a whole number between 15 and 95, got 10.",
    ],
    [
      "growth too small",
      { storage: { autoscale: { increment: "5 GB" } } },
      'storage.autoscale.increment: must be between "10 GB" and "500 GB", is "5 GB".',
    ],
  ])("%s", async (_, options, message) => {
    await expect(make(options, () => undefined)).rejects.toThrow(message);
  });

  test("all that is wrong at once", async () => {
    const options = { pools: { web: { size: 99 } }, allow: ["0.0.0.0/0"], settings: { jit: true, workMem: 0 } };
    await expect(make(options, () => undefined)).rejects.toThrow(/^main:\n {2}pools: .*\n {2}allow: .*\n {2}settings.workMem: .*$/);
  });

  test("what lies on the line passes", async () => {
    const options = {
      size: { memory: 2048, cpu: 1, standby: 0 },
      replicas: { larger: { memory: 4096 } },
      pools: { web: { size: 47 } },
      allow: ["203.0.113.7", "2001:db8::/32"],
      settings: { workMem: 1024, sharedBuffersPercentage: 41.5 },
    };
    await expect(make(options, () => undefined)).resolves.toBeDefined();
  });

  test.each<[string, Options, Readonly<Record<string, unknown>>, string | undefined]>([
    [
      "a smaller node",
      {},
      { size: "db-s-2vcpu-4gb", version: "17" },
      "size: is 2 GB, and the cluster has 4 GB. The cloud takes no disk away.",
    ],
    ["an older version", {}, { size: "db-s-1vcpu-2gb", version: "18" }, 'version: is "17", and the cluster runs 18.'],
    ["less disk", { storage: { size: "30 GB" } }, { storageSizeMib: "61440" }, "storage.size: is 30 GB, and the cluster has 60 GB."],
    ["what is there", { storage: { size: "60 GB" } }, { size: "db-s-1vcpu-2gb", version: "17", storageSizeMib: "61440" }, undefined],
    ["less than it has grown to", { storage: { size: "30 GB", autoscale: {} } }, { storageSizeMib: "61440" }, undefined],
  ])("against what the state holds: %s", async (_, options, outputs, message) => {
    const made = make(options, () => undefined, cluster(outputs));
    if (message === undefined) await expect(made).resolves.toBeDefined();
    else await expect(made).rejects.toThrow(message);
  });
});

test("a disk that has grown by itself is not asked to shrink", async () => {
  const { resources } = await make({ storage: { size: "30 GB", autoscale: {} } }, () => undefined, cluster({ storageSizeMib: "61440" }));
  const { inputs } = resources.find(({ type }) => type.endsWith(":DatabaseCluster")) ?? {};
  expect(inputs).toMatchObject({ storageSizeMib: "61440", storageAutoscale: { enabled: true, thresholdPercent: 80 } });
});

test("every kind of source becomes a rule", async () => {
  const allow = ["203.0.113.0/24", { tag: "office" }, { droplet: "42" }, { kubernetes: "k" }];
  const { resources } = await make({ allow }, () => undefined);
  const { rules } = resources.find(({ name }) => name === "main-firewall")?.inputs as { rules: unknown[] };
  expect(rules.slice(1)).toEqual([
    { type: "ip_addr", value: "203.0.113.0/24" },
    { type: "tag", value: "office" },
    { type: "droplet", value: "42" },
    { type: "k8s", value: "k" },
  ]);
});

test("a replica stands behind a firewall of its own, in the same network", async () => {
  const { resources } = await make({ replicas: { reader: {} }, allow: [{ tag: "office" }], keepData: true }, () => undefined);
  const rules = [
    { type: "ip_addr", value: "10.42.0.0/20" },
    { type: "tag", value: "office" },
  ];
  const shields = resources.filter(({ type }) => type.endsWith(":DatabaseFirewall"));
  // The replica's is protected no more than the replica, so that both can leave the program.
  const { protect } = resources.find(({ type }) => type.endsWith(":DatabaseReplica"))?.options ?? {};
  expect(
    shields.map(({ name, inputs, options }) => [
      name,
      inputs["rules"],
      options["deletedWith"],
      options["retainOnDelete"],
      options["protect"],
    ]),
  ).toEqual([
    ["main-firewall", rules, "DatabaseCluster main", true, true],
    ["main-replica-reader-firewall", rules, "DatabaseReplica main-replica-reader", true, protect],
  ]);
  expect(protect).not.toBe(true);
  expect(resources.find(({ type }) => type.endsWith(":DatabaseReplica"))?.inputs).toMatchObject({
    clusterId: "main-id",
    name: "reader",
    region: "nyc3",
    size: "db-s-1vcpu-2gb",
    privateNetworkUuid: "network-id",
  });
});

describe("url", () => {
  const options = {
    replicas: { reader: {} },
    databases: ["stats"],
    users: ["report"],
    pools: { web: { size: 5 }, numbers: { size: 2, user: "report", database: "stats" } },
  } as const;
  const read = async (target: Parameters<Database["url"]>[0]) => {
    let seen = "";
    await make(options, (database) => database.url(target).apply((url) => (seen = url)));
    return seen.replace(/^.*@/, (login) => login.replace(/:[^:@]*@/, "@"));
  };
  test.each([
    [{}, "postgresql://app@private-main.db.ondigitalocean.com:25060/app?sslmode=require"],
    [{ user: "report" }, "postgresql://report@private-main.db.ondigitalocean.com:25060/app?sslmode=require"],
    [{ database: "stats" }, "postgresql://app@private-main.db.ondigitalocean.com:25060/stats?sslmode=require"],
    [{ replica: "reader" }, "postgresql://app@private-main-replica-reader.db.ondigitalocean.com:25060/app?sslmode=require"],
    [{ pool: "web" }, "postgresql://app@private-main.db.ondigitalocean.com:25061/web?sslmode=require"],
    [{ pool: "numbers" }, "postgresql://report@private-main.db.ondigitalocean.com:25061/numbers?sslmode=require"],
  ])("of %o", async (target, url) => {
    expect(await read({ driver: "postgres", ...target })).toBe(url);
  });

  test.each([
    [{ user: "nobody" }, 'main:\n  there is no user "nobody". It has: app, report.'],
    [{ database: "x" }, 'main:\n  there is no database "x". It has: app, stats.'],
    [{ pool: "x" }, 'main:\n  there is no pool "x". It has: web, numbers.'],
    [{ replica: "x" }, 'main:\n  there is no replica "x". It has: reader.'],
    [{ pool: "web", user: "report" }, 'main:\n  the pool "web" says itself where it leads. Ask for the pool alone.'],
  ])("of %o is refused", async (target, message) => {
    await expect(read({ driver: "postgres", ...target })).rejects.toThrow(message);
  });
});

describe("where the platform runs it", () => {
  const local = { choice: machine };

  test.each<[keyof Options, Options]>([
    ["maintenance", { maintenance: { day: "monday", hour: 1 } }],
    ["databases", { databases: ["x"] }],
    ["users", { users: ["x"] }],
    ["pools", { pools: {} }],
    ["allow", { allow: [] }],
    ["replicas", { replicas: {} }],
    ["storage", { storage: {} }],
    ["settings", { settings: {} }],
    ["restoreFrom", { restoreFrom: { cluster: "x" } }],
  ])("%s is refused with a way out", async (option, options) => {
    await expect(make(options, () => undefined, local)).rejects.toThrow(new RegExp(`^main:\\n  ${option}: .*\\. (Remove|Make|Pass)`));
  });

  test("there is one user, no pool and no certificate", async () => {
    await expect(make({}, (database) => database.url({ driver: "postgres", pool: "web" }), local)).rejects.toThrow(
      'there is no pool "web"',
    );
    await expect(make({}, (database) => database.certificate(), local)).rejects.toThrow("its image has no certificate");
  });
});

describe("from outside", () => {
  test("the cloud's public host answers those who are let in, and services stay inside", async () => {
    const use = (database: Database) => [database.url({ driver: "postgres", from: "outside" }), database.url({ driver: "postgres" })];
    const { resources } = await make({ allow: ["203.0.113.7"] }, use);
    const rules = [expect.anything(), { type: "ip_addr", value: "203.0.113.7" }];
    expect(resources.find(({ type }) => type.endsWith("DatabaseFirewall"))?.inputs).toMatchObject({ rules });
    const text = (url: ReturnType<Database["url"]>) => new Promise<string>((resolve) => void url.apply(resolve));
    const { result } = await make({}, (database) => Promise.all(use(database).map(text)));
    const [outside, inside] = (await result) ?? [];
    expect(inside).toContain("private");
    expect(outside).toContain("@");
    expect(outside).not.toContain("private");
  });

  test("a platform that runs it itself lets nobody in", async () => {
    const size = { memory: 512, standby: 0 };
    const outside = (database: Database) => database.url({ driver: "postgres", from: "outside" });
    await expect(make({ size }, outside, { choice: machine })).rejects.toThrow('there is no from "outside" on this platform');
  });

  test("a volume is read by the version that wrote it", async () => {
    const size = { memory: 512, standby: 0 };
    const image = "postgres:17@sha256:x";
    const held = [{ type: "docker:index/service:Service", name: "main", outputs: { taskSpec: { containerSpec: { image } } } }];
    await expect(make({ size, version: "18" }, () => undefined, { choice: machine, held })).rejects.toThrow(
      'version: is "18", and the volume holds the data of PostgreSQL 17, which no other version reads.',
    );
    await make({ size, version: "18" }, () => undefined, { choice: machine });
  });
});
