import type { HostAlerts } from "../monitoring.ts";

export type Complete = Required<HostAlerts>;

/** A host with everything that it does not say itself. */
export function hostAlerts(host: string | HostAlerts): Complete {
  const given = typeof host === "string" ? { url: host } : host;
  return { path: "/", down: "2m", downEverywhere: "2m", latency: { milliseconds: 2000 }, certificateDays: 14, ...given };
}
