// What staging of the template system is, written straight down: no schema, no components with options, no platform. The bench compares
// the real program with it, and a test holds that both register the same.
import { createHash } from "node:crypto";
import { App } from "@pulumi/digitalocean/app.js";
import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import { DatabaseDb } from "@pulumi/digitalocean/databaseDb.js";
import { DatabaseFirewall } from "@pulumi/digitalocean/databaseFirewall.js";
import { DatabaseUser } from "@pulumi/digitalocean/databaseUser.js";
import { DnsRecord } from "@pulumi/digitalocean/dnsRecord.js";
import { MonitorAlert } from "@pulumi/digitalocean/monitorAlert.js";
import { Project } from "@pulumi/digitalocean/project.js";
import { UptimeAlert } from "@pulumi/digitalocean/uptimeAlert.js";
import { UptimeCheck } from "@pulumi/digitalocean/uptimeCheck.js";
import { Vpc } from "@pulumi/digitalocean/vpc.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";

const provided = new pulumi.Config("groundwork").requireSecretObject<Record<string, string>>("provided");
const secret = (name: string): pulumi.Output<string> => provided.apply((values) => values[name] ?? "");

const component = (type: string, name: string): pulumi.ComponentResource =>
  new pulumi.ComponentResource(`groundwork:components:${type}`, name, {});
const network = component("Network", "network");
const database = component("Database", "database");
const secrets = component("SecretSet", "backend-secrets");
const services = [component("Service", "backend"), component("Service", "dashboard")];
const edge = component("EdgeProxy", "edge");
const monitoring = component("Monitoring", "monitoring");
for (const name of ["failed-releases", "releases"]) component("ReleaseRecord", name);
// What the API makes of secrets; it owns nothing in any cloud.
new pulumi.ComponentResource("groundwork:platforms:SealedSecrets", "app-secrets", {});

const vpc = new Vpc("network", { name: "template-staging", region: "fra1", ipRange: "10.42.0.0/20" }, { parent: network });
const cluster = new DatabaseCluster(
  "database",
  {
    name: "template-staging-database",
    engine: "pg",
    version: "17",
    size: "db-s-1vcpu-1gb",
    nodeCount: 1,
    region: "fra1",
    privateNetworkUuid: vpc.id,
    maintenanceWindows: [{ day: "sunday", hour: "03:00:00" }],
    storageAutoscale: { enabled: true, thresholdPercent: 80 },
  },
  { parent: database },
);
const inCluster = { parent: database, deletedWith: cluster };
const db = new DatabaseDb("database-db", { clusterId: cluster.id, name: "app" }, inCluster);
const user = new DatabaseUser("database-user", { clusterId: cluster.id, name: "app" }, inCluster);
const firewall = new DatabaseFirewall(
  "database-firewall",
  { clusterId: cluster.id, rules: [{ type: "ip_addr", value: vpc.ipRange }] },
  { ...inCluster, retainOnDelete: true },
);
const password = new RandomPassword(
  "backend-secrets-secret-key",
  { length: 86, special: false, keepers: { generation: "1" } },
  { parent: secrets },
);
const key = password.result.apply((text) => createHash("shake256", { outputLength: 64 }).update(text).digest("base64"));

const login = pulumi.interpolate`${user.name}:${user.password}@${cluster.privateHost}:${cluster.port}`;
const variable = (name: string, value: pulumi.Input<string>, type = "GENERAL") => ({ key: name, value, type, scope: "RUN_TIME" });
const envs = [
  variable("BACKEND_CORS_ORIGINS", "https://dashboard.staging.example.com"),
  variable("CLERK_AUTHORIZED_PARTIES", "[]"),
  variable("CLERK_SECRET_KEY", secret("clerkSecretKey"), "SECRET"),
  variable("DATABASE_URL", pulumi.secret(pulumi.interpolate`postgresql+psycopg://${login}/${db.name}?sslmode=require`), "SECRET"),
  variable("ENVIRONMENT", "staging"),
  variable("HTTP_CLIENT_MAX_RETRIES", "3"),
  variable("HTTP_CLIENT_TIMEOUT", "30"),
  variable("LOG_FORMAT", "json"),
  variable("LOG_LEVEL", "INFO"),
  variable("SECRET_KEY", pulumi.secret(key), "SECRET"),
  variable("SENTRY_DSN", secret("sentryDsn"), "SECRET"),
  variable("SERVICE_NAME", "backend"),
  variable("SUPABASE_SERVICE_KEY", secret("supabaseServiceKey"), "SECRET"),
  variable("SUPABASE_URL", secret("supabaseUrl"), "SECRET"),
  variable("WEB_CONCURRENCY", "2"),
  variable("WITH_UI", "false"),
];

const destinations = { emails: ["ops@example.com"] };
const window = "FIVE_MINUTES";
const watched = [
  { rule: "CPU_UTILIZATION", operator: "GREATER_THAN", value: 80, window, destinations },
  { rule: "MEM_UTILIZATION", operator: "GREATER_THAN", value: 85, window, destinations },
  { rule: "RESTART_COUNT", operator: "GREATER_THAN", value: 3, window, destinations },
];

