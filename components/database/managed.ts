import { DatabaseCluster } from "@pulumi/digitalocean/databaseCluster.js";
import { DatabaseDb } from "@pulumi/digitalocean/databaseDb.js";
import { DatabaseFirewall } from "@pulumi/digitalocean/databaseFirewall.js";
import { DatabaseUser } from "@pulumi/digitalocean/databaseUser.js";
import type * as pulumi from "@pulumi/pulumi";
import { resolveDatabaseNode } from "../../config/sizes.ts";
import { physicalName } from "../../platforms/naming.ts";
import type { PlatformCloud } from "../../platforms/platform.ts";
import type { DatabaseArgs, DatabaseServer } from "../database.ts";
import type { CloudNetwork } from "../network.ts";

/** Name of the database and of its user: every service of a system shares them for now. */
export const owner = "app";

/** DigitalOcean's managed PostgreSQL. Checks the options, and returns what registers the resources. */
export function createManaged(
  name: string,
  { platform, version, size, maintenance }: DatabaseArgs,
  cloud: PlatformCloud,
  network: CloudNetwork | undefined,
): (parent: pulumi.Resource, keepData: boolean) => DatabaseServer {
  const node = resolveDatabaseNode(size);
  if ("problem" in node) throw new Error(`${name}: ${node.problem}`);
  if (network === undefined) throw new Error(`${name}: its network is another platform's. Make both with the same platform.`);
  const { day, hour } = maintenance ?? { day: "sunday", hour: 3 };

  return (parent, keepData) => {
    const kept = { parent, protect: keepData, retainOnDelete: keepData };
    const cluster = new DatabaseCluster(
      name,
      {
        name: physicalName([platform.system, platform.stack, name], 63),
        engine: "pg",
        version,
        size: node.slug,
        nodeCount: 1 + size.standby,
        region: network.datacenter,
        privateNetworkUuid: network.id,
        maintenanceWindows: [{ day, hour: `${String(hour).padStart(2, "0")}:00:00` }],
      },
      kept,
    );
    // Deleting a database or a user before its cluster would only cost time, and a mistake would cost the data.
    const inCluster = { ...kept, deletedWith: cluster };
    const db = new DatabaseDb(`${name}-db`, { clusterId: cluster.id, name: owner }, inCluster);
    const user = new DatabaseUser(`${name}-user`, { clusterId: cluster.id, name: owner }, inCluster);
    // Kept in every environment: deleting a firewall empties its rules, which opens the database to the world. It goes with the
    // cluster. The network's range instead of the App, which exists only later: so the door is shut before the first service runs.
    const firewall = new DatabaseFirewall(
      `${name}-firewall`,
      { clusterId: cluster.id, rules: [{ type: "ip_addr", value: network.range }] },
      { ...inCluster, retainOnDelete: true },
    );
    platform.after(firewall);
    cloud.addToProject(cluster.clusterUrn);
    return {
      host: cluster.privateHost,
      port: cluster.port,
      database: db.name,
      user: user.name,
      password: user.password,
      sslmode: "require",
    };
  };
}
