import type { CloudObject, Properties } from "../../cloud/store.ts";
import type { CloudContext, Kinds } from "../kind.ts";
import { text } from "../values.ts";
import { databaseSize, datacenters, defaultProject, isoTime, isTaken, mustExist, notEmpty, pair, types } from "./common.ts";

const api = "https://api.digitalocean.com/v2/databases";
const gone = "The resource you were accessing could not be found.";

/** What differs between engines in a new cluster: source of ports, users and versions is DigitalOcean's OpenAPI description. */
const engines: Readonly<
  Record<string, { scheme: string; port: number; user: string; database: string; versions: readonly string[]; standby: number }>
> = {
  pg: { scheme: "postgresql", port: 25060, user: "doadmin", database: "defaultdb", versions: ["14", "15", "16", "17", "18"], standby: 3 },
  mysql: { scheme: "mysql", port: 25060, user: "doadmin", database: "defaultdb", versions: ["8"], standby: 3 },
  valkey: { scheme: "rediss", port: 25061, user: "default", database: "", versions: ["8"], standby: 2 },
};

export const password = (cloud: CloudContext, ...purpose: (string | number)[]): string =>
  `AVNS_${cloud.store
    .derive("password", ...purpose)
    .toString("base64url")
    .slice(0, 19)}`;

/** Memory of a size, by which the API decides what is smaller. */
export const memory = (size: unknown): number => Number(/(\d+)gb/.exec(String(size))?.[1] ?? 0);

const children = [
  types.database,
  types.databaseFirewall,
  types.databaseReplica,
  types.databaseUser,
  types.pool,
  types.postgresqlConfig,
  types.valkeyConfig,
];

export function connection(cluster: Properties, host: string, user: unknown, secret: unknown, database: unknown): string {
  const engine = engines[String(cluster.engine)];
  const query = engine?.scheme === "rediss" ? "" : `/${String(database)}?sslmode=require`;
  return `${engine?.scheme}://${String(user)}:${String(secret)}@${host}:${String(cluster.port)}${query}`;
}

function refuseCluster(cloud: CloudContext, request: string, inputs: Properties): void {
  const engine = engines[String(inputs.engine)] ?? cloud.refuse(request, 422, "invalid engine");
  if (!engine.versions.includes(String(inputs.version))) cloud.refuse(request, 422, `invalid cluster engine version`);
  if (!datacenters.includes(String(inputs.region))) cloud.refuse(request, 422, "invalid region");
  if (!databaseSize.test(String(inputs.size))) cloud.refuse(request, 422, "invalid size");
  const nodes = Number(inputs.nodeCount);
  if (nodes > engine.standby) cloud.refuse(request, 422, "invalid node count");
  if (nodes > 1 && memory(inputs.size) < 2) cloud.refuse(request, 422, "standby nodes are not available for this size");
  if (inputs.privateNetworkUuid !== undefined) {
    const vpc = cloud.store.get(types.vpc, text(inputs.privateNetworkUuid));
    if (!vpc) cloud.refuse(request, 404, "private network could not be found");
    if (vpc.outputs.region !== inputs.region) cloud.refuse(request, 422, "cluster region must match VPC region");
  }
}

