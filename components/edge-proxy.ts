import { DnsRecord } from "@pulumi/digitalocean/dnsRecord.js";
import * as pulumi from "@pulumi/pulumi";
import { environments } from "../config/environments.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Service } from "./service.ts";

/** Options for {@link EdgeProxy}. */
export interface EdgeProxyArgs<Host extends string> {
  readonly platform: Platform;
  /** The DNS zone that holds the domain; the shared stack made it. Another zone replaces all records. A platform without DNS has none. */
  readonly zone: string | undefined;
  /** The domain that the hosts are below. */
  readonly domain: string;
  /** Which service answers at which host: `{ api: backend }`. Removing a host takes it off the internet. */
  readonly hosts: Readonly<Record<Host, Service>>;
}

/** Seconds that resolvers may keep a record: so long does the world look at the old place after a move. */
const timeToLive = 300;

/**
 * Lets the world reach services, by host, over HTTPS only (plain http on a machine of one's own). The DNS records are ours and not App Platform's (which makes its own
 * where it is told the zone): so they are in the diff, their drift is found, and every platform has them in the same way.
 */
export class EdgeProxy<Host extends string> extends pulumi.ComponentResource {
  /** Where each host answers, as `https://api.example.com`; what is only local is not encrypted. */
  public readonly urls: Readonly<Record<Host, string>>;

  constructor(name: string, { platform, zone, domain, hosts }: EdgeProxyArgs<Host>, opts?: pulumi.ComponentResourceOptions) {
    const services = Object.entries<Service>(hosts);
    for (const [label] of services) checkLabel(label);
    super("groundwork:components:EdgeProxy", name, {}, opts);
    this.urls = Object.fromEntries(services.map(([label]) => [label, platform.origin(`${label}.${domain}`)])) as Record<Host, string>;
    for (const [label, service] of services) {
      if (service.image === undefined) continue;
      const host = `${label}.${domain}`;
      const target = platform.expose(host, service.name);
      if (target === undefined) continue;
      if (zone === undefined) throw new Error(`${name}: ${host} needs a DNS record. Pass the zone that holds its domain.`);
      const { type, value } = target;
      new DnsRecord(
        `${name}-${label}`,
        { domain: zone, name: host.slice(0, -zone.length - 1), type, value, ttl: timeToLive },
        // Protected where the App is: else a mistaken destroy would take the host away before it comes to the App.
        { parent: this, protect: environments[platform.environment].keepData },
      );
    }
    this.registerOutputs({});
  }
}

/** The domain itself is no host here: it may be a zone, and a zone cannot be a CNAME. */
function checkLabel(label: string): void {
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(label)) {
    throw new Error(`"${label}" cannot be a host. Use lower-case letters, digits and hyphens, relative to the domain, as in "api".`);
  }
}
