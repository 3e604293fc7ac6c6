import type { Finding } from "../../../operations/doctor/finding.ts";

export const now = new Date("2026-11-21T18:00:00Z");
export const ids = (findings: readonly Finding[]): string[] => findings.map(({ id }) => id);

/** A record as the state holds it. */
export const dnsRecord = (name: string, outputs: { readonly type: string; readonly fqdn: string; readonly value: string }) => ({
  type: "digitalocean:index/dnsRecord:DnsRecord",
  name,
  outputs,
  initErrors: [],
});
