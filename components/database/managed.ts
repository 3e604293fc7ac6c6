import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import { DatabaseConnectionPool } from "@pulumi/digitalocean/databaseConnectionPool.js";
import { DatabaseDb } from "@pulumi/digitalocean/databaseDb.js";
import { DatabaseFirewall } from "@pulumi/digitalocean/databaseFirewall.js";
import { DatabasePostgresqlConfig } from "@pulumi/digitalocean/databasePostgresqlConfig.js";
import { DatabaseReplica } from "@pulumi/digitalocean/databaseReplica.js";
import { DatabaseUser } from "@pulumi/digitalocean/databaseUser.js";
import { getDatabaseCaOutput } from "@pulumi/digitalocean/getDatabaseCa.js";
import type * as pulumi from "@pulumi/pulumi";
import { parseMemory, type Size } from "../../config/sizes.ts";
import { physicalName } from "../../platforms/naming.ts";
import type { Platform, PlatformCloud } from "../../platforms/platform.ts";
import type { AllowedSource, DatabaseArgs, DatabaseServer, FutureConnection, Maintenance, Target } from "../database.ts";
import type { CloudNetwork } from "../network.ts";
import { nowhere } from "./nowhere.ts";
import { owner, resolveManaged } from "./resolve.ts";

/** Where pools listen. Source: DigitalOcean's API description, `connection_pool`. Known at once, so that a replaced pool changes no service. */
const poolPort = 25061;

/** DigitalOcean's managed PostgreSQL. Checks the options, and returns what registers the resources; undefined where they are refused. */
export function createManaged(
  name: string,
  args: DatabaseArgs,
  cloud: PlatformCloud,
  network: CloudNetwork | undefined,
): ((parent: pulumi.Resource, keepData: boolean) => DatabaseServer) | undefined {
  const { platform, version, databases = [], users = [], pools = {}, allow = [], settings, restoreFrom } = args;
  const resolved = resolveManaged(name, args);
  if (resolved === undefined || network === undefined) return undefined;
  const { node, replicas, storage } = resolved;

  return (parent, keepData) => {
    const kept = { parent, protect: keepData, retainOnDelete: keepData };
    const cluster = new DatabaseCluster(
      name,
      {
        ...renderCluster(name, { ...args, version }, node, network),
        engine: "pg",
        storageAutoscale: renderAutoscale(args.storage?.autoscale),
        ...(storage === undefined ? {} : { storageSizeMib: String(storage) }),
        ...(restoreFrom === undefined ? {} : { backupRestore: renderBackup(restoreFrom) }),
      },
      // It keeps the name that it was made with: a component that is renamed would otherwise take a new cluster, without the data. Where
      // it came from is told once, too; the provider would call a change an update, and do nothing.
      { ...kept, customTimeouts: patience, ignoreChanges: ["name", ...(restoreFrom === undefined ? [] : ["backupRestore"])] },
    );
    // Deleting a database or a user before its cluster would only cost time, and a mistake would cost the data.
    const inCluster = { ...kept, deletedWith: cluster };
    const make = <T>(names: readonly string[], create: (role: string, name: string) => T): Map<string, T> =>
      new Map([owner, ...names].map((one) => [one, create(one === owner ? "" : `-${one}`, one)]));
    const dbs = make(databases, (role, db) => new DatabaseDb(`${name}-db${role}`, { clusterId: cluster.id, name: db }, inCluster));
    const logins = make(users, (role, user) => new DatabaseUser(`${name}-user${role}`, { clusterId: cluster.id, name: user }, inCluster));

    // Kept in every environment: deleting a firewall empties its rules, which opens the database to the world. It goes with the
    // cluster. The network's range instead of the App, which exists only later: so the door is shut before the first service runs.
    const rules = [{ type: "ip_addr", value: network.range }, ...allow.map(renderSource)];
    const shield = (role: string, clusterId: pulumi.Output<string>, opts: pulumi.CustomResourceOptions): void => {
      platform.after(new DatabaseFirewall(`${name}${role}-firewall`, { clusterId, rules }, { ...opts, retainOnDelete: true }));
    };
    shield("", cluster.id, inCluster);

    // Nothing is lost with what follows, so it is deleted where it is not wanted any more.
    const loose = { parent, deletedWith: cluster };
    if (settings !== undefined) new DatabasePostgresqlConfig(`${name}-settings`, { clusterId: cluster.id, ...settings }, loose);
    for (const [pool, { mode = "transaction", size, user = owner, database = owner }] of Object.entries(pools)) {
      const [dbName, login] = [of(dbs, database).name, of(logins, user).name];
      platform.after(
        new DatabaseConnectionPool(`${name}-pool-${pool}`, { clusterId: cluster.id, name: pool, mode, size, dbName, user: login }, loose),
      );
    }
    const readers = new Map(
      Object.entries(replicas).map(([replica, { slug }]) => {
        const place = { region: network.datacenter, privateNetworkUuid: network.id };
        const reader = new DatabaseReplica(
          `${name}-replica-${replica}`,
          { clusterId: cluster.id, name: replica, size: slug, ...place },
          loose,
        );
        // A replica does not stand behind its primary's firewall. Its own is protected no more than it is itself: else it could never go.
        shield(`-replica-${replica}`, reader.uuid, { parent, deletedWith: reader });
        return [replica, reader] as const;
      }),
    );
    cloud.addToProject(cluster.clusterUrn);

    return {
      id: cluster.id,
      connect: (target) => connect(name, platform, target, { cluster, dbs, logins, pools, readers }),
      certificate: () => getDatabaseCaOutput({ clusterId: cluster.id }, { parent }).certificate,
    };
  };
}

