import { kinds, lookups } from "../catalogue/index.ts";
import { type Backing, type CloudContext, type ResourceKind, Unsettled } from "../catalogue/kind.ts";
import { loadShapes, type ResourceShape, type Shapes } from "../catalogue/shape.ts";
import { isObject, projectInputs, unknown } from "../catalogue/values.ts";
import type { CloudObject, CloudStore, Operation, Properties } from "../cloud/store.ts";
import { check, type Checked } from "./check.ts";
import { diff, type Plan, planState } from "./diff.ts";
import { Requests } from "./requests.ts";

/** The resource exists, but not in the state that was asked for: the engine has to keep it and try again. */
export class InitializationError extends Error {
  readonly type: string;
  readonly id: string;
  readonly outputs: Properties;
  readonly inputs: Properties;
  constructor(message: string, type: string, id: string, outputs: Properties, inputs: Properties) {
    super(message);
    this.type = type;
    this.id = id;
    this.outputs = outputs;
    this.inputs = inputs;
  }
}

export interface Resource {
  readonly urn: string;
  readonly type: string;
  /** Logical name. */
  readonly name: string;
}

/** What can be configured of a provider. Source: the packages' `config` modules. */
const configurations: Readonly<Record<string, readonly string[]>> = {
  digitalocean: [
    "apiEndpoint",
    "httpRetryMax",
    "httpRetryWaitMax",
    "httpRetryWaitMin",
    "requestsPerSecond",
    "spacesAccessId",
    "spacesEndpoint",
    "spacesSecretKey",
    "token",
  ],
  github: [
    "appAuth",
    "baseUrl",
    "cachePath",
    "insecure",
    "legacyClient",
    "maxPerPage",
    "maxRetries",
    "organization",
    "owner",
    "parallelRequests",
    "readDelayMs",
    "retryDelayMs",
    "retryableErrors",
    "token",
    "writeDelayMs",
  ],
  random: [],
};

/** One provider over the stored cloud: every operation of the plugin protocol, on plain values. */
export class Provider {
  readonly #store: CloudStore;
  readonly #provider: string;
  readonly #shapes: Shapes;
  readonly #backing: Backing | undefined;
  readonly #requests: Requests;

  /** @param backing What makes it all real. Without it things exist in the stored cloud only. */
  constructor(provider: string, store: CloudStore, backing?: Backing) {
    this.#provider = provider;
    this.#store = store;
    this.#backing = backing;
    this.#shapes = loadShapes(provider);
    this.#requests = new Requests(provider, store);
  }

  get name(): string {
    return this.#provider;
  }

  configure(config: Properties): void {
    this.#requests.config = config;
    this.#backing?.configure(config);
  }

