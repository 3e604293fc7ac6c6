import type { input } from "@pulumi/digitalocean/types/index.js";
import type { Image, RegistryHost } from "../../config/images.ts";
import { digitalOceanRegistry } from "../../config/images.ts";

/** What App Platform calls each registry. */
const types = { "ghcr.io": "GHCR", "docker.io": "DOCKER_HUB", [digitalOceanRegistry]: "DOCR" } as const satisfies Record<
  RegistryHost,
  string
>;

/**
 * An image as a spec has it. The first part of the repository is the owner, which is called registry here; of DigitalOcean's own
 * there is the team's, so that its name must not be said.
 */
export function renderImage({ registry, repository, digest }: Image): input.AppSpecServiceImage {
  const [owner = "", ...rest] = repository.split("/");
  const registryType = types[registry];
  return { registryType, ...(registryType === "DOCR" ? {} : { registry: owner }), repository: rest.join("/"), digest };
}

/** The part of a spec that says what a service runs, as the state holds it. */
export interface SpecImage {
  readonly registryType?: string;
  readonly registry?: string;
  readonly repository?: string;
  readonly digest?: string;
}

/** The text of an image of a spec; undefined where it has no digest, or where it does not say which registry of DigitalOcean is meant. */
export function readImage({ registryType, registry, repository, digest }: SpecImage, teamRegistry: string | undefined): string | undefined {
  const [host] = Object.entries(types).find(([, type]) => type === registryType) ?? [];
  const owner = registryType === "DOCR" ? teamRegistry : registry;
  return host && owner && repository && digest ? `${host}/${owner}/${repository}@${digest}` : undefined;
}
