import { createHash } from "node:crypto";
import { Container } from "@pulumi/docker/container.js";
import { Network } from "@pulumi/docker/network.js";
import { Provider } from "@pulumi/docker/provider.js";
import { Secret } from "@pulumi/docker/secret.js";
import { Service } from "@pulumi/docker/service.js";
import { ServiceConfig } from "@pulumi/docker/serviceConfig.js";
import { Volume } from "@pulumi/docker/volume.js";
import * as pulumi from "@pulumi/pulumi";
import { Acknowledged } from "../../config/acknowledge.ts";
import type { Image } from "../../config/images.ts";
import { imageText } from "../../config/images.ts";
import { keptLogs } from "../../config/docker-host.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { readState } from "../../config/state.ts";
import { replicaDemand, toldDemand } from "../demands.ts";
import { compare, createGate, hostProblems, sorted } from "../gather.ts";
import { physicalName } from "../naming.ts";
import type { Edge, HostAnswer, Platform, PlatformContext, StatefulService } from "../platform.ts";
import type { PlatformJob, PlatformService, PlatformWorker, Source, Variables } from "../workloads.ts";
import { type Addresses, resolveAddresses } from "./addresses.ts";
import { jobProblems, serviceProblems, siteProblems, workerProblems } from "../workload-problems.ts";
import { renderCaddyfile } from "./caddyfile.ts";
import type { JobRun } from "./job-runs.ts";
import { resolveAttempt, resolveJobRuns } from "./job-runs.ts";
import { fingerprintOf } from "./last-deployment.ts";
import { edgeRefusals, hostRefusals, jobRefusals, serviceRefusals, siteRefusals, statefulRefusals, workerRefusals } from "./refusals.ts";
import type { KeptLogs, Mounted } from "./services.ts";
import { renderProxy, renderService, renderStateful, renderWorker } from "./services.ts";

/** Longest name of a service, secret or configuration in a swarm. */
const nameLength = 63;

