import type { CloudObject, Properties } from "../../cloud/store.ts";
import type { CloudContext, Kinds, ResourceKind, Rule } from "../kind.ts";
import { isObject, text } from "../values.ts";

const token = (name: string): string => `docker:index/${name.slice(0, 1).toLowerCase()}${name.slice(1)}:${name}`;
/** Tokens of the types that an engine can make real. */
export const types = {
  config: token("ServiceConfig"),
  container: token("Container"),
  network: token("Network"),
  secret: token("Secret"),
  service: token("Service"),
  volume: token("Volume"),
};

/** Refuses in the words of the engine. */
function refuse(words: string): never {
  throw new Error(`Error response from daemon: ${words}`);
}

/** Id of something that the swarm knows: 25 letters and digits. */
const swarmId = (cloud: CloudContext, urn: string): string =>
  BigInt(`0x${cloud.store.derive("swarm", urn, cloud.store.next(urn)).toString("hex")}`)
    .toString(36)
    .slice(0, 25);

const isTaken = (cloud: CloudContext, type: string, name: unknown): boolean => cloud.store.list(type).some((other) => other.name === name);

/** Where, in everything that runs, a value is used; by name. */
function usersOf(cloud: CloudContext, value: string, used: (inputs: Properties) => unknown): string[] {
  return [...cloud.store.list(types.service), ...cloud.store.list(types.container)]
    .filter(({ inputs }) => JSON.stringify(used(inputs) ?? null).includes(JSON.stringify(value)))
    .map(({ name }) => name);
}

const containerSpec = (inputs: Properties): Properties => {
  const { taskSpec } = inputs;
  return isObject(taskSpec) && isObject(taskSpec.containerSpec) ? taskSpec.containerSpec : {};
};

/** A secret or a configuration of a swarm: never changes, and cannot go while a service holds it. */
function swarmObject(type: string, word: string, used: (inputs: Properties) => unknown): ResourceKind {
  return {
    failed: { create: "", update: "", delete: "" },
    request: { collection: `http://docker/${word}s` },
    sets: ["labels"],
    rules: { data: { base64: true } },
    create(cloud, inputs, urn) {
      const name = String(inputs.name);
      if (isTaken(cloud, type, name)) refuse(`rpc error: code = AlreadyExists desc = ${word} ${name} already exists`);
      return { id: swarmId(cloud, urn), name, outputs: { labels: inputs.labels ?? [] } };
    },
    delete(cloud, { id, name }) {
      const users = usersOf(cloud, id, used);
      if (users.length > 0)
        refuse(`rpc error: code = InvalidArgument desc = ${word} '${name}' is in use by the following service: ${users.join(", ")}`);
    },
  };
}

/** Everything that a service names has to be there. */
function checkReferences(cloud: CloudContext, inputs: Properties): void {
  const { taskSpec } = inputs;
  const spec = containerSpec(inputs);
  const need = (type: string, list: unknown, field: string, word: string): void => {
    for (const one of Array.isArray(list) ? (list as Properties[]) : []) {
      const id = text(one[field]);
      if (id !== "" && !cloud.store.get(type, id)) refuse(`rpc error: code = NotFound desc = ${word} ${id} not found`);
    }
  };
  need(types.secret, spec.secrets, "secretId", "secret");
  need(types.config, spec.configs, "configId", "config");
  need(types.network, isObject(taskSpec) ? taskSpec.networksAdvanceds : [], "id", "network");
}

/** What the engine fills in. Left out in a policy that is given, the window reads back as one: a change in every preview. */
export function serviceOutputs(inputs: Properties): Properties {
  const taskSpec = inputs.taskSpec as Properties;
  const policy = taskSpec.restartPolicy;
  const filled = isObject(policy) ? { restartPolicy: { ...policy, window: policy.window ?? "0s" } } : {};
  return { endpointSpec: inputs.endpointSpec ?? { mode: "vip" }, labels: inputs.labels ?? [], taskSpec: { ...taskSpec, ...filled } };
}

const oneOf = (...words: readonly string[]): Rule => ({ pattern: `^(${words.join("|")})$` });
const order = oneOf("stop-first", "start-first");
const duration: Rule = { duration: true };
const inSpec = "taskSpec.containerSpec";
const files = { fileGid: "0", fileMode: 292, fileUid: "0" };

