import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../gather.ts";
import type { Edge, HostAnswer } from "../platform.ts";
import type { PlatformJob, PlatformProgram, PlatformService, PlatformSite } from "../workloads.ts";
import { healthProblems } from "./health.ts";

/** What a Docker host cannot do of what a program asks for, with the way out. */
export function refuseProgram(program: PlatformProgram, more: readonly Problem[] = []): void {
  const { name, image, scale, scopes = {}, pull, logs, alerts } = program;
  refuse(name, [
    !("digest" in image) && "image: a Docker host builds nothing from source. Pass an image.",
    typeof scale.replicas !== "number" && "scale.replicas: a Docker host does not scale by itself. Ask for a number of replicas.",
    ...Object.entries(scopes).map(
      ([variable, scope]) =>
        scope !== "run" && `${variable}: is for the build, and the image is built already. Give it to the build of the image.`,
    ),
    pull !== undefined &&
      "pull: a Docker host gets no credentials from here. Log its engine in (docker login), or make the package public.",
    (logs ?? []).length > 0 && "logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment.",
    alerts !== undefined && "alerts: nobody watches a Docker host. Leave alerts out in this environment.",
    ...more,
  ]);
}

export function refuseService(service: PlatformService): void {
  refuseProgram(service, [
    service.drainSeconds !== undefined &&
      "drainSeconds: Docker asks an instance to end at once. Leave it out; the service has graceSeconds to answer what it has begun.",
    ...healthProblems(service.health),
  ]);
}

export function refuseJob(job: PlatformJob): void {
  refuseProgram(job, [
    job.when === "failed-deploy" &&
      'when: nothing runs on a Docker host after a failure. Use "before" or "after", or leave the job out here.',
  ]);
}

/** The service that serves a static site's files. */
export function refuseSite({ name, container, indexDocument, errorDocument, catchallDocument }: PlatformSite): PlatformService {
  if (container === undefined) {
    throw new pulumi.RunError(
      `${name}:\n  source: a Docker host builds nothing from source. Pass container with an image that serves the files.`,
    );
  }
  const documents = { indexDocument, errorDocument, catchallDocument };
  refuse(
    name,
    Object.entries(documents).map(
      ([option, document]) => document !== undefined && `${option}: is for the image's own server to know. Leave it out on this platform.`,
    ),
  );
  return container;
}

export function refuseHost(host: string, answer: HostAnswer, proxyImage: string | undefined): void {
  refuse(host, [
    "rateLimit" in answer &&
      answer.rateLimit !== undefined &&
      proxyImage === undefined &&
      "rateLimit: Caddy's own image has no module for it. Build one that has (xcaddy build --with github.com/mholt/caddy-ratelimit) and name it in platform.proxyImage, or leave it out.",
    answer.minimumTls !== undefined &&
      "minimumTls: a Docker host speaks plain http on this machine only. Leave it out in this environment.",
  ]);
}

export function refuseEdge({ cache, emailObfuscation, threatControl, maintenance }: Edge): void {
  const none = "a Docker host has no edge of a cloud before it. Leave it out in this environment.";
  refuse("The edge", [
    cache !== undefined && `cache: ${none}`,
    emailObfuscation !== undefined && `emailObfuscation: ${none}`,
    threatControl !== undefined && `threatControl: ${none}`,
    maintenance?.page !== undefined && "maintenance.page: a Docker host answers with 503 alone. Leave it out in this environment.",
    maintenance?.archive !== undefined &&
      "maintenance.archive: what runs on a Docker host costs nothing. Leave it out in this environment.",
  ]);
}

export function refuseAlerts(): never {
  throw new pulumi.RunError("Alerts: nobody watches a Docker host. Leave them out in this environment.");
}

type Problem = string | false | undefined;
