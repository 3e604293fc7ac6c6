// A Pulumi program that registers the components that a file describes: for tests of what the provider does with them.
import { readFileSync } from "node:fs";
import { Domain } from "@pulumi/digitalocean/domain.js";
import * as pulumi from "@pulumi/pulumi";
import type { BucketArgs } from "../../components/bucket.ts";
import { Bucket } from "../../components/bucket.ts";
import type { CacheArgs } from "../../components/cache.ts";
import { Cache } from "../../components/cache.ts";
import type { DatabaseArgs } from "../../components/database.ts";
import { Database } from "../../components/database.ts";
import type { MonitoringArgs } from "../../components/monitoring.ts";
import { Monitoring } from "../../components/monitoring.ts";
import { Network } from "../../components/network.ts";
import { Service, type ServiceArgs } from "../../components/service.ts";
import { readState } from "../../config/state.ts";
import { readPulled } from "../../platforms/app-platform/pull.ts";
import { loadPlatform } from "../../platforms/load.ts";

/** What the file holds. */
export interface Description {
  readonly database?: Omit<DatabaseArgs, "platform" | "network" | "engine"> | undefined;
  readonly cache?: Omit<CacheArgs, "platform" | "network"> | undefined;
  readonly bucket?: Omit<BucketArgs, "platform"> | undefined;
  /** Watches the database as well, with these limits. */
  readonly monitoring?: (Omit<MonitoringArgs, "platform" | "databases"> & { readonly database?: object }) | undefined;
  /** Options of resources that are taken off again, by the last part of their type: what a trap looks like without its countermeasure. */
  readonly strip?: Readonly<Record<string, readonly string[]>>;
  /** Inputs that are taken away again, by the last part of the type: `{ App: ["spec.services[*].envs[*].type=GENERAL"] }`. */
  readonly without?: Readonly<Record<string, readonly string[]>>;
  /** Leaves out what the state held, which refusals look at. */
  readonly forget?: boolean;
  /** Variables of the service, secret ones as `secret:…`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another digest of the service's image, as its first character. */
  readonly image?: string;
  /** Lets the service's image be private, with this generation of credentials. */
  readonly pull?: number;
  /** How many deployments failed before this one, as `defineSystem` finds out. */
  readonly attempt?: number;
  /** Alerts of the service itself. */
  readonly alerts?: ServiceArgs["alerts"];
}

const description: Description = JSON.parse(readFileSync(process.env["DESCRIPTION"] ?? "", "utf8")) as Description;
const { strip = {}, without = {}, attempt = 0, pull } = description;

pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
  const off = [...(strip[type.split(":").at(-1) ?? ""] ?? []), ...(strip["*"] ?? [])];
  const left = Object.fromEntries(Object.entries(opts).map(([name, value]) => [name, off.includes(name) ? undefined : value]));
  for (const path of without[type.split(":").at(-1) ?? ""] ?? []) remove(props, path.split("."));
  return { props, opts: left };
});

/** Takes away what stands at a path; `name[*]` goes into each element, `name[0]` into one; `name=text` only where it is that text. */
function remove(value: Record<string, unknown>, [step = "", ...rest]: readonly string[]): void {
  const [, name = "", index, wanted] = /^([^[=]+)(?:\[(.+)\])?(?:=(.*))?$/.exec(step) ?? [];
  if (rest.length === 0) {
    if (wanted === undefined) Reflect.deleteProperty(value, name);
    else value[name] = Promise.resolve(value[name]).then((is) => (is === wanted ? undefined : is));
    return;
  }
  const inner = value[name];
  const all: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
  for (const one of index === undefined || index === "*" ? all : [all[Number(index)]]) {
    if (typeof one === "object" && one !== null) remove(one as Record<string, unknown>, rest);
  }
}

const [system, stack] = [pulumi.getProject(), pulumi.getStack()];
const held = description.forget === true ? [] : await readState(system, stack);
const place = { type: "app-platform", region: "fra", network: "10.42.0.0/20" } as const;
const pulled = readPulled(held);
const platform = await loadPlatform(place, { system, stack, environment: "staging", held, attempt, pulled });
const network = new Network("network", { platform });
const watched: Record<string, { readonly id: pulumi.Output<string> | undefined }> = {};
const env: Record<string, string | pulumi.Output<string>> = {};

if (description.database) {
  const database = new Database("main", { platform, network, engine: "postgres", ...description.database });
  watched["main"] = database;
  env["DATABASE_URL"] = database.url({ driver: "postgres" });
  for (const pool of Object.keys(description.database.pools ?? {})) env["POOL_URL"] = database.url({ driver: "postgres", pool });
}

if (description.cache) {
  const cache = new Cache("cache", { platform, network, ...description.cache });
  watched["cache"] = cache;
  env["CACHE_URL"] = cache.url();
}

if (description.bucket) {
  if (description.bucket.cdn?.host) new Domain("zone", { name: description.bucket.cdn.host.zone });
  const bucket = new Bucket("files", { platform, ...description.bucket });
  if (description.bucket.keys?.["app"] !== undefined) Object.assign(env, bucket.env("app"));
}

if (description.monitoring) {
  const { database, ...options } = description.monitoring;
  const slack = (options.to.slack ?? []).map(({ channel, url }) => ({ channel, url: pulumi.output(url) }));
  const databases = Object.fromEntries(Object.entries(watched).map(([name, of]) => [name, { of, ...database }]));
  new Monitoring("watch", { platform, ...options, to: { ...options.to, slack }, databases });
}

for (const [name, value] of Object.entries(description.env ?? {}))
  env[name] = value.startsWith("secret:") ? pulumi.secret(value.slice("secret:".length)) : value;

new Service("web", {
  platform,
  image: { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${(description.image ?? "1").repeat(64)}` },
  port: 80,
  scale: { memory: 1024, dedicated: false, replicas: 1 },
  health: { live: "/", ready: "/" },
  env,
  ...(pull === undefined ? {} : { pull: { user: "robot", token: pulumi.secret("t0p"), generation: pull } }),
  ...(description.alerts === undefined ? {} : { alerts: description.alerts }),
});
platform.complete();
