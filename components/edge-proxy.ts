import { DnsRecord } from "@pulumi/digitalocean/dnsRecord.js";
import * as pulumi from "@pulumi/pulumi";
import { oneOf, whole } from "../config/checks.ts";
import { environments } from "../config/environments.ts";
import { quote } from "../config/problems.ts";
import type { RateLimit } from "../config/rate-limit.ts";
import type { Problems } from "../platforms/gather.ts";
import type { Cors, DnsTarget, Edge, HostAnswer, Platform } from "../platforms/platform.ts";
import { checkApex } from "./edge-proxy/apex.ts";
import { healthUrls } from "./edge-proxy/health.ts";
import { healthOf, hostOf, type HostTarget, isHeader, resolveHosts } from "./edge-proxy/hosts.ts";
import { type Hsts, hstsProblems, promiseHsts, sendsHsts } from "./edge-proxy/hsts.ts";

export type { HostTarget, PathTarget } from "./edge-proxy/hosts.ts";
export { path, redirect } from "./edge-proxy/hosts.ts";
export type { Hsts } from "./edge-proxy/hsts.ts";

/** Options for {@link EdgeProxy}. */
export interface EdgeProxyArgs<Host extends string> extends Edge {
  /** Where it stands. Each platform has stacks of its own, and another one is refused. */
  readonly platform: Platform;
  /** The DNS zone that holds the domain; the shared stack made it. Another zone replaces all records. A platform without DNS has none. */
  readonly zone: string | undefined;
  /** The domain that the hosts are below. Another one moves all hosts: their records are updated at once, without a restart. */
  readonly domain: string;
  /**
   * What answers at which host (`@` is the domain itself): a service, services by path (`{ "/": web, "/api": api }`), or another host (`redirect`). Removing
   * a host takes it off the internet and deletes its record; everything else is a change of the platform's routes, without a restart.
   */
  readonly hosts: Readonly<Record<Host, HostTarget>>;
  /** Which pages of other sites may call a host, by host. A change is one of the routes, without a restart. @default none, and services answer for themselves */
  readonly cors?: Readonly<Partial<Record<Host, Cors>>>;
  /** Headers that the proxy adds to every answer. App Platform adds none, and refuses them. A change restarts the proxy. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Oldest TLS that is spoken. App Platform refuses it. A change ends connections of older clients. @default the platform's, 1.2 */
  readonly minimumTls?: "1.2" | "1.3";
  /**
   * How often one address may ask one host; what comes beyond gets 429. App Platform refuses it, and so does a Docker host whose proxy has
   * no module for it (`platform.proxyImage`). A change restarts the proxy. @default everybody may ask as often as he likes
   */
  readonly rateLimit?: RateLimit | undefined;
  /** Promise to browsers that the hosts speak https, which cannot be taken back for `maxAgeSeconds`. Acts at once. @default none */
  readonly hsts?: Hsts;
  /** Seconds that resolvers may keep a record: so long does the world look at the old place after a move. A change acts on the records at once. @default 300 */
  readonly timeToLiveSeconds?: number;
}

/**
 * Lets the world reach services, by host and path, over HTTPS only (plain http on a machine of one's own). The DNS records are ours
 * and not App Platform's (which makes its own where it is told the zone): so they are in the diff, their drift is found, and every
 * platform has them in the same way.
 */
export class EdgeProxy<Host extends string> extends pulumi.ComponentResource {
  /** Where each host answers, as `https://api.example.com`; what is only local is not encrypted. */
  public readonly urls: Readonly<Record<Host, string>>;