export const docker: Kinds = {
  [types.secret]: swarmObject(types.secret, "secret", (inputs) => containerSpec(inputs).secrets),
  [types.config]: swarmObject(types.config, "config", (inputs) => containerSpec(inputs).configs),

  [types.network]: {
    failed: { create: "", update: "", delete: "" },
    request: { collection: "http://docker/networks" },
    sets: ["labels", "ipamConfigs"],
    defaults: { ipamDriver: "default" },
    absent: { ingress: false, internal: false, ipv6: false, attachable: false },
    create(cloud, inputs, urn) {
      const name = String(inputs.name);
      if (isTaken(cloud, types.network, name)) refuse(`network with name ${name} already exists`);
      const number = cloud.store.list(types.network).length + 1;
      return {
        id: swarmId(cloud, urn),
        name,
        outputs: {
          driver: inputs.driver ?? "bridge",
          internal: inputs.internal ?? false,
          ipamConfigs: inputs.ipamConfigs ?? [{ auxAddress: {}, gateway: `10.0.${number}.1`, ipRange: "", subnet: `10.0.${number}.0/24` }],
          labels: inputs.labels ?? [],
          options: inputs.options ?? { "com.docker.network.driver.overlay.vxlanid_list": String(4096 + number) },
          scope: inputs.driver === "overlay" ? "swarm" : "local",
        },
      };
    },
    delete(cloud, { id, name }) {
      const users = usersOf(cloud, id, ({ taskSpec, networksAdvanced }) =>
        isObject(taskSpec) ? taskSpec.networksAdvanceds : networksAdvanced,
      );
      if (users.length > 0) refuse(`error while removing network: network ${name} id ${id} has active endpoints`);
    },
  },

  [types.volume]: {
    failed: { create: "", update: "", delete: "" },
    request: { collection: "http://docker/volumes" },
    sets: ["labels"],
    // The engine takes a volume of that name that is there already, with the data in it.
    create: (_, inputs) => {
      const name = String(inputs.name);
      const mountpoint = `/var/lib/docker/volumes/${name}/_data`;
      return { id: name, name, outputs: { driver: inputs.driver ?? "local", labels: inputs.labels ?? [], mountpoint } };
    },
    delete(cloud, { name }) {
      const users = usersOf(cloud, name, (inputs) => [containerSpec(inputs).mounts, inputs.volumes]);
      if (users.length > 0) refuse(`remove ${name}: volume is in use - [${users.join(", ")}]`);
    },
  },

  [types.service]: {
    failed: { create: "", update: "", delete: "" },
    request: { collection: "http://docker/services" },
    sets: ["labels", "configs", "hosts", "labels", "mounts", "secrets"]
      .map((name) => `${inSpec}.${name}`)
      .concat("labels", "taskSpec.networksAdvanceds"),
    whole: ["taskSpec.networksAdvanceds"],
    unsettled: [`${inSpec}.env`, `${inSpec}.sysctl`],
    conflicts: [{ path: "mode.global", own: "mode.0.global", with: { path: "convergeConfig", own: "converge_config" } }],
    computed: [
      ...["healthcheck", "dnsConfig", "stopGracePeriod"].map((name) => `${inSpec}.${name}`),
      "taskSpec.placement",
      "taskSpec.restartPolicy",
      "endpointSpec.ports",
    ],
    defaults: {
      [`${inSpec}.isolation`]: "default",
      ...Object.fromEntries(
        ["configs", "secrets"].flatMap((list) => Object.entries(files).map(([name, value]) => [`${inSpec}.${list}[*].${name}`, value])),
      ),
    },
    unset: {
      ...Object.fromEntries(
        ["args", "capAdds", "capDrops", "commands", "groups", "dnsConfig.nameservers", "dnsConfig.options", "dnsConfig.searches"]
          .concat("mounts[*].readOnly")
          .map((name) => [`${inSpec}.${name}`, null]),
      ),
      [`${inSpec}.dnsConfig`]: { nameservers: null, options: null, searches: null },
      [`${inSpec}.healthcheck`]: { interval: "0s", retries: 0, startPeriod: "0s", tests: [], timeout: "0s" },
      [`${inSpec}.stopGracePeriod`]: "0s",
      "endpointSpec.mode": "vip",
      "taskSpec.placement": { constraints: [], maxReplicas: 0, platforms: [], prefs: [] },
      "taskSpec.resources": { limits: null, reservation: null },
      "taskSpec.restartPolicy": { condition: "any", delay: "", maxAttempts: 0, window: "" },
      "taskSpec.restartPolicy.window": null,
      "taskSpec.runtime": "container",
    },
    rules: {
      "endpointSpec.mode": oneOf("vip", "dnsrr"),
      "updateConfig.order": order,
      "rollbackConfig.order": order,
      [`${inSpec}.mounts[*].type`]: oneOf("bind", "volume", "tmpfs"),
      [`${inSpec}.stopGracePeriod`]: duration,
      ...Object.fromEntries(["interval", "startPeriod", "timeout"].map((name) => [`${inSpec}.healthcheck.${name}`, duration])),
      ...Object.fromEntries(
        ["delay", "monitor"].flatMap((name) => [
          [`updateConfig.${name}`, duration],
          [`rollbackConfig.${name}`, duration],
        ]),
      ),
      "convergeConfig.delay": duration,
      "convergeConfig.timeout": duration,
    },
    create(cloud, inputs, urn) {
      const name = String(inputs.name);
      if (isTaken(cloud, types.service, name))
        refuse(`rpc error: code = AlreadyExists desc = name conflicts with an existing object: service ${name} already exists`);
      checkReferences(cloud, inputs);
      return { id: swarmId(cloud, urn), name, outputs: serviceOutputs(inputs) };
    },
    update(cloud, _: CloudObject, inputs) {
      checkReferences(cloud, inputs);
      return serviceOutputs(inputs);
    },
  },

  [types.container]: {
    failed: { create: "", update: "", delete: "" },
    request: { collection: "http://docker/containers" },
    sets: [
      "capabilities",
      "devices",
      "envs",
      "hosts",
      "labels",
      "mounts",
      "networksAdvanced",
      "securityOpts",
      "ulimits",
      "uploads",
      "volumes",
    ],
    unset: { "networksAdvanced[*].gwPriority": null },
    computed: ["labels", "command", "entrypoints", "envs", "hostname"],
    runs: true,
    defaults: {
      containerReadRefreshTimeoutMilliseconds: 15000,
      mustRun: true,
      networkMode: "bridge",
      removeVolumes: true,
      start: true,
      waitTimeout: 60,
    },
    absent: {
      attach: false,
      cpuSet: "",
      cpuShares: 0,
      domainname: "",
      logs: false,
      maxRetryCount: 0,
      memory: 0,
      memoryReservation: 0,
      memorySwap: 0,
      privileged: false,
      publishAllPorts: false,
      readOnly: false,
      restart: "no",
      rm: false,
      stdinOpen: false,
      tty: false,
      user: "",
      usernsMode: "",
      wait: false,
      workingDir: "",
      ...Object.fromEntries(
        ["deviceReadBps", "deviceReadIops", "deviceRequests", "deviceWriteBps", "deviceWriteIops", "devices", "hosts", "mounts", "ports"]
          .concat("ulimits", "uploads", "volumes")
          .map((name) => [name, []]),
      ),
    },
    rules: { restart: oneOf("no", "on-failure", "always", "unless-stopped") },
    create(cloud, inputs, urn) {
      const name = String(inputs.name);
      if (isTaken(cloud, types.container, name)) refuse(`Conflict. The container name "/${name}" is already in use`);
      const id = cloud.store.derive("container", urn, cloud.store.next(urn)).toString("hex").slice(0, 64);
      const networks = Array.isArray(inputs.networksAdvanced) ? (inputs.networksAdvanced as Properties[]) : [];
      const joined = networks.map(({ name: wanted }) => {
        const network = cloud.store.list(types.network).find((one) => one.id === wanted || one.name === wanted);
        return network ?? refuse(`network ${String(wanted)} not found`);
      });
      return {
        id,
        name,
        // A command that is waited for ends; how it ended is for the program to look at.
        outputs: containerOutputs(inputs, {
          id,
          exitCode: inputs.attach === true ? (cloud.fails ? 1 : 0) : null,
          networks: joined.map((network, index) => address(network, index)),
        }),
      };
    },
  },
};

