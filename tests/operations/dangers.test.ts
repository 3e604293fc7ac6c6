import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dangersOf, refuseDangers, severityOf } from "../../operations/dangers.ts";
import { propertyRules } from "../../operations/dangers/properties.ts";
import { consequences } from "../../operations/dangers/resources.ts";
import { readGuards } from "../../operations/guards.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { sharedValues } from "../../operations/plan/shared.ts";
import { change, planned } from "./planned.ts";

const token = (type: string): string => Object.keys(consequences).find((one) => one.endsWith(`:${type}`)) ?? "";
const step = (op: string, type: string, more: Partial<PlannedStep> = {}): PlannedStep => planned({ op, type, token: token(type), ...more });
const of = (stack: string, steps: readonly PlannedStep[], accepted: readonly string[] = [], loosened: readonly PlannedStep[] = []) =>
  dangersOf(stack, { steps, loosened }, accepted);
const only = (stack: string, one: PlannedStep): [string, string, string, string] | undefined => {
  const [danger] = of(stack, [one]);
  return danger && [danger.severity, danger.name, danger.what, danger.says];
};

test("every type of the catalogue has its consequence, and no other", () => {
  const shapes = join(import.meta.dirname, "../../sandbox/catalogue/shapes");
  const known = readdirSync(shapes).flatMap((file) =>
    Object.keys((JSON.parse(readFileSync(join(shapes, file), "utf8")) as { resources: object }).resources),
  );
  expect(known.length).toBeGreaterThan(50);
  expect(Object.keys(consequences).sort()).toEqual(known.sort());
});

test("every rule's property is an input of its types", () => {
  const shapes = ["digitalocean", "docker", "github"].map(
    (name) =>
      JSON.parse(readFileSync(join(import.meta.dirname, `../../sandbox/catalogue/shapes/${name}.json`), "utf8")) as {
        resources: Record<string, { inputs: object }>;
      },
  );
  const inputs = new Map(
    shapes
      .flatMap(({ resources }) => Object.entries(resources))
      .map(([type, { inputs }]) => [type.split(":").at(-1) ?? "", Object.keys(inputs)]),
  );
  const examples = [
    "spec.services[0]",
    "spec.workers[0]",
    "spec.jobs[0]",
    "spec.services[0].envs[0].type",
    "spec.services[0].httpPort",
    "spec.services[0].envs[0]",
    "taskSpec.containerSpec.secrets",
    "spec.services[0].instanceSizeSlug",
    "spec.maintenance.enabled",
    "spec.ingress",
    "taskSpec.containerSpec.mounts",
    "taskSpec.containerSpec.image",
    "spec.services[0].instanceCount",
    "spec.region",
    "spec.vpcs",
    "spec.domainNames[0]",
    "spec.ingress.rules[0].cors",
    "spec.services[0].alerts[0].disabled",
    "spec.services[0].healthCheck",
    "spec.secureHeader",
  ];
  for (const { name, of: types, path } of propertyRules)
    for (const type of types)
      expect(
        [
          ...(inputs.get(type) ?? []),
          ...examples,
          ...(inputs.get(type) ?? []).map((one) => `${one}.ports`),
          "mode.replicated.replicas",
          "updateConfig.order",
        ].some((one) => path.test(one)) || /Strict/.test(path.source),
        `${name} of ${type}`,
      ).toBe(true);
});