/** What was asked for and is there: `resolveManaged` has looked. */
function of<T>(made: ReadonlyMap<string, T>, name: string): T {
  return made.get(name) as T;
}

interface Made {
  readonly cluster: DatabaseCluster;
  readonly dbs: ReadonlyMap<string, DatabaseDb>;
  readonly logins: ReadonlyMap<string, DatabaseUser>;
  readonly pools: NonNullable<DatabaseArgs["pools"]>;
  readonly readers: ReadonlyMap<string, DatabaseReplica>;
}

/** How to get to a target. */
function connect(
  name: string,
  platform: Platform,
  { pool, replica, from, ...target }: Target,
  { cluster, dbs, logins, pools, readers }: Made,
): FutureConnection {
  const missing = (option: string, value: string | undefined, known: Iterable<string>): string | undefined => {
    const names = [...known];
    if (value === undefined || names.includes(value)) return undefined;
    return `there is no ${option} "${value}". It has: ${names.join(", ") || "none"}.`;
  };
  const { user = owner, database = owner } = (pool === undefined ? target : pools[pool]) ?? {};
  const login = logins.get(user);
  const db = dbs.get(database);
  const isRefused = platform.refuse(name, [
    missing("pool", pool, Object.keys(pools)),
    pool !== undefined &&
      (target.user ?? target.database ?? replica) !== undefined &&
      `the pool "${pool}" says itself where it leads. Ask for the pool alone.`,
    missing("user", user, logins.keys()),
    missing("database", database, dbs.keys()),
    missing("replica", replica, readers.keys()),
  ]);
  if (isRefused || login === undefined || db === undefined) return nowhere;
  const server = (replica === undefined ? undefined : readers.get(replica)) ?? cluster;
  return {
    user: login.name,
    password: login.password,
    host: from === "outside" ? server.host : server.privateHost,
    port: pool === undefined ? server.port : poolPort,
    database: pool ?? db.name,
    sslmode: "require",
  };
}

/**
 * How long a new cluster may take. The provider gives up after half an hour and forgets what it made, which is then paid for and in no
 * state; a large backup takes longer to restore.
 */
export const patience = { create: "2h" } as const;

/** What every managed cluster is told, whatever runs in it. */
export function renderCluster(
  name: string,
  { platform, version, size, maintenance }: Pick<DatabaseArgs, "platform" | "size" | "maintenance"> & { readonly version: string },
  node: Size,
  network: CloudNetwork,
) {
  return {
    name: physicalName([platform.system, platform.stack, name], 63),
    version,
    size: node.slug,
    nodeCount: 1 + size.standby,
    region: network.datacenter,
    privateNetworkUuid: network.id,
    maintenanceWindows: [renderMaintenance(maintenance)],
  };
}

/** A maintenance window as the API writes it. */
function renderMaintenance({ day, hour }: Maintenance = { day: "sunday", hour: 3 }): { day: string; hour: string } {
  return { day, hour: `${String(hour).padStart(2, "0")}:00:00` };
}

/** Always said: the provider turns it on, and never off again for a block that is only left out. */
function renderAutoscale(wanted: NonNullable<DatabaseArgs["storage"]>["autoscale"]) {
  if (wanted === undefined) return { enabled: false };
  const { threshold = 80, increment } = wanted;
  const step = increment === undefined ? {} : { incrementGib: (parseMemory(increment) ?? 0) / 1024 };
  return { enabled: true, thresholdPercent: threshold, ...step };
}

function renderBackup({ cluster, time }: NonNullable<DatabaseArgs["restoreFrom"]>) {
  return { databaseName: cluster, ...(time === undefined ? {} : { backupCreatedAt: time }) };
}

/** A source as a rule of the firewall. */
export function renderSource(source: AllowedSource): { type: string; value: pulumi.Input<string> } {
  if (typeof source === "string") return { type: "ip_addr", value: source };
  if ("tag" in source) return { type: "tag", value: source.tag };
  return "droplet" in source ? { type: "droplet", value: source.droplet } : { type: "k8s", value: source.kubernetes };
}
