import type { Row } from "./row.ts";

const hsts = { sentBy: "services", includeSubDomains: true };

/** In production, beside a host of the zone that nobody has said anything about (`legacy`). */
export const production: readonly Row[] = [
  { option: ["EdgeProxy.hsts", "Hsts.sentBy"], change: { edge: { hsts: { sentBy: "services" } } }, plan: [] },
  {
    option: "Hsts.includeSubDomains",
    change: { edge: { hsts } },
    plan: {
      refused:
        "edge:\n  hsts.includeSubDomains: legacy.example.info may not speak https, and for a year no browser would reach it otherwise. " +
        "See whether it does (curl -I https://legacy.example.info) and name it in hsts.httpsReady, or remove its record.",
    },
  },
  { option: "Hsts.httpsReady", change: { edge: { hsts: { ...hsts, httpsReady: ["legacy.example.info"] } } }, plan: [] },
  {
    // The zone itself cannot be a CNAME.
    option: "EdgeProxy.hosts",
    change: { edge: { hosts: { "@": "component:web" } } },
    plan: [
      "create DnsRecord edge-@-a-1",
      "create DnsRecord edge-@-a-2",
      "create DnsRecord edge-@-aaaa-3",
      "create DnsRecord edge-@-aaaa-4",
      "update App app +spec.domainNames[2] +spec.ingress.rules[3].component +spec.ingress.rules[4] -spec.ingress.rules[3].redirect spec.domainNames[1].name spec.ingress.rules[3].match.authority.exact",
    ],
  },
];
