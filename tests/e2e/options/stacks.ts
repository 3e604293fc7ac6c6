import { bucket } from "./bucket.ts";
import { cache, cacheOnDocker } from "./cache.ts";
import { database, databaseOnDocker } from "./database.ts";
import { docker } from "./docker.ts";
import { edge } from "./edge.ts";
import { monitoring } from "./monitoring.ts";
import { production } from "./production.ts";
import { programs } from "./programs.ts";
import type { OptionsStack } from "./row.ts";
import { secrets } from "./secrets.ts";
import { shared } from "./shared.ts";
import { zone } from "./zone.ts";

/** What runs, and how it is reached. */
export const programStacks: readonly OptionsStack[] = [
  { system: "options", stack: "staging", rows: [...programs, ...edge, ...zone] },
  { system: "options", stack: "production", rows: production },
  { system: "options", stack: "local", rows: docker },
];

/** What keeps data, watches it and hands it out. */
export const dataStacks: readonly OptionsStack[] = [
  { system: "data", stack: "shared", rows: shared },
  {
    system: "data",
    stack: "staging",
    rows: [...database, ...cache, ...bucket, ...monitoring, ...secrets],
    up: {
      main: {
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
      },
      cache: {
        size: { memory: 4096, standby: 1 },
        eviction: "allkeys-lru",
        persistence: "off",
        settings: { timeoutSeconds: 60 },
        maintenance: { day: "monday", hour: 3 },
        allow: ["203.0.113.7"],
      },
      files: {
        bucketName: "acme-files",
        versioning: false,
        keys: { app: { access: "read", generation: 2 }, reports: "read" },
        cdn: { host: { name: "media.staging.example.info" }, ttlSeconds: 600 },
      },
    },
  },
  { system: "data", stack: "local", rows: [...databaseOnDocker, ...cacheOnDocker] },
];
