import * as pulumi from "@pulumi/pulumi";
import { EdgeProxy, path, redirect } from "../../../components/edge-proxy.ts";
import { Job } from "../../../components/job.ts";
import { Network } from "../../../components/network.ts";
import { SecretSet } from "../../../components/secret-set.ts";
import { forBrowser, forBuild, Service } from "../../../components/service.ts";
import { StaticSite } from "../../../components/static-site.ts";
import { Worker } from "../../../components/worker.ts";
import { Zone } from "../../../components/zone.ts";
import type { AlertDestinations } from "../../../platforms/platform.ts";
import { defineSystem } from "../../../systems/define-system.ts";
import { type Change, changeable, changed } from "./change.ts";

const small = { memory: 1024, dedicated: false, replicas: 1 };
const source = { github: "acme/site", branch: "main", folder: "web", build: "npm run build" };

/** Everything that components offer, switched on. A preview is asked for with one option changed: `groundwork:change`. */
export default defineSystem({
  services: ["web", "worker"],
  provided: {},
  // Its production comes up alone.
  promotes: {},

  schema: () => changeable,

  shared({ system, zone, existing }) {
    new Zone("zone", { domain: zone, project: system, existing });
    return { zone };
  },

  build({ domain, zone, images, change }, platform) {
    const over: Change = change;
    /** What only a cloud has; refused elsewhere. */
    const inCloud = <T extends object>(options: T): Partial<T> => (platform.cloud === undefined ? {} : options);
    const pull = { user: "robot", token: pulumi.secret("token-1"), generation: 1 };

    const secrets = new SecretSet("secrets", { platform, values: changed({}, over["secrets"]) });
    const web = new Service(
      "web",
      changed(
        {
          platform,
          image: images.web,
          port: 8000,
          secrets,
          internalPorts: [9000],
          scale: small,
          env: { MODE: "fast", SITE: forBrowser("https://example.info"), TOKEN: pulumi.secret("tk-7f2c91d0aa3e") },
          command: ["serve", "--port", "8000"],
          health: {
            live: { path: "/live", port: 8000, initialDelaySeconds: 20, periodSeconds: 10, timeoutSeconds: 3, failures: 3 },
            ready: { path: "/ready", port: 8000, initialDelaySeconds: 20, periodSeconds: 10, timeoutSeconds: 3, failures: 3 },
          },
          migrate: ["migrate", "up"],
          graceSeconds: 60,
          ...inCloud({
            pull,
            drainSeconds: 15,
            logs: [
              { name: "papers", papertrail: { endpoint: "logs.example.info:1234" } },
              { name: "dogs", datadog: { apiKey: pulumi.secret("key-1") } },
              { name: "tails", logtail: { token: pulumi.secret("token-1") } },
              {
                name: "searches",
                openSearch: { endpoint: "https://search.example.info:9200", user: "log", password: pulumi.secret("p-1") },
              },
            ],
            alerts: { cpuPercent: 80, memoryPercent: 80, restarts: 3, windowMinutes: 5 as const },
          }),
        },
        over["web"],
      ),
    );
    const worker = new Worker(
      "worker",
      changed(
        {
          platform,
          image: images.worker,
          scale: small,
          env: { QUEUE: "default" },
          command: ["work"],
          live: { path: "/live", port: 9100 },
          graceSeconds: 60,
        },
        over["worker"],
      ),
    );
    const seed = { platform, image: images.worker, when: "after" as const, command: ["seed"], scale: small, env: {}, graceSeconds: 60 };
    new Job("seed", changed(seed, over["seed"]));

    const container = images.web === undefined ? {} : { container: { image: images.web, port: 8080, memory: 64 } };
    const site = new StaticSite(
      "site",
      changed(
        { platform, source, env: { SITE: forBrowser("https://example.info") }, ...inCloud({ outputFolder: "dist" }), ...container },
        over["site"],
      ),
    );

    if (platform.cloud !== undefined) {
      const scale = { memory: 1024, dedicated: true, replicas: { min: 1, max: 3 } };
      const health = { live: "/live", ready: "/ready" };
      const env = { NPM_TOKEN: forBuild(pulumi.secret("npm-1")) };
      const built = { github: "acme/api", branch: "main", dockerfile: "Dockerfile" };
      new Service("api", changed({ platform, image: built, port: 80, scale, health, env }, over["api"]));
      const alerts: { to: AlertDestinations; events: readonly "deployment-live"[] } = {
        to: { emails: ["ops@example.info"], slack: [{ channel: "ops", url: pulumi.secret("https://hooks.slack.example/1") }] },
        events: [],
      };
      const { to, events } = changed(alerts, over["alerts"]);
      platform.alert(to, events);
    }

    if (platform.cloud !== undefined) {
      new Network("network", changed({ platform }, over["network"]));
      const records = {
        "@": { mx: [{ host: "mx.example.net", priority: 10 }], txt: ["v=spf1 mx -all"], caa: [{ issuer: "letsencrypt.org" }] },
        old: { a: ["192.0.2.1"], aaaa: ["2001:db8::1"] },
        status: { cname: "status.example.net" },
        "_sip._tcp": { srv: [{ host: "sip.example.net", port: 5060, priority: 10, weight: 5 }] },
        lab: { ns: ["ns1.example.net"] },
      };
      const existing = { zone: "create", project: "create" } as const;
      new Zone("mail", changed({ domain: "example.org", project: "mail", existing, records }, over["mail"]));
    }

    const hosts = { app: { "/": site, "/api": web, "/v1": path(web, "rest") }, www: redirect("app", { permanent: true }) };
    const cors = { app: { origins: [platform.origin(`other.${domain}`)], methods: ["PATCH"], headers: ["X-A"], maxAgeSeconds: 60 } };
    new EdgeProxy("edge", changed({ platform, zone, domain, hosts, cors }, over["edge"], { web, site, worker }));
    return {};
  },
});
