import type { CloudObject, CloudStore } from "../../sandbox/cloud/store.ts";
import type { Provider } from "../../sandbox/provider/provider.ts";
import { setPath } from "./recorded.ts";

const token = (name: string): string => `digitalocean:index/${name.slice(0, 1).toLowerCase()}${name.slice(1)}:${name}`;

/** How a part of the API is called in the recordings, and which type it became. */
const parts: Readonly<Record<string, string>> = {
  alerts: token("MonitorAlert"),
  apps: token("App"),
  cdn: token("Cdn"),
  certificates: token("Certificate"),
  databases: token("DatabaseCluster"),
  domains: token("Domain"),
  projects: token("Project"),
  registries: token("ContainerRegistry"),
  spacesKeys: token("SpacesKey"),
  uptime: token("UptimeCheck"),
  vpcs: token("Vpc"),
};

/** Fields of the API that the plugin keeps under another name. */
const renamed: Readonly<Record<string, string>> = {
  "alerts.email": "alerts.emails",
  custom_domain: "customDomain",
  dns_names: "domains",
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
  /^do\/(cdn|certificates|spacesKeys)\/\S+ (access_key|certificate_id|endpoint|not_after|secret_key|sha1_fingerprint|state)$|^do\/alerts\/\S+ alerts\.slack$|^do\/apps\/\S+ (owner_uuid|tier_slug|region\..*|last_deployment_created_at)$| (status|maintenance_window\.(pending|description)|storage_usage_bytes_updated_at)$/;

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
      const all = store.list(type);
      // What has no name of its own is called by its id there, and there is one of it.
      const object = all.find(({ name }) => name === found.name) ?? (isId(found.name ?? "") && all.length === 1 ? all[0] : undefined);
      if (!object) throw new Error(`no ${type} ${found.name} in the stored cloud`);
      // A certificate that is in use is not deleted by the API; that it is gone was recorded all the same.
      if (field === "deleted" && type === parts.certificates) return void store.remove(type, object.id);
      if (field === "deleted") return provider.delete({ urn: "", type, name: "" }, object.id, object.outputs);
      if (unheld.test(what)) return;
      if (type === parts.certificates && field === "name") return renameCertificate(store, object, String(to));
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

const isId = (name: string): boolean => /^[0-9a-f]{8}-/.test(name);

/** A certificate is looked up by its name, and what uses it shows the name that it has now. */
function renameCertificate(store: CloudStore, certificate: CloudObject, name: string): void {
  store.remove(certificate.type, certificate.id);
  store.put({ ...certificate, id: name, name, outputs: { ...certificate.outputs, id: name, name } });
  for (const cdn of store.list(parts.cdn))
    if (cdn.outputs.certificateName === certificate.id)
      store.put({ ...cdn, outputs: { ...cdn.outputs, certificateId: name, certificateName: name } });
}

/** The recording's lists are the API's; what is cut off them is cut off the same end here. */
function shortened(outputs: Record<string, unknown>, path: string, length: number): unknown {
  const list = path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], outputs) as unknown[];
  return length === 0 ? [] : list.slice(-length);
}
