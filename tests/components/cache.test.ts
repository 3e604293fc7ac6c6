import { describe, expect, test } from "vitest";
import type { CacheArgs } from "../../components/cache.ts";
import { Cache } from "../../components/cache.ts";
import { Network } from "../../components/network.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Platform, StatefulService } from "../../platforms/platform.ts";
import { acknowledgeAll, record, throwRefused } from "../harness.ts";

type Options = Partial<Omit<CacheArgs, "platform" | "network">>;
const cloud: PlatformChoice = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" };
const machine: PlatformChoice = { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 };

async function make(options: Options, { choice = cloud, held = [] as Platform["held"] & object, production = false } = {}) {
  const seen: { url?: string; stateful?: StatefulService } = {};
  const { resources, result } = await record(async () => {
    const environment = choice.type === "docker-host" ? "local" : production ? "production" : "staging";
    const made = await loadPlatform(choice, { system: "shop", stack: environment, environment, held, acknowledged: acknowledgeAll() });
    const platform: Platform = { ...made, addStateful: (service) => void (seen.stateful = service) };
    const network = new Network("network", { platform });
    const cache = new Cache("cache", { platform, network, size: { memory: 1024, standby: 0 }, ...options });
    cache.url({ database: 3 }).apply((url) => (seen.url = url));
    throwRefused(platform);
    return cache.url();
  });
  return { resources: resources.filter(({ parent }) => parent === "Cache cache"), result, ...seen };
}

describe("in the cloud", () => {
  test("is a Valkey with its settings, behind a firewall that admits its network only", async () => {
    const { resources, result } = await make({});
    const cluster = "DatabaseCluster cache";
    expect(result).toBe("[secret]");
    expect(resources).toEqual([
      {
        type: "digitalocean:index/databaseCluster:DatabaseCluster",
        name: "cache",
        parent: "Cache cache",
        inputs: {
          name: "shop-staging-cache",
          engine: "valkey",
          version: "8",
          size: "db-s-1vcpu-1gb",
          nodeCount: 1,
          region: "nyc3",
          privateNetworkUuid: "network-id",
          maintenanceWindows: [{ day: "sunday", hour: "03:00:00" }],
          evictionPolicy: "noeviction",
        },
        options: { dependsOn: ["Vpc network"] },
      },
      {
        type: "digitalocean:index/databaseFirewall:DatabaseFirewall",
        name: "cache-firewall",
        parent: "Cache cache",
        inputs: { clusterId: "cache-id", rules: [{ type: "ip_addr", value: "10.42.0.0/20" }] },
        options: { dependsOn: [cluster, "Vpc network"], deletedWith: cluster, retainOnDelete: true },
      },
      {
        type: "digitalocean:index/databaseValkeyConfig:DatabaseValkeyConfig",
        name: "cache-settings",
        parent: "Cache cache",
        inputs: { clusterId: "cache-id", persistence: "rdb", ssl: true },
        options: { dependsOn: [cluster], deletedWith: cluster },
      },
    ]);
  });

  test("takes every option", async () => {
    const settings = { timeoutSeconds: 0, notifyKeyspaceEvents: "KEA", databases: 4, ioThreads: 2, lfuLogFactor: 5, lfuDecayMinutes: 2 };
    const { resources } = await make({
      size: { memory: 2048, standby: 1 },
      eviction: "allkeys-lru",
      persistence: "off",
      settings,
      allow: ["203.0.113.7"],
      maintenance: { day: "monday", hour: 4 },
    });
    const [cluster, firewall, config] = resources;
    expect(cluster?.inputs).toMatchObject({
      nodeCount: 2,
      evictionPolicy: "allkeys_lru",
      maintenanceWindows: [{ day: "monday", hour: "04:00:00" }],
    });
    expect(firewall?.inputs["rules"]).toContainEqual({ type: "ip_addr", value: "203.0.113.7" });
    const api = { timeout: 0, notifyKeyspaceEvents: "KEA", numberOfDatabases: 4, ioThreads: 2, lfuLogFactor: 5, lfuDecayTime: 2 };
    expect(config?.inputs).toMatchObject({ persistence: "off", ...api });
  });

  test("production protects it", async () => {
    const { resources } = await make({}, { production: true });
    expect(resources.find(({ name }) => name === "cache")?.options).toMatchObject({ protect: true, retainOnDelete: true });
    expect((await make({ keepData: false }, { production: true })).resources[0]?.options["protect"]).toBeUndefined();
  });

  test.each<[string, Options, string]>([
    ["two standby nodes", { size: { memory: 2048, standby: 2 } }, "size.standby: must be a whole number between 0 and 1, got 2."],
    ["a standby node of 1 GB", { size: { memory: 1024, standby: 1 } }, "a database of 1 GB cannot have a standby node."],
    ["the whole world", { allow: ["0.0.0.0/0"] }, 'allow: "0.0.0.0/0" is the whole world.'],
    ["no such event", { settings: { notifyKeyspaceEvents: "hello" } }, "settings.notifyKeyspaceEvents: must be made of the letters"],
    ["events that are never sent", { settings: { notifyKeyspaceEvents: "" } }, 'settings.notifyKeyspaceEvents: "" never reaches the cloud'],
    ["no databases", { settings: { databases: 0 } }, "settings.databases: must be a whole number between 1 and 128, is 0."],
  ])("%s: refused", async (_, options, message) => {
    await expect(make(options)).rejects.toThrow(message);
  });

  test("it never asks for less than it has", async () => {
    const held = [
      { type: "digitalocean:index/databaseCluster:DatabaseCluster", name: "cache", outputs: { size: "db-s-1vcpu-2gb", version: "8" } },
    ];
    await expect(make({}, { held })).rejects.toThrow("size: is 1 GB, and the cluster has 2 GB.");
    await expect(make({ size: { memory: 2048, standby: 0 } }, { held })).resolves.toBeDefined();
  });
});

describe("where the platform runs it", () => {
  const local = { choice: machine };

  test("is a stateful service with the same policy, reached without a password", async () => {
    const settings = { timeoutSeconds: 60, notifyKeyspaceEvents: "" };
    const { stateful, url, resources } = await make({ eviction: "allkeys-lru", settings }, local);
    expect(resources).toEqual([]);
    expect(url).toBe("redis://cache:6379/3");
    expect(stateful?.env).toEqual({ VALKEY_EXTRA_FLAGS: "--save 600 1 --maxmemory 768mb --maxmemory-policy allkeys-lru --timeout 60" });
    expect(stateful).toMatchObject({ name: "cache", memory: 1024, data: { path: "/data", keep: false } });
  });

  test("without persistence nothing is saved", async () => {
    const { stateful } = await make({ persistence: "off", keepData: true }, local);
    // Followed by another flag, `--save` means never.
    expect(stateful?.env["VALKEY_EXTRA_FLAGS"]).toBe("--save --maxmemory 768mb --maxmemory-policy noeviction");
    expect(stateful?.data.keep).toBe(true);
  });

  test.each<[string, Options]>([
    ["size.standby", { size: { memory: 1024, standby: 1 } }],
    ["maintenance", { maintenance: { day: "monday", hour: 1 } }],
    ["allow", { allow: [] }],
  ])("%s is refused with a way out", async (option, options) => {
    await expect(make(options, local)).rejects.toThrow(new RegExp(`^cache:\\n {2}${option}: .*\\. (Ask|Remove|Pass)`));
  });
});
