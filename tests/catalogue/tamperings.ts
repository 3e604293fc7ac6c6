import type { CloudStore } from "../../sandbox/cloud/store.ts";
import type { Provider } from "../../sandbox/provider/provider.ts";
import { setPath } from "./recorded.ts";

const token = (name: string): string => `digitalocean:index/${name.slice(0, 1).toLowerCase()}${name.slice(1)}:${name}`;

/** How a part of the API is called in the recordings, and which type it became. */
const parts: Readonly<Record<string, string>> = {
  apps: token("App"),
  databases: token("DatabaseCluster"),
  domains: token("Domain"),
  projects: token("Project"),
  registries: token("ContainerRegistry"),
  vpcs: token("Vpc"),
};

/** Fields of the API that the plugin keeps under another name. */
const renamed: Readonly<Record<string, string>> = {
  num_nodes: "nodeCount",
  "maintenance_window.day": "maintenanceWindows[0].day",
  "maintenance_window.hour": "maintenanceWindows[0].hour",
  private_network_uuid: "privateNetworkUuid",
  project_id: "projectId",
  storage_size_mib: "storageSizeMib",
  ip_range: "ipRange",
  is_default: "isDefault",
  owner_id: "ownerId",
  owner_uuid: "ownerUuid",
  storage_usage_bytes: "storageUsageBytes",
  "spec.domains": "spec.domainNames",
};

/** Fields of the API that no plugin reads, so that the stand-in does not hold them. */
const unheld =
  /^do\/apps\/\S+ (owner_uuid|tier_slug|region\..*|last_deployment_created_at)$| (status|maintenance_window\.(pending|description)|storage_usage_bytes_updated_at)$/;

export interface Tampering {
  readonly type: string;
  apply(store: CloudStore, provider: Provider): Promise<void>;
}

/** One recorded change in the cloud, done to the stored cloud; undefined for what the catalogue does not have. */
export function tamperings(what: string, from: unknown, to: unknown): Tampering | undefined {
  const found = /^do\/(?<part>\w+)\/(?<name>\S+) (?<field>\S+)$/.exec(what)?.groups;
  const type = parts[found?.part ?? ""];
  if (!found || !type || found.name === "first-project") return undefined; // the account's own project is nobody's resource
  const field = found.field ?? "";
  return {
    type,
    async apply(store, provider) {
      const object = store.list(type).find(({ name }) => name === found.name);
      if (!object) throw new Error(`no ${type} ${found.name} in the stored cloud`);
      if (field === "deleted") return provider.delete({ urn: "", type, name: "" }, object.id, object.outputs);
      if (unheld.test(what)) return;
      const outputs = structuredClone(object.outputs);
      const path = renamed[field] ?? field;
      const value = path.startsWith("spec.") && Array.isArray(from) && Array.isArray(to) ? shortened(outputs, path, to.length) : to;
      // A window that nobody asked for is not read.
      if (path.startsWith("maintenanceWindows") && (outputs.maintenanceWindows as unknown[]).length === 0) return;
      if (path in outputs || path.includes(".")) setPath(outputs, path, value);
      else throw new Error(`${what}: ${path} is not among what ${type} holds`);
      store.put({ ...object, outputs });
    },
  };
}

/** The recording's lists are the API's; what is cut off them is cut off the same end here. */
function shortened(outputs: Record<string, unknown>, path: string, length: number): unknown {
  const list = path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], outputs) as unknown[];
  return length === 0 ? [] : list.slice(-length);
}
