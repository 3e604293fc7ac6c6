import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sectionOf } from "../../operations/comment/merge.ts";
import type { StackPreview } from "../../operations/comment/section.ts";
import type { Danger } from "../../operations/dangers.ts";
import type { TestEngine } from "../engine.ts";
import { Clone, type Said } from "./clone.ts";
import { objectOf, openTemplate } from "./template.ts";

const system = "systems/template/system.ts";
let engine: TestEngine;
let clone: Clone;

/** The template with a private bucket and its only worker, up in staging and production. */
beforeAll(async () => {
  engine = await openTemplate();
  clone = new Clone(engine);
  clone.edit(
    system,
    ["import { Database }", 'import { Bucket } from "../../components/bucket.ts";\nimport { Database }'],
    ["import { Zone }", 'import { Worker } from "../../components/worker.ts";\nimport { Zone }'],
    ['services: ["backend", "dashboard"]', 'services: ["backend", "dashboard", "reports"]'],
    [
      "    const edge = new",
      `    if (platform.cloud !== undefined) new Bucket("files", { platform });
    new Worker("reports", { platform, image: images.reports, scale: sizes.dashboard, env: {} });

    const edge = new`,
    ],
  );
  clone.commit();
  for (const stack of ["staging", "production"]) await clone.sandbox("up", "--stack", stack, "--yes", "--skip-preview");
}, 240_000);
afterAll(async () => {
  clone[Symbol.dispose]();
  await engine[Symbol.asyncDispose]();
});

interface Looked extends Said {
  readonly preview: StackPreview;
  /** Severity, name, what. */
  readonly dangers: readonly (readonly [Danger["severity"], string, string])[];
}

/** What a pull request is told of each environment, with the exit code that its job would have. */
const lookAt = (...stacks: readonly string[]): Promise<Looked[]> =>
  Promise.all(
    stacks.map(async (stack) => {
      const said = await clone.ops("comment", "--dry-run", "--json", "--stack", stack);
      const [preview] = JSON.parse(said.stdout) as [StackPreview];
      return { ...said, preview, dangers: preview.dangers.map(({ severity, name, what }) => [severity, name, what] as const) };
    }),
  );

const up = (stack: string, accept: readonly string[], ...args: readonly string[]): Promise<Said> =>
  clone.ops("up", "--stack", stack, ...args, ...accept.flatMap((name) => ["--accept", name]));

