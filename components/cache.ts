import * as pulumi from "@pulumi/pulumi";
import { whole } from "../config/checks.ts";
import { environments } from "../config/environments.ts";
import type { DatabaseSize } from "../config/sizes.ts";
import type { Platform } from "../platforms/platform.ts";
import { createManaged } from "./cache/managed.ts";
import type { CacheSettings } from "./cache/settings.ts";
import { createStateful } from "./cache/stateful.ts";
import { never } from "./never.ts";
import type { AllowedSource, Maintenance } from "./database.ts";
import type { Network } from "./network.ts";

/** What goes when the memory is full: nothing (writes fail), or keys, chosen among all or among those that expire. */
export type Eviction = "noeviction" | "allkeys-lru" | "allkeys-random" | "volatile-lru" | "volatile-random" | "volatile-ttl";

/** Options for {@link Cache}. */
export interface CacheArgs {
  /** Where it stands: the cloud's product, or a service that the platform runs. Each platform has stacks of its own, and another one is refused. */
  readonly platform: Platform;
  /** Where it lives, and the only place that it can be reached from. Another network replaces it and loses the contents. */
  readonly network: Network;
  /**
   * Memory, vCPUs and standby nodes, one at most. A larger size is taken on in place, with a short failover; a smaller one is refused. The
   * smallest, 1 GB without standby, costs 15 USD a month; other prices, a standby node among them, are unknown. Where the platform runs it, it is a limit, and another one restarts it.
   */
  readonly size: DatabaseSize;
  /** Version of Valkey; there is one, and others are refused. @default "8" */
  readonly version?: "8";
  /** What goes when the memory is full. A queue needs `noeviction`, a cache one of the others. Acts at once. @default "noeviction" */
  readonly eviction?: Eviction;
  /**
   * Whether the contents outlive a restart: `rdb` writes them to disk every ten minutes, so the last ones can be lost; `off` loses them
   * all. Nothing writes each change (no AOF). Acts at once. @default "rdb"
   */
  readonly persistence?: "rdb" | "off";
  /** Settings of the engine. Most act at once, the others restart it; which, is said with them. @default the engine's own */
  readonly settings?: CacheSettings;
  /** When the cloud may restart it for updates, in UTC. Where the platform runs it, nobody does, so it is refused. @default Sunday 03:00 */
  readonly maintenance?: Maintenance;
  /** Who may connect beside the private network. The whole world is refused. A change acts at once. Cloud only. @default nobody */
  readonly allow?: readonly AllowedSource[];
  /**
   * Protects it (or its volume) against deletion, and leaves it there when it leaves the program. A change restarts nothing. Without persistence there is nothing to
   * keep. @default true in production, else false
   */
  readonly keepData?: boolean;
}

/** What a form of cache offers to services. */
export interface CacheServer {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  /** `redis`, or `rediss` where the connection is encrypted. */
  readonly scheme: "redis" | "rediss";
  /** Undefined where only the platform's own network reaches it, and nobody has to say who he is. */
  readonly login: { readonly user: pulumi.Output<string>; readonly password: pulumi.Output<string> } | undefined;
  /** What the cloud knows it by. */
  readonly id: pulumi.Output<string> | undefined;
}

/**
 * A Valkey (it speaks Redis) that only its own private network can reach: the cloud's managed one; or, on a platform without a cloud, a
 * stateful service that the platform runs.
 */
export class Cache extends pulumi.ComponentResource {
  /** Host on the private network. */
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  /** What the cloud knows it by; undefined where the platform runs it. */
  public readonly id: pulumi.Output<string> | undefined;
  private readonly server: CacheServer;
  private readonly refuse: (problem: string | undefined) => boolean;
  private readonly databases: number;

  constructor(name: string, args: CacheArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, network } = args;
    const create = platform.cloud === undefined ? createStateful(name, args) : createManaged(name, args, platform.cloud, network.cloud);
    super("groundwork:components:Cache", name, {}, opts);
    this.server = create?.(this, args.keepData ?? environments[platform.environment].keepData) ?? refusedServer();
    this.refuse = (problem) => platform.refuse(name, [problem]);
    this.databases = args.settings?.databases ?? 16;
    this.host = this.server.host;
    this.port = this.server.port;
    this.id = this.server.id;
    this.registerOutputs({ host: this.host, port: this.port });
  }

  /**
   * Connection URL on the private network, as Redis libraries read it; in the cloud encrypted connections only. Secret.
   *
   * @param options.database Number of the database. Default 0.
   */
  public url({ database = 0 }: { readonly database?: number } = {}): pulumi.Output<string> {
    this.refuse(whole("url.database", database, 0, this.databases - 1));
    const { host, port, scheme, login } = this.server;
    return pulumi.secret(
      pulumi.all([host, port, login?.user, login?.password]).apply(([host, port, user, password]) => {
        const who = password === undefined ? "" : `${encodeURIComponent(user ?? "")}:${encodeURIComponent(password)}@`;
        return `${scheme}://${who}${host}:${port}/${database}`;
      }),
    );
  }
}

/** A cache that was refused: who uses it goes on, so that everything else that is wrong is found as well. */
function refusedServer(): CacheServer {
  return { id: undefined, host: never<string>(), port: never<number>(), scheme: "redis", login: undefined };
}
