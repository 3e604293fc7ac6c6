import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { Database } from "../../components/database.ts";
import { EdgeProxy } from "../../components/edge-proxy.ts";
import { Network } from "../../components/network.ts";
import { Registry } from "../../components/registry.ts";
import { SecretSet } from "../../components/secret-set.ts";
import type { ServiceArgs } from "../../components/service.ts";
import { Service } from "../../components/service.ts";
import type { ZoneArgs } from "../../components/zone.ts";
import { Zone } from "../../components/zone.ts";
import type { Environment } from "../../config/environments.ts";
import type { RegistryChoice } from "../../config/registry.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Platform } from "../../platforms/platform.ts";
import { acknowledgeAll, record } from "../harness.ts";

const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
const small = { memory: 1024, dedicated: false, replicas: 1 };

/** Runs a program with a platform of an environment; the App and the project are left out of the answer. */
async function run<T>(
  program: (platform: Platform) => T,
  { environment = "staging", preview = false }: { environment?: Environment; preview?: boolean } = {},
) {
  const { resources, result } = await record(
    async () => {
      const choice = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" } as const;
      const platform = await loadPlatform(choice, { system: "shop", stack: environment, environment, acknowledged: acknowledgeAll() });
      const result = program(platform);
      platform.complete();
      return result;
    },
    { preview },
  );
  return { all: resources, resources: resources.filter(({ parent }) => parent !== undefined), result };
}

const service = (platform: Platform, rest: Partial<ServiceArgs> = {}) =>
  new Service("web", { platform, image, port: 80, scale: small, health: { live: "/l", ready: "/r" }, env: {}, ...rest });

describe("Network", () => {
  const program = (platform: Platform) => new Network("network", { platform }).cloud?.id;

  test("is one private network in the platform's datacenter", async () => {
    expect((await run(program)).resources).toEqual([
      {
        type: "digitalocean:index/vpc:Vpc",
        name: "network",
        parent: "Network network",
        inputs: { name: "shop-staging", region: "nyc3", ipRange: "10.42.0.0/20" },
        options: {},
      },
    ]);
  });

  test("stays in production", async () => {
    expect((await run(program, { environment: "production" })).resources[0]?.options).toEqual({ protect: true, retainOnDelete: true });
  });
});

test.each([
  ["", undefined],
  ["dedicated", ["198.51.100.7"]],
] as const)("the addresses to the outside: %s", async (egress, addresses) => {
  const { result, resources } = await record(async () => {
    const choice = { type: "app-platform", region: "fra", network: "10.42.0.0/20" } as const;
    const platform = await loadPlatform(choice, { system: "shop", stack: "staging", environment: "staging" });
    const network = new Network("network", { platform, ...(egress === "" ? {} : { egress }) });
    service(platform);
    platform.complete();
    return network.egressAddresses;
  });
  expect(result).toEqual(addresses);
  const app = resources.find(({ name }) => name === "app")?.inputs["spec"] as { egresses?: unknown };
  expect(app.egresses).toEqual(egress === "" ? undefined : [{ type: "DEDICATED_IP" }]);
});

test("a machine has no addresses but its own", async () => {
  const choice = { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 } as const;
  const program = async () => {
    const platform = await loadPlatform(choice, { system: "shop", stack: "local", environment: "local" });
    new Network("network", { platform, egress: "dedicated" });
    platform.complete();
  };
  await expect(record(program)).rejects.toThrow("network:\n  egress: services are seen with the machine's own address here.");
});

