import type { ServiceArgs } from "@pulumi/docker/service.js";
import type { input } from "@pulumi/docker/types/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { imageText } from "../../config/images.ts";
import type { StatefulService } from "../platform.ts";
import type { PlatformProgram, PlatformService, PlatformWorker } from "../workloads.ts";
import { checkTimes, defaultTimes, type Times } from "./health.ts";
import { attemptLabel } from "./last-deployment.ts";
import { probe } from "./probe.ts";

/** Something that stands in the engine and is mounted into a service. */
export interface Mounted {
  readonly id: pulumi.Input<string>;
  readonly name: pulumi.Input<string>;
}

/** How much of an instance's lines is kept. */
export interface KeptLogs {
  /** Most that one file holds, such as `"10 MB"`. */
  readonly size: string;
  readonly files: number;
}

/** What all services of a system have in common. */
interface Place {
  /** Id of the network. */
  readonly network: pulumi.Input<string>;
  readonly logs: KeptLogs;
}

const MiB = 1024 ** 2;

/** Where the proxy listens inside its container. */
const proxyPort = 80;

/** Seconds between being asked to end and being killed. */
const grace = 30;

/** Caddy, by digest; it only needs what its own image has. */
const proxyImage = "caddy:2.10.2@sha256:c3d7ee5d2b11f9dc54f947f68a734c84e9c9666c92c88a7f30b9cba5da182adb";

/** A service of the system: a new version stands beside the old one until it is ready, and the old one stays when it never is. */
export function renderService(physical: string, place: Place, service: PlatformService, attempt = 0): ServiceArgs {
  const { port, health } = service;
  const times = checkTimes(health);
  const tests = ["CMD-SHELL", probe(port, health, { seconds: Math.max(1, times.timeout - 1) })];
  return renderProgram(physical, place, service, attempt, { tests, times });
}

/** A worker: nobody asks it anything, but its health may be looked at. */
export function renderWorker(physical: string, place: Place, worker: PlatformWorker, attempt = 0): ServiceArgs {
  const { live } = worker;
  if (live === undefined) return renderProgram(physical, place, worker, attempt);
  const times = checkTimes({ live, ready: live });
  const tests = ["CMD-SHELL", probe(live.port, { live, ready: live }, { seconds: Math.max(1, times.timeout - 1) })];
  return renderProgram(physical, place, worker, attempt, { tests, times });
}

function renderProgram(
  physical: string,
  place: Place,
  { name, image, command, scale, env, graceSeconds }: PlatformProgram,
  attempt: number,
  health?: { readonly tests: string[]; readonly times: Times },
): ServiceArgs {
  if (!("digest" in image) || typeof scale.replicas !== "number") throw new Error(`${name} was not checked.`);
  const args = render({
    physical,
    alias: name,
    place,
    replicas: scale.replicas,
    order: "start-first",
    limits: limits(scale),
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
    ...(health === undefined ? {} : { times: health.times }),
    container: {
      image: imageText(image),
      // The arguments of the image's own entry point, as with docker run.
      ...(command === undefined ? {} : { args: [...command] }),
      env,
      init: true,
      ...(health === undefined ? {} : { healthcheck: healthcheck(health.tests, health.times) }),
    },
  });
  return attempt === 0 ? args : { ...args, labels: [{ label: attemptLabel, value: String(attempt) }] };
}

/** A stateful service: two of them on one volume would destroy it, so the old one stops before the new one starts. */
export function renderStateful(
  physical: string,
  place: Place,
  service: StatefulService,
  { volume, secrets }: { readonly volume: pulumi.Input<string>; readonly secrets: Readonly<Record<string, Mounted>> },
): ServiceArgs {
  const files = Object.entries(secrets).map(([variable, secret]) => ({
    variable,
    ...secret,
    path: `/run/secrets/${variable.toLowerCase()}`,
  }));
  return render({
    physical,
    alias: service.name,
    place,
    replicas: 1,
    order: "stop-first",
    limits: limits(service),
    container: {
      image: service.image,
      env: { ...service.env, ...Object.fromEntries(files.map(({ variable, path }) => [variable, path])) },
      mounts: [{ type: "volume", source: volume, target: service.data.path }],
      secrets: files.map(({ id, name, path }) => ({ secretId: id, secretName: name, fileName: path })),
      healthcheck: healthcheck(["CMD", ...service.health], defaultTimes),
    },
  });
}

