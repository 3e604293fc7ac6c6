import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { containerOutputs, serviceOutputs, types } from "../catalogue/docker/docker.ts";
import { type Backing, type Created, Unsettled } from "../catalogue/kind.ts";
import { isObject, text } from "../catalogue/values.ts";
import type { CloudObject, Properties } from "../cloud/store.ts";
import { renderContainer } from "./container-spec.ts";
import { duration, fields, labelMap, readBack, renderService, type ServiceSpec } from "./service-spec.ts";
import { type DockerSettings, mappedImage } from "./settings.ts";

/** One instance of a service, as the engine has it. */
interface Task {
  readonly DesiredState: string;
  readonly Spec: Properties;
  readonly Status: { readonly State: string; readonly Err?: string; readonly Timestamp?: string };
}

interface Inspected {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
  readonly UpdateStatus?: { readonly State: string; readonly StartedAt: string };
}

/** Label of a service with the image that was asked for and the one that stands for it. The resource never shows it. */
const imageLabel = "groundwork.sandbox.image";

/** How often it is looked whether something has come about. */
const pause = 300;

/** A Docker engine, a swarm of itself, that makes everything real. */
export class DockerEngine implements Backing {
  readonly #settings: DockerSettings;
  #socket = "";
  #docker = new Docker();

  constructor(settings: DockerSettings) {
    this.#settings = settings;
  }

  get place(): string {
    return `unix://${this.#socket}`;
  }

  configure({ host }: Properties): void {
    const address = this.#settings.host ?? (text(host) || "unix:///var/run/docker.sock");
    if (!address.startsWith("unix://")) throw new Error(`the sandbox reaches Docker engines of this machine only, not "${address}"`);
    this.#socket = address.slice("unix://".length);
    this.#docker = new Docker({ socketPath: this.#socket });
  }

  async create(type: string, inputs: Properties): Promise<Created> {
    const name = text(inputs.name);
    const made = await this.#said(() => this.#make(type, name, inputs));
    return { name, ...made };
  }

  async #make(type: string, name: string, inputs: Properties): Promise<Omit<Created, "name">> {
    switch (type) {
      case types.network: {
        const known = fields(inputs, "", ["name", "driver", "attachable", "internal", "labels", "ipamDriver", "options"]);
        const { id } = await this.#docker.createNetwork({
          Name: name,
          Driver: text(known.driver) || "bridge",
          Attachable: known.attachable === true,
          Internal: known.internal === true,
          Labels: labelMap(known.labels),
          CheckDuplicate: true,
        });
        return { id, outputs: await this.#network(id, inputs) };
      }
      case types.volume: {
        const known = fields(inputs, "", ["name", "driver", "labels", "driverOpts"]);
        await this.#docker.createVolume({ Name: name, Driver: text(known.driver) || "local", Labels: labelMap(known.labels) });
        return { id: name, outputs: await this.#volume(name, inputs) };
      }
      case types.secret:
      case types.config: {
        const known = fields(inputs, "", ["name", "data", "labels"]);
        const description = { Name: name, Data: known.data, Labels: labelMap(known.labels) };
        const { id } = (await (type === types.secret
          ? this.#docker.createSecret(description)
          : this.#docker.createConfig(description))) as {
          id: string;
        };
        return { id, outputs: { labels: inputs.labels ?? [] } };
      }
      case types.service: {
        const { spec } = await this.#render(inputs);
        const { id } = await this.#docker.createService(spec);
        try {
          await this.#converge(id, name, inputs);
        } catch (error) {
          // As the plugin does it: what never ran is taken away, so that the next try starts anew.
          await this.#removeService(id, inputs);
          throw error;
        }
        return { id, outputs: serviceOutputs(inputs) };
      }
      case types.container:
        return this.#runContainer(name, inputs);
      default:
        throw new Error(`the sandbox cannot make a ${type} on a Docker engine yet`);
    }
  }

