import { leastCpu } from "../../config/docker-host.ts";
import type { Problems } from "../gather.ts";
import type { Edge, HostAnswer, StatefulService } from "../platform.ts";
import type { PlatformJob, PlatformProgram, PlatformService, PlatformSite, PlatformWorker } from "../workloads.ts";
import { healthProblems } from "./health.ts";

/** What a Docker host cannot do of what a program asks for, with the way out. */
function programRefusals({ image, scale, scopes = {}, pull, logs, alerts }: PlatformProgram): Problems {
  return [
    !("digest" in image) && "image: a Docker host builds nothing from source. Pass an image.",
    typeof scale.replicas !== "number" && "scale.replicas: a Docker host does not scale by itself. Ask for a number of replicas.",
    scale.dedicated && "scale.dedicated: a Docker host has no CPUs of one's own, it shares those of its machine. Ask for false.",
    cpuProblem("scale.cpu", scale.cpu),
    ...Object.entries(scopes).map(
      ([variable, scope]) =>
        scope !== "run" && `${variable}: is for the build, and the image is built already. Give it to the build of the image.`,
    ),
    pull !== undefined &&
      "pull: a Docker host gets no credentials from here. Log its engine in (docker login), or make the package public.",
    (logs ?? []).length > 0 && "logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment.",
    alerts !== undefined && "alerts: nobody watches a Docker host. Leave alerts out in this environment.",
  ];
}

export function serviceRefusals(service: PlatformService): Problems {
  return [
    ...programRefusals(service),
    service.drainSeconds !== undefined &&
      "drainSeconds: Docker asks an instance to end at once. Leave it out; the service has graceSeconds to answer what it has begun.",
    ...healthProblems(service.health),
  ];
}

export function workerRefusals(worker: PlatformWorker): Problems {
  return programRefusals(worker);
}

export function jobRefusals(job: PlatformJob): Problems {
  return [
    ...programRefusals(job),
    job.when === "failed-deploy" &&
      'when: nothing runs on a Docker host after a failure. Use "before" or "after", or leave the job out here.',
  ];
}

/** What a Docker host cannot do of a static site, which a container serves here. */
export function siteRefusals({ container, outputFolder, indexDocument, errorDocument, catchallDocument }: PlatformSite): Problems {
  if (container === undefined)
    return ["source: a Docker host builds nothing from source. Pass container with an image that serves the files."];
  return Object.entries({ outputFolder, indexDocument, errorDocument, catchallDocument }).map(
    ([option, value]) => value !== undefined && `${option}: is for the image's own server to know. Leave it out on this platform.`,
  );
}

export function statefulRefusals({ memory, cpu }: StatefulService): Problems {
  return [
    !(Number.isInteger(memory) && memory >= leastMemory) &&
      `size.memory: must be a whole number of MiB from ${leastMemory} on, got ${memory}.`,
    cpuProblem("size.cpu", cpu),
  ];
}

export function hostRefusals(answer: HostAnswer, proxyImage: string | undefined): Problems {
  return [
    "rateLimit" in answer &&
      answer.rateLimit !== undefined &&
      proxyImage === undefined &&
      "rateLimit: Caddy's own image has no module for it. Build one that has (xcaddy build --with github.com/mholt/caddy-ratelimit) and name it in platform.proxyImage, or leave it out.",
    answer.minimumTls !== undefined &&
      "minimumTls: a Docker host speaks plain http on this machine only. Leave it out in this environment.",
  ];
}

export function edgeRefusals({ cache, emailObfuscation, threatControl, maintenance }: Edge): Problems {
  const none = "a Docker host has no edge of a cloud before it. Leave it out in this environment.";
  return [
    cache !== undefined && `cache: ${none}`,
    emailObfuscation !== undefined && `emailObfuscation: ${none}`,
    threatControl !== undefined && `threatControl: ${none}`,
    maintenance?.page !== undefined && "maintenance.page: a Docker host answers with 503 alone. Leave it out in this environment.",
    maintenance?.archive !== undefined &&
      "maintenance.archive: what runs on a Docker host costs nothing. Leave it out in this environment.",
  ];
}

/** Docker's least, in MiB. */
const leastMemory = 6;

function cpuProblem(option: string, cpu: number | undefined): string | undefined {
  if (cpu === undefined || cpu >= leastCpu) return undefined;
  return `${option}: must be at least ${leastCpu}, the least share of a CPU that the kernel gives, got ${cpu}.`;
}