/** What a plan does, and what is said of it in production: severity, name, what, and the sentence. */
const table: readonly [PlannedStep, string, string, string, RegExp][] = [
  [
    step("replace", "DatabaseCluster", { name: "database", changes: [change("region", "fra1", "ams3", { replaces: true })] }),
    "refusal",
    "replace:DatabaseCluster/database",
    'database (database cluster) is replaced (region "fra1" → "ams3")',
    /^An empty cluster takes its place/,
  ],
  [
    step("delete", "DatabaseCluster", { name: "database" }),
    "refusal",
    "delete:DatabaseCluster/database",
    "database (database cluster) is deleted",
    /its backups with it/,
  ],
  [
    step("delete", "DatabaseCluster", { name: "database", retained: true, protect: true }),
    "refusal",
    "delete:DatabaseCluster/database",
    "database (database cluster) is given up",
    /It is protected, .* it leaves the program, stays in the cloud/,
  ],
  [step("delete", "Volume"), "refusal", "delete:Volume/volume", "volume (volume) is deleted", /All data on it/],
  [
    step("replace", "SpacesBucket", { name: "files" }),
    "refusal",
    "replace:SpacesBucket/files",
    "files (bucket) is replaced",
    /all files are deleted/,
  ],
  [
    step("replace", "Service", { name: "backend" }),
    "refusal",
    "replace:Service/backend",
    "backend (service) is replaced",
    /removed before the new one starts/,
  ],
  [step("delete", "Service", { name: "backend" }), "warning", "delete:Service/backend", "backend (service) is deleted", /It stops/],
  [
    step("delete", "DatabaseFirewall", { name: "fw" }),
    "refusal",
    "delete:DatabaseFirewall/fw",
    "fw (database firewall) is deleted",
    /whole internet/,
  ],
  [step("delete", "UptimeAlert"), "refusal", "delete:UptimeAlert/uptimealert", "uptimealert (alert) is deleted", /Nobody is told/],
  [
    step("delete", "RepositoryFile"),
    "note",
    "delete:RepositoryFile/repositoryfile",
    "repositoryfile (file) is deleted",
    /leaves the branch/,
  ],
  [
    step("update", "DatabaseCluster", { name: "database", changes: [change("size", "db-s-1vcpu-2gb", "db-s-1vcpu-1gb")] }),
    "refusal",
    "shrink:DatabaseCluster/database",
    'database (database cluster): size "db-s-1vcpu-2gb" → "db-s-1vcpu-1gb"',
    /cannot shrink/,
  ],
  [
    step("update", "DatabaseCluster", { changes: [change("size", "db-s-1vcpu-2gb", "db-s-2vcpu-4gb")] }),
    "warning",
    "resize:DatabaseCluster/databasecluster",
    'databasecluster (database cluster): size "db-s-1vcpu-2gb" → "db-s-2vcpu-4gb"',
    /connections break off/,
  ],
  [
    step("update", "DatabaseCluster", { changes: [change("version", "16", "17")] }),
    "refusal",
    "upgrade:DatabaseCluster/databasecluster",
    'databasecluster (database cluster): version "16" → "17"',
    /cannot be taken back/,
  ],
  [
    step("update", "DatabaseCluster", { changes: [change("version", "17", "16")] }),
    "refusal",
    "downgrade:DatabaseCluster/databasecluster",
    'databasecluster (database cluster): version "17" → "16"',
    /older version/,
  ],
  [
    step("update", "DatabaseCluster", { changes: [change("nodeCount", 2, 1)] }),
    "refusal",
    "standby:DatabaseCluster/databasecluster",
    "databasecluster (database cluster): nodeCount 2 → 1",
    /outage until its backup/,
  ],
  [
    step("update", "DatabaseFirewall", {
      name: "database-firewall",
      changes: [change("rules[1]", undefined, { type: "ip_addr", value: "0.0.0.0/0" })],
    }),
    "refusal",
    "open:DatabaseFirewall/database-firewall",
    'database-firewall (database firewall): rules[1] nothing → {"type":"ip_addr","value":"0.0.0.0/0"}',
    /may connect/,
  ],
  [
    step("update", "SpacesBucket", { changes: [change("acl", "private", "public-read")] }),
    "refusal",
    "publish:SpacesBucket/spacesbucket",
    'spacesbucket (bucket): acl "private" → "public-read"',
    /Everybody can read/,
  ],
  [
    step("update", "Repository", { changes: [change("visibility", "private", "public")] }),
    "refusal",
    "publish:Repository/repository",
    'repository (repository): visibility "private" → "public"',
    /stays out there/,
  ],
  [
    step("update", "RepositoryRuleset", { changes: [change("rules.pullRequest.requiredApprovingReviewCount", 2, 0)] }),
    "refusal",
    "loosen:RepositoryRuleset/repositoryruleset",
    "repositoryruleset (ruleset): rules.pullRequest.requiredApprovingReviewCount 2 → 0",
    /taken back/,
  ],
  [
    step("update", "RepositoryEnvironment", { changes: [change("reviewers", [{ users: [1] }])] }),
    "refusal",
    "ungate:RepositoryEnvironment/repositoryenvironment",
    'repositoryenvironment (GitHub environment): reviewers [{"users":[1]}] → nothing',
    /held a deploy back/,
  ],
  [
    step("update", "RepositoryEnvironmentDeploymentPolicy", { changes: [change("branchPattern", "main", "*")] }),
    "refusal",
    "refs:RepositoryEnvironmentDeploymentPolicy/repositoryenvironmentdeploymentpolicy",
    'repositoryenvironmentdeploymentpolicy (deployment policy): branchPattern "main" → "*"',
    /may deploy/,
  ],
  [
    step("update", "App", {
      name: "app",
      before: { spec: { services: [{ name: "backend", instanceCount: 2 }] } },
      after: { spec: { services: [{ name: "backend", instanceCount: 1 }] } },
      changes: [change("spec.services[0].instanceCount", 2, 1)],
    }),
    "refusal",
    "fewer:App/backend",
    "backend (App): instanceCount 2 → 1",
    /Losing a machine/,
  ],
  [
    step("update", "App", { name: "app", changes: [change("spec.domainNames[1]", undefined, { name: "admin.example.com" })] }),
    "refusal",
    "host:App/app",
    'app (App): domainNames[1] nothing → {"name":"admin.example.com"}',
    /on the internet/,
  ],
  [
    step("update", "MonitorAlert", { changes: [change("enabled", true, false)] }),
    "refusal",
    "unalert:MonitorAlert/monitoralert",
    "monitoralert (alert): enabled true → false",
    /Nobody is told/,
  ],
  [
    step("replace", "RandomPassword", { name: "key", changes: [change("keepers.generation", "1", "2", { replaces: true })] }),
    "warning",
    "replace:RandomPassword/key",
    'key (generated secret) is replaced (keepers.generation "1" → "2")',
    /void from then on/,
  ],
];