  async read({ type, id, inputs, outputs }: CloudObject): Promise<Properties | undefined> {
    return this.#said(() =>
      this.#unlessGone(async () => {
        switch (type) {
          case types.network:
            return { ...outputs, ...(await this.#network(id, inputs)) };
          case types.volume:
            return { ...outputs, ...(await this.#volume(id, inputs)) };
          case types.secret:
            await this.#docker.getSecret(id).inspect();
            return outputs;
          case types.config:
            await this.#docker.getConfig(id).inspect();
            return outputs;
          case types.service: {
            const { Spec: spec } = await this.#inspect(id);
            const [asked = "", used] = (spec.Labels[imageLabel] ?? "").split(" ");
            const { Image: now } = spec.TaskTemplate.ContainerSpec;
            return readBack(outputs, spec, now === used ? asked : now);
          }
          case types.container: {
            const { State: state } = await this.#docker.getContainer(id).inspect();
            return {
              ...outputs,
              exitCode: state.Running ? null : state.ExitCode,
              mustRun: outputs.mustRun === true ? state.Running : false,
            };
          }
          default:
            throw new Error(`the sandbox cannot read a ${type} from a Docker engine yet`);
        }
      }),
    );
  }

  async update({ type, id }: CloudObject, inputs: Properties): Promise<Properties> {
    if (type !== types.service) throw new Error(`the sandbox cannot change a ${type} on a Docker engine yet`);
    return this.#said(async () => {
      const { spec } = await this.#render(inputs);
      const before = await this.#inspect(id);
      await this.#docker.getService(id).update({ version: before.Version.Index, ...spec });
      await this.#converge(id, text(inputs.name), inputs, before.UpdateStatus?.StartedAt);
      return serviceOutputs(inputs);
    });
  }

  async delete({ type, id, inputs }: CloudObject): Promise<void> {
    await this.#said(() =>
      this.#unlessGone(async () => {
        switch (type) {
          case types.network:
            // Containers that have just ended still hold it for a moment.
            return this.#patiently(() => this.#docker.getNetwork(id).remove());
          case types.volume:
            return this.#patiently(() => this.#docker.getVolume(id).remove());
          case types.secret:
            return this.#patiently(() => this.#docker.getSecret(id).remove());
          case types.config:
            return this.#patiently(() => this.#docker.getConfig(id).remove());
          case types.service:
            return this.#removeService(id, inputs);
          case types.container:
            if (typeof inputs.destroyGraceSeconds === "number")
              await this.#docker.getContainer(id).stop({ t: inputs.destroyGraceSeconds }).catch(ignoreStopped);
            await this.#docker.getContainer(id).remove({ force: true, v: inputs.removeVolumes !== false });
            return;
          default:
            throw new Error(`the sandbox cannot delete a ${type} from a Docker engine yet`);
        }
      }),
    );
  }

  async #network(id: string, inputs: Properties): Promise<Properties> {
    const network = await this.#docker.getNetwork(id).inspect();
    return {
      driver: network.Driver,
      internal: network.Internal,
      ipamConfigs: (network.IPAM?.Config ?? []).map((config) => ({
        auxAddress: {},
        gateway: config["Gateway"] ?? "",
        ipRange: config["IPRange"] ?? "",
        subnet: config["Subnet"] ?? "",
      })),
      labels: inputs.labels ?? [],
      options: inputs.options ?? network.Options ?? {},
      scope: network.Scope,
    };
  }

  async #volume(name: string, inputs: Properties): Promise<Properties> {
    const volume = await this.#docker.getVolume(name).inspect();
    return { driver: volume.Driver, labels: inputs.labels ?? [], mountpoint: volume.Mountpoint };
  }

  /** A container; one that is attached to is waited for, and its exit code is for the program to judge. */
  async #runContainer(name: string, inputs: Properties): Promise<Omit<Created, "name">> {
    const asked = renderContainer(name, inputs);
    const { id: image } = await this.#image(text(inputs.image));
    const container = await this.#docker.createContainer({ ...asked, Image: image });
    if (inputs.start !== false) await container.start();
    const ended = inputs.attach === true ? ((await container.wait()) as { StatusCode: number }).StatusCode : null;
    const { NetworkSettings: settings } = await container.inspect();
    const joined = Object.entries(settings.Networks).map(([networkName, network]) => ({
      gateway: network.Gateway,
      globalIpv6Address: network.GlobalIPv6Address,
      globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
      ipAddress: network.IPAddress,
      ipPrefixLength: network.IPPrefixLen,
      ipv6Gateway: network.IPv6Gateway,
      macAddress: network.MacAddress,
      networkName,
    }));
    return { id: container.id, outputs: containerOutputs(inputs, { id: container.id, exitCode: ended, networks: joined }) };
  }

  async #render(inputs: Properties): Promise<{ spec: ServiceSpec }> {
    const { containerSpec } = inputs.taskSpec as { containerSpec: Properties };
    const asked = text(containerSpec.image);
    const { id: image } = await this.#image(asked);
    const spec = renderService(inputs, image);
    return { spec: { ...spec, Labels: { ...spec.Labels, [imageLabel]: `${asked} ${image}` } } };
  }

  /** The image by its id, which never changes, and which no node tries to pull. */
  async #image(reference: string): Promise<{ id: string }> {
    const mapped = mappedImage(this.#settings.images, reference);
    const found = await this.#unlessGone(() => this.#docker.getImage(mapped ?? reference).inspect());
    if (found) return { id: found.Id };
    const wayOut = (why: string): Error => new Error(`${why} Name an image that it has, such as:\n  ${example(reference)}`);
    if (mapped !== undefined) {
      throw wayOut(`SANDBOX_DOCKER_IMAGES says "${mapped}" for ${reference}, but the engine at ${this.place} has no such image.`);
    }
    try {
      const progress = await this.#docker.pull(reference);
      await new Promise<void>((resolve, reject) => {
        this.#docker.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve()));
      });
      return { id: (await this.#docker.getImage(reference).inspect()).Id };
    } catch (error) {
      throw wayOut(`the engine at ${this.place} has no image ${reference}, and pulling it failed: ${words(error)}.`);
    }
  }

  async #inspect(id: string): Promise<Inspected> {
    return (await this.#docker.getService(id).inspect()) as Inspected;
  }

  async #tasks(id: string): Promise<Task[]> {
    return (await this.#docker.listTasks({ filters: JSON.stringify({ service: [id] }) })) as Task[];
  }

  /**
   * Waits until all instances run what was asked for, and no others. The real plugin may stop earlier, as soon as as many as asked
   * for run, old or new.
   */
  async #converge(id: string, name: string, inputs: Properties, earlier?: string): Promise<void> {
    if (inputs.convergeConfig === undefined) return;
    const { delay, timeout } = inputs.convergeConfig as { delay?: string; timeout?: string };
    const end = Date.now() + (duration(timeout ?? "3m") ?? 0) / 1e6;
    // The plugin does not look before that, so neither do we.
    if (earlier === undefined) await sleep(Math.min((duration(delay) ?? 0) / 1e6, 1000));
    for (;;) {
      const { Spec: spec, UpdateStatus: status } = await this.#inspect(id);
      const tasks = await this.#tasks(id);
      const wanted = (spec.Mode as { Replicated?: { Replicas: number } }).Replicated?.Replicas ?? 1;
      const alive = tasks.filter(({ DesiredState, Status }) => DesiredState === "running" || Status.State === "running");
      const settled = alive.filter(({ Spec, Status }) => Status.State === "running" && isSame(Spec, spec.TaskTemplate));
      const isSettled = settled.length === wanted && alive.length === wanted;
      const state = status === undefined || status.StartedAt === earlier ? "" : status.State;
      if (/paused$/.test(state)) throw new Unsettled(`service ${name}: the engine has stopped the update half way${lastError(tasks)}`);
      if (isSettled && state.startsWith("rollback")) {
        throw new Unsettled(`service ${name}: the engine has gone back to what ran before${lastError(tasks)}`);
      }
      if (isSettled) return;
      if (Date.now() > end) {
        throw new Unsettled(`service ${name} did not converge in ${timeout ?? "3m"}${lastError(tasks)}`);
      }
      await sleep(pause);
    }
  }

  /** Removes a service and waits until its containers are gone, so that what they hold can go too. */
  async #removeService(id: string, inputs: Properties): Promise<void> {
    const ofService = { all: true, filters: JSON.stringify({ label: [`com.docker.swarm.service.id=${id}`] }) };
    await this.#unlessGone(() => this.#docker.getService(id).remove());
    const { containerSpec } = inputs.taskSpec as { containerSpec: Properties };
    const end = Date.now() + (duration(containerSpec.stopGracePeriod) ?? 10e9) / 1e6 + 5000;
    while ((await this.#docker.listContainers(ofService)).length > 0 && Date.now() < end) await sleep(pause);
    for (const { Id } of await this.#docker.listContainers(ofService)) {
      await this.#unlessGone(() => this.#docker.getContainer(Id).remove({ force: true, v: true }) as Promise<unknown>);
    }
  }

  /** Tries again while it is still held. */
  async #patiently(remove: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await remove();
        return;
      } catch (error) {
        if (isGone(error) || tries >= 30) throw error;
        await sleep(pause);
      }
    }
  }

  async #unlessGone<T>(look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  /** Errors as the docker command line words them. */
  async #said<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { code, statusCode } = error as { code?: string; statusCode?: number };
      if (code === "ENOENT" || code === "ECONNREFUSED" || code === "EACCES") {
        const way = "Start it, or name another one with SANDBOX_DOCKER_HOST=unix:///….";
        throw new Error(`no Docker engine answers at ${this.place} (${code}). ${way}`, { cause: error });
      }
      if (statusCode !== undefined) throw new Error(`Error response from daemon: ${words(error)}`, { cause: error });
      throw error;
    }
  }
}

