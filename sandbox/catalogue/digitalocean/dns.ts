import type { CloudContext, Kinds } from "../kind.ts";
import { mustExist, notEmpty, pair, types } from "./common.ts";
import { text } from "../values.ts";
import type { Properties } from "../../cloud/store.ts";

/** Kinds of record whose value is a host: the API cuts the dot at the end, the plugin puts it back. */
const hostTypes = ["CNAME", "MX", "NS", "SRV", "CAA"];

/** Names that the zone's other records make impossible. */
function refuseConflict(cloud: CloudContext, request: string, id: string | undefined, inputs: Properties): void {
  const sameName = cloud.store
    .list(types.record)
    .filter((record) => record.id !== id && record.outputs.domain === inputs.domain && record.outputs.name === inputs.name);
  if (sameName.length === 0) return;
  if (inputs.type === "CNAME" || sameName.some((record) => record.outputs.type === "CNAME")) {
    cloud.refuse(request, 422, "CNAME records cannot share a name with other records");
  }
  if (sameName.some((record) => record.outputs.type === inputs.type && record.outputs.value === inputs.value)) {
    cloud.refuse(request, 422, "Record already exists");
  }
}

function recordOutputs(inputs: Properties): Properties {
  const name = text(inputs.name ?? "@");
  const value = String(inputs.value);
  return {
    flags: inputs.flags ?? 0,
    fqdn: name === "@" ? inputs.domain : `${name}.${String(inputs.domain)}`,
    name,
    port: inputs.port ?? 0,
    priority: inputs.priority ?? 0,
    tag: inputs.tag ?? "",
    ttl: inputs.ttl ?? 1800,
    value: hostTypes.includes(String(inputs.type)) && value !== "@" && !value.endsWith(".") ? `${value}.` : value,
    weight: inputs.weight ?? 0,
  };
}

export const dns: Kinds = {
  [types.domain]: {
    failed: { create: "Error creating Domain", update: "Error updating Domain", delete: "Error deleting Domain" },
    request: { collection: "/v2/domains" },
    rules: { name: notEmpty, ipAddress: notEmpty },
    create(cloud, inputs) {
      const id = String(inputs.name);
      if (cloud.store.get(types.domain, id)) cloud.refuse("POST https://api.digitalocean.com/v2/domains", 422, "Name already exists");
      return { id, name: id, outputs: { domainUrn: `do:domain:${id}`, ttl: 1800 } };
    },
    delete(cloud, object) {
      // The zone goes with everything in it; the API does not ask.
      for (const record of cloud.store.list(types.record))
        if (record.outputs.domain === object.id) cloud.store.remove(types.record, record.id);
    },
  },
  [types.record]: {
    failed: { create: "Failed to create record", update: "Failed to update record", delete: "Error deleting record" },
    request: { collection: "/v2/domains/{domain}/records" },
    importId: (written) => pair(written)?.[1],
    computed: ["ttl"],
    rules: {
      type: { oneOf: ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "TXT", "SRV", "SOA"] },
      domain: notEmpty,
      name: notEmpty,
      port: { range: [0, 65535] },
      priority: { range: [0, 65535] },
      weight: { range: [0, 65535] },
      ttl: { atLeast: 1 },
      flags: { range: [0, 255] },
      tag: { oneOf: ["issue", "issuewild", "iodef"] },
    },
    refusePlan(inputs) {
      const needs: Record<string, string[]> = { MX: ["priority"], SRV: ["priority", "weight"], CAA: ["flags", "tag"] };
      const missing = needs[String(inputs.type)]?.find((name) => inputs[name] === undefined);
      return missing && `\`${missing}\` is required for when type is \`${String(inputs.type)}\``;
    },
    create(cloud, inputs, urn) {
      const request = `POST https://api.digitalocean.com/v2/domains/${String(inputs.domain)}/records`;
      mustExist(cloud, types.domain, inputs.domain, request, "The resource you were accessing could not be found.");
      refuseConflict(cloud, request, undefined, inputs);
      const number = cloud.store.derive("record", urn, cloud.store.next(urn)).readUInt32BE() % 900_000_000;
      return { id: String(100_000_000 + number), name: String(inputs.name), outputs: recordOutputs(inputs) };
    },
    update(cloud, object, inputs) {
      refuseConflict(cloud, `PUT https://api.digitalocean.com/v2/domains/${String(inputs.domain)}/records/${object.id}`, object.id, inputs);
      return recordOutputs(inputs);
    },
  },
};