/** The proxy: the only one with a port of the machine, which two instances cannot hold at once. Ends at once on a wrong configuration. */
export function renderProxy(
  physical: string,
  place: Place,
  config: Mounted,
  {
    port,
    ports = [],
    image = proxyImage,
  }: { readonly port: number; readonly ports?: readonly number[]; readonly image?: string | undefined },
): ServiceArgs {
  const published = [[proxyPort, port] as const, ...ports.map((own) => [own, own] as const)];
  return render({
    physical,
    alias: "proxy",
    place,
    replicas: 1,
    order: "stop-first",
    ports: published.map(([targetPort, publishedPort]) => ({ protocol: "tcp", publishMode: "host", targetPort, publishedPort })),
    container: { image, configs: [{ configId: config.id, configName: config.name, fileName: "/etc/caddy/Caddyfile" }] },
  });
}

interface Parts {
  readonly physical: string;
  /** Name on the system's network. */
  readonly alias: string;
  readonly place: Place;
  readonly replicas: number;
  readonly order: "start-first" | "stop-first";
  readonly limits?: input.ServiceTaskSpecResourcesLimits;
  readonly ports?: input.ServiceEndpointSpecPort[];
  readonly graceSeconds?: number;
  readonly times?: Times;
  readonly container: input.ServiceTaskSpecContainerSpec;
}

/** What all services have in common. What the plugin would replace a service for (labels of the container, hosts, network names) is not used. */
function render(parts: Parts): ServiceArgs {
  const { physical, alias, place, replicas, order, limits, ports, graceSeconds = grace, times = defaultTimes, container } = parts;
  // Longer than it takes to notice that a new instance never gets well, or the update would count as done before.
  const monitor = `${times.start + times.retries * (times.interval + times.timeout) + 6}s`;
  const change = { parallelism: 1, order, delay: "0s", monitor, maxFailureRatio: "0.0" };
  return {
    name: physical,
    mode: { replicated: { replicas } },
    // Names are resolved to the instances themselves: needs nothing of the kernel, and keeps connections that are idle for long.
    endpointSpec: { mode: "dnsrr", ...(ports === undefined ? {} : { ports }) },
    taskSpec: {
      containerSpec: { ...container, stopGracePeriod: goDuration(graceSeconds) },
      networksAdvanceds: [{ id: place.network, aliases: [alias] }],
      // The window is stated because every preview would show a change without it.
      restartPolicy: { condition: "any", delay: "1s", window: "0s" },
      logDriver: { name: "json-file", options: { "max-file": String(place.logs.files), "max-size": place.logs.size.replace(" MB", "m") } },
      ...(limits === undefined ? {} : { resources: { limits } }),
    },
    updateConfig: { ...change, failureAction: "rollback" },
    rollbackConfig: { ...change, failureAction: "pause" },
    // Without it the plugin would not wait: a service counts as deployed once all its instances run.
    convergeConfig: { delay: "5s", timeout: "5m0s" },
  };
}

function limits({ memory, cpu }: { readonly memory: number; readonly cpu?: number | undefined }): input.ServiceTaskSpecResourcesLimits {
  return { memoryBytes: memory * MiB, ...(cpu === undefined ? {} : { nanoCpus: Math.round(cpu * 1e9) }) };
}

function healthcheck(tests: string[], times: Times): input.ServiceTaskSpecContainerSpecHealthcheck {
  const { interval, timeout, retries, start } = times;
  return {
    tests,
    interval: goDuration(interval),
    timeout: goDuration(timeout),
    retries,
    startPeriod: goDuration(start),
  };
}

/** Seconds as the engine gives them back: `1m30s` for 90. Written otherwise, every preview would show a change. */
function goDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
