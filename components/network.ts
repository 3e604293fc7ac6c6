import { Vpc } from "@pulumi/digitalocean/vpc.js";
import * as pulumi from "@pulumi/pulumi";
import { environments } from "../config/environments.ts";
import { physicalName } from "../platforms/naming.ts";
import type { Platform } from "../platforms/platform.ts";

/** Options for {@link Network}. */
export interface NetworkArgs {
  /** Region and range come from the stack file's `platform`. Changing either replaces the network and what lives in it. */
  readonly platform: Platform;
}

/** The private network that services and databases of one environment share. Free of charge. */
export class Network extends pulumi.ComponentResource {
  /** What a database is put into. */
  public readonly id: pulumi.Output<string>;
  /** The addresses of everything in it, as a range. */
  public readonly range: pulumi.Output<string>;
  /** Slug of the datacenter. */
  public readonly datacenter: string;

  constructor(name: string, { platform }: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:components:Network", name, {}, opts);
    const { keepData } = environments[platform.environment];
    this.datacenter = platform.region.datacenter;
    const vpc = new Vpc(
      name,
      { name: physicalName([platform.system, platform.stack]), region: this.datacenter, ipRange: platform.networkRange },
      { parent: this, protect: keepData, retainOnDelete: keepData },
    );
    this.id = vpc.id;
    this.range = vpc.ipRange;
    platform.joinNetwork(vpc.id);
    this.registerOutputs({ id: this.id, range: this.range });
  }
}
