import type { CloudContext, Kinds } from "../kind.ts";
import type { Properties } from "../../cloud/store.ts";
import { mustExist, notEmpty, types } from "./common.ts";

const api = "https://api.digitalocean.com/v2";
const gone = "The resource you were accessing could not be found.";

/** Source: the plugin's list, and the API description's table of alert types. */
const measures = [
  ...["cpu", "memory_utilization_percent", "disk_utilization_percent", "disk_read", "disk_write", "load_1", "load_5", "load_15"].map(
    (one) => `v1/insights/droplet/${one}`,
  ),
  ...["public_outbound", "public_inbound", "private_outbound", "private_inbound"].map((one) => `v1/insights/droplet/${one}_bandwidth`),
  ...["load_15_alerts", "memory_utilization_alerts", "disk_utilization_alerts", "cpu_alerts"].map((one) => `v1/dbaas/alerts/${one}`),
  ...[
    "avg_cpu_utilization_percent",
    "connection_utilization_percent",
    "droplet_health",
    "tls_connections_per_second_utilization_percent",
    "increase_in_http_error_rate_percentage_4xx",
    "increase_in_http_error_rate_percentage_5xx",
    "increase_in_http_error_rate_count_4xx",
    "increase_in_http_error_rate_count_5xx",
    "high_http_request_response_time",
    "high_http_request_response_time_50p",
    "high_http_request_response_time_95p",
    "high_http_request_response_time_99p",
  ].map((one) => `v1/insights/lbaas/${one}`),
];

/** What an alert watches against what. */
function refuseAlert(cloud: CloudContext, request: string, inputs: Properties): void {
  const needs = inputs.type === "latency" || inputs.type === "ssl_expiry";
  if (needs && (inputs.threshold === undefined || inputs.comparison === undefined))
    cloud.refuse(request, 422, `threshold and comparison are required for ${String(inputs.type)} alerts`);
  if (inputs.period === undefined) cloud.refuse(request, 422, "period is required");
}

export const monitoring: Kinds = {
  [types.uptimeCheck]: {
    failed: { create: "Error creating Check", update: "Error updating uptime check", delete: "Error deleting uptime check" },
    request: { collection: "/v2/uptime/checks" },
    sets: ["regions"],
    defaults: { enabled: true },
    rules: { type: { oneOf: ["ping", "http", "https"] }, target: notEmpty },
    create(cloud, inputs, urn) {
      refuseRegions(cloud, `POST ${api}/uptime/checks`, inputs);
      return { id: cloud.uuid("check", urn, cloud.store.next(urn)), name: String(inputs.name), outputs: {} };
    },
    update(cloud, object, inputs) {
      refuseRegions(cloud, `PUT ${api}/uptime/checks/${object.id}`, inputs);
      return {};
    },
    delete(cloud, object) {
      for (const alert of cloud.store.list(types.uptimeAlert))
        if (alert.outputs.checkId === object.id) cloud.store.remove(types.uptimeAlert, alert.id);
    },
  },
  [types.uptimeAlert]: {
    failed: {
      create: "Error creating Uptime Alert",
      update: "Error updating uptime alert",
      delete: "Error deleting uptime alert",
    },
    request: { collection: "/v2/uptime/checks/{checkId}/alerts" },
    importId: (written) => written.split(",")[1],
    absent: { comparison: "", period: "", threshold: 0 },
    rules: {
      type: { oneOf: ["latency", "down", "down_global", "ssl_expiry"] },
      comparison: { oneOf: ["greater_than", "less_than"] },
      period: { oneOf: ["2m", "3m", "5m", "10m", "15m", "30m", "1h"] },
    },
    create(cloud, inputs, urn) {
      const request = `POST ${api}/uptime/checks/${String(inputs.checkId)}/alerts`;
      mustExist(cloud, types.uptimeCheck, inputs.checkId, request, gone);
      refuseAlert(cloud, request, inputs);
      return { id: cloud.uuid("uptime alert", urn, cloud.store.next(urn)), name: String(inputs.name), outputs: {} };
    },
    update(cloud, object, inputs) {
      const request = `PUT ${api}/uptime/checks/${String(inputs.checkId)}/alerts/${object.id}`;
      // An alert belongs to its check for good; the plugin looks for it under the new one.
      if (object.outputs.checkId !== inputs.checkId) cloud.refuse(request, 404, gone);
      refuseAlert(cloud, request, inputs);
      return {};
    },
  },
  [types.monitorAlert]: {
    failed: { create: "Error creating Alert Policy", update: "Error updating monitoring alert", delete: "Error deleting monitor alert" },
    request: { collection: "/v2/monitoring/alerts" },
    sets: ["entities", "tags"],
    defaults: { enabled: true },
    rules: {
      type: { oneOf: measures },
      window: { oneOf: ["5m", "10m", "30m", "1h"] },
      compare: { oneOf: ["GreaterThan", "LessThan"] },
      value: { range: [0, Number.MAX_SAFE_INTEGER] },
    },
    create: (cloud, inputs, urn) => ({
      id: cloud.uuid("monitor alert", urn, cloud.store.next(urn)),
      name: String(inputs.description),
      outputs: { uuid: null },
    }),
    update: () => ({ uuid: null }),
  },
};

function refuseRegions(cloud: CloudContext, request: string, { regions }: Properties): void {
  const known = ["us_east", "us_west", "eu_west", "se_asia"];
  const unknown = (Array.isArray(regions) ? (regions as string[]) : []).find((one) => !known.includes(one));
  if (unknown !== undefined) cloud.refuse(request, 422, `invalid region ${unknown}`);
}
