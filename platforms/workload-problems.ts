import { between, command, oneOf, onlyKnown, port, twice, url, urlPath, whole } from "../config/checks.ts";
import { quote } from "../config/problems.ts";
import type { Scale } from "../config/sizes.ts";
import type { Problems } from "./gather.ts";
import type {
  HealthCheck,
  LogDestination,
  PlatformJob,
  PlatformProgram,
  PlatformService,
  PlatformSite,
  PlatformWorker,
  Source,
} from "./workloads.ts";

/** What is wrong with a service on every platform. */
export function serviceProblems(service: PlatformService): Problems {
  const { port: own, internalPorts = [], health, drainSeconds } = service;
  return [
    ...programProblems(service),
    port("port", own),
    ...internalPorts.map((one, index) => port(`internalPorts[${index}]`, one)),
    ...twice("internalPorts", internalPorts),
    internalPorts.includes(own) && `internalPorts: ${own} is the service's own port. Remove it.`,
    whole("drainSeconds", drainSeconds, 1, 110),
    ...healthProblems("health.ready", health.ready),
    ...liveProblems("health.live", health.live),
  ];
}

/** What is wrong with a worker on every platform. */
export function workerProblems(worker: PlatformWorker): Problems {
  return [...programProblems(worker), ...(worker.live === undefined ? [] : liveProblems("live", worker.live))];
}

/** What is wrong with a job on every platform. */
export function jobProblems(job: PlatformJob): Problems {
  return [
    ...programProblems(job),
    oneOf("when", job.when, ["before", "after", "failed-deploy"]),
    job.scale.replicas !== 1 && "scale.replicas: a job runs once with each deployment. Ask for 1, as in { ...scale, replicas: 1 }.",
  ];
}

/** What is wrong with a static site on every platform: how it is built, and the container that serves it. */
export function siteProblems({ source, container }: PlatformSite): Problems {
  return [
    ...sourceProblems("source", source),
    ...(container === undefined
      ? []
      : [port("container.port", container.port), whole("container.memory", container.scale.memory, leastMemory)]),
  ];
}

/** MiB. Docker takes no less. */
const leastMemory = 6;

/** Most instances of one service. Source: DigitalOcean's API description, `instance_count`. */
const mostReplicas = 250;

function programProblems({ image, command: words, scale, pull, graceSeconds, logs = [], alerts }: PlatformProgram): Problems {
  return [
    ...("digest" in image ? [] : sourceProblems("image", image)),
    command("command", words),
    ...scaleProblems(scale),
    pull !== undefined && (pull.user === "" || /[:\s]/.test(pull.user)) && `pull.user: ${quote(pull.user)} is no user of a registry.`,
    whole("pull.generation", pull?.generation, 1),
    whole("graceSeconds", graceSeconds, 1, 600),
    ...logs.flatMap(logProblems),
    ...twice(
      "logs",
      logs.map(({ name }) => name),
    ),
    ...alertProblems(alerts),
  ];
}

function scaleProblems({ memory, cpu, replicas }: Scale): Problems {
  const problems: Problems = [
    whole("scale.memory", memory, leastMemory),
    cpu !== undefined && !(Number.isFinite(cpu) && cpu > 0) && `scale.cpu: must be a number above 0, got ${quote(cpu)}.`,
  ];
  if (typeof replicas !== "object") return [...problems, whole("scale.replicas", replicas, 1, mostReplicas)];
  const { min, max, cpuPercent } = replicas;
  return [
    ...problems,
    whole("scale.replicas.min", min, 1, mostReplicas),
    whole("scale.replicas.max", max, 1, mostReplicas),
    min > max && `scale.replicas: min must not be above max, got ${min} and ${max}.`,
    whole("scale.replicas.cpuPercent", cpuPercent, 1, 100),
  ];
}

