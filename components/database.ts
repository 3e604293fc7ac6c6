import * as pulumi from "@pulumi/pulumi";
import { environments } from "../config/environments.ts";
import type { DatabaseSize } from "../config/sizes.ts";
import type { PostgresVersion } from "../config/versions.ts";
import type { Platform } from "../platforms/platform.ts";
import { createManaged } from "./database/managed.ts";
import { createStateful } from "./database/stateful.ts";
import { refusedServer } from "./database/nowhere.ts";
import type { PostgresSettings } from "./database/settings.ts";
import type { Connection, Driver } from "./database/url.ts";
import { renderUrl } from "./database/url.ts";
import type { Network } from "./network.ts";

/** Who may connect beside the private network: an address or range, or what the cloud knows by its id or its tag. */
export type AllowedSource =
  | string
  | { readonly tag: pulumi.Input<string> }
  | { readonly droplet: pulumi.Input<string> }
  | { readonly kubernetes: pulumi.Input<string> };

/** A pool of connections, which many clients share. */
export interface PoolArgs {
  /**
   * Connections to the server that it keeps. All pools share 25 for each GB of a node's memory, less 3; what is not in a pool is left
   * for those who connect directly. Another number replaces the pool.
   */
  readonly size: number;
  /**
   * How long a client keeps a connection: a `transaction` (no session settings, no LISTEN, no prepared statements by name), a `session`,
   * or a `statement`. Another one replaces the pool. @default "transaction"
   */
  readonly mode?: "transaction" | "session" | "statement";
  /** Database that it leads to. Another one replaces the pool. @default "app" */
  readonly database?: string;
  /** User that it connects as. Another one replaces the pool, and deploys the services that use it. @default "app" */
  readonly user?: string;
}

/** A second server that only answers reads, a moment behind. */
export interface ReplicaArgs {
  /** Memory of its node, in MiB; the primary's at least. A larger one is taken on in place, and costs more. @default the primary's */
  readonly memory?: number;
}

/** Options for {@link Database}. */
export interface DatabaseArgs {
  /** Where it stands: the cloud's product, or a service that the platform runs. Each platform has stacks of its own, and another one is refused. */
  readonly platform: Platform;
  /** What it speaks; there is one so far, and others are refused. */
  readonly engine: "postgres";
  /**
   * Major version. In the cloud a higher one upgrades in place, with minutes of downtime, and a lower one is refused: it has "14" to
   * "17". A platform that runs PostgreSQL itself has "17" and "18", and reads the data of one version with no other.
   */
  readonly version: PostgresVersion;
  /** Where it lives, and the only place that it can be reached from. Another network replaces it and loses the data. */
  readonly network: Network;
  /**
   * Memory, vCPUs and standby nodes. A larger size is taken on in place, with a short failover; a smaller one is refused.
   * The smallest, 1 GB without standby, costs 15.15 USD a month; other prices, standby nodes among them, are unknown. Where the platform runs it, it
   * is a limit, and another one restarts it.
   */
  readonly size: DatabaseSize;
  /** When the cloud may restart it for updates, in UTC. Where the platform runs it, nobody does, so it is refused. @default Sunday 03:00 */
  readonly maintenance?: Maintenance;
  /**
   * Protects it (or its volume) against deletion, and leaves it there when it leaves the program. A change restarts nothing. False lets `pulumi destroy`
   * delete all data. @default true in production, else false
   */
  readonly keepData?: boolean;
  /** Databases beside `app`. One more is made without a restart. One that leaves the list is deleted with its data, or, where data is kept, refused. Cloud only. @default none */
  readonly databases?: readonly string[];
  /** Users beside `app`, each with a password of its own. One more is made without a restart. One that leaves the list is deleted, or, where data is kept, refused. Cloud only. @default none */
  readonly users?: readonly string[];
  /**
   * Pools of connections, by name; `url({ pool })` connects through one. Any change replaces that pool: its clients are cut off for a
   * few seconds. Free of charge. Cloud only. @default none
   */
  readonly pools?: Readonly<Record<string, PoolArgs>>;
  /**
   * Who may connect beside the private network. The whole world is refused. A change acts at once and restarts nothing. Cloud only.
   * @default nobody
   */
  readonly allow?: readonly AllowedSource[];
  /**
   * Servers for reads, by name, in the same network and behind the same firewall; `url({ replica })` connects to one. Each costs
   * more, how much is unknown. One that leaves the list is deleted. Cloud only. @default none
   */
  readonly replicas?: Readonly<Record<string, ReplicaArgs>>;
  /** Its disk. Cloud only. @default what comes with the size, and it does not grow by itself */
  readonly storage?: {
    /** Disk of a node, such as `"60 GB"`; each size has a range of its own. It grows in place and never shrinks. Costs by the GB. */
    readonly size?: string;
    /** Lets it grow by itself before it is full, which costs by the GB as well. Without it, it stops growing. */
    readonly autoscale?: {
      /** How full it is when it grows, in percent, from 15 to 95. Acts at once. @default 80 */
      readonly threshold?: number;
      /** By how much, such as `"10 GB"`, from 10 to 500 GB. Acts at once. @default a quarter of what there is, 50 GB at least */
      readonly increment?: string;
    };
  };
  /** Settings of the engine. Most act at once, the others restart it; which, is said with them. Cloud only. @default the cloud's own */
  readonly settings?: PostgresSettings;
  /**
   * Makes it from a backup of another cluster instead of empty. Only looked at when it is made: a change later does nothing, and it may
   * stay in the program. Cloud only. @default empty
   */
  readonly restoreFrom?: {
    /** The other cluster's name, as the control panel shows it. Another one does nothing. */
    readonly cluster: string;
    /** Which backup, by its time: `"2026-11-20T03:00:00Z"`. Another one does nothing. @default the latest */
    readonly time?: string;
  };
}

