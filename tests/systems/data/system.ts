import * as pulumi from "@pulumi/pulumi";
import { Bucket, type BucketArgs } from "../../../components/bucket.ts";
import { Cache, type CacheArgs } from "../../../components/cache.ts";
import { Database, type DatabaseArgs } from "../../../components/database.ts";
import { Monitoring, type MonitoringArgs } from "../../../components/monitoring.ts";
import { Network } from "../../../components/network.ts";
import { derived, fernetKeys, generated, generatedUuid, SecretSet } from "../../../components/secret-set.ts";
import { Service } from "../../../components/service.ts";
import { Zone } from "../../../components/zone.ts";
import { defineSystem } from "../../../systems/define-system.ts";
import { type Change, changeable, changed } from "../options/change.ts";

/** What keeps data, watches it and hands it out, switched on. A preview is asked for with options changed: `groundwork:change`. */
export default defineSystem({
  services: ["web"],
  provided: {},

  schema: () => changeable,

  shared({ system, zone, existing }) {
    new Zone("zone", { domain: zone, project: system, existing });
    return { zone };
  },

  build({ domain, zone, images, change }, platform) {
    const over: Change = change;
    const network = new Network("network", { platform });
    /** Another one, which nothing makes: what a component plans that is put there. */
    const elsewhere = {
      cloud: { id: pulumi.output("11111111-1111-4111-8111-111111111111"), range: pulumi.output("10.99.0.0/20"), datacenter: "nyc3" },
    };
    const env: Record<string, pulumi.Output<string>> = {};

    const values = {
      KEY: generated(changed({ bytes: 32, as: "base64" as const }, over["key"])),
      PIN: generated(changed({ characters: 24 }, over["pin"])),
      INSTALLATION: generatedUuid(changed({}, over["installation"])),
      RING: fernetKeys(changed({ generation: 2 }, over["ring"])),
      URL: derived((secret) => pulumi.interpolate`amqps://app:${secret("PIN")}@broker.example.info`),
      ...changed({}, over["secrets"]),
    };
    const secrets = new SecretSet("secrets", { platform, values });

    const small = { memory: platform.cloud === undefined ? 512 : 2048, standby: 0 };
    const kept: DatabaseArgs = { platform, network, engine: "postgres", version: platform.cloud === undefined ? "17" : "16", size: small };
    const inCloud: Partial<DatabaseArgs> = {
      databases: ["stats"],
      pools: { web: { size: 10 } },
      replicas: { reader: {} },
      settings: { workMem: 8 },
      storage: { size: "30 GB", autoscale: {} },
      restoreFrom: { cluster: "old" },
    };
    const cacheArgs: CacheArgs = { platform, network, size: small };
    const named = { elsewhere };
    const database = new Database("main", changed(platform.cloud === undefined ? kept : { ...kept, ...inCloud }, over["main"], named));
    const cache = new Cache("cache", changed(cacheArgs, over["cache"], named));
    env["DATABASE_URL"] = database.url({ driver: "postgres" });
    env["CACHE_URL"] = cache.url();

    if (platform.cloud !== undefined) {
      env["POOL_URL"] = database.url({ driver: "postgres", pool: "web" });
      env["DATABASE_CA"] = database.certificate();
      const files: BucketArgs = {
        platform,
        versioning: true,
        lifecycle: { tmp: { prefix: "tmp/", days: 7 } },
        cors: [{ origins: [`https://app.${domain}`], methods: ["GET"] }],
        publicRead: ["public/"],
        keys: { app: { access: "readwrite" } },
        cdn: { host: { name: `cdn.${domain}`, zone: zone ?? domain } },
      };
      const bucket = new Bucket("files", changed(files, over["files"]));
      Object.assign(env, bucket.env("app"));
      const watch: MonitoringArgs = {
        platform,
        to: { emails: ["ops@example.info"] },
        hosts: { api: { url: `https://api.${domain}` } },
        databases: { main: { of: database } },
      };
      new Monitoring("watch", changed(watch, over["watch"], { cache }));
    }

    const scale = { memory: 1024, dedicated: false, replicas: 1 };
    new Service("web", { platform, image: images.web, port: 80, scale, health: { live: "/", ready: "/" }, secrets, env });
    return {};
  },
});