describe("Database", () => {
  const program = (platform: Platform, rest: { keepData?: boolean } = {}) => {
    const network = new Network("network", { platform });
    const size = { memory: 2048, standby: 1 };
    const database = new Database("main", { platform, network, engine: "postgres", version: "17", size, ...rest });
    return { psycopg: database.url({ driver: "psycopg" }), libpq: database.url({ driver: "postgres" }), host: database.host };
  };
  const parent = "Database main";
  const cluster = "DatabaseCluster main";

  test("is a cluster with a database, a user and a firewall that admits its network only", async () => {
    const { resources } = await run(program);
    expect(resources.filter((resource) => resource.parent === parent)).toEqual([
      {
        type: "digitalocean:index/databaseCluster:DatabaseCluster",
        name: "main",
        parent,
        inputs: {
          name: "shop-staging-main",
          engine: "pg",
          version: "17",
          size: "db-s-1vcpu-2gb",
          nodeCount: 2,
          region: "nyc3",
          privateNetworkUuid: "network-id",
          maintenanceWindows: [{ day: "sunday", hour: "03:00:00" }],
          storageAutoscale: { enabled: false },
        },
        options: { dependsOn: ["Vpc network"] },
      },
      {
        type: "digitalocean:index/databaseDb:DatabaseDb",
        name: "main-db",
        parent,
        inputs: { clusterId: "main-id", name: "app" },
        options: { dependsOn: [cluster], deletedWith: cluster },
      },
      {
        type: "digitalocean:index/databaseFirewall:DatabaseFirewall",
        name: "main-firewall",
        parent,
        inputs: { clusterId: "main-id", rules: [{ type: "ip_addr", value: "10.42.0.0/20" }] },
        options: { dependsOn: [cluster, "Vpc network"], deletedWith: cluster, retainOnDelete: true },
      },
      {
        type: "digitalocean:index/databaseUser:DatabaseUser",
        name: "main-user",
        parent,
        inputs: { clusterId: "main-id", name: "app" },
        options: { dependsOn: [cluster], deletedWith: cluster },
      },
    ]);
  });

  test.each<[Environment, boolean | undefined, boolean]>([
    ["production", undefined, true],
    ["production", false, false],
    ["staging", undefined, false],
    ["staging", true, true],
  ])("in %s with keepData %s it is protected: %s", async (environment, keepData, kept) => {
    const { resources } = await run((platform) => program(platform, keepData === undefined ? {} : { keepData }), { environment });
    for (const { name, options } of resources.filter((resource) => resource.parent === parent)) {
      expect(options["protect"] ?? false, name).toBe(kept);
      expect(options["retainOnDelete"] ?? false, name).toBe(kept || name === "main-firewall");
    }
  });

  test("its URL is secret, also in a first preview, and escapes what would break it", async () => {
    const { result } = await run(program);
    expect(result).toEqual({ psycopg: "[secret]", libpq: "[secret]", host: "private-main.db.ondigitalocean.com" });
    const seen: string[] = [];
    await run((platform) => {
      const network = new Network("network", { platform });
      const size = { memory: 1024, standby: 0 };
      const database = new Database("main", { platform, network, engine: "postgres", version: "17", size });
      return [database.url({ driver: "psycopg" }), database.url({ driver: "postgres" })].map((url) => url.apply((text) => seen.push(text)));
    });
    const rest = "app:p%40ss%2Fword@private-main.db.ondigitalocean.com:25060/app?sslmode=require";
    expect(seen.sort()).toEqual([`postgresql+psycopg://${rest}`, `postgresql://${rest}`]);
    expect((await run(program, { preview: true })).result).toEqual({ psycopg: "[secret]", libpq: "[secret]", host: undefined });
  });

  test("services start after its firewall", async () => {
    const { all } = await run((platform) => {
      program(platform);
      service(platform);
    });
    expect(all.find(({ name }) => name === "app")?.options["dependsOn"]).toContain("DatabaseFirewall main-firewall");
  });
});

describe("Service", () => {
  test("writes every kind of variable as text", async () => {
    const { all } = await run((platform) => service(platform, { env: { A: "a", B: 1, C: false, D: ["x", "y"], E: pulumi.output("e") } }));
    const { spec } = all.find(({ name }) => name === "app")?.inputs as { spec: { services: { envs: { key: string; value: string }[] }[] } };
    expect(spec.services[0]?.envs.map(({ key, value }) => [key, value])).toEqual([
      ["A", "a"],
      ["B", "1"],
      ["C", "false"],
      ["D", "x,y"],
      ["E", "e"],
    ]);
  });

  test("migrates with its own image and variables", async () => {
    const { all } = await run((platform) => service(platform, { env: { A: "a" }, migrate: ["alembic", "upgrade", "head"] }));
    const { spec } = all.find(({ name }) => name === "app")?.inputs as {
      spec: { services: object[]; jobs: { image: object; envs: object }[] };
    };
    const { image, envs } = spec.services[0] as { image: object; envs: object };
    expect(spec.jobs).toMatchObject([{ name: "web-migrate", kind: "PRE_DEPLOY", runCommand: "alembic upgrade head", image, envs }]);
  });

  test("without an image there is no App and no host", async () => {
    const { all, result } = await run((platform) => {
      const web = service(platform, { image: undefined });
      new EdgeProxy("edge", { platform, zone: "example.com", domain: "example.com", hosts: { www: web } });
      return web.image;
    });
    expect(all.map(({ type }) => type.split(":").at(-1))).toEqual(["Project", "EdgeProxy", "Service"]);
    expect(result).toBeUndefined();
  });

  test("a variable stands in one place", async () => {
    const both = (platform: Platform) => {
      const secrets = new SecretSet("s", { platform, values: { KEY: pulumi.output("y") } });
      service(platform, { env: { KEY: "x" }, secrets });
    };
    await expect(run(both)).rejects.toThrow("web:\n  KEY: stands in env and in secrets. Remove one of them.");
  });

  test.each(["Web", "w", "web_1", "a".repeat(33)])("%s is no name for it", async (name) => {
    const named = (platform: Platform) =>
      new Service(name, { platform, image, port: 80, scale: small, health: { live: "/l", ready: "/r" }, env: {} });
    await expect(run(named)).rejects.toThrow(
      `"${name}" cannot be the name of a service. Use 2 to 32 lower-case letters, digits and hyphens, a letter first.`,
    );
  });
});