export const databases: Kinds = {
  [types.cluster]: {
    failed: {
      create: "Error creating database cluster",
      update: "Error resizing database cluster",
      delete: "Error deleting database cluster",
    },
    request: { collection: "/v2/databases" },
    waits: { seconds: 1800, words: "Timeout waiting to database cluster to become online" },
    sets: ["tags"],
    computed: ["privateNetworkUuid", "projectId", "storageSizeMib"],
    rules: {
      name: notEmpty,
      engine: notEmpty,
      size: notEmpty,
      region: notEmpty,
      nodeCount: notEmpty,
      evictionPolicy: notEmpty,
      privateNetworkUuid: notEmpty,
      projectId: notEmpty,
      "maintenanceWindows[*].day": {
        oneOf: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        ignoreCase: true,
      },
      "storageAutoscale.thresholdPercent": { range: [15, 95] },
      "storageAutoscale.incrementGib": { atLeast: 10 },
    },
    refusePlan(inputs) {
      if (inputs.version === undefined) return 'The argument "version" is required, but no definition was found.';
      if (inputs.sqlMode !== undefined && inputs.engine !== "mysql") return "sql_mode is only supported for MySQL Database Clusters";
      if (inputs.evictionPolicy !== undefined && inputs.engine !== "valkey" && inputs.engine !== "redis") {
        return "eviction_policy is only supported for Redis or Valkey Database Clusters";
      }
      return undefined;
    },
    canonical(path, value) {
      if (path === "region" && typeof value === "string") return value.toLowerCase();
      // The API answers with seconds, which the plugin does not compare.
      if (path.endsWith(".hour") && typeof value === "string" && /^\d\d:\d\d/.test(value)) return `${value.slice(0, 5)}:00`;
      return value;
    },
    create(cloud, inputs, urn) {
      const request = `POST ${api}`;
      refuseCluster(cloud, request, inputs);
      if (isTaken(cloud.store, types.cluster, inputs.name)) cloud.refuse(request, 422, "cluster name is not available");
      const engine = engines[String(inputs.engine)] ?? cloud.refuse(request, 422, "invalid engine");
      const id = cloud.uuid("cluster", urn, cloud.store.next(urn));
      const host = `${String(inputs.name)}-do-user-1234567-0.b.db.ondigitalocean.com`;
      const secret = password(cloud, id, engine.user);
      const parts = { engine: inputs.engine, port: engine.port };
      return {
        id,
        name: String(inputs.name),
        outputs: {
          clusterUrn: `do:dbaas:${id}`,
          database: engine.database,
          host,
          maintenanceWindows: inputs.maintenanceWindows ?? [],
          metricsEndpoints: [],
          password: secret,
          port: engine.port,
          privateHost: `private-${host}`,
          privateNetworkUuid: inputs.privateNetworkUuid ?? cloud.uuid("default vpc", String(inputs.region)),
          privateUri: connection(parts, `private-${host}`, engine.user, secret, engine.database),
          projectId: inputs.projectId ?? defaultProject(cloud),
          storageSizeMib: inputs.storageSizeMib ?? "10240",
          uiDatabase: null,
          uiHost: null,
          uiPassword: null,
          uiPort: null,
          uiUri: null,
          uiUser: null,
          uri: connection(parts, host, engine.user, secret, engine.database),
          user: engine.user,
        },
      };
    },
    update(cloud, object, inputs, prior) {
      const request = `PUT ${api}/${object.id}/resize`;
      refuseCluster(cloud, request, inputs);
      if (memory(inputs.size) < memory(prior.size)) cloud.refuse(request, 422, "cluster storage can not be reduced");
      if (Number(inputs.version) < Number(prior.version))
        cloud.refuse(`PUT ${api}/${object.id}/upgrade`, 422, "invalid cluster engine version");
      return {};
    },
    delete(cloud, object) {
      // A replica has a firewall of its own, under its own id, and goes with its primary.
      const replicas = cloud.store.list(types.databaseReplica).filter(({ outputs }) => outputs.clusterId === object.id);
      const gone = new Set<unknown>([object.id, ...replicas.map(({ outputs }) => outputs.uuid)]);
      for (const type of children)
        for (const child of cloud.store.list(type)) if (gone.has(child.outputs.clusterId)) cloud.store.remove(type, child.id);
    },
  },
  [types.database]: {
    failed: { create: "Error creating Database DB", update: "", delete: "Error deleting Database DB" },
    request: { collection: "/v2/databases/{clusterId}/dbs" },
    importId: (written) => pair(written)?.join("/database/"),
    rules: { name: notEmpty, clusterId: notEmpty },
    create(cloud, inputs) {
      const cluster = owner(cloud, inputs, "dbs");
      const id = `${cluster.id}/database/${String(inputs.name)}`;
      if (cloud.store.get(types.database, id) || inputs.name === "defaultdb")
        cloud.refuse(`POST ${api}/${cluster.id}/dbs`, 422, "database name is not available");
      return { id, name: String(inputs.name), outputs: {} };
    },
  },
  [types.databaseUser]: {
    failed: {
      create: "Error creating Database User",
      update: "Error updating settings for DatabaseUser",
      delete: "Error deleting Database User",
    },
    request: { collection: "/v2/databases/{clusterId}/users" },
    importId: (written) => pair(written)?.join("/user/"),
    rules: { name: notEmpty, clusterId: notEmpty, mysqlAuthPlugin: { oneOf: ["mysql_native_password", "caching_sha2_password"] } },
    create(cloud, inputs, urn) {
      const cluster = owner(cloud, inputs, "users");
      const id = `${cluster.id}/user/${String(inputs.name)}`;
      if (cloud.store.get(types.databaseUser, id) || inputs.name === "doadmin")
        cloud.refuse(`POST ${api}/${cluster.id}/users`, 422, "username is not available");
      return {
        id,
        name: String(inputs.name),
        outputs: {
          accessCert: null,
          accessKey: null,
          mysqlAuthPlugin: inputs.mysqlAuthPlugin ?? null,
          password: password(cloud, urn, cloud.store.next(urn)),
          role: "normal",
          settings: [],
        },
      };
    },
  },
  [types.databaseFirewall]: {
    failed: {
      create: "Error creating DatabaseFirewall",
      update: "Error updating DatabaseFirewall",
      delete: "Error deleting DatabaseFirewall",
    },
    request: { collection: "/v2/databases/{clusterId}/firewall" },
    sets: ["rules"],
    computed: ["rules[*].uuid", "rules[*].createdAt"],
    rules: { clusterId: notEmpty, "rules[*].type": { oneOf: ["ip_addr", "droplet", "k8s", "tag", "app"] }, "rules[*].value": notEmpty },
    create(cloud, inputs) {
      const cluster = shielded(cloud, inputs);
      const stamp = cloud.now.toISOString().replaceAll(/\D/g, "");
      const id = `${cluster.id}-${stamp}${String(cloud.store.next(`firewall ${cluster.id}`)).padStart(9, "0")}`;
      return { id, name: cluster.name, outputs: { rules: firewallRules(cloud, cluster, inputs) } };
    },
    update: (cloud, _object, inputs) => ({ rules: firewallRules(cloud, shielded(cloud, inputs), inputs) }),
    // The API has words for each entry, the plugin reads none.
    read: (outputs) => ({
      ...outputs,
      rules: (outputs.rules as Properties[]).map((rule) =>
        Object.fromEntries(Object.entries(rule).filter(([name]) => name !== "description")),
      ),
    }),
  },
  [types.pool]: {
    failed: { create: "Error creating DatabaseConnectionPool", update: "", delete: "Error deleting DatabaseConnectionPool" },
    request: { collection: "/v2/databases/{clusterId}/pools" },
    rules: {
      name: { length: [3, 63] },
      mode: { oneOf: ["session", "transaction", "statement"] },
      clusterId: notEmpty,
      dbName: notEmpty,
      user: notEmpty,
    },
    create(cloud, inputs) {
      const cluster = owner(cloud, inputs, "pools");
      const request = `POST ${api}/${cluster.id}/pools`;
      const id = `${cluster.id}/${String(inputs.name)}`;
      if (cloud.store.get(types.pool, id)) cloud.refuse(request, 422, "pool name is not available");
      const own = (type: string, part: string, name: unknown): CloudObject | undefined =>
        cloud.store.get(type, `${cluster.id}/${part}/${String(name)}`);
      if (inputs.dbName !== "defaultdb" && !own(types.database, "database", inputs.dbName))
        cloud.refuse(request, 404, "database could not be found");
      const user = own(types.databaseUser, "user", inputs.user);
      if (inputs.user !== undefined && inputs.user !== "doadmin" && !user) cloud.refuse(request, 404, "user could not be found");
      refusePools(cloud, request, cluster, Number(inputs.size));
      const secret = user ? user.outputs.password : cluster.outputs.password;
      const name = inputs.user ?? "doadmin";
      return {
        id,
        name: String(inputs.name),
        outputs: {
          host: cluster.outputs.host,
          password: secret,
          port: 25061,
          privateHost: cluster.outputs.privateHost,
          privateUri: connection(cluster.outputs, String(cluster.outputs.privateHost), name, secret, inputs.name),
          uri: connection(cluster.outputs, String(cluster.outputs.host), name, secret, inputs.name),
        },
      };
    },
  },
};

