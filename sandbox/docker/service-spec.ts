import { isDeepStrictEqual } from "node:util";
import { isObject } from "../catalogue/values.ts";
import type { Properties } from "../cloud/store.ts";

/** What an engine takes and gives back as the description of a service. */
export interface ServiceSpec {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: Properties & { readonly ContainerSpec: Properties & { readonly Image: string } };
  readonly Mode: Properties;
  readonly [other: string]: unknown;
}

/** A service as the engine's API has it, from the inputs of the resource. A field that is not known here is refused: it would do nothing. */
export function renderService(inputs: Properties, image: string): ServiceSpec {
  const { name, labels, mode, taskSpec, updateConfig, rollbackConfig, endpointSpec } = fields(inputs, "", [
    ...["name", "labels", "mode", "taskSpec", "updateConfig", "rollbackConfig", "endpointSpec"],
    "convergeConfig", // how long to wait, which the engine is not told
  ]);
  const endpoint = fields(endpointSpec, "endpointSpec", ["mode", "ports"]);
  return compact({
    Name: name,
    Labels: labelMap(labels),
    TaskTemplate: task(taskSpec, image),
    Mode: modeOf(mode),
    UpdateConfig: change(updateConfig, "updateConfig"),
    RollbackConfig: change(rollbackConfig, "rollbackConfig"),
    EndpointSpec: compact({
      Mode: endpoint.mode ?? "vip",
      Ports: list(endpoint.ports)?.map((port) => {
        const known = fields(port, "endpointSpec.ports", ["protocol", "publishMode", "publishedPort", "targetPort", "name"]);
        return capitalized(known);
      }),
    }),
  }) as ServiceSpec;
}

function task(value: unknown, image: string): Properties {
  const path = "taskSpec";
  const { containerSpec, networksAdvanceds, restartPolicy, logDriver, resources, forceUpdate } = fields(value, path, [
    ...["containerSpec", "networksAdvanceds", "restartPolicy", "logDriver", "resources", "forceUpdate"],
    "runtime",
  ]);
  const policy = fields(restartPolicy, `${path}.restartPolicy`, ["condition", "delay", "maxAttempts", "window"]);
  const { limits } = fields(resources, `${path}.resources`, ["limits"]);
  const { memoryBytes, nanoCpus } = fields(limits, `${path}.resources.limits`, ["memoryBytes", "nanoCpus"]);
  const driver = fields(logDriver, `${path}.logDriver`, ["name", "options"]);
  return compact({
    ContainerSpec: container(containerSpec, image),
    ForceUpdate: forceUpdate ?? 0,
    LogDriver: driver.name === undefined ? undefined : { Name: driver.name, Options: driver.options ?? {} },
    Networks: list(networksAdvanceds)?.map((network) => {
      const { id, aliases } = fields(network, `${path}.networksAdvanceds`, ["id", "aliases"]);
      return compact({ Target: id, Aliases: aliases });
    }),
    Placement: {},
    Resources: limits === undefined ? {} : { Limits: compact({ MemoryBytes: memoryBytes, NanoCPUs: nanoCpus }) },
    RestartPolicy:
      restartPolicy === undefined
        ? undefined
        : compact({
            Condition: policy.condition ?? "any",
            Delay: duration(policy.delay),
            MaxAttempts: policy.maxAttempts ?? 0,
            Window: duration(policy.window),
          }),
    Runtime: "container",
  });
}

function container(value: unknown, image: string): Properties {
  const path = "taskSpec.containerSpec";
  const spec = fields(value, path, [
    ...["image", "env", "args", "commands", "init", "isolation", "healthcheck", "labels", "mounts", "secrets", "configs"],
    ...["stopGracePeriod", "user", "dir", "readOnly", "hostname", "stopSignal"],
  ]);
  const check = fields(spec.healthcheck, `${path}.healthcheck`, ["tests", "interval", "timeout", "retries", "startPeriod"]);
  const file = (kind: "secret" | "config") => (one: Properties) => {
    const known = fields(one, `${path}.${kind}s`, [`${kind}Id`, `${kind}Name`, "fileName", "fileUid", "fileGid", "fileMode"]);
    const word = kind === "secret" ? "Secret" : "Config";
    return {
      [`${word}ID`]: known[`${kind}Id`],
      [`${word}Name`]: known[`${kind}Name`],
      File: { Name: known.fileName, UID: known.fileUid ?? "0", GID: known.fileGid ?? "0", Mode: known.fileMode ?? 0o444 },
    };
  };
  return compact({
    Image: image,
    Env: isObject(spec.env) ? Object.entries(spec.env).map(([key, text]) => `${key}=${String(text)}`) : undefined,
    Args: spec.args,
    Command: spec.commands,
    Init: spec.init ?? false,
    Isolation: spec.isolation,
    Healthcheck:
      spec.healthcheck === undefined
        ? undefined
        : compact({
            Test: check.tests,
            Interval: duration(check.interval),
            Timeout: duration(check.timeout),
            Retries: check.retries,
            StartPeriod: duration(check.startPeriod),
          }),
    Labels: spec.labels === undefined ? undefined : labelMap(spec.labels),
    Mounts: list(spec.mounts)?.map((mount) => capitalized(fields(mount, `${path}.mounts`, ["type", "source", "target", "readOnly"]))),
    Secrets: list(spec.secrets)?.map(file("secret")),
    Configs: list(spec.configs)?.map(file("config")),
    StopGracePeriod: duration(spec.stopGracePeriod),
    User: spec.user,
    Dir: spec.dir,
    ReadOnly: spec.readOnly,
    Hostname: spec.hostname,
    StopSignal: spec.stopSignal,
  });
}

