import * as pulumi from "@pulumi/pulumi";
import { environments } from "../config/environments.ts";
import type { DatabaseSize } from "../config/sizes.ts";
import type { Platform } from "../platforms/platform.ts";
import { createManaged } from "./database/managed.ts";
import { createStateful } from "./database/stateful.ts";
import type { Driver } from "./database/url.ts";
import { renderUrl } from "./database/url.ts";
import type { Network } from "./network.ts";

/** Options for {@link Database}. */
export interface DatabaseArgs {
  readonly platform: Platform;
  readonly engine: "postgres";
  /**
   * Major version. In the cloud a higher one upgrades in place, with minutes of downtime, and a lower one is refused. A platform
   * that runs PostgreSQL itself has "17" only so far.
   */
  readonly version: "14" | "15" | "16" | "17";
  /** Where it lives, and the only place that it can be reached from. Another network replaces it and loses the data. */
  readonly network: Network;
  /**
   * Memory, vCPUs and standby nodes. A larger size is taken on in place, with a short failover; the cloud refuses a smaller one.
   * The smallest, 1 GB without standby, costs about 15 USD a month. Where the platform runs it, it is a limit, and another one
   * restarts it.
   */
  readonly size: DatabaseSize;
  /** When the cloud may restart it for updates, in UTC. Where the platform runs it, nobody does, so it is refused. @default Sunday 03:00 */
  readonly maintenance?: {
    readonly day: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
    readonly hour: number;
  };
  /**
   * Protects it (or its volume) against deletion, and leaves it there when it leaves the program. False lets `pulumi destroy`
   * delete all data. @default true in production, else false
   */
  readonly keepData?: boolean;
}

/** What a form of database offers to services. */
export interface DatabaseServer {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly database: pulumi.Output<string>;
  readonly user: pulumi.Output<string>;
  readonly password: pulumi.Output<string>;
  /** How much encryption a client insists on. */
  readonly sslmode: "require" | "disable";
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
  private readonly server: DatabaseServer;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, network } = args;
    const create = platform.cloud === undefined ? createStateful(name, args) : createManaged(name, args, platform.cloud, network.cloud);
    super("groundwork:components:Database", name, {}, opts);
    this.server = create(this, args.keepData ?? environments[platform.environment].keepData);
    this.host = this.server.host;
    this.port = this.server.port;
    this.database = this.server.database;
    this.registerOutputs({ host: this.host, port: this.port, database: this.database });
  }

  /** Connection URL on the private network, as a driver reads it; in the cloud encrypted connections only. Secret. */
  public url({ driver }: { readonly driver: Driver }): pulumi.Output<string> {
    const { user, password, host, port, database, sslmode } = this.server;
    return pulumi.secret(
      pulumi
        .all([user, password, host, port, database])
        .apply(([user, password, host, port, database]) => renderUrl(driver, { user, password, host, port, database, sslmode })),
    );
  }
}
