import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { Database } from "../../components/database.ts";
import type { MonitoringArgs } from "../../components/monitoring.ts";
import { Monitoring } from "../../components/monitoring.ts";
import { Network } from "../../components/network.ts";
import { Service } from "../../components/service.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import { record } from "../harness.ts";

type Options = Omit<MonitoringArgs, "platform" | "databases"> & { readonly database?: object };
const to = { emails: ["ops@example.com"] };
const cloud: PlatformChoice = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" };

async function make({ database, ...options }: Options, choice = cloud) {
  const { resources } = await record(async () => {
    const environment = choice.type === "docker-host" ? "local" : "staging";
    const platform = await loadPlatform(choice, { system: "shop", stack: environment, environment });
    const network = new Network("network", { platform });
    const of = new Database("main", { platform, network, engine: "postgres", version: "17", size: { memory: 1024, standby: 0 } });
    new Monitoring("watch", { platform, ...options, ...(database ? { databases: { main: { of, ...database } } } : {}) });
    const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
    const scale = { memory: 1024, dedicated: false, replicas: 1 };
    new Service("web", { platform, image, port: 80, scale, health: { live: "/", ready: "/" }, env: {} });
    platform.complete();
  });
  return resources;
}
const brief = (resources: Awaited<ReturnType<typeof make>>, type: string) =>
  resources.filter((one) => one.type.endsWith(`:${type}`)).map(({ name, inputs }) => [name, inputs] as const);

describe("a host", () => {
  test("is checked, with the four alerts", async () => {
    const resources = await make({ to, hosts: { api: "https://api.example.com" } });
    expect(brief(resources, "UptimeCheck")).toEqual([
      ["watch-api", { name: "shop-staging-api", target: "https://api.example.com/", type: "https", regions: ["us_east", "eu_west"] }],
    ]);
    const rest = { checkId: "watch-api-id", notifications: [{ emails: ["ops@example.com"], slacks: [] }] };
    expect(brief(resources, "UptimeAlert")).toEqual([
      [
        "watch-api-certificate",
        { ...rest, name: "shop-staging-api-certificate", type: "ssl_expiry", period: "2m", comparison: "less_than", threshold: 14 },
      ],
      ["watch-api-down", { ...rest, name: "shop-staging-api-down", type: "down", period: "2m" }],
      ["watch-api-down-everywhere", { ...rest, name: "shop-staging-api-down-everywhere", type: "down_global", period: "2m" }],
      [
        "watch-api-latency",
        { ...rest, name: "shop-staging-api-latency", type: "latency", period: "5m", comparison: "greater_than", threshold: 2000 },
      ],
    ]);
    for (const { options } of resources.filter(({ type }) => type.endsWith(":UptimeAlert")))
      expect(options["deletedWith"]).toBe("UptimeCheck watch-api");
  });

  test("has the alerts that are wanted", async () => {
    const url = "https://api.example.com";
    const resources = await make({
      to,
      hosts: { api: { url, path: "/healthz", down: "5m", downEverywhere: false, latency: false, certificateDays: false } },
    });
    expect(brief(resources, "UptimeCheck")[0]?.[1]["target"]).toBe("https://api.example.com/healthz");
    expect(brief(resources, "UptimeAlert").map(([name, { period }]) => [name, period])).toEqual([["watch-api-down", "5m"]]);
  });

  test("without TLS has no certificate to watch", async () => {
    const resources = await make({ to, hosts: { api: "http://api.example.com" } });
    expect(brief(resources, "UptimeCheck")[0]?.[1]["type"]).toBe("http");
    expect(brief(resources, "UptimeAlert")).toHaveLength(3);
  });
});

test("a database is watched by its id", async () => {
  const resources = await make({ to, database: { memoryPercent: false, load: 4, window: "10m" } });
  const rest = {
    compare: "GreaterThan",
    window: "10m",
    enabled: true,
    entities: ["main-id"],
    alerts: { emails: ["ops@example.com"], slacks: [] },
  };
  expect(brief(resources, "MonitorAlert")).toEqual([
    ["watch-main-cpu", { ...rest, description: "shop-staging-main-cpu", type: "v1/dbaas/alerts/cpu_alerts", value: 80 }],
    ["watch-main-disk", { ...rest, description: "shop-staging-main-disk", type: "v1/dbaas/alerts/disk_utilization_alerts", value: 80 }],
    ["watch-main-load", { ...rest, description: "shop-staging-main-load", type: "v1/dbaas/alerts/load_15_alerts", value: 4 }],
  ]);
});

test("the App tells the same people, each alert of it, and Slack's URLs are secret", async () => {
  const slack = [{ channel: "#ops", url: pulumi.output("https://hooks.slack.com/services/T/B/planted") }];
  const resources = await make({
    to: { emails: ["ops@example.com"], slack },
    hosts: { api: "https://a.example.com" },
    database: {},
    events: ["deployment-live"],
  });
  expect(JSON.stringify(resources)).not.toContain("planted");
  const [app] = brief(resources, "App");
  const { alerts } = app?.[1]["spec"] as { alerts: { rule: string; destinations: { emails: string[] } }[] };
  expect(alerts.map(({ rule, destinations }) => [rule, destinations.emails])).toEqual(
    ["DEPLOYMENT_FAILED", "DOMAIN_FAILED", "DEPLOYMENT_LIVE"].map((rule) => [rule, ["ops@example.com"]]),
  );
});

describe("what cannot be is refused", () => {
  const host = (more: object) => ({ to, hosts: { api: { url: "https://a.example.com", ...more } } });
  test.each<[string, Options, string]>([
    ["nobody is told", { to: {} }, "to: nobody is told."],
    ["no address", { to: { emails: ["ops"] } }, 'to.emails: "ops" is no address.'],
    ["nobody looks", { to, regions: [] }, "regions: nobody looks."],
    [
      "no URL",
      { to, hosts: { api: "api.example.com" } },
      'hosts.api.url: must be an address such as "https://api.example.com", is "api.example.com".',
    ],
    ["a host that is not there", { to, hosts: { api: undefined as unknown as string } }, "hosts.api: has no address."],
    ["a URL with a path", { to, hosts: { api: "https://a.example.com/x" } }, "hosts.api.url: must be an address"],
    ["a path without a slash", host({ path: "healthz" }), 'hosts.api.path: "healthz" does not begin with "/". Write "/healthz".'],
    ["no such period", host({ down: "7m" as "5m" }), 'hosts.api.down: "7m" is not one of "2m", "3m", "5m", "10m", "15m", "30m", "1h".'],
    ["no such window", { to, database: { window: "2m" } }, 'databases.main.window: "2m" is not one of "5m", "10m", "30m", "1h".'],
    [
      "a certificate of plain http",
      { to, hosts: { api: { url: "http://a.example", certificateDays: 3 } } },
      "plain http has no certificate.",
    ],
    ["no latency at all", host({ latency: { milliseconds: 0 } }), "hosts.api.latency.milliseconds: must be above 0, is 0."],
    ["half a day", host({ certificateDays: 0.5 }), "hosts.api.certificateDays: must be a whole number from 1 on, got 0.5."],
    ["more than all", { to, database: { cpuPercent: 100 } }, "databases.main.cpuPercent: must be between 1 and 99 percent, got 100."],
    ["no load", { to, database: { load: 0 } }, "databases.main.load: must be above 0, is 0."],
  ])("%s", async (_, options, message) => {
    await expect(make(options)).rejects.toThrow(message);
  });

  test("a platform that nobody watches", async () => {
    await expect(make({ to }, { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 })).rejects.toThrow(
      /nobody watches|alert/,
    );
  });
});
