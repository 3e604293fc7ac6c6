import { Domain } from "@pulumi/digitalocean/domain.js";
import { Project } from "@pulumi/digitalocean/project.js";
import * as pulumi from "@pulumi/pulumi";

/** Options for {@link Zone}. */
export interface ZoneArgs {
  /** The domain whose name servers are DigitalOcean's. Another one replaces the zone, and with it every record of every environment. */
  readonly domain: string;
  /** Name of the project that shows it in the control panel. */
  readonly project: string;
}

/** The DNS zone that all environments put their records into. Free of charge; always protected, since all of them end with it. */
export class Zone extends pulumi.ComponentResource {
  constructor(name: string, { domain, project }: ZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:components:Zone", name, {}, opts);
    const zone = new Domain(name, { name: domain }, { parent: this, protect: true, retainOnDelete: true });
    new Project(
      `${name}-project`,
      { name: project, description: `${project}, shared by all environments`, purpose: "Web Application", resources: [zone.domainUrn] },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
