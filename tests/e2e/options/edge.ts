import type { Row } from "./row.ts";

/** EdgeProxy on App Platform. */
export const edge: readonly Row[] = [
  {
    option: "EdgeProxy.hosts",
    change: { edge: { hosts: { more: "component:web" } } },
    plan: [
      "create DnsRecord edge-more",
      "update App app +spec.domainNames[2] +spec.ingress.rules[3].component +spec.ingress.rules[4] -spec.ingress.rules[3].redirect spec.domainNames[1].name spec.ingress.rules[3].match.authority.exact",
    ],
  },
  {
    option: "EdgeProxy.hosts",
    change: { edge: { hosts: { www: null } } },
    plan: ["delete DnsRecord edge-www", "update App app -spec.domainNames[1] -spec.ingress.rules[3]"],
  },
  {
    option: "PathTarget.to",
    change: { edge: { hosts: { app: { "/v1": { to: "component:site" } } } } },
    plan: ["update App app spec.ingress.rules[1].component.name"],
  },
  {
    option: "PathTarget.forward",
    change: { edge: { hosts: { app: { "/v1": { forward: { rewrite: "/v2" } } } } } },
    plan: ["update App app spec.ingress.rules[1].component.rewrite"],
  },
  {
    option: "Redirect.redirect.to",
    change: { edge: { hosts: { www: { redirect: { to: "www.example.org" } } } } },
    plan: ["update App app spec.ingress.rules[3].redirect.authority"],
  },
  {
    option: "Redirect.redirect.path",
    change: { edge: { hosts: { www: { redirect: { path: "/new" } } } } },
    plan: ["update App app spec.ingress.rules[3].redirect.uri"],
  },
  {
    option: "Redirect.redirect.permanent",
    change: { edge: { hosts: { www: { redirect: { permanent: false } } } } },
    plan: ["update App app spec.ingress.rules[3].redirect.redirectCode"],
  },
  {
    option: "EdgeProxy.cors",
    change: { edge: { cors: null } },
    plan: ["update App app -spec.ingress.rules[0].cors -spec.ingress.rules[1].cors -spec.ingress.rules[2].cors"],
  },
  {
    option: "Cors.origins",
    change: { edge: { cors: { app: { origins: ["https://a.example.info", "https://b.example.info"] } } } },
    plan: [
      "update App app spec.ingress.rules[0].cors.allowOrigins.exact spec.ingress.rules[0].cors.allowOrigins.regex spec.ingress.rules[1].cors.allowOrigins.exact spec.ingress.rules[1].cors.allowOrigins.regex spec.ingress.rules[2].cors.allowOrigins.exact spec.ingress.rules[2].cors.allowOrigins.regex",
    ],
  },
  {
    option: "Cors.methods",
    change: { edge: { cors: { app: { methods: ["PUT"] } } } },
    plan: [
      "update App app spec.ingress.rules[0].cors.allowMethods[0] spec.ingress.rules[1].cors.allowMethods[0] spec.ingress.rules[2].cors.allowMethods[0]",
    ],
  },
  {
    option: "Cors.headers",
    change: { edge: { cors: { app: { headers: ["X-B"] } } } },
    plan: [
      "update App app spec.ingress.rules[0].cors.allowHeaders[0] spec.ingress.rules[1].cors.allowHeaders[0] spec.ingress.rules[2].cors.allowHeaders[0]",
    ],
  },
  {
    option: "Cors.expose",
    change: { edge: { cors: { app: { expose: ["X-C"] } } } },
    plan: [
      "update App app +spec.ingress.rules[0].cors.exposeHeaders +spec.ingress.rules[1].cors.exposeHeaders +spec.ingress.rules[2].cors.exposeHeaders",
    ],
  },
  {
    option: "Cors.credentials",
    change: { edge: { cors: { app: { credentials: true } } } },
    plan: [
      "update App app spec.ingress.rules[0].cors.allowCredentials spec.ingress.rules[1].cors.allowCredentials spec.ingress.rules[2].cors.allowCredentials",
    ],
  },
  {
    option: "Cors.maxAgeSeconds",
    change: { edge: { cors: { app: { maxAgeSeconds: 120 } } } },
    plan: ["update App app spec.ingress.rules[0].cors.maxAge spec.ingress.rules[1].cors.maxAge spec.ingress.rules[2].cors.maxAge"],
  },
  {
    option: "EdgeProxy.timeToLiveSeconds",
    change: { edge: { timeToLiveSeconds: 600 } },
    plan: ["update DnsRecord edge-app ttl", "update DnsRecord edge-www ttl"],
  },
  {
    option: "EdgeProxy.zone",
    change: { edge: { zone: "staging.example.info" } },
    alone: true,
    plan: ["replace DnsRecord edge-app domain! name", "replace DnsRecord edge-www domain! name"],
  },
  {
    option: "EdgeProxy.domain",
    change: { edge: { domain: "other.example.info" } },
    plan: [
      "update App app spec.domainNames[0].name spec.domainNames[1].name spec.ingress.rules[0].match.authority.exact spec.ingress.rules[1].match.authority.exact spec.ingress.rules[2].match.authority.exact spec.ingress.rules[3].match.authority.exact spec.ingress.rules[3].redirect.authority",
      "update DnsRecord edge-app name",
      "update DnsRecord edge-www name",
    ],
  },
  {
    option: "EdgeProxy.headers",
    change: { edge: { headers: { "X-A": "1" } } },
    plan: {
      refused:
        "app.staging.example.info:\n  headers: App Platform adds none of its own (X-A). Let the service send them, or leave them out on this platform.",
    },
  },
  {
    option: "EdgeProxy.rateLimit",
    change: { edge: { rateLimit: { requests: 100, seconds: 60 } } },
    plan: {
      refused:
        "app.staging.example.info:\n  rateLimit: App Platform limits nobody. Let the services limit by themselves, or put a proxy in front of them that does, and leave it out on this platform.",
    },
  },
  {
    option: "EdgeProxy.minimumTls",
    change: { edge: { minimumTls: "1.3" } },
    plan: {
      refused:
        "app.staging.example.info:\n  minimumTls: the provider cannot set it. App Platform speaks TLS 1.2 and newer; leave it out. Set by hand, it would be gone with the next deployment.",
    },
  },
  {
    option: ["EdgeProxy.hsts", "Hsts.sentBy"],
    change: { edge: { hsts: { sentBy: "proxy" } } },
    plan: { refused: 'edge:\n  hsts.sentBy: App Platform adds no header. Let the services send it, and say "services".' },
  },
  {
    option: "Hsts.includeSubDomains",
    change: { edge: { hsts: { sentBy: "services", includeSubDomains: true } } },
    plan: { refused: "edge:\n  hsts.includeSubDomains: is for production. In other environments it would bind hosts that come and go." },
  },
  {
    // Below the zone it is a name like others.
    option: "EdgeProxy.hosts",
    alone: true,
    change: { edge: { hosts: { "@": "component:web" } } },
    plan: [
      "create DnsRecord edge-@",
      "update App app +spec.domainNames[2] +spec.ingress.rules[3].component +spec.ingress.rules[4] -spec.ingress.rules[3].redirect spec.domainNames[1].name spec.ingress.rules[3].match.authority.exact",
    ],
  },
  { option: "Edge.cache", change: { edge: { cache: false } }, plan: ["update App app spec.disableEdgeCache"] },
  { option: "Edge.emailObfuscation", change: { edge: { emailObfuscation: false } }, plan: ["update App app spec.disableEmailObfuscation"] },
  { option: "Edge.threatControl", change: { edge: { threatControl: true } }, plan: ["update App app spec.enhancedThreatControlEnabled"] },
  { option: "Edge.maintenance", change: { edge: { maintenance: {} } }, plan: ["update App app +spec.maintenance"] },
  {
    option: "MaintenanceMode.page",
    change: { edge: { maintenance: { page: "https://status.example.net/down.html" } } },
    plan: ["update App app +spec.maintenance"],
  },
  { option: "MaintenanceMode.archive", change: { edge: { maintenance: { archive: true } } }, plan: ["update App app +spec.maintenance"] },
  { option: "Network.egress", change: { network: { egress: "dedicated" } }, plan: ["update App app +spec.egresses"] },
];