const isGone = (error: unknown): boolean => (error as { statusCode?: number }).statusCode === 404;

/** 304: it had ended before. */
function ignoreStopped(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 304) throw error;
}

/** What the engine says, without what the client adds. */
function words(error: unknown): string {
  const { json } = error as { json?: { message?: string } };
  return json?.message ?? (error instanceof Error ? error.message : String(error));
}

/** Whether an instance is what a service wants now. What is filled in on one side only, as nothing, does not tell them apart. */
function isSame(instance: Properties, wanted: Properties): boolean {
  const form = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(form);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([name, field]) => [name, form(field)] as const);
    const told = entries.filter(
      ([, field]) => !(field === 0 || field === "" || field === false || (Array.isArray(field) && field.length === 0)),
    );
    return told.sort(([one], [other]) => (one < other ? -1 : 1));
  };
  return ["ContainerSpec", "Resources", "ForceUpdate"].every(
    (part) => JSON.stringify(form(instance[part] ?? {})) === JSON.stringify(form(wanted[part] ?? {})),
  );
}

/** Why the last instance ended that did not end well. */
function lastError(tasks: readonly Task[]): string {
  const failed = tasks
    .filter(({ Status }) => Status.Err)
    .sort((a, b) => ((a.Status.Timestamp ?? "") < (b.Status.Timestamp ?? "") ? 1 : -1));
  return failed[0]?.Status.Err === undefined ? "" : `. Its last failed instance: ${failed[0].Status.Err}`;
}

const example = (reference: string): string => `SANDBOX_DOCKER_IMAGES='${JSON.stringify({ [reference.replace(/@.*$/, "")]: "<image>" })}'`;
