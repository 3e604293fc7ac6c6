import { describe, expect, test } from "vitest";
import { type Danger, dangersOf, refuseDangers, renderDangers } from "../../operations/dangers.ts";
import { unusedOf } from "../../operations/dangers/accepted.ts";
import { propertyRules } from "../../operations/dangers/properties.ts";
import { consequences } from "../../operations/dangers/resources.ts";
import type { PlannedResource, PlannedStep } from "../../operations/plan.ts";
import { change, planned } from "./planned.ts";

const token = (type: string): string => Object.keys(consequences).find((one) => one.endsWith(`:${type}`)) ?? "";
const step = (op: string, type: string, more: Partial<PlannedStep> = {}): PlannedStep => planned({ op, type, token: token(type), ...more });
const made = (type: string, after: Record<string, unknown>, name = "x"): PlannedStep => step("create", type, { name, after });
const of = (stack: string, ...steps: PlannedStep[]): Danger[] => dangersOf(stack, { steps, loosened: [] });
const policy = (principal: unknown, effect = "Allow"): string =>
  JSON.stringify({ Statement: [{ Effect: effect, Principal: principal, Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::files/*"] }] });
const environment = made("RepositoryEnvironment", { environment: "qa", repository: "shop", deploymentBranchPolicy: {} }, "env");

describe("what is made", () => {
  test("every rule about exposure judges it", () => {
    expect(propertyRules.filter(({ effect, made }) => effect === "exposure" && made === undefined)).toEqual([]);
  });

  /** The resource that is made, and what is said of it in production, where that is refused and staging warns. */
  test.each<[PlannedStep, string, string]>([
    [made("SpacesBucket", { acl: "public-read" }), "publish:SpacesBucket/x", "x (bucket) is made: acl public-read"],
    [
      made("SpacesBucketPolicy", { policy: policy("*") }),
      "publish:SpacesBucketPolicy/x",
      "x (bucket policy) is made: everybody may s3:GetObject on arn:aws:s3:::files/*",
    ],
    [
      made("SpacesBucketPolicy", { policy: policy({ AWS: ["*"] }) }),
      "publish:SpacesBucketPolicy/x",
      "x (bucket policy) is made: everybody may s3:GetObject on arn:aws:s3:::files/*",
    ],
    [
      made("SpacesBucketPolicy", { policy: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }),
      "open:SpacesBucketPolicy/x",
      "x (bucket policy) is made: policy known after",
    ],
    [
      made("SpacesBucketCorsConfiguration", { corsRules: [{ allowedOrigins: ["*"], allowedMethods: ["PUT"] }] }),
      "cors:SpacesBucketCorsConfiguration/x",
      'x (CORS rules of a bucket) is made: corsRules[0].allowedOrigins ["*"]',
    ],
    [
      made("DatabaseFirewall", {
        rules: [
          { type: "ip_addr", value: "10.0.0.0/20" },
          { type: "ip_addr", value: "0.0.0.0/0" },
        ],
      }),
      "open:DatabaseFirewall/x",
      "x (database firewall) is made: rules[1] 0.0.0.0/0",
    ],
    [
      made("DatabaseFirewall", { rules: [{ type: "ip_addr", value: "203.0.113.7" }] }),
      "open:DatabaseFirewall/x",
      "x (database firewall) is made: rules[0] 203.0.113.7",
    ],
    [
      made("DatabaseFirewall", { rules: [{ type: "ip_addr", value: "::/0" }] }),
      "open:DatabaseFirewall/x",
      "x (database firewall) is made: rules[0] ::/0",
    ],
    [
      made("SpacesKey", { grants: [{ bucket: "", permission: "fullaccess" }] }),
      "rights:SpacesKey/x",
      "x (bucket key) is made: grants[0].permission fullaccess",
    ],
    [made("Cdn", { customDomain: "cdn.example.com" }), "host:Cdn/x", "x (CDN) is made: customDomain cdn.example.com"],
    [
      made("DnsRecord", { type: "A", name: "admin", domain: "example.com", value: "203.0.113.9" }),
      "point:DnsRecord/x",
      "x (DNS record) is made: A admin.example.com 203.0.113.9",
    ],
    [
      made("DnsRecord", { type: "MX", name: "@", domain: "example.com", value: "mx.example.net." }),
      "point:DnsRecord/x",
      "x (DNS record) is made: MX example.com mx.example.net.",
    ],
    [
      made("Service", { endpointSpec: { ports: [{ targetPort: 80, publishedPort: 8080 }] } }),
      "port:Service/x",
      "x (service) is made: endpointSpec.ports[0].publishedPort 8080",
    ],
    [made("Container", { ports: [{ internal: 80, external: 80 }] }), "port:Container/x", "x is made: ports[0].external 80"],
    [made("Repository", { visibility: "public" }), "publish:Repository/x", "x (repository) is made: visibility public"],
    [made("Repository", { name: "shop" }), "publish:Repository/x", "x (repository) is made: visibility public"],
    [made("RepositoryDeployKey", { readOnly: false }), "write:RepositoryDeployKey/x", "x (deploy key) is made: readOnly false"],
    [made("TeamRepository", { permission: "admin" }), "rights:TeamRepository/x", "x (team's access) is made: permission admin"],
    [
      made("ActionsRepositoryPermissions", { enabled: true }),
      "actions:ActionsRepositoryPermissions/x",
      "x (limits of workflows) is made: allowedActions all",
    ],
    [
      made("WorkflowRepositoryPermissions", { defaultWorkflowPermissions: "write" }),
      "token:WorkflowRepositoryPermissions/x",
      "x (limits of workflows) is made: defaultWorkflowPermissions write",
    ],
    [
      made("RepositoryEnvironmentDeploymentPolicy", { branchPattern: "main", environment: "production", repository: "shop" }),
      "refs:RepositoryEnvironmentDeploymentPolicy/x",
      "x (deployment policy) is made: branchPattern main",
    ],
    [
      made("RepositoryEnvironment", { environment: "production" }),
      "ungated:RepositoryEnvironment/x",
      "x (GitHub environment) is made: deploymentBranchPolicy none, and no reviewers",
    ],
    [
      made("App", { spec: { ingress: { rules: [{ cors: { allowOrigins: { regex: "https://.*" } } }] } } }),
      "cors:App/x",
      'x (App) is made: ingress.rules[0].cors.allowOrigins {"regex":"https://.*"}',
    ],
  ])("%# hurts", (step, name, what) => {
    for (const stack of ["production", "shared", "delivery"])
      expect(of(stack, step).map((one) => [one.severity, one.effect, one.name, one.what])).toEqual([["refusal", "exposure", name, what]]);
    expect(of("staging", step).map(({ severity }) => severity)).toEqual(["warning"]);
    expect(of("local", step).map(({ severity }) => severity)).toEqual(["note"]);
    expect(() => refuseDangers("production", of("production", step))).toThrow(`--accept ${name}`);
  });

  test("a policy that lets everything deploy hurts beside its new environment too", () => {
    const wide = made("RepositoryEnvironmentDeploymentPolicy", { branchPattern: "*", environment: "qa", repository: "shop" });
    expect(of("delivery", environment, wide)).toMatchObject([
      { severity: "refusal", name: "refs:RepositoryEnvironmentDeploymentPolicy/x" },
    ]);
  });

  test.each<[string, PlannedStep[]]>([
    ["a bucket of one's own", [made("SpacesBucket", { acl: "private" }), made("SpacesBucket", { name: "files" })]],
    ["a policy that only denies", [made("SpacesBucketPolicy", { policy: policy("*", "Deny") })]],
    ["a policy for somebody", [made("SpacesBucketPolicy", { policy: policy({ AWS: ["arn:aws:iam::1:root"] }) })]],
    [
      "CORS for one origin, with any header",
      [made("SpacesBucketCorsConfiguration", { corsRules: [{ allowedOrigins: ["https://a.example"], allowedHeaders: ["*"] }] })],
    ],
    [
      "a firewall for the private network",
      [
        made("DatabaseFirewall", {
          rules: [
            { type: "ip_addr", value: "10.42.0.0/20" },
            { type: "tag", value: "ops" },
          ],
        }),
      ],
    ],
    ["a key of one bucket", [made("SpacesKey", { grants: [{ bucket: "files", permission: "readwrite" }] })]],
    ["a record that leads nobody", [made("DnsRecord", { type: "TXT", name: "@", domain: "example.com", value: "v=spf1 -all" })]],
    ["a private repository", [made("Repository", { visibility: "private" }), made("Repository", { private: true })]],
    ["a key that reads", [made("RepositoryDeployKey", { readOnly: true }), made("RepositoryDeployKey", {})]],
    ["a team that reads", [made("TeamRepository", { permission: "pull" }), made("TeamRepository", {})]],
    ["actions of a list", [made("ActionsRepositoryPermissions", { allowedActions: "selected" })]],
    [
      "an environment with its policy",
      [environment, made("RepositoryEnvironmentDeploymentPolicy", { tagPattern: "v*", environment: "qa", repository: "shop" })],
    ],
    ["an environment with reviewers", [made("RepositoryEnvironment", { environment: "qa", reviewers: [{ users: [1] }] })]],
    ["a component", [step("create", "Bucket", { token: "groundwork:components:Bucket", custom: false, after: { acl: "public-read" } })]],
  ])("%s does not", (_, steps) => expect(of("production", ...steps)).toEqual([]));

  test("a record of one of the App's hosts is said with the App", () => {
    const app: PlannedResource = {
      token: token("App"),
      name: "app",
      component: "app",
      inputs: { spec: { domainNames: [{ name: "api.example.com" }] } },
    };
    const record = made("DnsRecord", { type: "CNAME", name: "api", domain: "example.com", value: "x" });
    expect(dangersOf("production", { steps: [record], loosened: [], after: [app] })).toEqual([]);
    // An App that comes up for the first time comes up for its hosts.
    expect(of("production", made("App", app.inputs, "app"))).toMatchObject([
      { severity: "note", name: "host:App/app", what: "app (App) is made: domainNames[0] api.example.com" },
    ]);
  });

  test("the environment of previews is open on purpose: a note, but for production's", () => {
    const open = (name: string) => of("delivery", made("RepositoryEnvironment", { environment: name }))[0]?.severity;
    expect([open("staging-preview"), open("production-preview"), open("staging")]).toEqual(["note", "refusal", "refusal"]);
  });

  test("what takes another one's place is judged by what differs", () => {
    const replaced = step("replace", "SpacesBucket", {
      name: "files",
      changes: [change("name", "a", "b", { replaces: true }), change("acl", "private", "public-read")],
    });
    expect(of("production", replaced).map(({ name }) => name)).toEqual(["replace:SpacesBucket/files", "publish:SpacesBucket/files"]);
    // … and not by what concerns the old one alone.
    const cluster = step("replace", "DatabaseCluster", {
      name: "db",
      changes: [change("region", "a", "b", { replaces: true }), change("size", "db-s-2vcpu-4gb", "db-s-1vcpu-2gb")],
    });
    expect(of("production", cluster).map(({ name }) => name)).toEqual(["replace:DatabaseCluster/db"]);
  });
});

describe("names", () => {
  const record = step("delete", "DnsRecord", { name: "files" });
  const bucket = step("delete", "SpacesBucket", { name: "files" });
  const plan = (...steps: PlannedStep[]) => ({ steps, loosened: [] });
  const open = (accepted: string[], ...steps: PlannedStep[]) =>
    dangersOf("production", plan(...steps), accepted)
      .filter((danger) => !danger.accepted)
      .map(({ name }) => name);

  test("say the type, and accept that one only", () => {
    expect(open([], record, bucket)).toEqual(["delete:SpacesBucket/files", "delete:DnsRecord/files"]);
    expect(open(["delete:DnsRecord/files"], record, bucket)).toEqual(["delete:SpacesBucket/files"]);
  });

  test("without a type mean something only where the stack has one thing of that name", () => {
    expect(open(["delete:files"], bucket)).toEqual([]);
    expect(open(["delete:files"], record, bucket)).toEqual(["delete:SpacesBucket/files", "delete:DnsRecord/files"]);
    // The record stays, and has the name all the same.
    const before = [{ token: token("DnsRecord"), name: "files", component: "x", inputs: {} }];
    expect(dangersOf("production", { ...plan(bucket), before }, ["delete:files"])[0]?.accepted).toBe(false);
    expect(unusedOf(["delete:files", "replace:gone"], { ...plan(bucket), before }, dangersOf("production", plan(bucket)))).toEqual([
      { name: "delete:files", could: ["delete:SpacesBucket/files"] },
      { name: "replace:gone", could: [] },
    ]);
  });

  test("all of a type go by one name, but not what loses data or opens something", () => {
    const alerts = ["a", "b"].map((name) => step("delete", "UptimeAlert", { name }));
    expect(open(["delete:UptimeAlert/*"], ...alerts)).toEqual([]);
    expect(open(["delete:SpacesBucket/*"], bucket)).toEqual(["delete:SpacesBucket/files"]);
    expect(open(["delete:*"], ...alerts)).toHaveLength(2);
  });

  test("a danger that has several effects says the worst", () => {
    const cluster = step("update", "DatabaseFirewall", {
      name: "fw",
      changes: [change("rules[1]", undefined, { value: "1.2.3.4" }), change("rules[2]", undefined, { value: "1.2.3.5" })],
    });
    expect(of("production", cluster)).toMatchObject([
      {
        effect: "exposure",
        what: 'fw (database firewall): rules[1] nothing → {"value":"1.2.3.4"}; rules[2] nothing → {"value":"1.2.3.5"}',
      },
    ]);
  });
});

describe("a service that goes", () => {
  const services = (...names: string[]) => ({
    spec: {
      services: names.map((name) => ({ name, instanceCount: 1 })),
      ingress: { rules: names.map((name) => ({ component: { name }, match: { authority: { exact: `${name}.example.com` } } })) },
    },
  });
  const app = step("update", "App", {
    name: "app",
    before: services("admin", "backend"),
    after: services("backend"),
    changes: [change("spec.services[0]", { name: "admin", envs: [] })],
  });

  test("is a danger of its own: a warning in staging, refused in production", () => {
    expect(of("production", app)).toMatchObject([
      { severity: "refusal", effect: "downtime", name: "remove:App/admin", what: "admin (App) is removed, with admin.example.com" },
    ]);
    expect(of("staging", app).map(({ severity, name }) => [severity, name])).toEqual([["warning", "remove:App/admin"]]);
    expect(JSON.stringify(of("staging", app))).not.toContain("deployed anew");
  });

  test("what answers its host from then on is named", () => {
    const renamed = {
      spec: {
        services: [{ name: "core", instanceCount: 1 }, ...services("backend").spec.services],
        ingress: {
          rules: [
            { component: { name: "core" }, match: { authority: { exact: "admin.example.com" }, path: { prefix: "/" } } },
            ...services("backend").spec.ingress.rules,
          ],
        },
      },
    };
    expect(of("production", { ...app, after: renamed })).toMatchObject([
      { what: "admin (App) is removed; admin.example.com leads to core" },
    ]);
  });

  test("one that comes is deployed, not deployed anew; a job that goes is a note", () => {
    const comes = step("update", "App", {
      name: "app",
      before: services("backend"),
      after: services("backend", "admin"),
      changes: [change("spec.services[1]", undefined, { name: "admin" })],
    });
    expect(of("production", comes)).toEqual([]);
    const job = step("update", "App", {
      name: "app",
      before: { spec: { jobs: [{ name: "migrate" }] } },
      changes: [change("spec.jobs[0]", { name: "migrate" })],
    });
    expect(of("production", job)).toMatchObject([{ severity: "note", name: "remove:App/migrate", what: "migrate (App) is removed" }]);
  });
});

describe("what means the same is said once", () => {
  const alerts = Array.from({ length: 19 }, (_, at) => step("delete", "UptimeAlert", { name: `alert-${String(at).padStart(2, "0")}` }));
  const checks = ["api", "dashboard", "shop", "www"].map((name) => step("delete", "UptimeCheck", { name }));
  const monitoring = step("delete", "Monitoring", { name: "monitoring", token: "groundwork:components:Monitoring", custom: false });

  test("on the terminal", () => {
    expect(renderDangers(of("production", ...alerts, ...checks, monitoring))).toEqual([
      "refused: protection removed: 19 alerts are deleted: alert-00, alert-01, alert-02 and 16 more",
      "refused: protection removed: 4 uptime checks are deleted: api, dashboard, shop and 1 more",
      "  Nobody is told any more when it happens. (delete:UptimeAlert/*, delete:UptimeCheck/*)",
    ]);
    expect(() => refuseDangers("production", of("production", ...alerts))).toThrow("--accept 'delete:UptimeAlert/*'");
  });

  test("few are named one by one", () => {
    expect(renderDangers(of("staging", ...alerts.slice(0, 2)))).toEqual([
      "warning: protection removed: alert-00 (alert) is deleted",
      "warning: protection removed: alert-01 (alert) is deleted",
      "  Nobody is told any more when it happens. (delete:UptimeAlert/alert-00, delete:UptimeAlert/alert-01)",
    ]);
  });
});

describe("what changes in place", () => {
  const update = (type: string, changes: ReturnType<typeof change>[], more: Partial<PlannedStep> = {}): PlannedStep =>
    step("update", type, { name: "x", changes, ...more });
  const two = { spec: { services: [{ name: "web", instanceCount: 2 }] } };
  const scaled = (minInstanceCount: number): object => ({ minInstanceCount, maxInstanceCount: 9 });
  const service = (count: number | object): Readonly<Record<string, unknown>> => ({
    spec: { services: [{ name: "web", ...(typeof count === "number" ? { instanceCount: count } : { autoscaling: count }) }] },
  });
  const counts = (before: number | object, after: number | object): Partial<PlannedStep> => ({
    before: service(before),
    after: service(after),
  });
  const grants = (before: string, after: string): Partial<PlannedStep> => ({
    before: { grants: [{ bucket: "files", permission: before }] },
    after: { grants: [{ bucket: "files", permission: after }] },
  });
  test.each<[string, PlannedStep, string, string]>([
    [
      "the last rule of a firewall goes",
      update("DatabaseFirewall", [change("rules[0]", { value: "10.0.0.0/8" })], { after: { rules: [] } }),
      "open-all:DatabaseFirewall/x",
      "refusal",
    ],
    [
      "a firewall goes to another cluster",
      update("DatabaseFirewall", [change("clusterId", "a", "b")]),
      "open-all:DatabaseFirewall/x",
      "refusal",
    ],
    ["the private network goes", update("App", [change("spec.vpcs[0]", { id: "a" })]), "no-vpc:App/x", "refusal"],
    ["a host goes", update("App", [change("spec.domainNames[1]", { name: "a.example.com" })]), "unhost:App/x", "warning"],
    ["maintenance is switched on", update("App", [change("spec.maintenance.enabled", false, true)]), "maintenance:App/x", "refusal"],
    ["a route goes", update("App", [change("spec.ingress.rules[1]", { component: { name: "web" } })]), "route:App/x", "warning"],
    [
      "a route leads to another service",
      update("App", [change("spec.ingress.rules[0].component.name", "web", "admin")]),
      "route:App/x",
      "warning",
    ],
    [
      "a secret is in the open",
      update("App", [change("spec.services[0].envs[0].type", "SECRET", "GENERAL")], { after: two, before: two }),
      "unseal:App/web",
      "refusal",
    ],
    [
      "a service is reached from outside",
      update("App", [change("spec.services[0].httpPort", undefined, 8080)], { after: two }),
      "reach:App/web",
      "refusal",
    ],
    [
      "a smaller instance",
      update("App", [change("spec.services[0].instanceSizeSlug", "apps-s-2vcpu-4gb", "apps-s-1vcpu-1gb")], { after: two }),
      "slim:App/web",
      "warning",
    ],
    ["fewer instances", update("App", [change("spec.services[0].instanceCount", 10, 2)], counts(10, 2)), "less:App/web", "warning"],
    [
      "fewer than autoscaling kept",
      update(
        "App",
        [change("spec.services[0].autoscaling", scaled(4)), change("spec.services[0].instanceCount", undefined, 3)],
        counts(scaled(4), 3),
      ),
      "less:App/web",
      "warning",
    ],
    [
      "a key that writes no more",
      update("SpacesKey", [change("grants[0].permission", "readwrite", "read")], grants("readwrite", "read")),
      "narrow:SpacesKey/x",
      "warning",
    ],
    [
      "a key that writes",
      update("SpacesKey", [change("grants[0].permission", "read", "readwrite")], grants("read", "readwrite")),
      "rights:SpacesKey/x",
      "refusal",
    ],
    ["a repository is archived", update("Repository", [change("archived", false, true)]), "archive:Repository/x", "refusal"],
    ["a repository may be forked", update("Repository", [change("allowForking", false, true)]), "fork:Repository/x", "refusal"],
    [
      "another check is asked for",
      update("RepositoryRuleset", [change("rules.requiredStatusChecks.requiredChecks[0].context", "ci", "noop")]),
      "loosen:RepositoryRuleset/x",
      "refusal",
    ],
    [
      "another reviewer",
      update("RepositoryEnvironment", [change("reviewers[0].users[0]", 1, 2)]),
      "ungate:RepositoryEnvironment/x",
      "refusal",
    ],
    [
      "a volume is taken away",
      update("Service", [change("taskSpec.containerSpec.mounts[0]", { type: "volume", source: "data" })]),
      "unmount:Service/x",
      "refusal",
    ],
    [
      "a server of another major version",
      update("Service", [change("taskSpec.containerSpec.image", "postgres:17@sha256:a", "postgres:18@sha256:b")]),
      "upgrade:Service/x",
      "refusal",
    ],
  ])("%s", (_, step, name, severity) => expect(of("production", step)).toMatchObject([{ name, severity }]));

  test("a host that is renamed is one more and one less", () => {
    const renamed = update("App", [change("spec.domainNames[0].name", "api.example.com", "api2.example.com")]);
    expect(of("production", renamed).map(({ name }) => name)).toEqual(["host:App/x", "unhost:App/x"]);
  });

  test("one instance that autoscaling keeps is no fewer than one", () => {
    const changes = [change("spec.services[0].instanceCount", 1), change("spec.services[0].autoscaling", undefined, scaled(1))];
    expect(of("production", update("App", changes, counts(1, scaled(1)))).map(({ name }) => name)).toEqual(["restart:App/web"]);
    expect(of("production", update("App", changes, counts(2, scaled(1)))).map(({ name }) => name)).toEqual(["fewer:App/web"]);
  });

  test("of a key's rights both values are said, by bucket", () => {
    const said = (before: string, after: string): string[] =>
      of("production", update("SpacesKey", [change("grants[0].permission", before, after)], grants(before, after))).map(({ what }) => what);
    expect(said("readwrite", "read")).toEqual(['x (bucket key): files: "readwrite" → "read"']);
    expect(said("read", "fullaccess")).toEqual(['x (bucket key): files: "read" → "fullaccess"']);
    const bucket = step("create", "SpacesBucket", { after: { name: "media" } });
    const moved = update("SpacesKey", [change("grants[0].bucket", "files", "media")], {
      before: { grants: [{ bucket: "files", permission: "readwrite" }] },
      after: { grants: [{ bucket: "media", permission: "readwrite" }] },
    });
    const names = (...steps: PlannedStep[]): string[] => of("production", ...steps).map(({ name }) => name);
    expect(names(moved), "a bucket that stands").toEqual(["rights:SpacesKey/x", "narrow:SpacesKey/x"]);
    expect(names(moved, bucket), "one that is made with it").toEqual(["narrow:SpacesKey/x"]);
  });

  test("a bucket that is kept loses no files when another one takes its place", () => {
    const replaced = (more: Partial<PlannedStep>) => of("production", step("replace", "SpacesBucket", { name: "files", ...more }));
    expect(replaced({})).toMatchObject([
      { effect: "data loss", says: "An empty bucket takes its place; all files are deleted with the old one." },
    ]);
    expect(replaced({ retained: true })).toMatchObject([
      {
        effect: "downtime",
        severity: "refusal",
        name: "replace:SpacesBucket/files",
        says: "An empty one takes its place. The old one, with all that it holds, stays in the cloud, and nobody manages it from then on.",
      },
    ]);
  });

  test("a firewall that goes with its database opens nothing", () => {
    const firewall = step("delete", "DatabaseFirewall", { name: "database-firewall", component: "database", retained: true });
    const cluster = step("delete", "DatabaseCluster", { name: "database" });
    expect(of("staging", firewall, cluster).map(({ name }) => name)).toEqual(["delete:DatabaseCluster/database"]);
    expect(of("staging", firewall, { ...cluster, component: "other" }).map(({ name }) => name)).toContain(
      "delete:DatabaseFirewall/database-firewall",
    );
  });

  test("a read replica's firewall goes with it, and that of its primary does not", () => {
    const part = { component: "database" };
    const replica = step("delete", "DatabaseReplica", { name: "database-replica-reader", ...part });
    const firewall = (name: string) => step("delete", "DatabaseFirewall", { name, retained: true, ...part });
    const names = (...steps: PlannedStep[]) => of("staging", ...steps).map(({ name }) => name);
    expect(names(firewall("database-replica-reader-firewall"), replica)).toEqual(["delete:DatabaseReplica/database-replica-reader"]);
    for (const other of ["database-firewall", "database-replica-second-firewall"])
      expect(names(firewall(other), replica)).toContain(`delete:DatabaseFirewall/${other}`);
    expect(names(firewall("database-replica-reader-firewall"))).toEqual(["delete:DatabaseFirewall/database-replica-reader-firewall"]);
  });

  test("a read replica's firewall that is protected no more is a note", () => {
    const after = ["Replica:database-replica-reader", "Firewall:database-replica-reader-firewall", "Firewall:database-firewall"].map(
      (one) => {
        const [type = "", name = ""] = one.split(":");
        return { token: token(`Database${type}`), name, component: "database", inputs: {} };
      },
    );
    const told = (name: string, more: Partial<PlannedStep> = {}) => {
      const kept = { protect: true, protectAfter: false, retained: true, retainedAfter: true };
      const loosened = [step("same", "DatabaseFirewall", { name, component: "database", ...kept, ...more })];
      return dangersOf("production", { steps: [], loosened, after }).map(({ severity, name, what }) => [severity, name, what]);
    };
    expect(told("database-replica-reader-firewall")).toEqual([
      [
        "note",
        "unprotect:DatabaseFirewall/database-replica-reader-firewall",
        "database-replica-reader-firewall (database firewall): protect: true → false",
      ],
    ]);
    expect(told("database-firewall")[0]?.[0]).toBe("refusal");
    expect(told("database-replica-reader-firewall", { retainedAfter: false })[0]?.[0]).toBe("refusal");
  });

  test("what is the other way round is none", () => {
    const harmless = [
      update("DatabaseFirewall", [change("rules[1]", { value: "10.0.0.0/8" })], { after: { rules: [{ value: "10.1.0.0/16" }] } }),
      update("App", [change("spec.maintenance.enabled", true, false)]),
      update("App", [change("spec.ingress.rules[1]", undefined, { component: { name: "web" } })]),
      update(
        "App",
        [
          change("spec.services[0].instanceCount", 2, 10),
          change("spec.services[0].instanceSizeSlug", "apps-s-1vcpu-1gb", "apps-s-2vcpu-4gb"),
        ],
        { after: two },
      ),
      // As many as before, and more under load.
      update(
        "App",
        [change("spec.services[0].instanceCount", 2), change("spec.services[0].autoscaling", undefined, scaled(2))],
        counts(2, scaled(2)),
      ),
      update("Repository", [change("archived", true, false), change("allowForking", true, false)]),
      update("Service", [change("taskSpec.containerSpec.image", "postgres:17@sha256:a", "postgres:17@sha256:b")]),
    ];
    for (const one of harmless) expect(of("production", one)).toEqual([]);
  });
});

describe("a DNS record that gets another name", () => {
  const record = (name: string) => ({ domain: "example.com", name, type: "CNAME", value: "app.example.net." });
  const moved = step("update", "DnsRecord", {
    name: "edge-api",
    before: record("api.staging"),
    after: record("api.stage"),
    changes: [change("name", "api.staging", "api.stage")],
  });
  const saysOf = (after: readonly object[], one = moved): string[] =>
    dangersOf("production", {
      steps: [one],
      loosened: [],
      after: after.map((inputs) => ({ token: token("DnsRecord"), name: "x", component: "x", inputs: inputs as Record<string, unknown> })),
    }).map(({ severity, name, what, says }) => [severity, name, what, says].join(" | "));
  const leaves = "The former name does not resolve any more, once resolvers have forgotten it.";

  test("leaves the former one, which resolves no more", () => {
    const what = 'edge-api (DNS record): name "api.staging" → "api.stage"';
    // Another zone's record of that name is another host.
    for (const others of [[], [{ ...record("api.staging"), domain: "example.org" }]])
      expect(saysOf([record("api.stage"), ...others])).toEqual([`warning | record:DnsRecord/edge-api | ${what} | ${leaves}`]);
    const changes = [...moved.changes, change("value", "a", "b")];
    expect(saysOf([], { ...moved, changes })).toEqual([expect.stringMatching(new RegExp(`value "a" → "b" \\| ${leaves}$`))]);
  });

  test("leads elsewhere where another record takes the former one", () => {
    expect(saysOf([record("api.stage"), record("api.staging")])).toEqual([expect.stringContaining("The host leads somewhere else")]);
  });
});

test("a port of a Docker host that moves opens one and closes the other; one behind it does neither", () => {
  const ports = (publishedPort: number, targetPort = 80) => ({ endpointSpec: { ports: [{ targetPort, publishedPort }] } });
  const proxy = (before: object, after: object, one: ReturnType<typeof change>): string[] =>
    dangersOf("production", {
      steps: [step("update", "Service", { name: "proxy", before: { ...before }, after: { ...after }, changes: [one] })],
      loosened: [],
    }).map(({ severity, what, says }) => [severity, what, says].join(" | "));
  expect(proxy(ports(80), ports(8081), change("endpointSpec.ports[0].publishedPort", 80, 8081))).toEqual([
    "refusal | proxy (service): endpointSpec.ports[0].publishedPort 80 → 8081 | The host answers at a port at which it did not before.",
    "warning | proxy (service): port 80 → nothing | Whoever comes to the former port is answered no more.",
  ]);
  expect(proxy(ports(80), { endpointSpec: {} }, change("endpointSpec.ports", [{ targetPort: 80, publishedPort: 80 }]))).toEqual([
    expect.stringContaining("port 80 → nothing"),
  ]);
  expect(proxy(ports(80), ports(80, 8000), change("endpointSpec.ports[0].targetPort", 80, 8000))).toEqual([]);
});
