import { DnsRecord } from "@pulumi/digitalocean/dnsRecord.js";
import { Domain } from "@pulumi/digitalocean/domain.js";
import { getDomainOutput } from "@pulumi/digitalocean/getDomain.js";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingShared } from "../config/existing.ts";
import { readState } from "../config/state.ts";
import { createProject } from "../platforms/project.ts";
import { type NameRecords, recordProblems, type RenderedRecord, renderRecords, takenNames } from "./zone/records.ts";

export type { Issuer, MailServer, NameRecords, ServiceAddress } from "./zone/records.ts";

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
  /**
   * What the zone holds beside hosts, by name: mail, texts, who may issue certificates. `@` is the zone itself. Each name has one owner:
   * one that leads to a host of an environment already is refused. One that is taken away is deleted. @default nothing
   */
  readonly records?: Readonly<Record<string, NameRecords>>;
}

/** The DNS zone that all environments put their records into. Free of charge; always protected, since all of them end with it. */
export class Zone extends pulumi.ComponentResource {
  constructor(name: string, { domain, project, existing, records = {} }: ZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = recordProblems(records).map((problem) => `  ${problem}`);
    if (problems.length > 0) throw new pulumi.RunError([`${name}:`, ...problems].join("\n"));
    super("groundwork:components:Zone", name, {}, opts);
    const urn = this.zoneUrn(name, domain, existing.zone);
    const wanted = renderRecords(records);
    if (wanted.length > 0) {
      // Known once the zone stands and its names were looked at.
      const zone = pulumi.all([urn, lookAtNames(name, domain, existing.zone, wanted)]).apply(() => domain);
      for (const { role, ...record } of wanted) new DnsRecord(`${name}-${role}`, { domain: zone, ...record }, { parent: this });
    }
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

/** Refuses names that are somebody else's. A zone that is only made now has none. */
async function lookAtNames(name: string, domain: string, from: ExistingShared["zone"], wanted: readonly RenderedRecord[]): Promise<void> {
  const held = await readState(pulumi.getProject(), pulumi.getStack());
  const stands = held.some(({ type, outputs }) => type.endsWith(":Domain") && outputs["name"] === domain);
  if (from === "create" && !stands) return;
  const { getRecords } = await import("@pulumi/digitalocean/getRecords.js");
  const { records } = await getRecords({ domain });
  const own = held
    .filter(({ type, outputs }) => type.endsWith(":DnsRecord") && outputs["domain"] === domain)
    .map(({ outputs }) => ({ name: String(outputs["name"]), type: String(outputs["type"]), value: String(outputs["value"]) }));
  const taken = takenNames(wanted, records, own);
  if (taken.length > 0) throw new pulumi.RunError([`${name}:`, ...taken.map((problem) => `  ${problem}`)].join("\n"));
}
