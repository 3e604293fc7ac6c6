import type { Kinds } from "../kind.ts";
import { goTime, isTaken, notEmpty, types } from "./common.ts";

export const registry: Kinds = {
  [types.registry]: {
    failed: {
      create: "Error creating container registry",
      update: "Error updating subscription for container registry",
      delete: "Error deleting container registry",
    },
    request: { collection: "/v2/registry" },
    rules: { name: notEmpty, subscriptionTierSlug: { oneOf: ["starter", "basic", "professional"] } },
    create(cloud, inputs) {
      const id = String(inputs.name);
      const request = "POST https://api.digitalocean.com/v2/registry";
      if (!/^[a-z0-9-]{1,63}$/.test(id)) cloud.refuse(request, 422, "invalid registry name: must be lower-case letters, digits and dashes");
      if (isTaken(cloud.store, types.registry, id)) cloud.refuse(request, 409, "name already in use");
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