/** What a container reads back as beside what was asked for. */
export function containerOutputs(
  inputs: Properties,
  { id, exitCode, networks }: { readonly id: string; readonly exitCode: number | null; readonly networks: readonly Properties[] },
): Properties {
  return {
    bridge: "",
    command: inputs.command ?? [],
    containerLogs: null,
    entrypoints: inputs.entrypoints ?? [],
    envs: inputs.envs ?? [],
    exitCode,
    healthcheck: inputs.healthcheck ?? null,
    hostname: inputs.hostname ?? id.slice(0, 12),
    init: inputs.init ?? false,
    ipcMode: inputs.ipcMode ?? "private",
    labels: inputs.labels ?? [],
    logDriver: inputs.logDriver ?? "json-file",
    networkDatas: networks,
    platform: inputs.platform ?? "linux",
    runtime: inputs.runtime ?? "runc",
    securityOpts: inputs.securityOpts ?? [],
    shmSize: inputs.shmSize ?? 64,
    stopSignal: inputs.stopSignal ?? "",
    stopTimeout: inputs.stopTimeout ?? 0,
  };
}

function address(network: CloudObject, index: number): Properties {
  const [{ subnet = "" } = {}] = network.outputs.ipamConfigs as { subnet?: string }[];
  return {
    gateway: "",
    globalIpv6Address: "",
    globalIpv6PrefixLength: 0,
    ipAddress: subnet.replace(/\d+\/\d+$/, String(6 + index)),
    ipPrefixLength: 24,
    ipv6Gateway: "",
    macAddress: `02:42:0a:00:00:${(6 + index).toString(16).padStart(2, "0")}`,
    networkName: network.name,
  };
}
