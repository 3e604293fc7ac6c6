import { Domain } from "@pulumi/digitalocean/domain.js";
import { getDomainOutput } from "@pulumi/digitalocean/getDomain.js";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingShared } from "../config/existing.ts";
import { createProject } from "../platforms/project.ts";

/** Options for {@link Zone}. */
export interface ZoneArgs {
  /**
   * The domain whose name servers are DigitalOcean's. Another one would take every record of every environment along, so a stack that has
   * one is refused another.
   */
  readonly domain: string;
  /** Name of the project that shows it in the control panel. Another one renames the project, and restarts nothing. */
  readonly project: string;
  /**
   * What of the two stands already. Making a zone that exists fails; taking in one that does not exist as well. What the stack holds is
   * protected: it is refused to let go of it here.
   */
  readonly existing: ExistingShared;
}

/** The DNS zone that all environments put their records into. Free of charge; always protected, since all of them end with it. */
export class Zone extends pulumi.ComponentResource {
  constructor(name: string, { domain, project, existing }: ZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:components:Zone", name, {}, opts);
    const urn = this.zoneUrn(name, domain, existing.zone);
    // A zone that is only used stays where it is: a project that took it in would take it out of another.
    const members = existing.zone === "reference" ? [] : [urn];
    createProject(
      `${name}-project`,
      {
        name: project,
        description: `${project}, shared by all environments`,
        purpose: "Web Application",
        members,
        existing: existing.project,
      },
      { parent: this },
    );
    this.registerOutputs({ urn });
  }

  private zoneUrn(name: string, domain: string, from: ExistingShared["zone"]): pulumi.Output<string> {
    const kept = { parent: this, protect: true, retainOnDelete: true };
    if (from === "create") return new Domain(name, { name: domain }, kept).domainUrn;
    if (from === "import") return new Domain(name, { name: domain }, { ...kept, import: domain }).domainUrn;
    return getDomainOutput({ name: domain }, { parent: this }).domainUrn;
  }
}
