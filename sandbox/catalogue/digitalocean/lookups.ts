import type { CloudObject, Properties } from "../../cloud/store.ts";
import type { Lookups } from "../kind.ts";
import { text } from "../values.ts";
import { mustExist, token, types } from "./common.ts";

const api = "https://api.digitalocean.com/v2";
const gone = "The resource you were accessing could not be found.";

/** Outputs of an object by the names that a look-up gives them, with the id. */
const answer = ({ id, outputs }: CloudObject, names: readonly string[]): Properties => ({
  ...Object.fromEntries(names.map((name) => [name, outputs[name] ?? ""])),
  id,
});

export const lookups: Lookups = {
  [token("getApp", "getApp")]: {
    failed: "Error reading App",
    answer(cloud, { appId }) {
      const app = mustExist(cloud, types.app, appId, `GET ${api}/apps/${text(appId)}`, gone);
      const { appUrn, dedicatedIps, spec } = app.outputs;
      const names = ["activeDeploymentId", "createdAt", "defaultIngress", "liveDomain", "liveUrl", "projectId", "updatedAt"];
      // The plugin reads it as the resource is read: secrets as the API gives them back.
      return { ...answer(app, names), appId: app.id, dedicatedIps: dedicatedIps ?? [], specs: [spec], urn: appUrn };
    },
  },
  [token("getDatabaseCa", "getDatabaseCa")]: {
    failed: "Error retrieving database CA certificate",
    answer(cloud, { clusterId }) {
      const { id } = mustExist(cloud, types.cluster, clusterId, `GET ${api}/databases/${text(clusterId)}/ca`, gone);
      const body = cloud.store.derive("ca", id).toString("base64");
      return { id, clusterId: id, certificate: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n` };
    },
  },
  [token("getDomain", "getDomain")]: {
    failed: "domain not found",
    answer(cloud, { name }) {
      const domain = mustExist(cloud, types.domain, name, `GET ${api}/domains/${text(name)}`, gone);
      const records = cloud.store.list(types.record).filter(({ outputs }) => outputs.domain === domain.id);
      const lines = records.map(({ outputs: { fqdn, ttl, type, value } }) => [fqdn, ttl, "IN", type, value].map(text).join(" "));
      return { ...answer(domain, ["name", "domainUrn", "ttl"]), zoneFile: [`$ORIGIN ${domain.id}.`, ...lines, ""].join("\n") };
    },
  },
  [token("getProject", "getProject")]: {
    failed: "Unable to load project",
    answer(cloud, { id, name }) {
      const named = cloud.store.list(types.project).find((project) => project.name === name);
      const wanted = text(id ?? named?.id ?? "default");
      const project = mustExist(cloud, types.project, wanted, `GET ${api}/projects/${wanted}`, gone);
      const names = ["createdAt", "description", "environment", "isDefault", "name", "ownerId", "ownerUuid", "purpose", "updatedAt"];
      return { ...answer(project, names), resources: project.outputs.resources ?? [] };
    },
  },
  [token("getRecords", "getRecords")]: {
    failed: "Unable to load records",
    answer(cloud, { domain }) {
      const { id } = mustExist(cloud, types.domain, domain, `GET ${api}/domains/${text(domain)}/records`, gone);
      const records = cloud.store
        .list(types.record)
        .filter(({ outputs }) => outputs.domain === id)
        .map(({ id: record, outputs: { name, type, value, ttl, flags, port, priority, tag, weight } }) => ({
          domain: id,
          id: Number(record),
          ...{ name, type, value, ttl },
          ...{ flags: flags ?? 0, port: port ?? 0, priority: priority ?? 0, tag: tag ?? "", weight: weight ?? 0 },
        }));
      return { id, domain: id, records };
    },
  },
};
