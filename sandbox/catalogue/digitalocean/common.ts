import type { CloudObject, CloudStore } from "../../cloud/store.ts";
import type { CloudContext, Rule } from "../kind.ts";

export const token = (module: string, name: string): string => `digitalocean:index/${module}:${name}`;

export const types = {
  app: token("app", "App"),
  bucket: token("spacesBucket", "SpacesBucket"),
  bucketCors: token("spacesBucketCorsConfiguration", "SpacesBucketCorsConfiguration"),
  bucketPolicy: token("spacesBucketPolicy", "SpacesBucketPolicy"),
  cdn: token("cdn", "Cdn"),
  certificate: token("certificate", "Certificate"),
  cluster: token("databaseCluster", "DatabaseCluster"),
  database: token("databaseDb", "DatabaseDb"),
  databaseFirewall: token("databaseFirewall", "DatabaseFirewall"),
  databaseReplica: token("databaseReplica", "DatabaseReplica"),
  databaseUser: token("databaseUser", "DatabaseUser"),
  domain: token("domain", "Domain"),
  monitorAlert: token("monitorAlert", "MonitorAlert"),
  pool: token("databaseConnectionPool", "DatabaseConnectionPool"),
  postgresqlConfig: token("databasePostgresqlConfig", "DatabasePostgresqlConfig"),
  project: token("project", "Project"),
  projectResources: token("projectResources", "ProjectResources"),
  record: token("dnsRecord", "DnsRecord"),
  registry: token("containerRegistry", "ContainerRegistry"),
  spacesKey: token("spacesKey", "SpacesKey"),
  uptimeAlert: token("uptimeAlert", "UptimeAlert"),
  uptimeCheck: token("uptimeCheck", "UptimeCheck"),
  valkeyConfig: token("databaseValkeyConfig", "DatabaseValkeyConfig"),
  vpc: token("vpc", "Vpc"),
} as const;

export const notEmpty: Rule = { notEmpty: true };

/** Datacenters, as droplets, databases and VPCs name them. Source: the published schema's Region, less those closed to new things. */
export const datacenters = ["ams3", "atl1", "blr1", "fra1", "lon1", "nyc1", "nyc2", "nyc3", "sfo2", "sfo3", "sgp1", "syd1", "tor1"];

/** Regions of App Platform, each a group of datacenters. Source: GET /v2/apps/regions. */
export const appRegions = ["ams", "atl", "blr", "fra", "lon", "nyc", "sfo", "sgp", "syd", "tor"];

/** Source: DigitalOcean's OpenAPI description, examples of GET /v2/apps/tiers/instance_sizes. */
export const appSizes = [
  "apps-s-1vcpu-0.5gb",
  "apps-s-1vcpu-1gb-fixed",
  "apps-s-1vcpu-1gb",
  "apps-s-1vcpu-2gb",
  "apps-s-2vcpu-4gb",
  "apps-d-1vcpu-0.5gb",
  "apps-d-1vcpu-1gb",
  "apps-d-1vcpu-2gb",
  "apps-d-1vcpu-4gb",
  "apps-d-2vcpu-4gb",
  "apps-d-2vcpu-8gb",
  "apps-d-4vcpu-8gb",
  "apps-d-4vcpu-16gb",
  "apps-d-8vcpu-32gb",
];

/** Source: the published schema's DatabaseSlug and DigitalOcean's OpenAPI description, GET /v2/databases/options. */
export const databaseSize =
  /^(db-s-(1vcpu-[12]gb|2vcpu-4gb|4vcpu-8gb|6vcpu-16gb|8vcpu-32gb|16vcpu-64gb)|(db-)?(gd|m3?|so1_5|g|db)-\d+vcpu-\d+gb(-[a-z0-9-]+)?|db-(amd|intel)-\d+vcpu-\d+gb)$/;

/** The API's own way to write a time in a list of outputs that the plugin turns into text. */
export const goTime = (time: Date): string =>
  time
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " +0000 UTC");
export const isoTime = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, "Z");

export function mustExist(cloud: CloudContext, type: string, id: unknown, request: string, message: string): CloudObject {
  const found = cloud.store.get(type, String(id));
  return found ?? cloud.refuse(request, 404, message);
}

/** The project that exists in every account and takes what is put nowhere else. */
export const defaultProject = (cloud: CloudContext): string => cloud.uuid("default project");

/** Whether another object of a type has a name. */
export const isTaken = (store: CloudStore, type: string, name: unknown, self?: string): boolean =>
  store.list(type).some((object) => object.name === name && object.id !== self);

/** The two parts of an id as users write it where an object has no id of its own in its parent: `parent,name`. */
export function pair(written: string): readonly [string, string] | undefined {
  const [parent, name, ...rest] = written.split(",");
  return parent && name && rest.length === 0 ? [parent, name] : undefined;
}
