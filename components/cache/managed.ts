import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import { DatabaseFirewall } from "@pulumi/digitalocean/databaseFirewall.js";
import { DatabaseValkeyConfig } from "@pulumi/digitalocean/databaseValkeyConfig.js";
import type * as pulumi from "@pulumi/pulumi";
import { resolveDatabaseNode, type Size } from "../../config/sizes.ts";
import { findResource } from "../../config/state.ts";
import type { PlatformCloud } from "../../platforms/platform.ts";
import type { CacheArgs, CacheServer } from "../cache.ts";
import { patience, renderCluster, renderSource } from "../database/managed.ts";
import { clusterType, shrinking, sourceProblems } from "../database/resolve.ts";
import { isNeverSent, neverSent } from "../database/settings.ts";
import type { CloudNetwork } from "../network.ts";
import { cacheProblems } from "./problems.ts";
import { known } from "./settings.ts";

/** DigitalOcean's managed Valkey. Checks the options, and returns what registers the resources; undefined where they are refused. */
export function createManaged(
  name: string,
  args: CacheArgs,
  cloud: PlatformCloud,
  network: CloudNetwork | undefined,
): ((parent: pulumi.Resource, keepData: boolean) => CacheServer) | undefined {
  const { platform, version = "8", eviction = "noeviction", persistence = "rdb", settings = {}, allow = [] } = args;
  const node = resolveNode(name, args);
  if (node === undefined || network === undefined) return undefined;

  return (parent, keepData) => {
    const kept = { parent, protect: keepData, retainOnDelete: keepData };
    const cluster = new DatabaseCluster(
      name,
      {
        ...renderCluster(name, { ...args, version }, node, network),
        engine: "valkey",
        evictionPolicy: eviction.replace("-", "_"),
      },
      // It keeps the name that it was made with, as a database does.
      { ...kept, customTimeouts: patience, ignoreChanges: ["name"] },
    );
    // Always said, since what is only left out stays as it was.
    new DatabaseValkeyConfig(
      `${name}-settings`,
      { clusterId: cluster.id, persistence, ssl: true, ...renderSettings(settings) },
      { parent, deletedWith: cluster },
    );
    // As with a database: before the first service, and never deleted alone, which would open the door.
    const firewall = new DatabaseFirewall(
      `${name}-firewall`,
      { clusterId: cluster.id, rules: [{ type: "ip_addr", value: network.range }, ...allow.map(renderSource)] },
      { ...kept, deletedWith: cluster, retainOnDelete: true },
    );
    platform.after(firewall);
    cloud.addToProject(cluster.clusterUrn);
    const { privateHost: host, port, user, password, id } = cluster;
    return { host, port, scheme: "rediss", login: { user, password }, id };
  };
}

/** The node, with all options checked. Undefined: something was refused. */
function resolveNode(name: string, args: CacheArgs): Size | undefined {
  const { platform, size, network, version = "8", settings = {}, allow = [] } = args;
  const node = resolveDatabaseNode(size);
  const held = findResource(platform.held ?? [], clusterType, name);
  const isRefused = platform.refuse(name, [
    ...cacheProblems(args),
    network.cloud === undefined && "network: is another platform's. Make both with the same platform.",
    "problem" in node && node.problem,
    ...(held !== undefined && !("problem" in node) ? shrinking(node, version, undefined, held) : []),
    // A timeout of 0 is sent; others have no 0.
    ...(["lfuLogFactor", "notifyKeyspaceEvents"] as const).map(
      (setting) => isNeverSent(settings[setting]) && `settings.${setting}: ${neverSent(settings[setting])}`,
    ),
    ...allow.flatMap(sourceProblems),
  ]);
  return isRefused || "problem" in node ? undefined : node;
}

function renderSettings(settings: NonNullable<CacheArgs["settings"]>): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [known[name as keyof typeof known].cloud, value as number | string]),
  );
}
