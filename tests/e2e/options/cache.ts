import type { Row } from "./row.ts";

/** All settings at once, since each of them is a property of one resource, or a word of one command line. */
const everySetting: Pick<Row, "option" | "change"> = {
  option: [
    "Cache.settings",
    "CacheSettings.timeoutSeconds",
    "CacheSettings.notifyKeyspaceEvents",
    "CacheSettings.databases",
    "CacheSettings.ioThreads",
    "CacheSettings.lfuLogFactor",
    "CacheSettings.lfuDecayMinutes",
  ],
  change: {
    cache: {
      settings: { timeoutSeconds: 60, notifyKeyspaceEvents: "KEA", databases: 4, ioThreads: 2, lfuLogFactor: 20, lfuDecayMinutes: 2 },
    },
  },
};

/** The cloud's Valkey, with 2 GB. */
export const cache: readonly Row[] = [
  {
    option: ["Cache.size", "DatabaseSize.memory"],
    change: { cache: { size: { memory: 4096 } } },
    plan: ["update DatabaseCluster cache size"],
  },
  { option: "DatabaseSize.standby", change: { cache: { size: { standby: 1 } } }, plan: ["update DatabaseCluster cache nodeCount"] },
  { option: "Cache.eviction", change: { cache: { eviction: "allkeys-lru" } }, plan: ["update DatabaseCluster cache evictionPolicy"] },
  {
    option: "Cache.persistence",
    change: { cache: { persistence: "off" } },
    plan: ["update DatabaseValkeyConfig cache-settings persistence"],
  },
  {
    ...everySetting,
    plan: ["update DatabaseValkeyConfig cache-settings ioThreads lfuDecayTime lfuLogFactor notifyKeyspaceEvents numberOfDatabases timeout"],
  },
  {
    option: ["Cache.maintenance", "Maintenance.day"],
    change: { cache: { maintenance: { day: "monday", hour: 3 } } },
    plan: ["update DatabaseCluster cache maintenanceWindows[0].day"],
  },
  {
    option: ["Cache.allow", "Cache.allow.tag", "Cache.allow.droplet", "Cache.allow.kubernetes"],
    change: {
      cache: {
        allow: ["203.0.113.7", { tag: "bastion" }, { droplet: "123456" }, { kubernetes: "22222222-2222-4222-8222-222222222222" }],
      },
    },
    plan: ["update DatabaseFirewall cache-firewall +rules[1] +rules[2] +rules[3] +rules[4]"],
  },
  { option: "Cache.keepData", change: { cache: { keepData: true } }, plan: [] },
  {
    option: "Cache.network",
    alone: true,
    change: { cache: { network: "component:elsewhere" } },
    plan: [
      "replace DatabaseCluster cache privateNetworkUuid!",
      "replace DatabaseFirewall cache-firewall",
      "replace DatabaseValkeyConfig cache-settings",
      "update App app spec.services[0].envs[4].value",
      "update Project project resources",
    ],
  },
];

const flags = "update Service cache taskSpec.containerSpec.env.VALKEY_EXTRA_FLAGS +taskSpec.containerSpec.sysctl";

/** Valkey on a Docker host: always another command line. */
export const cacheOnDocker: readonly Row[] = [
  { option: "Cache.eviction", change: { cache: { eviction: "allkeys-lru" } }, plan: [flags] },
  { option: "Cache.persistence", change: { cache: { persistence: "off" } }, plan: [flags] },
  {
    ...everySetting,
    plan: [flags],
  },
  {
    option: ["Cache.size", "DatabaseSize.memory"],
    change: { cache: { size: { memory: 1024 } } },
    plan: [`${flags} taskSpec.resources.limits.memoryBytes`],
  },
  {
    option: "DatabaseSize.cpu",
    change: { cache: { size: { cpu: 2 } } },
    plan: ["update Service cache +taskSpec.containerSpec.sysctl taskSpec.resources.limits.nanoCpus"],
  },
];
