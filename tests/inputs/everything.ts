import * as pulumi from "@pulumi/pulumi";
import { Bucket } from "../../components/bucket.ts";
import { Cache } from "../../components/cache.ts";
import { Database } from "../../components/database.ts";
import { Monitoring } from "../../components/monitoring.ts";
import { Network } from "../../components/network.ts";
import { Registry } from "../../components/registry.ts";
import { fernetKeys, generated, SecretSet } from "../../components/secret-set.ts";
import { Job } from "../../components/job.ts";
import { Service } from "../../components/service.ts";
import { StaticSite } from "../../components/static-site.ts";
import { Worker } from "../../components/worker.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Platform } from "../../platforms/platform.ts";

const context = { system: "shop", stack: "staging", environment: "staging" } as const;
const size = { memory: 2048, standby: 1 } as const;

/** Components that keep data or tell people, on App Platform, with every option switched on. Services have a system of their own. */
export async function managed(): Promise<void> {
  const platform = await loadPlatform(
    { type: "app-platform", region: "fra", network: "10.42.0.0/20" },
    { ...context, attempt: 1, project: { import: "4e1bfbc3-dc3e-41f2-a18f-1b4d7ba71679" } },
  );
  const network = new Network("network", { platform });
  const allow = ["203.0.113.7", { tag: "office" }] as const;
  const maintenance = { day: "monday", hour: 4 } as const;
  const database = new Database("main", {
    platform,
    network,
    engine: "postgres",
    version: "16",
    size,
    maintenance,
    allow,
    databases: ["stats"],
    users: ["report"],
    pools: { web: { size: 10, mode: "session", database: "stats", user: "report" } },
    replicas: { reader: { memory: 4096 } },
    storage: { size: "60 GB", autoscale: { threshold: 60, increment: "20 GB" } },
    restoreFrom: { cluster: "old", time: "2026-11-20T03:00:00Z" },
    settings: {
      timezone: "UTC",
      workMem: 8,
      sharedBuffersPercentage: 30,
      idleInTransactionSessionTimeout: 60_000,
      deadlockTimeout: 1000,
      logMinDurationStatement: 500,
      logAutovacuumMinDuration: 1000,
      logErrorVerbosity: "TERSE",
      autovacuumVacuumScaleFactor: 0.1,
      autovacuumVacuumThreshold: 50,
      autovacuumAnalyzeScaleFactor: 0.1,
      autovacuumAnalyzeThreshold: 50,
      autovacuumNaptime: 60,
      autovacuumMaxWorkers: 3,
      autovacuumVacuumCostDelay: 2,
      autovacuumVacuumCostLimit: 200,
      tempFileLimit: 5_000_000,
      maxParallelWorkers: 8,
      maxParallelWorkersPerGather: 2,
      jit: true,
      trackIoTiming: "on",
      trackFunctions: "pl",
      pgStatStatementsTrack: "all",
      defaultToastCompression: "lz4",
      backupHour: 3,
      backupMinute: 30,
    },
  });
  const cache = new Cache("cache", {
    platform,
    network,
    size,
    maintenance,
    allow,
    eviction: "allkeys-lru",
    persistence: "rdb",
    settings: { timeoutSeconds: 60, notifyKeyspaceEvents: "Ex", databases: 4, ioThreads: 2, lfuLogFactor: 10, lfuDecayMinutes: 1 },
  });
  new Bucket("files", {
    platform,
    versioning: true,
    lifecycle: { tmp: { prefix: "tmp/", days: 7, oldVersionsDays: 3, unfinishedUploadsDays: 1 } },
    cors: [{ origins: ["https://app.example.com"], methods: ["GET"], headers: ["X-A"], expose: ["ETag"], maxAgeSeconds: 60 }],
    publicRead: ["public/"],
    keys: { app: "readwrite" },
    cdn: { host: { name: "cdn.example.com", zone: "example.com" }, ttlSeconds: 600 },
  });
  const url = pulumi.secret("https://hooks.slack.com/services/T/B/x");
  new Monitoring("watch", {
    platform,
    to: { emails: ["ops@example.com"], slack: [{ channel: "#ops", url }] },
    hosts: { api: "https://api.example.com" },
    databases: { main: database, cache },
  });
  new Registry("registry", { choice: { from: "create", name: "acme", tier: "basic", region: "fra" } });
  new SecretSet("secrets", {
    platform,
    values: { KEY: generated({ bytes: 32 }), WORD: generated({ characters: 40 }), RING: fernetKeys({ generation: 2 }) },
  });
  everyProgram(platform);
  platform.complete();
}

/** What workers, jobs and sites share with services; the options system has it on services only. */
function everyProgram(platform: Platform): void {
  const image = { registry: "ghcr.io", repository: "acme/any", digest: `sha256:${"1".repeat(64)}` } as const;
  const small = { memory: 1024, dedicated: false, replicas: 1 } as const;
  const grows = { memory: 1024, dedicated: true, replicas: { min: 1, max: 3, cpuPercent: 60 } } as const;
  const hub = { github: "acme/any", branch: "main", folder: "any", build: "make", deployOnPush: true } as const;
  const git = { git: "https://git.example.com/any.git", branch: "main", dockerfile: "any/Dockerfile" } as const;
  const password = pulumi.secret("p");
  const shared = {
    platform,
    env: { A: "b" },
    alerts: { cpuPercent: 80, windowMinutes: 5 },
    logs: [
      { name: "papers", papertrail: { endpoint: "logs.example.info:1234" } },
      { name: "dogs", datadog: { apiKey: password, endpoint: "https://http-intake.logs.datadoghq.eu" } },
      { name: "tails", logtail: { token: password } },
      { name: "searches", openSearch: { endpoint: "https://search.example.info:9200", user: "log", password, index: "lines" } },
      { name: "own-search", openSearch: { cluster: "search", index: "lines" } },
    ],
  } as const;
  const health = { live: "/live", ready: "/ready" };
  new Service("logged", { ...shared, image, port: 80, scale: small, health });
  const pull = { user: "robot", token: password, generation: 1 };
  const live = { path: "/live", port: 9100, initialDelaySeconds: 5, periodSeconds: 20, timeoutSeconds: 3, failures: 4 };
  new Worker("pulled", { ...shared, image, scale: grows, pull, live });
  new Worker("from-hub", { ...shared, image: hub, scale: small });
  new Worker("from-git", { ...shared, image: git, scale: small });
  for (const [name, source] of Object.entries({ "seed-hub": hub, "seed-git": git })) {
    new Job(name, { ...shared, image: source, when: "after", command: ["seed"], scale: small });
  }
  new StaticSite("site", { platform, source: git, env: {} });
}

/** The same on a Docker host, as far as it runs there. */
export async function onDockerHost(): Promise<void> {
  const platform = await loadPlatform(
    { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 },
    { system: "shop", stack: "local", environment: "local" },
  );
  const network = new Network("network", { platform });
  new Database("main", { platform, network, engine: "postgres", version: "17", size: { memory: 512, cpu: 1, standby: 0 } });
  new Cache("cache", { platform, network, size: { memory: 256, standby: 0 } });
  platform.complete();
}