  /** Keys of the provider's own configuration that its plugin does not know. */
  unknownConfiguration(keys: readonly string[]): string[] {
    const known = configurations[this.#provider];
    return known ? keys.filter((key) => !known.includes(key) && key !== "version" && key !== "pluginDownloadURL") : [];
  }

  /** The published face of a type; refuses one that the catalogue does not know. */
  shape(type: string): ResourceShape {
    const shape = this.#shapes.resources[type];
    if (!shape || !kinds[this.#provider]?.[type]) throw new Error(`the sandbox's catalogue has no resource type ${type}`);
    return shape;
  }

  #kind(type: string): ResourceKind {
    this.shape(type);
    return kinds[this.#provider]?.[type] as ResourceKind;
  }

  check(resource: Resource, news: Properties, olds: Properties, seed: Uint8Array): Checked {
    const kind = this.#kind(resource.type);
    const checked = check(kind, this.shape(resource.type), news, olds, { name: resource.name, seed });
    const refused = kind.refuseInputs?.(checked.inputs);
    return refused ? { ...checked, failures: [...checked.failures, `${refused}. Examine values at '${resource.name}.length'.`] } : checked;
  }

  diff(resource: Resource, prior: Properties, inputs: Properties, ignored: readonly string[]): Plan {
    this.#refusePlan(resource, inputs);
    return diff(this.#kind(resource.type), this.shape(resource.type), prior, inputs, ignored);
  }

  #refusePlan(resource: Resource, inputs: Properties): void {
    const refused = this.#kind(resource.type).refusePlan?.(inputs);
    if (refused) throw new Error(`diffing ${resource.urn}: 1 error occurred:\n\t* ${refused}\n\n`);
  }

  previewCreate(resource: Resource, inputs: Properties): Properties {
    this.#refusePlan(resource, inputs);
    return { ...planState(this.#kind(resource.type), this.shape(resource.type), inputs, undefined), id: unknown };
  }

  previewUpdate(resource: Resource, prior: Properties, inputs: Properties): Properties {
    return { ...planState(this.#kind(resource.type), this.shape(resource.type), inputs, prior), id: prior.id };
  }

  /** @param timeout Seconds that the program lets the plugin wait; 0: as long as it does by itself. */
  async create(resource: Resource, inputs: Properties, timeout = 0): Promise<{ id: string; outputs: Properties }> {
    this.#refusePlan(resource, inputs);
    const kind = this.#kind(resource.type);
    const fails = kind.runs === true && this.#store.takeFault(resource.type, "create", "deployment") !== undefined;
    const backing = this.#backing;
    const make = backing && (() => backing.create(resource.type, withoutDefaults(inputs)));
    const { id, outputs } = await this.#requests.send(
      resource.type,
      "create",
      kind.failed.create,
      (cloud, made) => {
        const created = made ?? kind.create({ ...cloud, fails }, inputs, resource.urn);
        if (backing) cloud.store.setPlace(resource.type, created.id, backing.place);
        const state = stateOf(kind, this.shape(resource.type), inputs, created.outputs, undefined);
        if (kind.provider === "framework")
          return { id: created.id, outputs: withoutNulls(kind.withoutId ? state : { ...state, id: created.id }) };
        const outputs = { ...state, id: created.id };
        const object = { id: created.id, type: resource.type, provider: this.#provider, name: created.name, inputs };
        if (!kind.view) this.#put(cloud, kind, { ...object, outputs: { ...outputs, ...created.beside } });
        return { id: created.id, outputs };
      },
      make,
    );
    const late = kind.waits && this.#store.takeFault(resource.type, "create", "wait");
    if (kind.waits && late && (late.details.seconds ?? 3600) > (timeout || kind.waits.seconds))
      throw new Error(`${kind.failed.create}: ${kind.waits.words}`);
    if (kind.deploys)
      this.#deploy(resource.type, "create", id, outputs, inputs, {
        activeDeploymentId: "",
        defaultIngress: "",
        liveDomain: "",
        liveUrl: "",
      });
    return { id, outputs };
  }

  async read(
    resource: Resource,
    written: string,
    inputs: Properties | undefined,
    properties: Properties,
  ): Promise<{ id: string; inputs: Properties; outputs: Properties } | undefined> {
    const kind = this.#kind(resource.type);
    if (kind.provider === "framework") return { id: written, inputs: inputs ?? {}, outputs: properties };
    // Without inputs somebody imports, and has written the id.
    const imports = inputs === undefined;
    if (imports && kind.withoutImport) throw new Error(`resource ${resource.type} doesn't support import`);
    const id = imports && kind.importId ? this.#store.transaction(() => kind.importId?.(written, this.#requests.context())) : written;
    if (id === undefined)
      throw new Error(`"${written}" is not an id that can be imported: ${kind.importForm ?? "two parts joined by a comma"} are wanted`);
    const real = this.#real(resource.type, id);
    const look = real && (() => real.backing.read(real.object));
    return this.#requests.send(
      resource.type,
      "read",
      kind.failed.read ?? "Error reading",
      (cloud, now) => {
        if (real && now === undefined) cloud.store.remove(resource.type, id);
        if (real && now !== undefined) cloud.store.put({ ...real.object, outputs: now });
        const prior = imports ? undefined : properties;
        const found = this.#find(cloud, resource.type, id, prior);
        if (!found && kind.gone === "error") return this.#requests.refuseLost(cloud, "GET", kind, id);
        const lost = inputs && typeof kind.gone === "function" ? { ...properties, ...kind.gone(properties) } : undefined;
        const outputs = found ? (kind.read ? kind.read(found.outputs, prior) : found.outputs) : lost;
        if (!outputs) return undefined;
        const shape = this.shape(resource.type);
        const own = Object.fromEntries(Object.entries(outputs).filter(([name]) => name === "id" || name in shape.outputs));
        return { id, inputs: projectInputs(kind, shape.inputs, own, inputs), outputs: own };
      },
      look,
    );
  }

  /** What the cloud holds of a resource: an object of its own, or a part of another one. */
  #find(cloud: CloudContext, type: string, id: string, prior: Properties | undefined): CloudObject | undefined {
    const { view } = this.#kind(type);
    if (!view) return cloud.store.get(type, id);
    const outputs = view(cloud, id, prior);
    return outputs && { id, type, provider: this.#provider, name: id, inputs: {}, outputs: { ...outputs, id } };
  }

  /** Answers a look-up; refuses a function that the catalogue does not know, and arguments that it does not take. */
  async invoke(token: string, args: Properties): Promise<Properties> {
    const shape = this.#shapes.functions[token];
    const lookup = lookups[this.#provider]?.[token];
    if (!shape || !lookup) throw new Error(`the sandbox's catalogue has no function ${token}`);
    const missing = (shape.inputs.required ?? []).find((name) => args[name] === undefined);
    if (missing !== undefined) throw new Error(`Missing required argument: The argument "${missing}" is required`);
    const unknown = Object.keys(args).find((name) => !(name in shape.inputs.properties));
    if (unknown !== undefined) throw new Error(`Invalid or unknown key "${unknown}"`);
    return this.#requests.send(token, "read", lookup.failed, (cloud) => lookup.answer(cloud, args));
  }

  async update(resource: Resource, id: string, prior: Properties, inputs: Properties): Promise<Properties> {
    const kind = this.#kind(resource.type);
    const shape = this.shape(resource.type);
    // The real plugin sends an App's spec only when it differs from the state: after a failed deployment a second run merely reads.
    const sends = !kind.deploys || diff(kind, shape, prior, inputs).diffs.includes("spec");
    let before: Properties = prior;
    const real = this.#real(resource.type, id);
    let unsettled: Unsettled | undefined;
    const change =
      real &&
      (async () => {
        try {
          return await real.backing.update(real.object, withoutDefaults(inputs));
        } catch (error) {
          if (!(error instanceof Unsettled)) throw error;
          unsettled = error;
          return {};
        }
      });
    const outputs = await this.#requests.send(
      resource.type,
      "update",
      kind.failed.update,
      (cloud, made) => {
        const object = this.#find(cloud, resource.type, id, prior);
        if (!object) return this.#requests.refuseLost(cloud, "PUT", kind, id);
        before = object.outputs;
        const changed = made ?? (sends ? (kind.update?.(cloud, object, inputs, prior) ?? {}) : {});
        const outputs = { ...stateOf(kind, shape, inputs, changed, object.outputs), id };
        const name = nameOf(inputs) ?? object.name;
        // What the cloud keeps beside the resource stays; the change itself may have touched it.
        const held = { ...(cloud.store.get(resource.type, id) ?? object).outputs, ...outputs };
        if (sends && !kind.view) this.#put(cloud, kind, { ...object, name, inputs, outputs: held });
        return outputs;
      },
      change,
    );
    // As with the real plugin the state has what was asked for, and the next run tries again.
    if (unsettled) throw new InitializationError(unsettled.message, resource.type, id, outputs, inputs);
    if (kind.deploys && sends) {
      const { activeDeploymentId, defaultIngress, liveDomain, liveUrl } = before;
      this.#deploy(resource.type, "update", id, outputs, inputs, { activeDeploymentId, defaultIngress, liveDomain, liveUrl });
    }
    return outputs;
  }

  async delete(resource: Resource, id: string, prior: Properties): Promise<void> {
    const kind = this.#kind(resource.type);
    if (kind.provider === "framework") return;
    const real = this.#real(resource.type, id);
    const remove = real && (() => real.backing.delete(real.object));
    await this.#requests.send(
      resource.type,
      "delete",
      kind.failed.delete,
      (cloud) => {
        const object = this.#find(cloud, resource.type, id, prior);
        if (!object && kind.deletesOnce) return this.#requests.refuseLost(cloud, "DELETE", kind, id);
        if (!object) return; // already gone, which is what was asked for
        const rest = real ? undefined : kind.delete?.(cloud, object, prior);
        if (rest) cloud.store.put({ ...object, outputs: rest });
        else if (!kind.view) cloud.store.remove(resource.type, id);
      },
      remove,
    );
  }

  /** The object where it is real, and what makes it so. One that is real is touched in no other way, and the other way round. */
  #real(type: string, id: string): { readonly object: CloudObject; readonly backing: Backing } | undefined {
    const object = this.#store.get(type, id);
    const backing = this.#backing;
    if (!object) return undefined;
    const place = this.#store.place(type, id);
    if (place === backing?.place) return backing && { object, backing };
    const [is, way] =
      place === undefined
        ? ["in the stored cloud only", "Destroy it there first, without SANDBOX_DOCKER"]
        : [`real, on the engine at ${place}`, `Say SANDBOX_DOCKER=engine SANDBOX_DOCKER_HOST=${place}`];
    throw new Error(`${object.name} is ${is}. ${way}.`);
  }

  #put(cloud: CloudContext, kind: ResourceKind, object: CloudObject): void {
    const seal = kind.seal ?? ((_: CloudContext, properties: Properties) => properties);
    const held = cloud.store.get(object.type, object.id);
    cloud.store.put({
      ...object,
      inputs: seal(cloud, withoutDefaults(object.inputs), held?.inputs),
      outputs: seal(cloud, object.outputs, held?.outputs),
    });
  }

  /** An app goes live, or its deployment fails where a fault says so; the app exists either way, and keeps `before` as what it serves. */
  #deploy(type: string, operation: Operation, id: string, outputs: Properties, inputs: Properties, before: Properties): void {
    const fault = this.#store.takeFault(type, operation, "deployment");
    const deployment = String(outputs.activeDeploymentId);
    if (!fault)
      return this.#store.transaction(() => this.#store.addDeployment(id, { id: deployment, phase: "ACTIVE", failedIn: "", log: [] }));
    const phase = fault.details.phase ?? "deploy";
    const log = fault.details.log ?? [];
    this.#store.transaction(() => {
      this.#store.addDeployment(id, { id: deployment, phase: "ERROR", failedIn: phase, log });
      const object = this.#store.get(type, id);
      if (object) this.#store.put({ ...object, outputs: { ...object.outputs, ...before } });
    });
    const steps = ["build", "deploy"].map(
      (name) => `godo.DeploymentProgressStep{Name:"${name}", Status:"${name === phase ? "ERROR" : name < phase ? "SUCCESS" : "PENDING"}"}`,
    );
    const progress = `godo.DeploymentProgress{ErrorSteps:1, TotalSteps:${steps.length}, Steps:[${steps.join(" ")}]}`;
    throw new InitializationError(
      `error deploying app (${id}) (deployment ID: ${deployment}):\n${progress}`,
      type,
      id,
      { ...outputs, ...before },
      inputs,
    );
  }
}

/** The whole state: what was asked for, what the API computed, and what was there before. */
function stateOf(
  kind: ResourceKind,
  shape: ResourceShape,
  inputs: Properties,
  computed: Properties,
  prior: Properties | undefined,
): Properties {
  const empty = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0);
  const given = Object.fromEntries(Object.entries(computed).filter(([, value]) => !empty(value)));
  const planned = planState(kind, shape, { ...inputs, ...given }, prior);
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]) => [name, empty(computed[name]) ? computed[name] : value === unknown ? null : value]),
  );
}

/** Plugins of the newer framework leave out what is not set. */
const withoutNulls = (values: Properties): Properties => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

/** Inputs without the bridge's own notes: what the API was sent. */
function withoutDefaults(inputs: Properties): Properties {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).flatMap(([name, field]) => (name === "__defaults" ? [] : [[name, strip(field)]])));
  };
  return strip(inputs) as Properties;
}

/** What an object is called, by its inputs. */
function nameOf(inputs: Properties): string | undefined {
  const spec = inputs.spec as Properties | undefined;
  const name = inputs.name ?? spec?.name;
  return typeof name === "string" ? name : undefined;
}
