import { onlyKnown } from "../../config/checks.ts";

/**
 * Settings of Valkey. One that leaves the program stays as it is in the cluster, so state the old value to go back. Where the platform runs
 * it, each of them restarts it. Defaults are those of DigitalOcean's API description, or Valkey's own.
 */
export interface CacheSettings {
  /** Closes connections that are idle for so many seconds; 0 never. Acts at once. @default 300 in the cloud, 0 elsewhere */
  readonly timeoutSeconds?: number;
  /** Which events of keys are published, such as `"KEA"` for all. Empty, for none, is refused in the cloud: the provider never sends it. Costs CPU. Acts at once. @default none */
  readonly notifyKeyspaceEvents?: string;
  /** How many databases there are. Another number restarts it. @default 16 */
  readonly databases?: number;
  /** Threads that read and write connections. Another number restarts it. @default 1 */
  readonly ioThreads?: number;
  /** How slowly the counter of a key's uses grows, where the least used ones are evicted; 0 is refused in the cloud, since the provider never sends it. Acts at once. @default 10 */
  readonly lfuLogFactor?: number;
  /** Minutes after which that counter falls by one. Acts at once. @default 1 */
  readonly lfuDecayMinutes?: number;
}

/** What a setting is called by Valkey and by the cloud's API, and its range. Source of the ranges: DigitalOcean's API description. */
export const known = {
  timeoutSeconds: { valkey: "timeout", cloud: "timeout", range: [0, 31_536_000] },
  databases: { valkey: "databases", cloud: "numberOfDatabases", range: [1, 128] },
  ioThreads: { valkey: "io-threads", cloud: "ioThreads", range: [1, 32] },
  lfuLogFactor: { valkey: "lfu-log-factor", cloud: "lfuLogFactor", range: [0, 100] },
  lfuDecayMinutes: { valkey: "lfu-decay-time", cloud: "lfuDecayTime", range: [1, 120] },
  notifyKeyspaceEvents: { valkey: "notify-keyspace-events", cloud: "notifyKeyspaceEvents", range: undefined },
} as const satisfies Record<keyof CacheSettings, { valkey: string; cloud: string; range: readonly [number, number] | undefined }>;

/** What the engine would refuse. */
export function settingProblems(settings: CacheSettings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (!(name in known)) return onlyKnown("settings", { [name]: undefined }, Object.keys(known));
    const { range } = known[name as keyof CacheSettings];
    if (range === undefined)
      return /^[KEg$lshzxeA]{0,32}$/.test(String(value))
        ? []
        : [`settings.${name}: must be made of the letters KEg$lshzxeA, is "${value}".`];
    const [least, most] = range;
    return Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? []
      : [`settings.${name}: must be a whole number between ${least} and ${most}, is ${value}.`];
  });
}
