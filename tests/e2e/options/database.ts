import type { Row } from "./row.ts";

/** Every setting with another value than its own, beside the one that the stack states already. */
const settings = {
  workMem: 16,
  timezone: "Europe/Berlin",
  sharedBuffersPercentage: 30,
  idleInTransactionSessionTimeout: 60_000,
  deadlockTimeout: 2000,
  logMinDurationStatement: 500,
  logAutovacuumMinDuration: 1000,
  logErrorVerbosity: "VERBOSE",
  autovacuumVacuumScaleFactor: 0.1,
  autovacuumVacuumThreshold: 100,
  autovacuumAnalyzeScaleFactor: 0.05,
  autovacuumAnalyzeThreshold: 100,
  autovacuumNaptime: 30,
  autovacuumMaxWorkers: 5,
  autovacuumVacuumCostDelay: 10,
  autovacuumVacuumCostLimit: 400,
  tempFileLimit: 5_000_000,
  maxParallelWorkers: 4,
  maxParallelWorkersPerGather: 2,
  jit: true,
  trackIoTiming: "on",
  trackFunctions: "pl",
  pgStatStatementsTrack: "all",
  defaultToastCompression: "lz4",
  backupHour: 4,
  backupMinute: 15,
};
const named = Object.keys(settings);

/** The cloud's PostgreSQL, at version 16 with 2 GB, a pool and a replica. */
export const database: readonly Row[] = [
  { option: "Database.version", change: { main: { version: "17" } }, plan: ["update DatabaseCluster main version"] },
  {
    option: ["Database.size", "DatabaseSize.memory"],
    change: { main: { size: { memory: 4096 } } },
    plan: ["update DatabaseCluster main size", "update DatabaseReplica main-replica-reader size"],
  },
  { option: "DatabaseSize.standby", change: { main: { size: { standby: 1 } } }, plan: ["update DatabaseCluster main nodeCount"] },
  {
    option: "DatabaseSize.cpu",
    change: { main: { size: { cpu: 2 } } },
    plan: { refused: "main:\n  no database node has 2 GB and 2 vCPU. Nearest: 2 GB and 1 vCPU" },
  },
  {
    option: ["DatabaseSize.memory", "Database.storage.size", "Database.version"],
    change: { main: { size: { memory: 1024 }, storage: { size: "20 GB", autoscale: null }, version: "15", replicas: null } },
    plan: {
      refused: [
        "main:",
        "  size: is 1 GB, and the cluster has 2 GB. The cloud takes no disk away. Keep it, or make a smaller database under another name and move the data into it.",
        "  storage.size: is 20 GB, and the cluster has 30 GB. The cloud takes no disk away. Keep it, or make a smaller database under another name and move the data into it.",
        '  version: is "15", and the cluster runs 16. There is no way back but a new database and its data from a dump.',
      ].join("\n"),
    },
  },
  {
    option: ["Database.maintenance", "Maintenance.day", "Maintenance.hour"],
    change: { main: { maintenance: { day: "monday", hour: 4 } } },
    plan: ["update DatabaseCluster main maintenanceWindows[0].day maintenanceWindows[0].hour"],
  },
  { option: "Database.databases", change: { main: { databases: ["stats", "audit"] } }, plan: ["create DatabaseDb main-db-audit"] },
  // Not beside a pool that leads there.
  { option: "Database.databases", alone: true, change: { main: { databases: [] } }, plan: ["delete DatabaseDb main-db-stats"] },
  { option: "Database.users", change: { main: { users: ["report"] } }, plan: ["create DatabaseUser main-user-report"] },
  {
    option: ["Database.pools", "Pool.size"],
    change: { main: { pools: { web: { size: 12 } } } },
    plan: ["replace DatabaseConnectionPool main-pool-web size!"],
  },
  {
    option: "Database.pools",
    change: { main: { pools: { more: { size: 5 } } } },
    plan: ["create DatabaseConnectionPool main-pool-more"],
  },
  {
    option: "Pool.mode",
    change: { main: { pools: { web: { mode: "session" } } } },
    plan: ["replace DatabaseConnectionPool main-pool-web mode!"],
  },
  {
    option: "Pool.database",
    change: { main: { pools: { web: { database: "stats" } } } },
    plan: ["replace DatabaseConnectionPool main-pool-web dbName!"],
  },
  {
    // Its URL holds another user's password, so the services that use it change as well.
    option: "Pool.user",
    change: { main: { users: ["report"], pools: { web: { user: "report" } } } },
    plan: [
      "create DatabaseUser main-user-report",
      "replace DatabaseConnectionPool main-pool-web user!",
      "update App app spec.services[0].envs[10].value",
    ],
  },
  {
    option: "Database.allow",
    change: { main: { allow: ["203.0.113.7"] } },
    plan: ["update DatabaseFirewall main-firewall +rules[1]", "update DatabaseFirewall main-replica-reader-firewall +rules[1]"],
  },
  {
    option: "Replica.memory",
    change: { main: { replicas: { reader: { memory: 4096 } } } },
    plan: ["update DatabaseReplica main-replica-reader size"],
  },
  {
    option: "Database.replicas",
    change: { main: { replicas: { second: {} } } },
    plan: ["create DatabaseFirewall main-replica-second-firewall", "create DatabaseReplica main-replica-second"],
  },
  {
    option: "Database.replicas",
    change: { main: { replicas: { reader: null } } },
    plan: ["delete DatabaseFirewall main-replica-reader-firewall", "delete DatabaseReplica main-replica-reader"],
  },
  {
    option: ["Database.settings", ...named.map((name) => `PostgresSettings.${name}`)],
    change: { main: { settings } },
    plan: [`update DatabasePostgresqlConfig main-settings ${named.join(" ")}`],
  },
  {
    option: "Database.storage.size",
    change: { main: { storage: { size: "60 GB" } } },
    plan: ["update DatabaseCluster main storageSizeMib"],
  },
  {
    option: "Database.storage.autoscale.threshold",
    change: { main: { storage: { autoscale: { threshold: 60 } } } },
    plan: ["update DatabaseCluster main storageAutoscale.thresholdPercent"],
  },
  {
    option: "Database.storage.autoscale.increment",
    change: { main: { storage: { autoscale: { increment: "20 GB" } } } },
    plan: ["update DatabaseCluster main storageAutoscale.incrementGib"],
  },
  {
    option: "Database.storage.autoscale.threshold",
    change: { main: { storage: { autoscale: null } } },
    plan: ["update DatabaseCluster main storageAutoscale.enabled storageAutoscale.thresholdPercent"],
  },
  {
    // What it holds goes nowhere: a size that it has outgrown, a setting that is left out, where it came from, how it is protected.
    option: [
      "Database.storage.size",
      "PostgresSettings.workMem",
      "Database.restoreFrom.cluster",
      "Database.restoreFrom.time",
      "Database.keepData",
    ],
    change: {
      main: {
        storage: { size: "20 GB" },
        settings: { workMem: null },
        restoreFrom: { cluster: "other", time: "2026-11-20T03:00:00Z" },
        keepData: true,
      },
    },
    plan: [],
  },
  {
    option: "Database.network",
    alone: true,
    change: { main: { network: "component:elsewhere" } },
    // All that is in it goes along.
    plan: [
      "replace DatabaseCluster main privateNetworkUuid!",
      "replace DatabaseConnectionPool main-pool-web",
      "replace DatabaseDb main-db",
      "replace DatabaseDb main-db-stats",
      "replace DatabaseFirewall main-firewall",
      "replace DatabaseFirewall main-replica-reader-firewall",
      "replace DatabasePostgresqlConfig main-settings",
      "replace DatabaseReplica main-replica-reader",
      "replace DatabaseUser main-user",
      "update App app spec.services[0].envs",
      "update MonitorAlert watch-main-cpu entities",
      "update MonitorAlert watch-main-disk entities",
      "update MonitorAlert watch-main-memory entities",
      "update Project project resources",
    ],
  },
];

/** PostgreSQL on a Docker host. */
export const databaseOnDocker: readonly Row[] = [
  {
    option: ["Database.size", "DatabaseSize.memory"],
    change: { main: { size: { memory: 1024 } } },
    plan: ["update Service main +taskSpec.containerSpec.sysctl taskSpec.resources.limits.memoryBytes"],
  },
  {
    option: "DatabaseSize.cpu",
    change: { main: { size: { cpu: 2 } } },
    plan: ["update Service main +taskSpec.containerSpec.sysctl taskSpec.resources.limits.nanoCpus"],
  },
];
