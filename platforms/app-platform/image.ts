import type { input } from "@pulumi/digitalocean/types/index.js";
import type { Image } from "../../config/images.ts";

/** GHCR's first part is the registry here, and the rest the repository. */
export function renderImage({ repository, digest }: Image): input.AppSpecServiceImage {
  const [registry = "", ...rest] = repository.split("/");
  return { registryType: "GHCR", registry, repository: rest.join("/"), digest };
}
