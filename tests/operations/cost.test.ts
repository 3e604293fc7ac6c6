import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { priced, priceOf } from "../../config/prices.ts";
import { resolveInstance } from "../../config/sizes.ts";
import { costOf, renderCost } from "../../operations/cost/cost.ts";
import { costLines, type Resource, total, totalText } from "../../operations/cost/lines.ts";

const repository = resolve(import.meta.dirname, "..", "..");
const resource = (kind: string, inputs: Record<string, unknown>): Resource => ({ type: `digitalocean:index/x:${kind}`, name: "x", inputs });
const text = (...resources: Resource[]): string => totalText(total(resources.flatMap(costLines)));
const app = (spec: Record<string, unknown>): Resource => resource("App", { spec });

test("no price lacks its source or its day", () => {
  for (const item of priced) {
    const price = priceOf(item);
    expect(price?.source, item).toMatch(/^(https:\/\/|API description, GET \/v2\/)/);
    expect(price?.read, item).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(price?.usd, item).toBeGreaterThanOrEqual(0);
  }
});

test("every instance that a stack file can ask for has a price", () => {
  for (const [memory, cpu, dedicated] of [
    [512, 1, false],
    [1024, 1, false],
    [2048, 1, false],
    [4096, 2, false],
    [4096, 1, true],
    [32768, 8, true],
  ] as const) {
    const size = resolveInstance({ memory, cpu, dedicated, replicas: 1 });
    if ("problem" in size) throw new Error(size.problem);
    expect(priceOf(size.slug), size.slug).toBeDefined();
  }
});

test.each<[string, Resource, string]>([
  ["two instances", app({ services: [{ name: "a", instanceSizeSlug: "apps-s-1vcpu-1gb", instanceCount: 2 }] }), "24.00 USD a month"],
  ["workers count as services do", app({ workers: [{ name: "a", instanceSizeSlug: "apps-s-1vcpu-1gb" }] }), "12.00 USD a month"],
  [
    "a range, from its fewest to its most",
    app({
      services: [{ name: "a", instanceSizeSlug: "apps-d-1vcpu-1gb", autoscaling: { minInstanceCount: 2, maxInstanceCount: 4 } }],
    }),
    "68.00 to 136.00 USD a month",
  ],
  ["a job, which is billed by use", app({ jobs: [{ name: "a", instanceSizeSlug: "apps-s-1vcpu-1gb" }] }), "0.00 USD a month"],
  ["a size that nobody knows", app({ services: [{ name: "a", instanceSizeSlug: "apps-new" }] }), "at least 0.00 USD a month"],
  ["a static site", app({ staticSites: [{ name: "a" }] }), "at least 0.00 USD a month"],
  ["a single node", resource("DatabaseCluster", { engine: "pg", size: "db-s-1vcpu-1gb", nodeCount: 1 }), "15.15 USD a month"],
  [
    "a node with a standby, whose price is not told",
    resource("DatabaseCluster", { engine: "pg", size: "db-s-1vcpu-1gb", nodeCount: 2 }),
    "at least 15.15 USD a month",
  ],
  [
    "a larger node, which costs no less than a smaller one",
    resource("DatabaseCluster", { engine: "pg", size: "db-s-2vcpu-4gb", nodeCount: 1 }),
    "at least 15.15 USD a month",
  ],
  ["an engine that nobody knows", resource("DatabaseCluster", { engine: "kafka", size: "db-s-2vcpu-4gb" }), "at least 0.00 USD a month"],
  [
    "storage beyond the size",
    resource("DatabaseCluster", { engine: "pg", size: "db-s-1vcpu-1gb", nodeCount: 1, storageSizeMib: "61440" }),
    "at least 15.15 USD a month",
  ],
  ["an uptime check", resource("UptimeCheck", {}), "1.00 USD a month"],
  ["a registry", resource("ContainerRegistry", { subscriptionTierSlug: "basic" }), "5.00 USD a month"],
  ["a network", resource("Vpc", {}), "0.00 USD a month"],
])("%s", (_, one, expected) => expect(text(one)).toBe(expected));

test("the template's staging, from its stack file, without an engine", async () => {
  const costs = await costOf("template", ["staging"]);
  expect(renderCost(costs)).toBe(
    [
      "staging: 35.15 USD a month",
      "  monitoring-dashboard  1 × uptime check            1.00",
      "  monitoring-api        1 × uptime check            1.00",
      "  monitoring-api-ready  1 × uptime check            1.00",
      "  database              1 × pg db-s-1vcpu-1gb      15.15",
      "  backend               1 × apps-s-1vcpu-1gb       12.00",
      "  dashboard             1 × apps-s-1vcpu-0.5gb      5.00",
    ].join("\n"),
  );
  expect(JSON.stringify(costs)).not.toContain("sandbox-fake");
});

test("what scales by itself is told with its least and its most", () => {
  const scaling = { minInstanceCount: 2, maxInstanceCount: 20 };
  const lines = costLines(app({ services: [{ name: "web", instanceSizeSlug: "apps-s-1vcpu-1gb", autoscaling: scaling }] }));
  expect(renderCost([{ stack: "production", lines, total: total(lines) }])).toBe(
    ["production: 24.00 to 240.00 USD a month", "  web  2–20 × apps-s-1vcpu-1gb  24.00–240.00"].join("\n"),
  );
});

test("what comments say of prices is in the table", () => {
  const known = new Set(priced.map((item) => priceOf(item)?.usd));
  const folders = ["components", "config", "platforms", "systems"];
  const files = folders.flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
  const told = files.flatMap((file) => {
    const text = readFileSync(join(repository, file), "utf8").replaceAll(/\n\s*\*/g, " ");
    return [...text.matchAll(/(\d+(?:\.\d+)?(?: and \d+)*|basic \d+ and professional \d+) USD/g)].flatMap(([said]) =>
      [...said.matchAll(/\d+(?:\.\d+)?/g)].map(([usd]) => ({ file, usd: Number(usd) })),
    );
  });
  expect(told.length).toBeGreaterThan(8);
  expect(told.filter(({ usd }) => !known.has(usd))).toEqual([]);
});
