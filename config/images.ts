import type { Problem } from "./errors.ts";
import { didYouMean, list, quote } from "./errors.ts";

/** One build of a service, named by its content, so that it is the same bytes in every environment. */
export interface Image {
  readonly registry: RegistryHost;
  /** `acme/backend` */
  readonly repository: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** Builds everything but the services. */
export const noImages = "none";

/** DigitalOcean's registries; the name of a team's own follows. They are private. */
export const digitalOceanRegistry = "registry.digitalocean.com";

/** Where images are pulled from, with what the name of one there consists of. */
const hosts = {
  "ghcr.io": { form: "<owner>/<repository>", parts: [2, 9] },
  "docker.io": { form: "<owner>/<repository>", parts: [2, 2] },
  [digitalOceanRegistry]: { form: "<registry>/<repository>", parts: [2, 9] },
} as const;

/** A registry that images may come from. */
export type RegistryHost = keyof typeof hosts;

/** The registries that a platform can pull from. */
function hostsOf(platform: unknown): RegistryHost[] {
  const all = Object.keys(hosts) as RegistryHost[];
  return platform === "docker-host" ? all.filter((host) => host !== digitalOceanRegistry) : all;
}

const digest = /@sha256:[0-9a-f]{64}$/;
const reference = /^(?<registry>[a-z0-9.-]+\.[a-z]+)\/(?<repository>[a-z0-9._-]+(?:\/[a-z0-9._-]+)*)@(?<digest>sha256:[0-9a-f]{64})$/;

/** `ghcr.io/acme/backend@sha256:…` */
export function imageText({ registry, repository, digest }: Image): string {
  return `${registry}/${repository}@${digest}`;
}

/** The text of each service's image. */
export function imageTexts(images: Readonly<Record<string, Image | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(images).flatMap(([service, image]) => (image ? [[service, imageText(image)]] : [])));
}

/** The registry of DigitalOcean that images come from, by their texts; undefined where none does. A team's Apps know one of them. */
export function teamRegistryOf(images: Readonly<Record<string, string>>): string | undefined {
  const [own] = Object.values(images).filter((text) => text.startsWith(`${digitalOceanRegistry}/`));
  return own?.split("/")[1];
}

/**
 * Which build each service runs: what this run passes comes first, then what the stack file pins, then what it runs already. The
 * last is what it ran healthy, never what a failed deployment asked for ({@link resolvePast}).
 */
export function resolveImages<Service extends string>(
  services: readonly Service[],
  sources: { readonly passed: unknown; readonly pinned: unknown; readonly running: Readonly<Record<string, string>> },
  stack: string,
  platform: unknown,
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
    const image = value === undefined ? { problem: missing(service, stack) } : parseImage(value, platform);
    if ("problem" in image) problems.push({ path, message: image.problem });
    else images[service] = image;
  }
  problems.push(...severalRegistries(imageTexts(images)));
  return { images, problems };
}

/** A spec names no registry of DigitalOcean, so that a second one would be taken for the first. */
function severalRegistries(images: Readonly<Record<string, string>>): Problem[] {
  const first = teamRegistryOf(images);
  return Object.entries(images).flatMap(([service, text]) => {
    const other = teamRegistryOf({ text });
    if (other === undefined || other === first) return [];
    const message = `comes from the registry ${quote(other)} and others from ${quote(first)}, but App Platform knows one of a team. Push all to one.`;
    return [{ path: `images/${service}`, message }];
  });
}

function parseImage(value: unknown, platform: unknown): Image | { problem: string } {
  if (typeof value !== "string") return { problem: `must be an image such as "ghcr.io/acme/backend@sha256:…", got ${quote(value)}.` };
  const { registry, repository, digest: hash } = reference.exec(value)?.groups ?? {};
  if (registry !== undefined && repository !== undefined && hash !== undefined) {
    const known = hostsOf(platform);
    const host = known.find((one) => one === registry);
    if (host === undefined) {
      const why = Object.hasOwn(hosts, registry) ? ", which is private, and a Docker host logs in nowhere yet" : "";
      return { problem: `cannot be pulled from ${quote(registry)}${why}. Push it to ${list(known)}.` };
    }
    const { form, parts } = hosts[host];
    const count = repository.split("/").length;
    if (count >= parts[0] && count <= parts[1]) return { registry: host, repository, digest: hash };
    return { problem: `${quote(value)} is no image of ${host}. Write ${host}/${form}@sha256:….` };
  }
  if (/:[^/@]+@sha256:/.test(value))
    return {
      problem: `${quote(value)} has a tag beside its digest, and only the digest counts. Write ${quote(value.replace(/:[^/@:]+@/, "@"))}.`,
    };
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
