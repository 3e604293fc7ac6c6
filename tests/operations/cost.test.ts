import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { priced, priceOf } from "../../config/prices.ts";
import { resolveInstance } from "../../config/sizes.ts";
import { costOf, renderCost } from "../../operations/cost/cost.ts";
import { costLines, type Resource, total, totalText } from "../../operations/cost/lines.ts";

vi.setConfig({ testTimeout: 60_000 });

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

/** A copy of the template with a stack file of its own. */
function copy(change: (stackFile: string) => string, stack = "staging"): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-cost-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(repository, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  symlinkSync(join(repository, "systems", "template", "system.ts"), join(folder, "system.ts"));
  const file = `Pulumi.${stack}.yaml`;
  writeFileSync(join(folder, file), change(readFileSync(join(repository, file), "utf8")));
  return folder;
}

const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [join(repository, "operations", "cli.ts"), "cost", ...args], { encoding: "utf8" });

test("a changed size changes the sum", () => {
  const folder = copy((file) => file.replace("memory: 1 GB, replicas: 1", "memory: 2 GB, replicas: 3"));
  const { status, stdout } = run("--system", folder, "--json");
  expect(status).toBe(0);
  expect((JSON.parse(stdout) as unknown[])[0]).toMatchObject({ stack: "staging", total: { usd: 98.15, most: 98.15, incomplete: false } });
});

test("a production of the smallest sizes costs what README says", () => {
  const small = (file: string): string =>
    file
      .replace(/ {2}groundwork:sizes:\n( {4}.*\n)+/, "  groundwork:sizes: small\n")
      .replace("[no-rate-limit]", "[no-rate-limit, one-replica, no-standby]");
  const folder = copy(small, "production");
  const { stdout } = run("--system", folder);
  expect(stdout).toContain("production: 28.15 USD a month");
  expect(readFileSync(join(repository, "README.md"), "utf8")).toContain("that production costs 28.15 USD a month");
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

test("a stack that has no file is a wrong call: exit code 2 and the nearest name", () => {
  const { status, stderr } = run("--stack", "nope");
  expect(status).toBe(2);
  expect(stderr).toContain('template has no stack "nope". Stacks: ');
  const near = run("--stack", "stagin");
  expect(near.status).toBe(2);
  expect(near.stderr).toContain('"stagin". Did you mean "staging"?');
});

test("a system anywhere finds its packages, though it has no node_modules in reach", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-elsewhere-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(repository, "tests", "systems", "tiny"), folder, { recursive: true });
  const file = join(folder, "system.ts");
  // It imports zod by its name, and components by where they are.
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('"../../../', `"${repository}/`));
  const { status, stdout, stderr } = run("--system", folder, "--stack", "staging");
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toContain("staging: ");
});

test("a wrong stack file is refused with everything that is wrong, and exit code 2", () => {
  const folder = copy((file) => file.replace("memory: 1 GB, replicas: 1", "memory: 1 TB, replcias: 1"));
  const { status, stderr } = run("--system", folder, "--stack", "staging");
  expect(status).toBe(2);
  expect(stderr).toContain("Pulumi.staging.yaml:");
  expect(stderr).toContain("sizes/backend/memory");
  expect(stderr).toContain('Did you mean "replicas"?');
});
