import { digitalOceanRegistry } from "../../config/images.ts";
import { refuse } from "../gather.ts";
import type { Edge, HostAnswer } from "../platform.ts";
import type { HealthCheck, PlatformProgram, PlatformService, PlatformSite, Source } from "../workloads.ts";

/** What App Platform cannot do of what a program asks for. Limits are those of its API. */
export function refuseProgram(
  { name, image, pull, graceSeconds, scopes, alerts, logs }: PlatformProgram,
  more: readonly Problem[] = [],
): void {
  const built = "digest" in image;
  refuse(name, [
    ...(built ? [] : sourceProblems(image)),
    !built && pull !== undefined && "pull: is for an image, and this is built from source. Remove it.",
    built &&
      image.registry === digitalOceanRegistry &&
      pull !== undefined &&
      "pull: App Platform pulls from the team's own registry without credentials. Remove it.",
    ...Object.entries(scopes ?? {}).map(
      ([variable, scope]) =>
        built &&
        scope !== "run" &&
        `${variable}: is for the build, and the image is built already. Give it to the build of the image, or build from source.`,
    ),
    within("graceSeconds", graceSeconds, 1, 600),
    within("alerts.cpuPercent", alerts?.cpuPercent, 1, 100),
    within("alerts.memoryPercent", alerts?.memoryPercent, 1, 100),
    ...(logs ?? []).flatMap(logProblems),
    ...more,
  ]);
}

export function refuseService(service: PlatformService): void {
  const { port, internalPorts = [], health, drainSeconds } = service;
  refuseProgram(service, [
    within("drainSeconds", drainSeconds, 1, 110),
    internalPorts.includes(port) && `internalPorts: ${port} is the service's own port. Remove it.`,
    ...healthProblems("health.ready", health.ready),
    ...healthProblems("health.live", health.live),
    (health.live.successes ?? 1) !== 1 && "health.live.successes: has to be 1. Remove it.",
  ]);
}

export function refuseSite({ name, source, errorDocument, catchallDocument }: PlatformSite): void {
  refuse(name, [
    ...sourceProblems(source),
    errorDocument !== undefined &&
      catchallDocument !== undefined &&
      "catchallDocument: answers what errorDocument would. Choose one of them.",
  ]);
}

export function refuseHost(host: string, answer: HostAnswer): void {
  const headers = "headers" in answer ? Object.keys(answer.headers ?? {}) : [];
  refuse(host, [
    headers.length > 0 &&
      `headers: App Platform adds none of its own (${headers.join(", ")}). Let the service send them, or leave them out on this platform.`,
    "rateLimit" in answer &&
      answer.rateLimit !== undefined &&
      "rateLimit: App Platform limits nobody. Let the services limit by themselves, or put a proxy in front of them that does, and leave it out on this platform.",
    answer.minimumTls !== undefined &&
      "minimumTls: the provider cannot set it. App Platform speaks TLS 1.2 and newer; leave it out. Set by hand, it would be gone with the next deployment.",
  ]);
}

export function refuseEdge({ maintenance }: Edge): void {
  const page = maintenance?.page;
  refuse("The edge", [
    page !== undefined &&
      !/^https:\/\/[^\s/]+/.test(page) &&
      `maintenance.page: must be an address such as "https://status.example.com/down.html", is "${page}".`,
  ]);
}

type Problem = string | false | undefined;

function sourceProblems({ github, git, deployOnPush }: Source): Problem[] {
  return [
    (github === undefined) === (git === undefined) && "image: needs github or git, one of them.",
    git !== undefined && deployOnPush === true && "image.deployOnPush: needs github; a plain git URL tells nobody of a push.",
  ];
}

function healthProblems(option: string, check: HealthCheck): Problem[] {
  return [
    within(`${option}.initialDelaySeconds`, check.initialDelaySeconds, 0, 3600),
    within(`${option}.periodSeconds`, check.periodSeconds, 1, 300),
    within(`${option}.timeoutSeconds`, check.timeoutSeconds, 1, 120),
    within(`${option}.failures`, check.failures, 1, 50),
  ];
}

function logProblems({ name, papertrail, datadog, logtail, openSearch }: NonNullable<PlatformProgram["logs"]>[number]): Problem[] {
  const given = [papertrail, datadog, logtail, openSearch].filter((one) => one !== undefined);
  return [
    given.length !== 1 && `logs "${name}": needs one of papertrail, datadog, logtail and openSearch.`,
    (name.length < 2 || name.length > 42) && `logs "${name}": a name has 2 to 42 characters.`,
  ];
}

function within(option: string, value: number | undefined, least: number, most: number): Problem {
  return value !== undefined && (value < least || value > most) && `${option}: must be between ${least} and ${most}, got ${value}.`;
}
