import type { Closed } from "./closed-form.ts";

/** A Docker host is `local`: one machine, one engine, plain http. What an input is for decides whether that has a use for it. */
const labels: Closed = {
  reason:
    "Labels are for tools that look for their own containers; what belongs to a stack says so by its name. On a service they carry the attempt.",
  inputs: ["labels[].**"],
};
const inCode =
  "A container runs what its image says, as it does on App Platform: an option that the other platform lacks would make the two differ.";
const sealed =
  "Closed for good: it reaches out of the container to the machine, and a service that needs it could not run on App Platform.";
const storage = "Only what keeps data has a volume, and that is the platform's own: a service elsewhere has no disk that stays.";
const machine = "One machine, with one engine: there is nothing to choose among.";
const throttle =
  "`scale` limits memory and CPUs of services; finer limits of one machine's disks and processors say nothing about the cloud.";

/** Inputs of Docker's resources that no option reaches. */
export const docker: Readonly<Record<string, readonly Closed[]>> = {
  Container: [
    {
      reason: "A job runs once, to its end, and is read for its exit code: it is started, not restarted, and left for its log.",
      inputs: [
        "start",
        "rm",
        "removeVolumes",
        "maxRetryCount",
        "logs",
        "wait",
        "waitTimeout",
        "healthcheck.**",
        "stopSignal",
        "stopTimeout",
      ],
    },
    {
      reason: "Nobody talks to a job: it answers on no port and reads no terminal.",
      inputs: ["ports[].**", "publishAllPorts", "stdinOpen", "tty"],
    },
    {
      reason: inCode,
      inputs: ["entrypoints[]", "workingDir", "user", "groupAdds[]", "init", "hostname", "domainname", "platform", "readOnly"],
    },
    { reason: storage, inputs: ["volumes[].**", "mounts[].**", "tmpfs", "uploads[].**", "storageOpts", "shmSize"] },
    {
      reason: sealed,
      inputs: [
        "privileged",
        "capabilities.**",
        "devices[].**",
        "deviceRequests[].**",
        "gpus",
        "securityOpts[]",
        "sysctls",
        "ipcMode",
        "pidMode",
        "usernsMode",
        "networkMode",
        "cgroupParent",
        "cgroupnsMode",
        "runtime",
      ],
    },
    {
      reason:
        "The engine reads a swap limit back that nobody asked for, which would be a change in every preview; so a job has no limit of memory either.",
      inputs: ["memory", "memoryReservation", "memorySwap"],
    },
    {
      reason: throttle,
      inputs: [
        "cpus",
        "cpuPeriod",
        "cpuQuota",
        "cpuSet",
        "cpuShares",
        "ulimits[].**",
        "deviceReadBps[].**",
        "deviceReadIops[].**",
        "deviceWriteBps[].**",
        "deviceWriteIops[].**",
      ],
    },
    {
      reason: "Names are found by the stack's own network, whose addresses the engine chooses.",
      inputs: [
        "dns[]",
        "dnsOpts[]",
        "dnsSearches[]",
        "hosts[].**",
        "networksAdvanced[].aliases[]",
        "networksAdvanced[].driverOpts[]",
        "networksAdvanced[].gwPriority",
        "networksAdvanced[].ipv4Address",
        "networksAdvanced[].ipv6Address",
        "networksAdvanced[].linkLocalIps[]",
        "networksAdvanced[].macAddress",
      ],
    },
    { reason: "Lines stay with the engine, which whoever runs it has set up.", inputs: ["logDriver", "logOpts"] },
    {
      reason: "How long the plugin tries to read one back: its 15 seconds are enough on a machine of one's own.",
      inputs: ["containerReadRefreshTimeoutMilliseconds"],
    },
    labels,
  ],
  Network: [
    {
      reason: "The engine chooses the addresses: on a machine of one's own nothing else is in the way of them.",
      inputs: ["ipamConfigs[].**", "ipamDriver", "ipamOptions"],
    },
    { reason: "Services call the outside, as on App Platform.", inputs: ["internal"] },
    {
      reason: "The mesh that publishes ports needs a kernel with IPVS; the proxy has the port of the machine instead.",
      inputs: ["ingress"],
    },
    { reason: "Nothing in a stack asks for IPv6 inside, and many engines have none.", inputs: ["ipv6"] },
    { reason: "Options of other drivers than the swarm's own.", inputs: ["options"] },
    labels,
  ],
  Secret: [labels],
  Service: [
    {
      reason: "Credentials belong to the engine (`docker login`): here they would replace the service, an outage, at each new token.",
      inputs: ["auth.**"],
    },
    {
      reason: inCode,
      inputs: ["commands[]", "dir", "user", "groups[]", "hostname", "stopSignal", "readOnly"].map(
        (name) => `taskSpec.containerSpec.${name}`,
      ),
    },
    { reason: storage, inputs: ["taskSpec.containerSpec.mounts[].**"] },
    {
      reason: "Secrets and the proxy's configuration are read by their container's own user, with the rights that they have by themselves.",
      inputs: ["taskSpec.containerSpec.secrets[].**", "taskSpec.containerSpec.configs[].**"],
    },
    {
      reason: sealed,
      inputs: ["capAdds[]", "capDrops[]", "privileges.**", "sysctl", "isolation"].map((name) => `taskSpec.containerSpec.${name}`),
    },
    {
      reason: "Names are found by the stack's own network: by its id, since by its name each preview would replace the service.",
      inputs: [
        "taskSpec.containerSpec.dnsConfig.**",
        "taskSpec.containerSpec.hosts[].**",
        "taskSpec.networksAdvanceds[].**",
        "endpointSpec.ports[].name",
      ],
    },
    { reason: machine, inputs: ["taskSpec.placement.**", "mode.global"] },
    {
      reason: "Reserved is what others cannot have; on a machine of one's own that only keeps services from starting.",
      inputs: ["taskSpec.resources.reservation.**"],
    },
    {
      reason: "An instance that ends is started again, however often, as on App Platform.",
      inputs: ["taskSpec.restartPolicy.maxAttempts"],
    },
    { reason: "A deployment is forced by the attempt in the labels, so that the state shows it.", inputs: ["taskSpec.forceUpdate"] },
    { reason: "A container is what runs; plugins of the swarm are none of a system's.", inputs: ["taskSpec.runtime"] },
    {
      reason: "Labels of the container replace the service, an outage; what is said stands at the service.",
      inputs: ["taskSpec.containerSpec.labels[].**"],
    },
    labels,
  ],
  ServiceConfig: [{ reason: "The text is given encoded, which is the same.", inputs: ["dataRaw"] }, labels],
  Volume: [
    { reason: "Volumes of a cluster of machines, by drivers for them. " + machine, inputs: ["cluster.**", "driver", "driverOpts"] },
    labels,
  ],
};
