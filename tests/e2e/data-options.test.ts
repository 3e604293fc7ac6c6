import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DatabaseArgs } from "../../components/database.ts";
import type { Description } from "./data-program.ts";
import { DataStack } from "./data.ts";

type Options = Partial<Omit<DatabaseArgs, "platform" | "network" | "engine">>;

describe("Database: what a change of each option does to a stack that is up", () => {
  const base = {
    version: "16",
    size: { memory: 2048, standby: 0 },
    databases: ["stats"],
    pools: { web: { size: 10 } },
    replicas: { reader: {} },
    settings: { workMem: 8 },
    storage: { size: "30 GB", autoscale: {} },
    restoreFrom: { cluster: "old" },
  } as const satisfies Options & Pick<DatabaseArgs, "version" | "size">;
  let stack: DataStack;
  beforeAll(async () => {
    stack = await DataStack.open();
    await stack.up({ database: base });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const changes: readonly (readonly [string, Options, readonly string[]])[] = [
    ["nothing", {}, []],
    ["version", { version: "17" }, ["update DatabaseCluster main: version"]],
    [
      "size.memory",
      { size: { memory: 4096, standby: 0 }, replicas: {} },
      [
        "delete DatabaseFirewall main-replica-reader-firewall",
        "delete DatabaseReplica main-replica-reader",
        "update DatabaseCluster main: size",
      ],
    ],
    ["size.standby", { size: { memory: 2048, standby: 1 } }, ["update DatabaseCluster main: nodeCount"]],
    [
      "maintenance",
      { maintenance: { day: "monday", hour: 4 } },
      ["update DatabaseCluster main: maintenanceWindows[0].day, maintenanceWindows[0].hour"],
    ],
    ["databases, one more", { databases: ["stats", "audit"] }, ["create DatabaseDb main-db-audit"]],
    ["databases, one less", { databases: [] }, ["delete DatabaseDb main-db-stats"]],
    ["users", { users: ["report"] }, ["create DatabaseUser main-user-report"]],
    ["pools.size", { pools: { web: { size: 12 } } }, ["replace DatabaseConnectionPool main-pool-web: size"]],
    ["pools.mode", { pools: { web: { size: 10, mode: "session" } } }, ["replace DatabaseConnectionPool main-pool-web: mode"]],
    ["pools.database", { pools: { web: { size: 10, database: "stats" } } }, ["replace DatabaseConnectionPool main-pool-web: dbName"]],
    [
      "allow",
      { allow: ["203.0.113.7"] },
      ["update DatabaseFirewall main-firewall: rules[1]", "update DatabaseFirewall main-replica-reader-firewall: rules[1]"],
    ],
    ["replicas, larger", { replicas: { reader: { memory: 4096 } } }, ["update DatabaseReplica main-replica-reader: size"]],
    [
      "replicas, one more",
      { replicas: { reader: {}, second: {} } },
      ["create DatabaseFirewall main-replica-second-firewall", "create DatabaseReplica main-replica-second"],
    ],
    ["settings, another value", { settings: { workMem: 16 } }, ["update DatabasePostgresqlConfig main-settings: workMem"]],
    ["settings, one less", { settings: {} }, []],
    ["storage.size", { storage: { size: "60 GB", autoscale: {} } }, ["update DatabaseCluster main: storageSizeMib"]],
    ["storage.size, smaller than it has grown to", { storage: { size: "20 GB", autoscale: {} } }, []],
    [
      "storage.autoscale.threshold",
      { storage: { size: "30 GB", autoscale: { threshold: 60 } } },
      ["update DatabaseCluster main: storageAutoscale.thresholdPercent"],
    ],
    [
      "storage.autoscale.increment",
      { storage: { size: "30 GB", autoscale: { increment: "20 GB" } } },
      ["update DatabaseCluster main: storageAutoscale.incrementGib"],
    ],
    [
      "storage.autoscale, off",
      { storage: { size: "30 GB" } },
      ["update DatabaseCluster main: storageAutoscale.enabled, storageAutoscale.thresholdPercent"],
    ],
    ["restoreFrom, another", { restoreFrom: { cluster: "other", time: "2026-11-20T03:00:00Z" } }, []],
    ["keepData", { keepData: true }, []],
  ];
  test.each(changes)("%s", async (_, change, planned) => {
    expect(await stack.plan({ database: { ...base, ...change } })).toEqual(planned);
  });

  test.each<[string, Options, string]>([
    ["a smaller node", { size: { memory: 1024, standby: 0 } }, "size: is 1 GB, and the cluster has 2 GB."],
    ["less disk", { storage: { size: "20 GB" } }, "storage.size: is 20 GB, and the cluster has 30 GB."],
    ["an older version", { version: "15" }, 'version: is "15", and the cluster runs 16.'],
  ])("%s is refused at preview", async (_, change, message) => {
    const { code, stdout, stderr } = await stack.run(["preview"], { database: { ...base, ...change } });
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(message);
  });

  test("pools.user", async () => {
    const plan = await stack.plan({ database: { ...base, users: ["report"], pools: { web: { size: 10, user: "report" } } } });
    // Its URL holds another user's password, so the services that use it change as well.
    expect(plan.map((line) => line.replace(/:.*/, ""))).toEqual([
      "create DatabaseUser main-user-report",
      "replace DatabaseConnectionPool main-pool-web",
      "update App app",
    ]);
  });

  test("a certificate that a service reads is asked for, and changes nothing by itself", async () => {
    expect((await stack.plan({ database: base, certificate: true })).map((line) => line.replace(/:.*/, ""))).toEqual(["update App app"]);
  });

  test("with every change at once it comes up, and a second preview is clean", async () => {
    const all = {
      ...base,
      version: "17",
      size: { memory: 4096, standby: 1 },
      databases: ["stats", "audit"],
      users: ["report"],
      pools: { web: { size: 12, mode: "session" }, stats: { size: 5, database: "stats", user: "report" } },
      allow: ["203.0.113.0/24"],
      replicas: { reader: { memory: 4096 }, second: { memory: 8192 } },
      settings: { workMem: 16, timezone: "UTC" },
      storage: { size: "60 GB", autoscale: { threshold: 60, increment: "20 GB" } },
      maintenance: { day: "monday", hour: 4 },
    } as const satisfies Options;
    await stack.up({ database: all, certificate: true });
    expect(await stack.plan({ database: all, certificate: true })).toEqual([]);
  });
});

describe("Monitoring: what a change of each option does to a stack that is up", () => {
  const url = "https://api.example.com";
  const base = { to: { emails: ["ops@example.com"] }, hosts: { api: { url } }, database: {} };
  const description = (change: object) => ({
    database: { version: "17", size: { memory: 1024, standby: 0 } } as const,
    monitoring: { ...base, ...change },
  });
  let stack: DataStack;
  beforeAll(async () => {
    stack = await DataStack.open();
    await stack.up(description({}));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const alerts = ["certificate", "down", "down-everywhere", "latency"].map((role) => `watch-api-${role}`);
  const limits = ["cpu", "disk", "memory"].map((role) => `watch-main-${role}`);
  const host = (more: object) => ({ hosts: { api: { url, ...more } } });
  const changes: readonly (readonly [string, object, readonly string[]])[] = [
    ["nothing", {}, []],
    [
      "to.emails",
      { to: { emails: ["other@example.com"] } },
      [
        "update App app: spec.alerts[0].destinations.emails[0], spec.alerts[1].destinations.emails[0]",
        ...limits.map((name) => `update MonitorAlert ${name}: alerts.emails[0]`),
        ...alerts.map((name) => `update UptimeAlert ${name}: notifications[0].emails[0]`),
      ],
    ],
    [
      "to.slack",
      { to: { ...base.to, slack: [{ channel: "#ops", url: "https://hooks.slack.com/services/T/B/x" }] } },
      [
        "update App app: spec.alerts[0].destinations.slackWebhooks, spec.alerts[1].destinations.slackWebhooks",
        ...limits.map((name) => `update MonitorAlert ${name}: alerts.slacks`),
        ...alerts.map((name) => `update UptimeAlert ${name}: notifications[0].slacks`),
      ],
    ],
    ["events", { events: ["deployment-live"] }, ["update App app: spec.alerts[2]"]],
    ["regions", { regions: ["us_east", "eu_west", "se_asia"] }, ["update UptimeCheck watch-api: regions[2]"]],
    ["hosts, one less", { hosts: {} }, [...alerts.map((name) => `delete UptimeAlert ${name}`), "delete UptimeCheck watch-api"]],
    [
      "hosts, one more",
      { hosts: { api: { url }, web: "https://www.example.com" } },
      [...alerts.map((name) => `create UptimeAlert ${name.replace("api", "web")}`), "create UptimeCheck watch-web"],
    ],
    ["hosts.url", host({ url: "https://app.example.com" }), ["update UptimeCheck watch-api: target"]],
    ["hosts.path", host({ path: "/healthz" }), ["update UptimeCheck watch-api: target"]],
    ["hosts.down", host({ down: "5m" }), ["update UptimeAlert watch-api-down: period"]],
    ["hosts.down, off", host({ down: false }), ["delete UptimeAlert watch-api-down"]],
    ["hosts.downEverywhere", host({ downEverywhere: "10m" }), ["update UptimeAlert watch-api-down-everywhere: period"]],
    ["hosts.latency.milliseconds", host({ latency: { milliseconds: 500 } }), ["update UptimeAlert watch-api-latency: threshold"]],
    ["hosts.latency.period", host({ latency: { milliseconds: 2000, period: "1h" } }), ["update UptimeAlert watch-api-latency: period"]],
    ["hosts.certificateDays", host({ certificateDays: 30 }), ["update UptimeAlert watch-api-certificate: threshold"]],
    ["databases.cpuPercent", { database: { cpuPercent: 50 } }, ["update MonitorAlert watch-main-cpu: value"]],
    ["databases.memoryPercent", { database: { memoryPercent: 50 } }, ["update MonitorAlert watch-main-memory: value"]],
    ["databases.diskPercent", { database: { diskPercent: 50 } }, ["update MonitorAlert watch-main-disk: value"]],
    ["databases.diskPercent, off", { database: { diskPercent: false } }, ["delete MonitorAlert watch-main-disk"]],
    ["databases.load", { database: { load: 4 } }, ["create MonitorAlert watch-main-load"]],
    ["databases.window", { database: { window: "1h" } }, limits.map((name) => `update MonitorAlert ${name}: window`)],
  ];
  test.each(changes)("%s", async (_, change, planned) => {
    expect(await stack.plan(description(change))).toEqual([...planned].sort());
  });
});

describe("Cache: what a change of each option does to a stack that is up", () => {
  const base = { size: { memory: 2048, standby: 0 } } as const;
  let stack: DataStack;
  beforeAll(async () => {
    stack = await DataStack.open();
    await stack.up({ cache: base });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const changes: readonly (readonly [string, Partial<NonNullable<Description["cache"]>>, readonly string[]])[] = [
    ["nothing", {}, []],
    ["size.memory", { size: { memory: 4096, standby: 0 } }, ["update DatabaseCluster cache: size"]],
    ["size.standby", { size: { memory: 2048, standby: 1 } }, ["update DatabaseCluster cache: nodeCount"]],
    ["eviction", { eviction: "allkeys-lru" }, ["update DatabaseCluster cache: evictionPolicy"]],
    ["persistence", { persistence: "off" }, ["update DatabaseValkeyConfig cache-settings: persistence"]],
    ["settings", { settings: { timeoutSeconds: 60 } }, ["update DatabaseValkeyConfig cache-settings: timeout"]],
    ["maintenance", { maintenance: { day: "monday", hour: 3 } }, ["update DatabaseCluster cache: maintenanceWindows[0].day"]],
    ["allow", { allow: ["203.0.113.7"] }, ["update DatabaseFirewall cache-firewall: rules[1]"]],
    ["keepData", { keepData: true }, []],
  ];
  test.each(changes)("%s", async (_, change, planned) => {
    expect(await stack.plan({ cache: { ...base, ...change } })).toEqual(planned);
  });

  test("with every change at once it comes up, and a second preview is clean", async () => {
    const cache = Object.assign({}, base, ...changes.slice(1).map(([, change]) => change)) as NonNullable<Description["cache"]>;
    await stack.up({ cache });
    expect(await stack.plan({ cache })).toEqual([]);
  });
});

describe("Bucket: what a change of each option does to a stack that is up", () => {
  const host = { name: "cdn.example.com", zone: "example.com" };
  const rule = { origins: ["https://app.example.com"], methods: ["GET"] } as const;
  const base = {
    versioning: true,
    lifecycle: { tmp: { prefix: "tmp/", days: 7 } },
    cors: [rule],
    publicRead: ["public/"],
    keys: { app: "readwrite" },
    cdn: { host },
  } as const satisfies Description["bucket"];
  // The provider shows it beside every other change of a bucket whose rules delete something.
  const beside = "lifecycleRules[0].expiration.expiredObjectDeleteMarker";
  let stack: DataStack;
  beforeAll(async () => {
    stack = await DataStack.open();
    await stack.up({ bucket: base });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const changes: readonly (readonly [string, NonNullable<Description["bucket"]>, readonly string[]])[] = [
    ["nothing", {}, []],
    ["versioning", { versioning: false }, [`update SpacesBucket files: ${beside}, versioning.enabled`]],
    ["keepData", { keepData: true }, [`update SpacesBucket files: forceDestroy, ${beside}`]],
    [
      "lifecycle.days",
      { lifecycle: { tmp: { prefix: "tmp/", days: 14 } } },
      ["update SpacesBucket files: lifecycleRules[0].expiration.days"],
    ],
    ["lifecycle.prefix", { lifecycle: { tmp: { prefix: "temp/", days: 7 } } }, ["update SpacesBucket files: lifecycleRules[0].prefix"]],
    [
      "lifecycle.oldVersionsDays",
      { lifecycle: { tmp: { prefix: "tmp/", days: 7, oldVersionsDays: 3 } } },
      ["update SpacesBucket files: lifecycleRules[0].noncurrentVersionExpiration"],
    ],
    [
      "lifecycle.unfinishedUploadsDays",
      { lifecycle: { tmp: { prefix: "tmp/", days: 7, unfinishedUploadsDays: 1 } } },
      ["update SpacesBucket files: lifecycleRules[0].abortIncompleteMultipartUploadDays"],
    ],
    ["lifecycle, one less", { lifecycle: {} }, ["update SpacesBucket files: lifecycleRules"]],
    ["cors", { cors: [{ ...rule, maxAgeSeconds: 60 }] }, ["update SpacesBucketCorsConfiguration files-cors: corsRules"]],
    [
      "cors.origins",
      { cors: [{ ...rule, origins: ["https://b.example.com"] }] },
      ["update SpacesBucketCorsConfiguration files-cors: corsRules"],
    ],
    ["cors.methods", { cors: [{ ...rule, methods: ["PUT"] }] }, ["update SpacesBucketCorsConfiguration files-cors: corsRules"]],
    ["cors.headers", { cors: [{ ...rule, headers: ["*"] }] }, ["update SpacesBucketCorsConfiguration files-cors: corsRules"]],
    ["cors.expose", { cors: [{ ...rule, expose: ["ETag"] }] }, ["update SpacesBucketCorsConfiguration files-cors: corsRules"]],
    ["cors, none", { cors: [] }, ["delete SpacesBucketCorsConfiguration files-cors"]],
    ["publicRead", { publicRead: ["public/", "media/"] }, ["update SpacesBucketPolicy files-policy: policy"]],
    ["keys.access", { keys: { app: "read" } }, ["update SpacesKey files-key-app: grants[0].permission"]],
    ["keys, one more", { keys: { app: "readwrite", reports: "read" } }, ["create SpacesKey files-key-reports"]],
    ["cdn.ttlSeconds", { cdn: { host, ttlSeconds: 600 } }, ["update Cdn files-cdn: ttl"]],
    [
      "cdn.host",
      { cdn: { host: { name: "media.example.com", zone: "example.com" } } },
      [
        "replace Certificate files-certificate: domains[0], name",
        "update Cdn files-cdn: certificateName, customDomain",
        "update DnsRecord files-cdn: name",
      ],
    ],
  ];
  test.each(changes)("%s", async (_, change, planned) => {
    expect(await stack.plan({ bucket: { ...base, ...change } })).toEqual(planned);
  });

  test("another name replaces it, and what belongs to it goes along", async () => {
    const plan = await stack.plan({ bucket: { ...base, bucketName: "acme-files" } });
    expect(plan).toContain(`replace SpacesBucket files: ${beside}, name`);
    expect(plan.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual(
      expect.arrayContaining(["replace Cdn", "replace SpacesBucketCorsConfiguration", "replace SpacesBucketPolicy", "update SpacesKey"]),
    );
  });

  test("a higher generation of a key makes a new one, and the service gets it before the old one goes", async () => {
    const bucket = { ...base, keys: { app: { access: "readwrite", generation: 2 } } } as const;
    const plan = await stack.plan({ bucket });
    expect(plan.filter((line) => !line.startsWith("update App"))).toEqual([
      "create SpacesKey files-key-app-2",
      "delete SpacesKey files-key-app",
    ]);
  });

  test("with another host, key and name at once it comes up, and a second preview is clean", async () => {
    const bucket = {
      ...base,
      bucketName: "acme-files",
      versioning: false,
      keys: { app: { access: "read", generation: 2 }, reports: "read" },
      cdn: { host: { name: "media.example.com", zone: "example.com" }, ttlSeconds: 600 },
    } as const;
    await stack.up({ bucket });
    expect(await stack.plan({ bucket })).toEqual([]);
  });
});

describe("Database and Cache on a Docker host: what a change of each option does to a stack that is up", () => {
  const size = { memory: 512, standby: 0 } as const;
  const base = { machine: true, environment: "local", cache: { size }, database: { version: "17", size } } as const;
  let stack: DataStack;
  beforeAll(async () => {
    stack = await DataStack.open();
    await stack.up(base);
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const flags = "taskSpec.containerSpec.env.VALKEY_EXTRA_FLAGS";
  const memory = "taskSpec.resources.limits.memoryBytes";
  const changes: readonly (readonly [string, Description, readonly string[]])[] = [
    ["nothing", base, []],
    ["Cache.eviction", { ...base, cache: { size, eviction: "allkeys-lru" } }, [flags]],
    ["Cache.persistence", { ...base, cache: { size, persistence: "off" } }, [flags]],
    ["Cache.settings", { ...base, cache: { size, settings: { databases: 4 } } }, [flags]],
    ["Cache.size", { ...base, cache: { size: { memory: 1024, standby: 0 } } }, [flags, memory]],
    ["Database.size", { ...base, database: { version: "17", size: { memory: 1024, standby: 0 } } }, [memory]],
  ];
  test.each(changes)("%s", async (_, description, paths) => {
    const plan = await stack.plan(description);
    expect(plan.map((line) => line.replace(/:.*/, ""))).toEqual(
      paths.length === 0 ? [] : [expect.stringMatching(/^update Service (cache|database|main)$/)],
    );
    for (const path of paths) expect(plan[0]).toContain(path);
  });
});
