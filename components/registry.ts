import { ContainerRegistry } from "@pulumi/digitalocean/containerRegistry.js";
import * as pulumi from "@pulumi/pulumi";
import { regions } from "../config/regions.ts";
import type { RegistryChoice } from "../config/registry.ts";

/** Options for {@link Registry}. */
export interface RegistryArgs {
  /** One that is made, or one that stands already. Another name or region is refused; another tier changes the team's bill. */
  readonly choice: RegistryChoice;
}

/**
 * The container registry that images are pushed to and pulled from, at `registry.digitalocean.com/<name>`; always protected, since every
 * environment's services are made of what lies in it. A starter costs nothing, basic $5 and professional $20 a month.
 */
export class Registry extends pulumi.ComponentResource {
  /** What the names of its images begin with. */
  public readonly endpoint: pulumi.Output<string>;

  constructor(name: string, { choice }: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:components:Registry", name, {}, opts);
    this.endpoint = this.standing(name, choice).endpoint;
    this.registerOutputs({ endpoint: this.endpoint });
  }

  private standing(name: string, choice: RegistryChoice): ContainerRegistry {
    const kept = { parent: this, protect: true, retainOnDelete: true };
    switch (choice.from) {
      case "create": {
        const region = regions[choice.region].datacenter;
        return new ContainerRegistry(name, { name: choice.name, subscriptionTierSlug: choice.tier, region }, kept);
      }
      case "import": {
        // A tier has to be given, and what the registry has stays.
        const ignoreChanges = ["subscriptionTierSlug", "region"];
        const args = { name: choice.name, subscriptionTierSlug: "starter" };
        return new ContainerRegistry(name, args, { ...kept, import: choice.name, ignoreChanges });
      }
      case "reference":
        // The plugin's look-up (getContainerRegistry) answers nothing at all since it knows several registries; its reading does.
        return ContainerRegistry.get(name, choice.name, undefined, { parent: this });
    }
  }
}
