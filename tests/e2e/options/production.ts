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
];