/** One Docker engine, a swarm of itself: services on a network of their own, behind a proxy that alone has a port of the machine. */
export async function createDockerHost(
  choice: Extract<PlatformChoice, { type: "docker-host" }>,
  context: PlatformContext,
): Promise<Platform> {
  const runs = resolveJobRuns(await readState(context.system, context.stack));
  const place = { environment: context.environment, acknowledged: context.acknowledged ?? new Acknowledged([]) };
  const services = new Map<string, PlatformService>();
  const statefuls = new Map<string, StatefulService>();
  const names = new Map([["proxy", "the platform's own"]]);
  const jobs = new Map<string, PlatformJob>();
  const workers = new Map<string, PlatformWorker>();
  const hosts = new Map<string, HostAnswer>();
  const edges: Edge[] = [];
  /** Names of static sites, also of those that no container serves. */
  const sites = new Set<string>();
  const { gather, refuseLate, refuse, refused, wait, checked, close } = createGate(() => [
    ...hostProblems(hosts, new Set([...services.keys(), ...sites])),
    toldDemand(place, false),
  ]);
  const dependencies: pulumi.CustomResource[] = [];
  const deployed = new Map<string, (image: pulumi.Output<Image | Source>) => void>();
  const deferred = (name: string): pulumi.Output<Image | Source> => {
    const [image, resolve] = pulumi.deferredOutput<Image | Source>();
    deployed.set(name, resolve);
    return image;
  };
  const addresses = resolveAddresses(choice, context.domain);
  const originOf = (host: string): string => addresses.of(host)[0] ?? "";
  const physical = (...parts: readonly string[]): string => physicalName([context.system, context.stack, ...parts], nameLength);

  return {
    ...context,
    ...place,
    type: choice.type,
    cloud: undefined,
    addService(service) {
      refuse(service.name, [...serviceProblems(service), ...serviceRefusals(service), replicaDemand(place, service.scale.replicas)]);
      gather(names, "service", service.name, service.name);
      services.set(service.name, service);
      return deferred(service.name);
    },
    addWorker(worker) {
      refuse(worker.name, [...workerProblems(worker), ...workerRefusals(worker), replicaDemand(place, worker.scale.replicas)]);
      gather(names, "worker", worker.name, worker.name);
      workers.set(worker.name, worker);
      return deferred(worker.name);
    },
    addJob(job) {
      refuse(job.of ?? job.name, [...jobProblems(job), ...jobRefusals(job)]);
      gather(jobs, "job", job.name, job);
      return deferred(`job ${job.name}`);
    },
    addSite(site) {
      refuse(site.name, [...siteProblems(site), ...siteRefusals(site)]);
      gather(names, "static site", site.name, site.name);
      sites.add(site.name);
      if (site.container !== undefined) services.set(site.name, site.container);
    },
    addStateful(service) {
      refuse(service.name, statefulRefusals(service));
      gather(names, "service", service.name, service.name);
      statefuls.set(service.name, service);
    },
    origin: (host) => originOf(host),
    origins: (host) => addresses.of(host),
    expose(host, answer) {
      refuse(host, hostRefusals(answer, choice.proxyImage));
      gather(hosts, "host", host, answer);
      return undefined; // .localhost is this machine everywhere, without any DNS
    },
    edge(options) {
      refuseLate("The edge");
      const isSecond = edges.push(options) > 1;
      refuse("edge", [...edgeRefusals(options), isSecond && "how the edge treats all hosts was said before. Say it at one EdgeProxy."]);
    },
    alert() {
      refuseLate("An alert");
      refuse("alerts", ["nobody watches a Docker host. Leave them out in this environment."]);
    },
    after(resource) {
      refuseLate("A dependency");
      dependencies.push(resource);
    },
    refuse,
    refused,
    wait,
    checked,
    complete() {
      close();
      if (hosts.size > 0) addresses.check(hosts.keys());
      // Said with each resource: none ever lands on the engine that a shell happens to point at.
      const provider = new Provider("docker", { host: choice.host });
      const network = new Network("network", { name: physical(), driver: "overlay", attachable: true }, { provider });
      const logs = { ...keptLogs, ...choice.logs };
      const place = { network: network.id, logs };
      const kept = sorted(statefuls).map(([, service]) => createStateful(service, { provider, network, physical, logs }));
      const before = [...dependencies, ...kept];
      const run = (
        when: "before" | "after",
        waits: readonly pulumi.Input<pulumi.Resource>[],
      ): (readonly [string, pulumi.Output<Container>])[] =>
        sorted(jobs)
          .filter(([, job]) => job.when === when)
          .map(([name, job]) => {
            const ended = createJob(job, { provider, network, physical, logs, before: waits, last: runs.get(name) });
            deployed.get(`job ${name}`)?.(ended.apply(() => job.image));
            return [name, ended] as const;
          });
      const finished = run("before", before);
      const opts = { provider, dependsOn: [...before, ...finished.map(([, job]) => job)] };
      const running = [
        ...sorted(services).map(
          ([name, service]) => [service, new Service(name, renderService(physical(name), place, service, context.attempt), opts)] as const,
        ),
        ...sorted(workers).map(
          ([name, worker]) => [worker, new Service(name, renderWorker(physical(name), place, worker, context.attempt), opts)] as const,
        ),
      ];
      for (const [{ name, image }, service] of running) deployed.get(name)?.(service.id.apply(() => image));
      const after = run(
        "after",
        running.map(([, service]) => service),
      );
      if (hosts.size > 0)
        createProxy(
          hosts,
          services,
          { choice, addresses, originOf, off: edges[0]?.maintenance !== undefined },
          { provider, network, physical, logs },
        );
      if (running.length === 0) return undefined;
      return {
        asked: askedOf(
          running.map(([{ name }, service]) => [name, service]),
          [...finished, ...after],
        ),
      };
    },
  } satisfies Platform;
}

/** What everything on the host is made with. */
interface Surroundings {
  readonly provider: Provider;
  readonly network: Network;
  readonly physical: (...parts: readonly string[]) => string;
  readonly logs: KeptLogs;
}

/** A stateful service with its volume and its secrets. */
function createStateful(service: StatefulService, { provider, network, physical, logs }: Surroundings): pulumi.CustomResource {
  const { name, data, secretFiles } = service;
  const volume = new Volume(`${name}-data`, { name: physical(name, "data") }, { provider, protect: data.keep, retainOnDelete: data.keep });
  const secrets = Object.entries(secretFiles).map(([variable, { value, generation }]) => {
    const role = `${name}-${variable
      .toLowerCase()
      .replaceAll("_", "-")
      .replace(/-file$/, "")}`;
    return [variable, createSecret(role, value, generation, { provider, physical })] as const;
  });
  const args = renderStateful(physical(name), { network: network.id, logs }, service, {
    volume: volume.name,
    secrets: Object.fromEntries(secrets),
  });
  return new Service(name, args, { provider });
}

/** A secret never changes: a new value is one with a new name, made before the old one goes, which a service still holds until then. */
function createSecret(
  role: string,
  value: pulumi.Input<string>,
  generation: number,
  { provider, physical }: Pick<Surroundings, "provider" | "physical">,
): Mounted {
  const data = pulumi.secret(value).apply((text) => Buffer.from(text).toString("base64"));
  return new Secret(role, { name: physical(role, String(generation)), data }, { provider, deleteBeforeReplace: false });
}