describe("what a change of the system or of a stack file opens, takes away or loses", () => {
  /** Name, what is said of it, how bad it is in production; staging is one step milder. */
  const table = (stack: string): readonly (readonly [string, string, "refusal" | "warning"])[] => [
    ["remove:App/reports", "reports (App) is removed", "refusal"],
    [
      "publish:SpacesBucketPolicy/files-policy",
      `files-policy (bucket policy) is made: everybody may s3:GetObject on arn:aws:s3:::template-${stack}-files/*`,
      "refusal",
    ],
    [
      "publish:SpacesBucketPolicy/assets-policy",
      `assets-policy (bucket policy) is made: everybody may s3:GetObject on arn:aws:s3:::template-${stack}-assets/public/*`,
      "refusal",
    ],
    [
      "open:DatabaseFirewall/database-firewall",
      'database-firewall (database firewall): rules[1] nothing → {"type":"ip_addr","value":"203.0.113.7"}',
      "refusal",
    ],
    ["lose:App/backend", "backend (App): SENTRY_DSN [secret] → nothing", "warning"],
    ["lose:App/backend-migrate", "backend-migrate (App): SENTRY_DSN [secret] → nothing", "warning"],
  ];
  const fewer = ["refusal", "fewer:App/backend", "backend (App): instanceCount 2 → 1"] as const;

  beforeAll(() => {
    const until = new Date(Date.now() + 3 * 86_400_000).toISOString();
    clone.edit(
      system,
      // App Platform's plugin then names all of the workers, and none of them.
      [/ {4}new Worker\("reports".*\n/, ""],
      ['services: ["backend", "dashboard", "reports"]', 'services: ["backend", "dashboard"]'],
      [
        'new Bucket("files", { platform });',
        'new Bucket("files", { platform, publicRead: ["*"] });\n    if (platform.cloud !== undefined) new Bucket("assets", { platform, publicRead: ["public/"] });',
      ],
      [/ *SENTRY_DSN: provided.sentryDsn,\n/, ""],
    );
    for (const stack of ["staging", "production"])
      clone.edit(`Pulumi.${stack}.yaml`, [/$/, `  groundwork:databaseAccess: [{ address: 203.0.113.7, until: "${until}" }]\n`]);
    clone.edit(
      "Pulumi.production.yaml",
      ["memory: 2 GB, replicas: 2", "memory: 2 GB, replicas: 1"],
      ["[no-rate-limit]", "[no-rate-limit, one-replica]"],
    );
  });
  // From then on it is what runs.
  afterAll(() => clone.commit());

  test("is told by name, with property and both values, as bad as it is in each environment", { timeout: 120_000 }, async () => {
    const [staging, production] = (await lookAt("staging", "production")) as [Looked, Looked];
    expect(staging.code).toBe(0);
    expect(production.code).toBe(7);
    const milder = { refusal: "warning", warning: "note" } as const;
    const byName = (rows: readonly (readonly [string, string, string])[]) => [...rows].sort(([, a], [, b]) => (a < b ? -1 : 1));
    expect(byName(staging.dangers.filter(([, name]) => name !== "restart:App/backend"))).toEqual(
      byName(table("staging").map(([name, what, severity]) => [milder[severity], name, what])),
    );
    // The restart of the one instance that is left is no line beside the instance that goes.
    expect(byName(production.dangers)).toEqual(
      byName([...table("production").map(([name, what, severity]) => [severity, name, what] as const), fewer]),
    );
    const { body } = sectionOf(production.preview);
    expect(body).toContain("- 🛑 **downtime**: `reports (App) is removed`<br>It stops: ");
    expect(body).toContain("**The deploy refuses this** unless `open:DatabaseFirewall/database-firewall` is accepted.");
    expect(body).toContain("⚠️ **downtime**: `backend (App): SENTRY_DSN [secret] → nothing`");
  });

  test("stops ops up in production until all of it is accepted by name, and is what runs then", { timeout: 240_000 }, async () => {
    const names = [...table("production").flatMap(([name, , severity]) => (severity === "refusal" ? [name] : [])), fewer[1]];
    const [left = "", ...others] = names;
    const almost = await up("production", others, "--yes");
    expect(almost.code).toBe(7);
    expect(almost.stderr).toContain("production would lose or open something, and nobody has accepted that:");
    expect(almost.stderr.match(/--accept \S+/g)).toEqual([`--accept ${left}`]);
    expect(JSON.stringify(objectOf(engine, "App", "template-production").outputs)).toContain('"reports"');

    const taken = await up("production", names, "--yes");
    expect([taken.code, taken.stderr]).toEqual([0, ""]);
    expect(JSON.stringify(objectOf(engine, "App", "template-production").outputs)).not.toContain('"reports"');
  });

  test("stops nobody in staging", { timeout: 120_000 }, async () => {
    const { code, stdout } = await up("staging", [], "--plan");
    expect(code).toBe(0);
    expect(stdout).toContain("warning: exposure: database-firewall (database firewall): rules[1] nothing → ");
  });
});

describe("what leads elsewhere", () => {
  afterEach(() => clone.reset());

  test("is told by its address: a path that is taken from a service, a host that becomes a redirect", { timeout: 120_000 }, async () => {
    clone.edit(
      system,
      ["import { EdgeProxy }", "import { EdgeProxy, redirect }"],
      ["hosts: { api: backend, dashboard }", 'hosts: { api: { "/": backend, "/v1": dashboard }, dashboard: redirect("api") }'],
    );
    const [{ preview, dangers }] = (await lookAt("staging")) as [Looked];
    expect(preview.failure).toBeUndefined();
    const routes = dangers.filter(([, name]) => name === "route:App/app").map(([, , what]) => what);
    expect(routes.map((what) => what.replaceAll(/\.[\w.]+/g, ""))).toEqual([
      "app (App): dashboard dashboard → redirect to api; api/v1 backend → dashboard",
    ]);
    expect(sectionOf(preview).body).toMatch(/\n {4}api\.\S+\/v1: nothing → dashboard\b/);
  });
});

describe("what no acceptance lets through", () => {
  afterEach(() => clone.reset());

  test("a protected database that has another name is told with all else that the change does", { timeout: 120_000 }, async () => {
    clone.edit(system, ['new Database("database"', 'new Database("maindb"']);
    clone.edit("Pulumi.production.yaml", ["logLevel: WARNING", "logLevel: ERROR"]);
    const [staging, production] = (await lookAt("staging", "production")) as [Looked, Looked];
    expect([staging.code, production.code]).toEqual([0, 7]);
    const deleted = "database (database cluster) is deleted";
    expect(staging.dangers[0]).toEqual(["warning", "delete:DatabaseCluster/database", deleted]);
    // It is kept in the cloud, so it is no loss of data; it leaves the program all the same.
    expect(production.dangers).toContainEqual(["refusal", "delete:DatabaseCluster/database", "database (database cluster) is given up"]);
    expect(production.preview.failure).toMatchObject({ isBlocked: true });
    const { body } = sectionOf(production.preview);
    expect(body).toContain("so does every deploy, whatever is accepted");
    for (const one of [staging, production])
      expect(sectionOf(one.preview).body).toContain("maindb is made beside it, empty. Was it renamed?");
    expect(body).toContain(
      "\nproduction would delete what is protected: DatabaseCluster database, DatabaseDb database-db, DatabaseFirewall ",
    );
    expect(body).not.toContain("unprotect");
    // Values that stand beside secrets are known though the engine ended before it could say them.
    expect(JSON.stringify(production.preview.steps)).toContain('"from":"WARNING","to":"ERROR"');
    const names = ["delete:DatabaseCluster/database", "delete:DatabaseDb/database-db"];
    const { code, stdout, stderr } = await up("production", names, "--yes");
    expect(code).toBe(7);
    expect(stdout).toContain("production would do this, if nothing were protected:\nrefused: ");
    expect(stderr).toContain("production would delete what is protected: ");
  });

  test("a service that goes with its protected record is named, before the record", { timeout: 120_000 }, async () => {
    clone.edit(
      system,
      [/ {4}const dashboard = new Service\([^]*?\n {4}\}\);\n/, ""],
      ["hosts: { api: backend, dashboard }", "hosts: { api: backend }"],
      ["const { api, dashboard: pages } = edge.urls", "const { api } = edge.urls"],
      ["{ dashboard: pages, api:", "{ api:"],
      ["dashboardUrl: edge.urls.dashboard,", ""],
      ["dashboardImage: dashboard.image,", ""],
    );
    clone.edit("Pulumi.production.yaml", ["backend: { memory: 2 GB", "backend: { memory: 1 GB"]);
    const [{ code, dangers, preview }] = (await lookAt("production")) as [Looked];
    expect([code, preview.failure?.isBlocked]).toEqual([7, true]);
    const names = dangers.map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(["remove:App/dashboard", "slim:App/backend", "delete:DnsRecord/edge-dashboard"]));
    expect(names.indexOf("remove:App/dashboard")).toBeLessThan(names.indexOf("delete:DnsRecord/edge-dashboard"));
    expect(preview.failure?.text).toContain("Is DnsRecord edge-dashboard to go? An administrator says so of it alone");
    expect(preview.failure?.text).not.toContain("two changes");
  });

  test(
    "an environment's stack file that is removed, or emptied, is seen without anybody naming the stack",
    { timeout: 120_000 },
    async () => {
      rmSync(join(clone.folder, "Pulumi.production.yaml"));
      writeFileSync(join(clone.folder, "Pulumi.staging.yaml"), "");
      const { code, stdout, stderr } = await clone.ops("comment", "--dry-run", "--base", "HEAD", "--json");
      expect(stderr).toContain("affected: production, staging");
      expect(code).toBe(7);
      expect((JSON.parse(stdout) as StackPreview[]).map(({ dangers: [one] }) => [one?.severity, one?.name, one?.what])).toEqual([
        [
          "refusal",
          "orphan:production",
          expect.stringMatching(/^Pulumi\.production\.yaml is removed, and \d\d resources stay in the cloud$/),
        ],
        ["warning", "orphan:staging", expect.stringMatching(/^Pulumi\.staging\.yaml is empty, and \d\d resources stay in the cloud$/)],
      ]);
      const run = await up("production", ["orphan:production"], "--yes");
      expect(run.code).toBe(2);
      expect(run.stderr).toContain("Pulumi.production.yaml:");
    },
  );
});