  constructor(name: string, args: EdgeProxyArgs<Host>, opts?: pulumi.ComponentResourceOptions) {
    const { platform, zone, domain, hosts, cors, headers, minimumTls, rateLimit, hsts, timeToLiveSeconds = 300 } = args;
    const { answers, problems } = resolveHosts({ hosts, cors, domain, environment: platform.environment });
    const isRefused = platform.refuse(name, [
      ...problems,
      ...hstsProblems(hsts, platform),
      ...headerProblems(headers),
      oneOf("minimumTls", minimumTls, ["1.2", "1.3"]),
      ...recordProblems(args),
    ]);
    super("groundwork:components:EdgeProxy", name, {}, opts);
    const labels = Object.keys(hosts) as Host[];
    this.urls = Object.fromEntries(labels.map((label) => [label, platform.origin(hostOf(label, domain))])) as Record<Host, string>;
    if (hsts !== undefined && zone !== undefined && !isRefused)
      promiseHsts(name, { hsts, zone, platform, own: answers.map(({ host }) => host) });
    const { cache, emailObfuscation, threatControl, maintenance } = args;
    const edge = Object.entries({ cache, emailObfuscation, threatControl, maintenance }).filter(([, value]) => value !== undefined);
    if (edge.length > 0) platform.edge(Object.fromEntries(edge));
    for (const { label, host, answer } of isRefused ? [] : answers) {
      const target = platform.expose(host, complete(answer, { headers, hsts, minimumTls, rateLimit }));
      if (target === undefined || zone === undefined) continue;
      if (host === zone) checkApex(name, { zone, platform, addresses: target.addresses });
      for (const { role, type, value } of recordsOf(target, host === zone)) {
        new DnsRecord(
          `${name}-${label}${role}`,
          { domain: zone, name: host === zone ? "@" : host.slice(0, -zone.length - 1), type, value, ttl: timeToLiveSeconds },
          // Protected where the App is: else a mistaken destroy would take the host away before it comes to the App.
          { parent: this, protect: environments[platform.environment].keepData },
        );
      }
    }
    // For whoever looks from outside whether a deployment is well.
    const health = healthOf(hosts);
    this.registerOutputs({ health: answers.flatMap(({ host, answer }) => healthUrls(platform.origin(host), answer, health)) });
  }
}

/** The records of a host. A zone cannot be a CNAME, so it has the platform's addresses. */
function recordsOf({ type, value, addresses }: DnsTarget, isZone: boolean) {
  if (!isZone) return [{ role: "", type, value }];
  return addresses.map((address, index) => ({ role: `-${address.type.toLowerCase()}-${index + 1}`, ...address }));
}

/** What is wrong with the DNS records, or with options of them where there are none. */
function recordProblems({ platform, zone, domain, timeToLiveSeconds }: EdgeProxyArgs<string>): Problems {
  if (platform.cloud === undefined)
    return [
      timeToLiveSeconds !== undefined &&
        "timeToLiveSeconds: this platform has no DNS records. Pass it only where platform.cloud is defined.",
    ];
  return [
    zone === undefined && "zone: each host needs a DNS record. Pass the zone that holds the domain.",
    zone !== undefined &&
      domain !== zone &&
      !domain.endsWith(`.${zone}`) &&
      `zone: ${quote(zone)} does not hold the domain ${quote(domain)}.`,
    whole("timeToLiveSeconds", timeToLiveSeconds, 30, 604_800),
  ];
}

/** Names as HTTP has them, and values that stay in their line. */
function headerProblems(headers: Readonly<Record<string, string>> = {}): Problems {
  return Object.entries(headers).flatMap(([header, value]) => [
    !isHeader(header) && `headers: ${quote(header)} cannot be the name of a header. Write one such as "X-Frame-Options".`,
    /[\u0000-\u001f\u007f]/.test(value) && `headers.${header}: holds a line break or another control character. Remove it.`,
  ]);
}

/** What all hosts of a proxy have in common. */
interface Common {
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly hsts: Hsts | undefined;
  readonly minimumTls: "1.2" | "1.3" | undefined;
  readonly rateLimit: RateLimit | undefined;
}

/** Adds what all hosts have in common. One that only sends on to another has no headers of its own. */
function complete(answer: HostAnswer, { headers, hsts, minimumTls, rateLimit }: Common): HostAnswer {
  const tls = minimumTls === undefined ? {} : { minimumTls };
  if ("redirect" in answer) return { ...answer, ...tls };
  const all = { ...headers, ...(hsts === undefined ? {} : sendsHsts(hsts)) };
  const limit = rateLimit === undefined ? {} : { rateLimit };
  return { ...answer, ...tls, ...limit, ...(Object.keys(all).length === 0 ? {} : { headers: all }) };
}