test.each(table)("%o", (step, severity, name, what, says) => {
  expect(only("production", step)?.slice(0, 3)).toEqual([severity, name, what]);
  expect(only("production", step)?.[3]).toMatch(says);
});

test("what does not hurt is no danger", () => {
  const harmless = [
    step("create", "DatabaseCluster"),
    step("update", "DatabaseFirewall", { changes: [change("rules[1]", { type: "ip_addr", value: "1.2.3.4" })] }),
    step("update", "DatabaseCluster", { changes: [change("tags", ["a"], ["b"])] }),
    step("update", "RepositoryRuleset", { changes: [change("rules.pullRequest.requiredApprovingReviewCount", 0, 2)] }),
    step("update", "SpacesBucket", { changes: [change("acl", "public-read", "private")] }),
    step("replace", "Secret"),
    step("update", "App", {
      after: { spec: { services: [{ name: "backend", instanceCount: 2 }] } },
      changes: [change("spec.services[0].image.digest", "a", "b")],
    }),
  ];
  for (const one of harmless) expect(of("production", [one]), `${one.op} ${one.type}`).toEqual([]);
});

test("severity is the environment's; what all of them hang on is as good as production", () => {
  const severities = (stack: string) =>
    (["data loss", "exposure", "protection removed", "downtime", "removal"] as const).map((effect) => severityOf(stack, effect));
  expect(severities("local")).toEqual(["note", "note", "note", "note", "note"]);
  expect(severities("staging")).toEqual(["warning", "warning", "warning", "note", "note"]);
  for (const stack of ["production", "production-eu", "shared", "delivery"])
    expect(severities(stack)).toEqual(["refusal", "refusal", "refusal", "warning", "note"]);
  expect(severityOf("production", "downtime", true)).toBe("refusal");
  expect(severityOf("staging", "downtime", true)).toBe("warning");
  expect(severityOf("local", "downtime", true)).toBe("note");
});

test("protection that is taken away is told though no step shows it", () => {
  const loosened = planned({
    op: "same",
    type: "DatabaseCluster",
    token: token("DatabaseCluster"),
    name: "database",
    protect: true,
    retained: true,
  });
  expect(of("production", [], [], [loosened])).toMatchObject([
    {
      name: "unprotect:DatabaseCluster/database",
      severity: "refusal",
      what: "database (database cluster): protect: true → false, retainOnDelete: true → false",
    },
  ]);
});

test("worst comes first, and what means the same stands together", () => {
  const app = step("update", "App", {
    name: "app",
    after: { spec: { services: [{ name: "backend" }] } },
    changes: [change("spec.services[0].image.digest", "a", "b"), change("spec.services[0].envs[0].value", "1", "2")],
  });
  const found = of("production", [app, step("delete", "DnsRecord"), step("delete", "DatabaseDb")]);
  expect(found.map(({ name }) => name)).toEqual(["delete:DatabaseDb/databasedb", "delete:DnsRecord/dnsrecord", "restart:App/backend"]);
  expect(found[2]?.what).toBe('backend (App): image.digest "a" → "b"; envs[0].value "1" → "2"');
});