test.each<[Environment, boolean]>([
  ["staging", false],
  ["production", true],
])("in %s the App is protected: %s", async (environment, kept) => {
  const { all } = await run((platform) => service(platform), { environment });
  expect(all.find(({ name }) => name === "app")?.options["protect"] ?? false).toBe(kept);
});

describe("EdgeProxy", () => {
  test("points each host's record at the platform", async () => {
    const { resources, result } = await run((platform) => {
      const web = service(platform);
      return new EdgeProxy("edge", { platform, zone: "example.com", domain: "staging.example.com", hosts: { www: web, "a.b": web } }).urls;
    });
    expect(result).toEqual({ www: "https://www.staging.example.com", "a.b": "https://a.b.staging.example.com" });
    const record = (label: string) => ({
      type: "digitalocean:index/dnsRecord:DnsRecord",
      name: `edge-${label}`,
      parent: "EdgeProxy edge",
      inputs: { domain: "example.com", type: "CNAME", name: `${label}.staging`, value: "app-x1y2z.ondigitalocean.app.", ttl: 300 },
      options: { dependsOn: ["App app"] },
    });
    expect(resources).toEqual([record("a.b"), record("www")]);
  });

  test("refuses what is no host", async () => {
    const wrong = (platform: Platform) =>
      new EdgeProxy("edge", { platform, zone: "example.com", domain: "example.com", hosts: { "https://www": service(platform) } });
    await expect(run(wrong)).rejects.toThrow(
      '"https://www" cannot be a host. Use lower-case letters, digits and hyphens, relative to the domain, as in "api", or "@" for the domain itself.',
    );
  });
});

test("Zone is always protected, and shown in its project", async () => {
  const { resources } = await record(
    () => void new Zone("zone", { domain: "example.com", project: "shop", existing: { zone: "create", project: "create" } }),
  );
  expect(resources.map(({ name, inputs, options }) => [name, inputs, options])).toEqual([
    ["zone", { name: "example.com" }, { protect: true, retainOnDelete: true }],
    [
      "zone-project",
      { name: "shop", description: "shop, shared by all environments", purpose: "Web Application", resources: ["do:domain:zone"] },
      { dependsOn: ["Domain zone"] },
    ],
    ["zone", {}, {}],
  ]);
});

describe("Registry", () => {
  const registered = async (choice: RegistryChoice) => {
    const { resources, result } = await record(() => new Registry("registry", { choice }).endpoint);
    return { children: resources.filter(({ parent }) => parent !== undefined).map(({ inputs, options }) => ({ inputs, options })), result };
  };
  const kept = { protect: true, retainOnDelete: true };

  test("is made where it is wanted, and protected", async () => {
    expect((await registered({ from: "create", name: "house", tier: "basic", region: "sfo" })).children).toEqual([
      { inputs: { name: "house", subscriptionTierSlug: "basic", region: "sfo3" }, options: kept },
    ]);
  });

  test("is protected when it is imported, with any tier since the one that it has stays", async () => {
    expect((await registered({ from: "import", name: "house" })).children).toEqual([
      { inputs: { name: "house", subscriptionTierSlug: "starter" }, options: kept },
    ]);
  });

  test("is only read when it is referenced", async () => {
    expect((await registered({ from: "reference", name: "house" })).children).toEqual([]);
  });
});

describe("Zone and project that stand already", () => {
  const id = "0b5cd0a9-6b7d-4ac7-9e0e-54ec1e1ff3ae";
  const lookups = { getDomain: { domainUrn: "do:domain:example.com" }, getProject: { id } };
  const zone = (existing: ZoneArgs["existing"], answers: typeof lookups | undefined = lookups) =>
    record(() => void new Zone("zone", { domain: "example.com", project: "shop", existing }), answers ? { lookups: answers } : {});
  const registered = async (existing: ZoneArgs["existing"]) =>
    (await zone(existing)).resources.map(({ type, inputs, options }) => [type.split(":").at(-1), inputs, options]);

  test("are used and not registered, when referenced, and the zone stays in the project that it is in", async () => {
    expect(await registered({ zone: "reference", project: { reference: id } })).toEqual([["Zone", {}, {}]]);
    const [project] = await registered({ zone: "reference", project: "create" });
    expect(project?.[0]).toBe("Project");
    expect(JSON.stringify(project)).not.toContain("do:domain");
  });

  test("are protected, when imported, and the project keeps what is in it", async () => {
    const kept = { protect: true, retainOnDelete: true };
    const project = { name: "shop", description: "shop, shared by all environments", purpose: "Web Application" };
    expect(await registered({ zone: "import", project: { import: id } })).toEqual([
      ["Domain", { name: "example.com" }, kept],
      ["Project", project, kept],
      ["ProjectResources", { project: id, resources: ["do:domain:zone"] }, { dependsOn: ["Domain zone"] }],
      ["Zone", {}, {}],
    ]);
  });
});
