import type { Kinds } from "../kind.ts";
import { text } from "../values.ts";
import { goTime, isTaken, notEmpty, types } from "./common.ts";

/** Source: DigitalOcean's API description, `multiregistry_create`. */
const datacenters = ["nyc3", "sfo3", "sfo2", "ams3", "sgp1", "fra1", "blr1", "syd1"];

/** How many registries a team may have. Source: DigitalOcean's release of several registries, for the professional tier. */
const most = (tier: unknown): number => (tier === "professional" ? 10 : 1);

export const registry: Kinds = {
  [types.registry]: {
    failed: {
      create: "Error creating container registry",
      update: "Error updating container registry subscription",
      delete: "Error deleting container registry",
    },
    request: { collection: "/v2/registry" },
    rules: { name: notEmpty, subscriptionTierSlug: { oneOf: ["starter", "basic", "professional"] } },
    create(cloud, inputs) {
      const id = String(inputs.name);
      const request = "POST https://api.digitalocean.com/v2/registry";
      if (!/^[a-z0-9-]{1,63}$/.test(id)) cloud.refuse(request, 422, "invalid registry name: must be lower-case letters, digits and dashes");
      if (inputs.region && !datacenters.includes(text(inputs.region))) cloud.refuse(request, 422, "invalid region");
      if (isTaken(cloud.store, types.registry, id)) cloud.refuse(request, 409, "name already exists");
      const standing = cloud.store.list(types.registry).length;
      if (standing >= most(inputs.subscriptionTierSlug)) cloud.refuse(request, 422, "user already has a registry");
      return {
        id,
        name: id,
        outputs: {
          createdAt: goTime(cloud.now),
          endpoint: `registry.digitalocean.com/${id}`,
          region: inputs.region ?? "nyc3",
          serverUrl: "registry.digitalocean.com",
          storageUsageBytes: 0,
        },
      };
    },
  },
};
