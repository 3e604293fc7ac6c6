import type { Problem } from "./errors.ts";
import { didYouMean, list, quote } from "./errors.ts";

/** One build of a service, named by its content, so that it is the same bytes in every environment. */
export interface Image {
  /** `ghcr.io` */
  readonly registry: string;
  /** `acme/backend` */
  readonly repository: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** Builds everything but the services. */
export const noImages = "none";

/** Where images are pulled from; the workflows push there. */
const registries = ["ghcr.io"];

const digest = /@sha256:[0-9a-f]{64}$/;
const reference = /^(?<registry>[a-z0-9.-]+\.[a-z]+)\/(?<repository>[a-z0-9._-]+(?:\/[a-z0-9._-]+)+)@(?<digest>sha256:[0-9a-f]{64})$/;

/** `ghcr.io/acme/backend@sha256:…` */
export function imageText({ registry, repository, digest }: Image): string {
  return `${registry}/${repository}@${digest}`;
}

/** The text of each service's image. */
export function imageTexts(images: Readonly<Record<string, Image | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(images).flatMap(([service, image]) => (image ? [[service, imageText(image)]] : [])));
}

/**
 * Which build each service runs: what this run passes comes first, then what the stack file pins, then what it runs already. The
 * last is what it ran healthy, never what a failed deployment asked for ({@link resolvePast}).
 */
export function resolveImages<Service extends string>(
  services: readonly Service[],
  sources: { readonly passed: unknown; readonly pinned: unknown; readonly running: Readonly<Record<string, string>> },
  stack: string,
): { readonly images: Partial<Record<Service, Image>>; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const images: Partial<Record<Service, Image>> = {};
  const passed = entries(sources.passed, "GROUNDWORK_IMAGES", problems);
  const pinned = entries(sources.pinned, "images", problems);
  const known: readonly string[] = services;
  for (const [path, names] of [["GROUNDWORK_IMAGES", passed] as const, ["images", pinned] as const]) {
    for (const name of Object.keys(names ?? {}).filter((name) => !known.includes(name))) {
      problems.push({ path, message: `unknown service ${quote(name)}.${didYouMean(name, known) || ` Services: ${list(known)}.`}` });
    }
  }
  if (sources.passed === noImages || (sources.passed === undefined && sources.pinned === noImages)) return { images, problems };
  for (const service of services) {
    const [path, value] =
      passed?.[service] === undefined
        ? [`images/${service}`, pinned?.[service] ?? sources.running[service]]
        : [`GROUNDWORK_IMAGES/${service}`, passed[service]];
    const image = value === undefined ? { problem: missing(service, stack) } : parseImage(value);
    if ("problem" in image) problems.push({ path, message: image.problem });
    else images[service] = image;
  }
  return { images, problems };
}

function parseImage(value: unknown): Image | { problem: string } {
  if (typeof value !== "string") return { problem: `must be an image such as "ghcr.io/acme/backend@sha256:…", got ${quote(value)}.` };
  const { registry, repository, digest: hash } = reference.exec(value)?.groups ?? {};
  if (registry !== undefined && repository !== undefined && hash !== undefined) {
    if (registries.includes(registry)) return { registry, repository, digest: hash };
    return { problem: `cannot be pulled from ${quote(registry)}. Push it to ${list(registries)}.` };
  }
  if (digest.test(value)) return { problem: `${quote(value)} names no registry. Write it in full, as in "ghcr.io/acme/backend@sha256:…".` };
  return {
    problem: `${quote(value)} is not a digest, and a tag can move. Pass "<image>@sha256:…"; docker buildx imagetools inspect <image>:<tag> shows it.`,
  };
}

function entries(value: unknown, path: string, problems: Problem[]): Record<string, unknown> | undefined {
  if (value === undefined || value === noImages) return undefined;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  problems.push({
    path,
    message: `must be ${quote(noImages)} or one image per service, as in {"backend":"ghcr.io/acme/backend@sha256:…"}, got ${quote(value)}.`,
  });
  return {};
}

function missing(service: string, stack: string): string {
  return (
    `no image is known for this service. Pass its digest: GROUNDWORK_IMAGES='{"${service}":"ghcr.io/<owner>/<repository>@sha256:<digest>"}' ` +
    `pulumi up --stack ${stack}, or build everything but the services first: pulumi config set groundwork:images none --stack ${stack}.`
  );
}