test("the restart that a worse change brings along is no line of its own; that of another change is", () => {
  const update = (...changes: PlannedStep["changes"]) =>
    step("update", "App", {
      name: "app",
      before: { spec: { services: [{ name: "backend", instanceCount: 2, instanceSizeSlug: "apps-s-1vcpu-1gb" }] } },
      after: { spec: { services: [{ name: "backend", instanceCount: 1, instanceSizeSlug: "apps-s-1vcpu-0.5gb" }] } },
      changes,
    });
  const fewer = change("spec.services[0].instanceCount", 2, 1);
  const names = (stack: string, one: PlannedStep) => of(stack, [one]).map(({ name, severity, what }) => [severity, name, what]);
  expect(names("production", update(fewer))).toEqual([["refusal", "fewer:App/backend", "backend (App): instanceCount 2 → 1"]]);
  expect(names("staging", update(fewer))).toEqual([["warning", "fewer:App/backend", "backend (App): instanceCount 2 → 1"]]);
  expect(names("production", update(change("spec.services[0].instanceSizeSlug", "apps-s-1vcpu-1gb", "apps-s-1vcpu-0.5gb")))).toEqual([
    ["warning", "slim:App/backend", 'backend (App): instanceSizeSlug "apps-s-1vcpu-1gb" → "apps-s-1vcpu-0.5gb"'],
  ]);
  expect(names("production", update(fewer, change("spec.services[0].logLevel", "a", "b")))).toEqual([
    ["refusal", "fewer:App/backend", "backend (App): instanceCount 2 → 1"],
    ["warning", "restart:App/backend", 'backend (App): logLevel "a" → "b"'],
  ]);
});

test("a refusal names each danger with the way to accept it; accepted ones pass", () => {
  const steps = [
    step("replace", "DatabaseCluster", { name: "database" }),
    step("update", "SpacesBucket", { name: "files", changes: [change("acl", "private", "public-read")] }),
  ];
  expect(() => refuseDangers("production", of("production", steps, ["publish:SpacesBucket/files"]))).toThrow(
    [
      "production would lose or open something, and nobody has accepted that:",
      "  data loss: database (database cluster) is replaced",
      "    An empty cluster takes its place; all data is deleted with the old one, and its backups too. Accept it for one run: --accept replace:DatabaseCluster/database",
      "In a workflow: groundwork:accept in Pulumi.production.yaml, by name and with a day until which it holds.",
    ].join("\n"),
  );
  expect(() =>
    refuseDangers("production", of("production", steps, ["publish:SpacesBucket/files", "replace:DatabaseCluster/database"])),
  ).not.toThrow();
  expect(() => refuseDangers("staging", of("staging", steps))).not.toThrow();
});

test("environments that share a secret are told which one, and never the secret", () => {
  const common: [string, string][] = [
    ["a long secret", "SECRET_KEY"],
    ["short", "PIN"],
    ["https://hooks.example.com/x", "SLACK"],
  ];
  const shared = sharedValues(new Map([...common, ["its own secret", "OTHER"]]), "staging", new Map(common));
  const found = dangersOf("production", { steps: [], loosened: [], shared }, ["share:SLACK"]);
  expect(found.map(({ name, severity, accepted, what }) => [name, severity, accepted, what])).toEqual([
    ["share:SECRET_KEY", "refusal", false, "SECRET_KEY is the same secret as in staging"],
    ["share:SLACK", "refusal", true, "SLACK is the same secret as in staging"],
  ]);
  expect(JSON.stringify(found)).not.toContain("a long secret");
});

test("a stack file accepts by name and for a time, and has a budget", () => {
  const text =
    'config:\n  groundwork:budget: { monthly: 100 }\n  groundwork:accept:\n    - { what: "replace:database", until: "2026-12-01T00:00:00Z" }\n    - { what: "publish:files", until: "2026-11-01T00:00:00Z" }\n';
  expect(readGuards(text, Date.parse("2026-11-21T00:00:00Z"))).toEqual({
    budget: { monthly: 100, over: "warn" },
    accepted: ["replace:database"],
    ended: ["publish:files"],
  });
  expect(readGuards("")).toEqual({ accepted: [], ended: [] });
});

test("words of the table are those of the options' own documentation", () => {
  const said: readonly (readonly [string, RegExp])[] = [
    ["components/database.ts", /Another network replaces it and loses the data/],
    ["config/acknowledge.ts", /losing the database's machine is an outage until its backup is restored/],
    ["config/acknowledge.ts", /losing a machine is an outage until the platform has started another one/],
    ["components/secret-set/sources.ts", /what the old one signed or encrypted is void from then on/],
    ["components/database.ts", /its clients are cut off for a/],
  ];
  const here = ["resources", "data", "exposure", "protection", "downtime"]
    .map((file) => readFileSync(join(import.meta.dirname, `../../operations/dangers/${file}.ts`), "utf8"))
    .join("\n");
  for (const [file, words] of said) {
    const path = join(import.meta.dirname, "../..", file);
    expect(existsSync(path) && words.test(readFileSync(path, "utf8")), `${file} ${words}`).toBe(true);
  }
  for (const words of [
    "outage until its backup is restored",
    "outage until the platform has started another one",
    "is void from then on",
    "clients are cut off for a moment",
  ])
    expect(here).toContain(words);
});
