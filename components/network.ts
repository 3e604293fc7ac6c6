import { Vpc } from "@pulumi/digitalocean/vpc.js";
import * as pulumi from "@pulumi/pulumi";
import { environments } from "../config/environments.ts";
import { physicalName } from "../platforms/naming.ts";
import type { Platform } from "../platforms/platform.ts";

/** Options for {@link Network}. */
export interface NetworkArgs {
  /**
   * Region and range come from the stack file's `platform`. Changing either would replace the network and what lives in it, so a stack
   * that has one is refused another. Without a cloud, services share the platform's own network, and there is nothing to make.
   */
  readonly platform: Platform;
  /**
   * The addresses that services are seen with from outside, where somebody else's firewall asks for them: the platform's, which it shares
   * among its customers and changes, or `dedicated` ones. Those cost extra each month, by no price that the API tells (`ops cost` says
   * unknown). Without a cloud they are the machine's own, and `dedicated` is refused. A change deploys. @default "shared"
   */
  readonly egress?: "shared" | "dedicated";
}

/** A private network as the cloud has it. */
export interface CloudNetwork {
  readonly id: pulumi.Output<string>;
  /** The addresses of everything in it, as a range. */
  readonly range: pulumi.Output<string>;
  /** Slug of the datacenter. */
  readonly datacenter: string;
}

/** The private network that services and databases of one environment share. Free of charge, but for dedicated addresses. */
export class Network extends pulumi.ComponentResource {
  /** The dedicated addresses, for somebody else's firewall; none before services run. Undefined: they are shared. */
  public readonly egressAddresses: pulumi.Output<readonly string[]> | undefined;
  /** The cloud's network, which managed databases are put into. */
  public readonly cloud: CloudNetwork | undefined;

  constructor(name: string, { platform, egress = "shared" }: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cloud } = platform;
    platform.refuse(name, [
      egress === "dedicated" &&
        cloud === undefined &&
        "egress: services are seen with the machine's own address here. Leave it out in this environment.",
    ]);
    super("groundwork:components:Network", name, {}, opts);
    if (cloud !== undefined) {
      const { keepData } = environments[platform.environment];
      const { datacenter } = cloud.region;
      const vpc = new Vpc(
        name,
        { name: physicalName([platform.system, platform.stack]), region: datacenter, ipRange: cloud.networkRange },
        { parent: this, protect: keepData, retainOnDelete: keepData },
      );
      cloud.joinNetwork(vpc.id);
      if (egress === "dedicated") this.egressAddresses = cloud.dedicateEgress();
      this.cloud = { id: vpc.id, range: vpc.ipRange, datacenter };
    }
    // Read back by later runs: what lives in a network cannot move, also after a first run that failed.
    this.registerOutputs({ id: this.cloud?.id, range: this.cloud?.range, region: cloud?.region.app });
  }
}