function modeOf(value: unknown): Properties {
  const { replicated, global } = fields(value, "mode", ["replicated", "global"]);
  if (global === true) return { Global: {} };
  return { Replicated: { Replicas: fields(replicated, "mode.replicated", ["replicas"]).replicas ?? 1 } };
}

function change(value: unknown, path: string): Properties | undefined {
  if (value === undefined) return undefined;
  const config = fields(value, path, ["parallelism", "delay", "failureAction", "monitor", "maxFailureRatio", "order"]);
  return compact({
    Parallelism: config.parallelism ?? 1,
    Delay: duration(config.delay) || undefined,
    FailureAction: config.failureAction ?? "pause",
    Monitor: duration(config.monitor),
    MaxFailureRatio: Number(config.maxFailureRatio ?? 0),
    Order: config.order ?? "stop-first",
  });
}

/** Puts what the engine has now over what the record has: what somebody can change there by hand. */
export function readBack(outputs: Properties, spec: ServiceSpec, image: string): Properties {
  const copy = structuredClone(outputs) as {
    mode?: { replicated?: Properties } & Properties;
    taskSpec: { containerSpec: Properties; resources?: { limits?: Properties } & Properties } & Properties;
  };
  const { Replicated: replicated } = spec.Mode as { Replicated?: { Replicas?: number } };
  if (replicated?.Replicas !== undefined)
    copy.mode = { ...copy.mode, replicated: { ...copy.mode?.replicated, replicas: replicated.Replicas } };
  const { ContainerSpec: inside, Resources: resources } = spec.TaskTemplate as {
    ContainerSpec: { Env?: string[] };
    Resources?: { Limits?: { MemoryBytes?: number; NanoCPUs?: number } };
  };
  const { containerSpec } = copy.taskSpec;
  containerSpec.image = image;
  const env = Object.fromEntries((inside.Env ?? []).map((line) => [line.replace(/=.*$/s, ""), line.replace(/^[^=]*=/, "")]));
  if (!isDeepStrictEqual(env, containerSpec.env ?? {})) containerSpec.env = env;
  const limits = compact({ memoryBytes: resources?.Limits?.MemoryBytes, nanoCpus: resources?.Limits?.NanoCPUs });
  if (Object.keys(limits).length > 0) copy.taskSpec.resources = { ...copy.taskSpec.resources, limits };
  return copy;
}

const units: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/** `1m30s` in nanoseconds, as the API counts. */
export function duration(text: unknown): number | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  return [...text.matchAll(/([\d.]+)(h|ms|m|us|s|ns)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ""] ?? 0),
    0,
  );
}

/** `[{ label, value }]` → `{ label: value }` */
export function labelMap(labels: unknown): Record<string, string> {
  return Object.fromEntries((list(labels) ?? []).map(({ label, value }) => [String(label), String(value)]));
}

/** The fields of a block. */
export function fields(block: unknown, path: string, known: readonly string[]): Properties {
  const given = isObject(block) ? block : {};
  const foreign = Object.entries(given).find(([name, value]) => !known.includes(name) && value !== undefined && value !== null);
  if (foreign !== undefined) {
    const where = path === "" ? foreign[0] : `${path}.${foreign[0]}`;
    throw new Error(`the sandbox cannot tell a Docker engine about ${where} yet, so it would have no effect there`);
  }
  return given;
}

const list = (value: unknown): Properties[] | undefined => (Array.isArray(value) ? (value as Properties[]) : undefined);

function capitalized(values: Properties): Properties {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.slice(0, 1).toUpperCase() + name.slice(1), value]));
}

const compact = (values: Properties): Properties => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