export function owner(cloud: CloudContext, inputs: Properties, part: string): CloudObject {
  return mustExist(cloud, types.cluster, inputs.clusterId, `POST ${api}/${String(inputs.clusterId)}/${part}`, gone);
}

/** What a firewall stands before: a cluster, or one of its replicas, which has one of its own. */
function shielded(cloud: CloudContext, inputs: Properties): CloudObject {
  const replica = cloud.store.list(types.databaseReplica).find(({ outputs }) => outputs.uuid === inputs.clusterId);
  return replica ? { ...replica, id: String(replica.outputs.uuid) } : owner(cloud, inputs, "firewall");
}

/** All pools share the connections of the primary node: 25 for each GB, less 3 (API description, `connection_pool.size`). */
function refusePools(cloud: CloudContext, request: string, cluster: CloudObject, size: number): void {
  const others = cloud.store.list(types.pool).filter(({ outputs }) => outputs.clusterId === cluster.id);
  const sum = others.reduce((total, { outputs }) => total + Number(outputs.size), size);
  if (sum > memory(cluster.outputs.size) * 25 - 3) cloud.refuse(request, 422, "pool size exceeds the available connections");
}

function firewallRules(cloud: CloudContext, cluster: CloudObject, inputs: Properties): unknown[] {
  const request = `PUT ${api}/${cluster.id}/firewall`;
  return (inputs.rules as Properties[]).map((rule) => {
    if (rule.type === "app" && !cloud.store.get(types.app, String(rule.value)))
      cloud.refuse(request, 422, `app ${String(rule.value)} could not be found`);
    if (rule.type === "ip_addr" && !/^[0-9a-f:.]+(\/\d+)?$/i.test(String(rule.value)))
      cloud.refuse(request, 422, `invalid ip address: ${String(rule.value)}`);
    return {
      type: rule.type,
      value: rule.value,
      uuid: cloud.uuid("rule", cluster.id, String(rule.type), String(rule.value)),
      createdAt: isoTime(cloud.now),
    };
  });
}
