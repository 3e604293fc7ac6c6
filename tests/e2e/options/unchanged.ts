/** Options that no preview changes, each with the reason. */
export const unchanged: Readonly<Record<string, string>> = {
  "Program.platform": "the platform is the stack file's; another one is refused (tests/config/held)",
  "StaticSite.platform": "the same",
  "EdgeProxy.platform": "the same",
  "StaticSite.container": "not looked at where sites are built; shown on a Docker host by its own options",
  "Hsts.maxAgeSeconds": "is sent by a proxy that speaks TLS, which neither platform is so far (tests/components/edge-proxy)",
};

/** Interfaces of components whose options have no rows yet, and so are counted only. */
export const later: readonly string[] = [
  "BucketArgs",
  "BucketCorsArgs",
  "BucketKeyArgs",
  "CacheArgs",
  "DatabaseArgs",
  "LifecycleArgs",
  "MonitoringArgs",
  "NetworkArgs",
  "PoolArgs",
  "ReplicaArgs",
  "SecretSetArgs",
  "ZoneArgs",
];