/** When the cloud may restart something for updates, in UTC. */
export interface Maintenance {
  /** Day of the week. Another one acts at once, and restarts nothing. */
  readonly day: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
  /** Hour at which it may begin, from 0 to 23. Another one acts at once, and restarts nothing. */
  readonly hour: number;
}

/** Where to connect: as which user, to which database; or through a pool, which knows both. @default the user and the database `app` */
export interface Target {
  readonly user?: string;
  readonly database?: string;
  readonly pool?: string;
  readonly replica?: string;
  /** Where the connection starts: `outside` is for addresses that `allow` names, and never for services. @default on the private network */
  readonly from?: "outside";
}

/** A {@link Connection} whose parts are known once the server stands. */
export type FutureConnection = { readonly [Part in keyof Connection]: pulumi.Input<Connection[Part]> };

/** What a form of database offers to services. */
export interface DatabaseServer {
  /** How to get to a target; refused where there is no such thing. */
  connect(target: Target): FutureConnection;
  /** Certificate of the authority that signs the server's. Refused where it has none. */
  certificate(): pulumi.Output<string>;
  /** What the cloud knows it by. */
  readonly id: pulumi.Output<string> | undefined;
}

/**
 * A PostgreSQL that only its own private network can reach: the cloud's managed one, with daily backups of seven days; or, on a
 * platform without a cloud, a stateful service that the platform runs.
 */
export class Database extends pulumi.ComponentResource {
  /** Host on the private network. */
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  /** Name of the database. */
  public readonly database: pulumi.Output<string>;
  /** What the cloud knows it by; undefined where the platform runs it. */
  public readonly id: pulumi.Output<string> | undefined;
  private readonly server: DatabaseServer;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, network } = args;
    const create = platform.cloud === undefined ? createStateful(name, args) : createManaged(name, args, platform.cloud, network.cloud);
    super("groundwork:components:Database", name, {}, opts);
    this.server = create?.(this, args.keepData ?? environments[platform.environment].keepData) ?? refusedServer;
    const { host, port, database } = this.server.connect({});
    this.host = pulumi.output(host);
    this.port = pulumi.output(port);
    this.database = pulumi.output(database);
    this.id = this.server.id;
    this.registerOutputs({ host: this.host, port: this.port, database: this.database });
  }

  /**
   * Connection URL as a driver reads it, on the private network, or from outside for those that `allow` names; in the cloud encrypted
   * connections only. As the user `app` to the database `app`, or to another one; or through a pool. Secret.
   */
  public url({ driver, ...target }: { readonly driver: Driver } & Target): pulumi.Output<string> {
    return pulumi.secret(pulumi.output(this.server.connect(target)).apply((connection) => renderUrl(driver, connection)));
  }

  /**
   * Certificate (PEM) of the authority that signs the server's, for clients that check who they talk to. Asked of the cloud whenever the
   * program runs, so only where somebody wants it. Refused where the platform runs it, which has none.
   */
  public certificate(): pulumi.Output<string> {
    return this.server.certificate();
  }
}