function sourceProblems(option: string, { github, git, branch, folder, dockerfile, deployOnPush }: Source): Problems {
  return [
    (github === undefined) === (git === undefined) && `${option}: needs github or git, one of them.`,
    github !== undefined &&
      !/^[\w-]+\/[\w.-]+$/.test(github) &&
      `${option}.github: ${quote(github)} is no repository. Write "owner/repository".`,
    url(`${option}.git`, git, ["https"]),
    (typeof branch !== "string" || branch === "" || /[\s~^:?*[\\]/.test(branch)) &&
      `${option}.branch: ${quote(branch)} is no branch. Write one such as "main".`,
    ...Object.entries({ folder, dockerfile }).map(
      ([name, path]) =>
        path !== undefined &&
        (path === "" || path.split("/").includes("..")) &&
        `${option}.${name}: ${quote(path)} is no place in the repository. Write it from the repository's root, or leave it out.`,
    ),
    git !== undefined && deployOnPush === true && `${option}.deployOnPush: needs github; a plain git URL tells nobody of a push.`,
  ];
}

/** Limits are those of App Platform's API, which are wider than anybody needs elsewhere. */
function healthProblems(option: string, check: HealthCheck): Problems {
  return [
    urlPath(`${option}.path`, check.path),
    port(`${option}.port`, check.port),
    whole(`${option}.initialDelaySeconds`, check.initialDelaySeconds, 0, 3600),
    whole(`${option}.periodSeconds`, check.periodSeconds, 1, 300),
    whole(`${option}.timeoutSeconds`, check.timeoutSeconds, 1, 120),
    whole(`${option}.failures`, check.failures, 1, 50),
    whole(`${option}.successes`, check.successes, 1, 50),
  ];
}

function liveProblems(option: string, check: HealthCheck): Problems {
  return [
    ...healthProblems(option, check),
    check.successes !== undefined && check.successes !== 1 && `${option}.successes: has to be 1. Remove it.`,
  ];
}

/** Form of a name: DigitalOcean's API description, `app_log_destination_definition`. */
const logName = /^[A-Za-z0-9()[\]'"][-A-Za-z0-9_. /()[\]]{0,40}[A-Za-z0-9()[\]'"]$/;

function logProblems({ name, papertrail, datadog, logtail, openSearch }: LogDestination): Problems {
  const given = [papertrail, datadog, logtail, openSearch].filter((one) => one !== undefined);
  const option = `logs ${quote(name)}`;
  const { endpoint, cluster, user, password } = openSearch ?? {};
  return [
    given.length !== 1 && `${option}: needs one of papertrail, datadog, logtail and openSearch.`,
    !logName.test(name) && `${option}: a name has 2 to 42 letters, digits, blanks and "-_./()[]", and ends in a letter or digit.`,
    papertrail !== undefined &&
      !/^[A-Za-z0-9.-]+:[1-9]\d{0,4}$/.test(papertrail.endpoint) &&
      `${option}.papertrail.endpoint: ${quote(papertrail.endpoint)} is no address. Write host:port, such as "logs.example.com:1234".`,
    url(`${option}.datadog.endpoint`, datadog?.endpoint, ["https"]),
    url(`${option}.openSearch.endpoint`, endpoint, ["https"]),
    openSearch !== undefined &&
      (endpoint === undefined) === (cluster === undefined) &&
      `${option}.openSearch: needs endpoint or cluster, one of them.`,
    (user === undefined) !== (password === undefined) && `${option}.openSearch: user and password go together. Give both, or none.`,
  ];
}

function alertProblems(alerts: PlatformProgram["alerts"]): Problems {
  if (alerts === undefined) return [];
  const { cpuPercent, memoryPercent, restarts, windowMinutes } = alerts;
  const isEmpty = cpuPercent === undefined && memoryPercent === undefined && restarts === undefined;
  return [
    ...onlyKnown("alerts", alerts, ["cpuPercent", "memoryPercent", "restarts", "windowMinutes"]),
    isEmpty && "alerts: say when somebody is told, by cpuPercent, memoryPercent or restarts. Or leave alerts out.",
    between("alerts.cpuPercent", cpuPercent, 1, 100, " percent"),
    between("alerts.memoryPercent", memoryPercent, 1, 100, " percent"),
    whole("alerts.restarts", restarts, 0),
    oneOf("alerts.windowMinutes", windowMinutes, [5, 10, 30, 60]),
  ];
}
