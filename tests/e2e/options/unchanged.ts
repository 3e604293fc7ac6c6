const otherPlatform = "the platform is the stack file's, and a stack stays on its own: another one is refused (tests/config/held)";
const only = "there is one so far";

/** Options that no preview changes, each with the reason. */
export const unchanged: Readonly<Record<string, string>> = {
  "Program.platform": otherPlatform,
  "StaticSite.platform": otherPlatform,
  "EdgeProxy.platform": otherPlatform,
  "Database.platform": otherPlatform,
  "Cache.platform": otherPlatform,
  "Bucket.platform": otherPlatform,
  "Monitoring.platform": otherPlatform,
  "SecretSet.platform": otherPlatform,
  "Network.platform": "region and range are the stack file's: another one is refused where the stack has a network (tests/config/held)",
  "Database.engine": only,
  "Cache.version": only,
  "Zone.project": "is the name of the system, and a system of another name has stacks of its own",
  "Service.frontend": "only decides what is refused (tests/components/content-rules, tests/e2e/content)",
  "StaticSite.container": "not looked at where sites are built; shown on a Docker host by its own options",
  "Hsts.maxAgeSeconds": "is sent by a proxy that speaks TLS, which neither platform is so far (tests/components/edge-proxy)",
};