/**
 * Runs a command to its end. The plugin takes any end for success, so what waits for this fails by the exit code instead; and the
 * next `pulumi up` runs a failed one again.
 */
function createJob(
  { name, image, command, env, when, graceSeconds }: PlatformJob,
  {
    provider,
    network,
    physical,
    before,
    last,
  }: Surroundings & { readonly before: readonly pulumi.Input<pulumi.Resource>[]; readonly last: JobRun | undefined },
): pulumi.Output<Container> {
  if (!("digest" in image)) throw new Error(`${name} was not checked.`);
  const physicalJob = `${physical(name)}-${resolveAttempt(last)}`;
  const job = new Container(
    name,
    {
      name: physicalJob,
      image: imageText(image),
      command: [...command],
      envs: renderEnvs(env),
      networksAdvanced: [{ name: network.id }],
      attach: true,
      mustRun: false,
      restart: "no",
      ...(graceSeconds === undefined ? {} : { destroyGraceSeconds: graceSeconds }),
    },
    { provider, dependsOn: [...before] },
  );
  return job.exitCode.apply((code) => {
    if (code === 0) return job;
    throw new pulumi.RunError(
      `${name} ended with exit code ${code}${when === "before" ? ", so no service was changed" : ""}. See: docker logs ${physicalJob}. The next pulumi up runs it again.`,
    );
  });
}

/** Fingerprint of all that was asked for, known once all of it has come about: from then on this is what serves. */
function askedOf(
  services: readonly (readonly [string, Service])[],
  jobs: readonly (readonly [string, pulumi.Output<Container>])[],
): pulumi.Output<string> {
  const made = services.map(([service, { id, taskSpec, mode, labels }]) =>
    // With the id, so that it waits for the service.
    pulumi
      .all([id, taskSpec, mode, labels])
      .apply(([, taskSpec, mode, labels]) => [service, { taskSpec, mode, labels: labels ?? [] }] as const),
  );
  const ended = jobs.map(([job, container]) =>
    container.apply(({ name, image, exitCode }) =>
      pulumi.all([name, image, exitCode]).apply(([name, image, exitCode]) => [job, { name, image, exitCode }] as const),
    ),
  );
  const text = pulumi
    .all([pulumi.all(made), pulumi.all(ended)])
    .apply(([made, ended]) => fingerprintOf(Object.fromEntries(made), Object.fromEntries(ended)));
  return pulumi.secret(text);
}

/** Where the world finds the proxy. */
interface Reached {
  readonly choice: Extract<PlatformChoice, { type: "docker-host" }>;
  readonly addresses: Addresses;
  readonly originOf: (host: string) => string;
  /** Whether all hosts are taken off for maintenance. */
  readonly off: boolean;
}

/** Addresses as the proxy sees them, which listens at port 80 inside its container, whatever the machine's port is. */
function insideOf(addresses: Addresses, port: number): (host: string) => readonly string[] {
  return (host) =>
    addresses.of(host).map((address) => (port !== 80 && address.endsWith(`:${port}`) ? address.slice(0, -`:${port}`.length) : address));
}

/** The proxy with its configuration, which is replaced by one with another name: it holds nothing secret, so that is a hash. */
function createProxy(
  hosts: ReadonlyMap<string, HostAnswer>,
  services: ReadonlyMap<string, PlatformService>,
  { choice, addresses, originOf, off }: Reached,
  { provider, network, physical, logs }: Surroundings,
): void {
  const portOf = (service: string): number => services.get(service)?.port ?? 0;
  const text = renderCaddyfile(hosts, {
    portOf,
    origin: originOf,
    addresses: insideOf(addresses, choice.port),
    ports: addresses.ports,
    off,
  });
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const config = new ServiceConfig(
    "proxy",
    { name: physical("proxy", hash), data: Buffer.from(text).toString("base64") },
    { provider, deleteBeforeReplace: false },
  );
  new Service(
    "proxy",
    renderProxy(physical("proxy"), { network: network.id, logs }, config, {
      port: choice.port,
      ports: addresses.ports,
      image: choice.proxyImage,
    }),
    { provider },
  );
}

/** `KEY=value`, by name; a line with a secret value is secret. */
function renderEnvs(env: Variables): pulumi.Input<string>[] {
  return Object.entries(env)
    .sort(([a], [b]) => compare(a, b))
    .map(([key, value]) => pulumi.output(value).apply((text) => `${key}=${text}`));
}
