import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import { DatabaseDb } from "@pulumi/digitalocean/databaseDb.js";
import { DatabaseFirewall } from "@pulumi/digitalocean/databaseFirewall.js";
import { DatabaseUser } from "@pulumi/digitalocean/databaseUser.js";
import * as pulumi from "@pulumi/pulumi";
import { environments } from "../config/environments.ts";
import type { DatabaseSize } from "../config/sizes.ts";
import { resolveDatabaseNode } from "../config/sizes.ts";
import { physicalName } from "../platforms/naming.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Network } from "./network.ts";

/** The schemes of a connection URL, by the library that reads it. */
const schemes = {
  /** libpq's own, also node-postgres and Prisma. */
  postgres: "postgresql",
  /** SQLAlchemy with psycopg 3. */
  psycopg: "postgresql+psycopg",
} as const;

/** Options for {@link Database}. */
export interface DatabaseArgs {
  readonly platform: Platform;
  readonly engine: "postgres";
  /** Major version. A higher one upgrades in place, with minutes of downtime; a lower one is refused by the cloud. */
  readonly version: "14" | "15" | "16" | "17";
  /** Where it lives, and the only place that it can be reached from. Another network replaces it and loses the data. */
  readonly network: Network;
  /**
   * Memory, vCPUs and standby nodes. A larger size is taken on in place, with a short failover; the cloud refuses a smaller one.
   * The smallest, 1 GB without standby, costs about 15 USD a month.
   */
  readonly size: DatabaseSize;
  /** When the cloud may restart it for updates, in UTC. @default Sunday 03:00 */
  readonly maintenance?: {
    readonly day: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
    readonly hour: number;
  };
  /**
   * Protects it against deletion, and leaves it in the cloud when it leaves the program. False lets `pulumi destroy` delete all
   * data. @default true in production, else false
   */
  readonly keepData?: boolean;
}

/** Name of the database and of its user: every service of a system shares them for now. */
const owner = "app";

/** A managed PostgreSQL, with daily backups of seven days, that only its own private network can reach. */
export class Database extends pulumi.ComponentResource {
  /** Host on the private network. */
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  /** Name of the database. */
  public readonly database: pulumi.Output<string>;
  private readonly user: DatabaseUser;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, network, version } = args;
    const node = resolveDatabaseNode(args.size);
    if ("problem" in node) throw new Error(`${name}: ${node.problem}`);
    super("groundwork:components:Database", name, {}, opts);
    const keepData = args.keepData ?? environments[platform.environment].keepData;
    const kept = { parent: this, protect: keepData, retainOnDelete: keepData };
    const { day, hour } = args.maintenance ?? { day: "sunday", hour: 3 };

    const cluster = new DatabaseCluster(
      name,
      {
        name: physicalName([platform.system, platform.stack, name], 63),
        engine: "pg",
        version,
        size: node.slug,
        nodeCount: 1 + args.size.standby,
        region: network.datacenter,
        privateNetworkUuid: network.id,
        maintenanceWindows: [{ day, hour: `${String(hour).padStart(2, "0")}:00:00` }],
      },
      kept,
    );
    // Deleting a database or a user before its cluster would only cost time, and a mistake would cost the data.
    const inCluster = { ...kept, deletedWith: cluster };
    const db = new DatabaseDb(`${name}-db`, { clusterId: cluster.id, name: owner }, inCluster);
    this.user = new DatabaseUser(`${name}-user`, { clusterId: cluster.id, name: owner }, inCluster);
    // Kept in every environment: deleting a firewall empties its rules, which opens the database to the world. It goes with the
    // cluster. The network's range instead of the App, which exists only later: so the door is shut before the first service runs.
    const firewall = new DatabaseFirewall(
      `${name}-firewall`,
      { clusterId: cluster.id, rules: [{ type: "ip_addr", value: network.range }] },
      { ...inCluster, retainOnDelete: true },
    );
    platform.after(firewall);
    platform.addToProject(cluster.clusterUrn);

    this.host = cluster.privateHost;
    this.port = cluster.port;
    this.database = db.name;
    this.registerOutputs({ host: this.host, port: this.port, database: this.database });
  }

  /** Connection URL on the private network, encrypted connections only. Secret. */
  public url({ driver }: { readonly driver: keyof typeof schemes }): pulumi.Output<string> {
    const { name, password } = this.user;
    return pulumi.secret(
      pulumi.all([name, password, this.host, this.port, this.database]).apply(([user, key, host, port, database]) => {
        const login = `${encodeURIComponent(user)}:${encodeURIComponent(key)}`;
        return `${schemes[driver]}://${login}@${host}:${port}/${encodeURIComponent(database)}?sslmode=require`;
      }),
    );
  }
}
