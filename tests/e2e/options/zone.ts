import { createHash } from "node:crypto";
import type { Row } from "./row.ts";

/** Records of a zone, beside hosts. What tells two of a kind apart is in their name, so another one is made and the old one deleted. */
const change = (records: Readonly<Record<string, unknown>>): Row["change"] => ({ mail: { records } });
const mark = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 8);
const record = (verb: string, name: string, type: string, key: string): string => `${verb} DnsRecord mail-${name}-${type}-${mark(key)}`;
const moved = (name: string, type: string, from: string, to: string): string[] => [
  record("create", name, type, to),
  record("delete", name, type, from),
];
const sip = { host: "sip.example.net", port: 5060, priority: 10, weight: 5 };
const issuer = "letsencrypt.org";

export const zone: readonly Row[] = [
  { option: "Zone.records", change: change({ www: { a: ["192.0.2.7"] } }), plan: [record("create", "www", "a", "192.0.2.7")] },
  { option: "NameRecords.a", change: change({ old: { a: ["192.0.2.2"] } }), plan: moved("old", "a", "192.0.2.1", "192.0.2.2") },
  {
    option: "NameRecords.aaaa",
    change: change({ old: { aaaa: ["2001:db8::2"] } }),
    plan: moved("old", "aaaa", "2001:db8::1", "2001:db8::2"),
  },
  {
    option: "NameRecords.cname",
    change: change({ status: { cname: "status.example.com" } }),
    plan: ["update DnsRecord mail-status-cname value"],
  },
  {
    option: "NameRecords.txt",
    change: change({ "@": { txt: ["v=spf1 -all"] } }),
    plan: moved("@", "txt", "v=spf1 mx -all", "v=spf1 -all"),
  },
  {
    option: ["NameRecords.mx", "MailServer.host"],
    change: change({ "@": { mx: [{ host: "mx2.example.net", priority: 10 }] } }),
    plan: moved("@", "mx", "mx.example.net", "mx2.example.net"),
  },
  {
    option: "MailServer.priority",
    change: change({ "@": { mx: [{ host: "mx.example.net", priority: 20 }] } }),
    plan: [`${record("update", "@", "mx", "mx.example.net")} priority`],
  },
  {
    option: ["NameRecords.srv", "ServiceAddress.host"],
    change: change({ "_sip._tcp": { srv: [{ ...sip, host: "sip2.example.net" }] } }),
    plan: moved("_sip._tcp", "srv", "sip.example.net:5060", "sip2.example.net:5060"),
  },
  {
    option: "ServiceAddress.port",
    change: change({ "_sip._tcp": { srv: [{ ...sip, port: 5061 }] } }),
    plan: moved("_sip._tcp", "srv", "sip.example.net:5060", "sip.example.net:5061"),
  },
  {
    option: "ServiceAddress.priority",
    change: change({ "_sip._tcp": { srv: [{ ...sip, priority: 20 }] } }),
    plan: [`${record("update", "_sip._tcp", "srv", "sip.example.net:5060")} priority`],
  },
  {
    option: "ServiceAddress.weight",
    change: change({ "_sip._tcp": { srv: [{ ...sip, weight: 6 }] } }),
    plan: [`${record("update", "_sip._tcp", "srv", "sip.example.net:5060")} weight`],
  },
  {
    option: ["NameRecords.caa", "Issuer.issuer"],
    change: change({ "@": { caa: [{ issuer: "pki.goog" }] } }),
    plan: moved("@", "caa", `${issuer} false`, "pki.goog false"),
  },
  {
    option: "Issuer.wildcard",
    change: change({ "@": { caa: [{ issuer, wildcard: true }] } }),
    plan: moved("@", "caa", `${issuer} false`, `${issuer} true`),
  },
  {
    option: "Issuer.critical",
    change: change({ "@": { caa: [{ issuer, critical: true }] } }),
    plan: [`${record("update", "@", "caa", `${issuer} false`)} flags`],
  },
  {
    option: "NameRecords.ns",
    change: change({ lab: { ns: ["ns2.example.net"] } }),
    plan: moved("lab", "ns", "ns1.example.net", "ns2.example.net"),
  },
  {
    option: "NameRecords.timeToLiveSeconds",
    change: change({ status: { timeToLiveSeconds: 600 } }),
    plan: ["update DnsRecord mail-status-cname ttl"],
  },
  {
    option: "Zone.records",
    change: change({ "@": { cname: "example.com" } }),
    plan: { refused: "mail:\n  records.@.cname: nothing else can stand at this name. Remove one of them." },
  },
  {
    option: "Zone.records",
    change: change({ legacy: { a: ["192.0.2.7"] } }),
    plan: {
      refused:
        "mail:\n  records.legacy: A 192.0.2.1 stands there already, and is not this stack's. A name has one owner: remove one of them.",
    },
  },
];
