import * as z from "zod";
import { Database } from "../../components/database.ts";
import { EdgeProxy } from "../../components/edge-proxy.ts";
import { Monitoring } from "../../components/monitoring.ts";
import { Network } from "../../components/network.ts";
import { alertDestinations, logDestinations, openAccess } from "../../components/from-stack-file.ts";
import { generated, SecretSet } from "../../components/secret-set.ts";
import { forBrowser, Service } from "../../components/service.ts";
import { Zone } from "../../components/zone.ts";
import { withProfiles } from "../../config/profiles.ts";
import { secret } from "../../config/schema.ts";
import { defineSystem } from "../define-system.ts";
import delivery from "./delivery.ts";

/** A FastAPI backend with its database, and a dashboard that runs in browsers; Clerk and Supabase are used from outside. */
export default defineSystem({
  services: ["backend", "dashboard"],
  delivery,

  provided: {
    clerkSecretKey: secret({ prefixes: ["sk_test_", "sk_live_"] }),
    supabaseUrl: secret({ schemes: ["https"] }),
    supabaseServiceKey: secret({ prefixes: ["eyJ", "sb_secret_"], jwtRole: "service_role" }),
    sentryDsn: secret({ schemes: ["https"], absentIn: ["local"] }).optional(),
    /** Used where alerts/slack names a channel. */
    slackWebhook: secret({ prefixes: ["https://hooks.slack.com/"], absentIn: ["local"] }).optional(),
    /** What writes to the receiver of logs: a Datadog API key, a Better Stack token, or the password of an OpenSearch user. */
    logsKey: secret({ minLength: 8, absentIn: ["local"] }).optional(),
  },

  schema: ({ scale, databaseSize, origins, variable, alerts, logs, rateLimit, access, postgres, httpsReady }) => ({
    alerts,
    logs,
    rateLimit,
    httpsReady,
    databaseAccess: access,
    sizes: withProfiles(
      { small: { backend: { memory: "512 MB" }, dashboard: { memory: "512 MB" }, database: { memory: "1 GB" } } },
      z.strictObject({ backend: scale, dashboard: scale, database: databaseSize }).describe("What each part runs on."),
    ),
    versions: z
      .strictObject({ database: postgres })
      .prefault({})
      .describe("Versions of what the system is built on. They should be the same in all environments."),
    backend: z
      .strictObject({
        workers: variable("WEB_CONCURRENCY", z.int().min(1)).prefault(2).describe("Processes that answer side by side in one instance."),
        logLevel: variable("LOG_LEVEL", z.enum(["DEBUG", "INFO", "WARNING", "ERROR"]))
          .prefault("INFO")
          .describe("The least that is worth a line in the log."),
        httpClientTimeout: variable("HTTP_CLIENT_TIMEOUT", z.int().min(1))
          .prefault(30)
          .describe("Seconds that the backend waits for others."),
        httpClientMaxRetries: variable("HTTP_CLIENT_MAX_RETRIES", z.int().min(0))
          .prefault(3)
          .describe("How often the backend asks others again."),
        clerkJwksUrl: variable(
          "CLERK_JWKS_URL",
          z
            .string()
            .regex(/^https:\/\/[^\s/?#@]+\/\.well-known\/jwks\.json$/, 'must be like "https://clerk.example.com/.well-known/jwks.json"'),
        )
          .optional()
          .describe("Where the keys of the Clerk instance are that signs tokens. The backend finds out by itself where it is left out."),
        authorizedParties: origins
          .default([])
          .describe("Sites whose tokens the backend takes; any of the Clerk instance's where it is empty."),
        corsOrigins: origins.default([]).describe("Sites beside the dashboard whose pages may call the backend."),
      })
      .prefault({})
      .describe("How the backend behaves."),
  }),

  shared({ system, zone, existing }) {
    new Zone("zone", { domain: zone, project: system, existing });
    return { zone };
  },

  build(config, platform) {
    const { environment, domain, zone, images, sizes, versions, provided, backend: settings, httpsReady } = config;
    const network = new Network("network", { platform });
    // Whoever is to look at the data from outside is let in by name, and for a time.
    const allow = openAccess(config.databaseAccess);
    const database = new Database("database", {
      platform,
      network,
      engine: "postgres",
      version: versions.database,
      size: sizes.database,
      ...(platform.cloud === undefined ? {} : { allow, storage: { autoscale: {} } }),
    });

    const logs = logDestinations(config.logs, provided.logsKey);
    const told = config.alerts && alertDestinations(config.alerts, provided.slackWebhook);
    // What services and jobs of the App have in common.
    const watched = {
      ...(logs.length === 0 ? {} : { logs }),
      ...(told === undefined ? {} : { alerts: { cpuPercent: 80, memoryPercent: 85, restarts: 3 } }),
    };

    const secrets = new SecretSet("backend-secrets", {
      platform,
      values: {
        SECRET_KEY: generated({ bytes: 64 }),
        CLERK_SECRET_KEY: provided.clerkSecretKey,
        SUPABASE_URL: provided.supabaseUrl,
        SUPABASE_SERVICE_KEY: provided.supabaseServiceKey,
        SENTRY_DSN: provided.sentryDsn,
      },
    });

    // GIT_COMMIT and BUILD_TIME are not set here: the build bakes them into the image, so they belong to the digest, travel with
    // it from staging to production, and a deploy of the same digest changes nothing.
    const backend = new Service("backend", {
      platform,
      image: images.backend,
      port: 8000,
      scale: sizes.backend,
      health: { live: "/healthz", ready: "/readyz" },
      migrate: ["alembic", "upgrade", "head"],
      secrets,
      ...watched,
      env: {
        ENVIRONMENT: environment,
        SERVICE_NAME: "backend",
        DATABASE_URL: database.url({ driver: "psycopg" }),
        BACKEND_CORS_ORIGINS: [...platform.origins(`dashboard.${domain}`), ...settings.corsOrigins],
        CLERK_AUTHORIZED_PARTIES: JSON.stringify(settings.authorizedParties),
        ...(settings.clerkJwksUrl === undefined ? {} : { CLERK_JWKS_URL: settings.clerkJwksUrl }),
        HTTP_CLIENT_TIMEOUT: settings.httpClientTimeout,
        HTTP_CLIENT_MAX_RETRIES: settings.httpClientMaxRetries,
        LOG_LEVEL: settings.logLevel,
        LOG_FORMAT: "json",
        WITH_UI: false,
        WEB_CONCURRENCY: settings.workers,
      },
    });

    // Nginx with the files that the build made. What browsers need to know is written into them when it starts and not when they are
    // built, so that the image which staging has tried is the one that production gets. So are the words of its cache: files that have a
    // hash in their name never change, pages always may. README.md beside this file shows how Nginx takes them.
    const dashboard = new Service("dashboard", {
      platform,
      image: images.dashboard,
      port: 80,
      scale: sizes.dashboard,
      health: { live: "/", ready: "/" },
      frontend: true,
      ...watched,
      env: {
        ENVIRONMENT: environment,
        API_URL: forBrowser(platform.origin(`api.${domain}`)),
        CACHE_CONTROL_ASSETS: "public, max-age=31536000, immutable",
        CACHE_CONTROL_PAGES: "no-cache",
      },
    });

    const edge = new EdgeProxy("edge", {
      platform,
      zone,
      domain,
      hosts: { api: backend, dashboard },
      // The backend sends the header by itself in production; browsers keep it for a year, so the whole zone is looked at before.
      ...(environment === "production" ? { hsts: { sentBy: "services", includeSubDomains: true, httpsReady } as const } : {}),
      rateLimit: config.rateLimit,
    });

    if (told !== undefined) {
      const { api, dashboard: pages } = edge.urls;
      const hosts = { dashboard: pages, api: { url: api, path: "/healthz" }, "api-ready": { url: api, path: "/readyz" } };
      new Monitoring("monitoring", { platform, to: told, hosts: backend.runs ? hosts : {}, databases: { database } });
    }

    return {
      /** Where the API answers. */
      apiUrl: edge.urls.api,
      /** Where people work. */
      dashboardUrl: edge.urls.dashboard,
      /** The images that run. */
      backendImage: backend.image,
      dashboardImage: dashboard.image,
      /** Host of the database, on the private network. */
      databaseHost: database.host,
      databaseName: database.database,
      /** For psql, while somebody is let in from outside. Secret. */
      databaseUrl: allow.length === 0 ? undefined : database.url({ driver: "postgres", from: "outside" }),
    };
  },
});