const references = JSON.parse(process.env.GROUNDWORK_IMAGES ?? "{}") as Record<string, string>;
const imageOf = (service: string) => {
  const [reference = "", digest = ""] = references[service]?.split("@") ?? [];
  const [, registry = "", repository = ""] = reference.split("/");
  return { registryType: "GHCR", registry, repository, digest };
};
const image = imageOf("backend");
const hosts = ["api", "dashboard"];
const app = new App(
  "app",
  {
    spec: {
      name: "template-staging",
      region: "fra",
      vpcs: [{ id: vpc.id }],
      domainNames: [
        { name: "api.staging.example.com", type: "PRIMARY" },
        { name: "dashboard.staging.example.com", type: "ALIAS" },
      ],
      ingress: {
        rules: [
          { match: { authority: { exact: "api.staging.example.com" }, path: { prefix: "/" } }, component: { name: "backend" } },
          { match: { authority: { exact: "dashboard.staging.example.com" }, path: { prefix: "/" } }, component: { name: "dashboard" } },
        ],
      },
      services: [
        {
          name: "backend",
          image,
          httpPort: 8000,
          instanceSizeSlug: "apps-s-1vcpu-1gb",
          instanceCount: 1,
          envs,
          healthCheck: { httpPath: "/readyz" },
          livenessHealthCheck: { httpPath: "/healthz" },
          alerts: watched,
        },
        {
          name: "dashboard",
          image: imageOf("dashboard"),
          httpPort: 80,
          instanceSizeSlug: "apps-s-1vcpu-0.5gb",
          instanceCount: 1,
          envs: [
            variable("API_URL", "https://api.staging.example.com"),
            variable("CACHE_CONTROL_ASSETS", "public, max-age=31536000, immutable"),
            variable("CACHE_CONTROL_PAGES", "no-cache"),
            variable("ENVIRONMENT", "staging"),
          ],
          healthCheck: { httpPath: "/" },
          livenessHealthCheck: { httpPath: "/" },
          alerts: watched,
        },
      ],
      jobs: [
        {
          name: "backend-migrate",
          kind: "PRE_DEPLOY",
          image,
          runCommand: "alembic upgrade head",
          instanceCount: 1,
          instanceSizeSlug: "apps-s-1vcpu-1gb",
          envs,
        },
      ],
      alerts: [
        { rule: "DEPLOYMENT_FAILED", destinations },
        { rule: "DOMAIN_FAILED", destinations },
      ],
    },
  },
  { dependsOn: [firewall] },
);
for (const host of hosts) {
  const value = app.defaultIngress.apply((url) => `${url.replace(/^https:\/\//, "")}.`);
  new DnsRecord(`edge-${host}`, { domain: "example.com", name: `${host}.staging`, type: "CNAME", value, ttl: 300 }, { parent: edge });
}
new Project("project", {
  name: "template-staging",
  description: "template, staging",
  purpose: "Web Application",
  environment: "Staging",
  resources: [cluster.clusterUrn, app.appUrn],
});
const notifications = { emails: ["ops@example.com"], slacks: [] };
for (const [label, target] of [
  ["dashboard", "https://dashboard.staging.example.com/"],
  ["api", "https://api.staging.example.com/healthz"],
  ["api-ready", "https://api.staging.example.com/readyz"],
] as const) {
  const check = new UptimeCheck(
    `monitoring-${label}`,
    { name: `template-staging-${label}`, target, type: "https", regions: ["us_east", "eu_west"] },
    { parent: monitoring },
  );
  for (const [role, rule] of [
    ["down", { type: "down", period: "2m" }],
    ["down-everywhere", { type: "down_global", period: "2m" }],
    ["latency", { type: "latency", period: "5m", comparison: "greater_than", threshold: 2000 }],
    ["certificate", { type: "ssl_expiry", period: "2m", comparison: "less_than", threshold: 14 }],
  ] as const) {
    new UptimeAlert(
      `monitoring-${label}-${role}`,
      { name: `template-staging-${label}-${role}`, checkId: check.id, ...rule, notifications: [notifications] },
      { parent: monitoring, replaceOnChanges: ["checkId"], deletedWith: check },
    );
  }
}
for (const [role, metric, value] of [
  ["cpu", "cpu_alerts", 80],
  ["memory", "memory_utilization_alerts", 90],
  ["disk", "disk_utilization_alerts", 80],
] as const) {
  const description = `template-staging-database-${role}`;
  const rule = { type: `v1/dbaas/alerts/${metric}`, compare: "GreaterThan", value, window: "5m", enabled: true };
  new MonitorAlert(
    `monitoring-database-${role}`,
    { description, entities: [cluster.id], ...rule, alerts: notifications },
    { parent: monitoring },
  );
}
void services;

export default {
  apiUrl: "https://api.staging.example.com",
  dashboardUrl: "https://dashboard.staging.example.com",
  backendImage: app.id.apply(() => references["backend"]),
  dashboardImage: app.id.apply(() => references["dashboard"]),
  databaseHost: cluster.privateHost,
  databaseName: db.name,
};
