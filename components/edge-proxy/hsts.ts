import * as pulumi from "@pulumi/pulumi";
import { hostName, oneOf } from "../../config/checks.ts";
import { environments } from "../../config/environments.ts";
import type { Problems } from "../../platforms/gather.ts";
import type { Platform } from "../../platforms/platform.ts";
import { recordsOf, type ZoneRecord } from "./zone-records.ts";

/**
 * What browsers are promised: this host, and with `includeSubDomains` all below it, speak https and nothing else. A browser that
 * has read it does not forget before its time, so whatever speaks plain http then is out of reach for its visitors. A change acts on
 * answers from then on.
 */
export interface Hsts {
  /** Seconds that a browser keeps the promise. @default 31536000, a year */
  readonly maxAgeSeconds?: number;
  /** Whether hosts below are promised too. Every address of the zone is looked at first. @default false */
  readonly includeSubDomains?: boolean;
  /** Who sends the header: the proxy where it can, or the services themselves, and then only the look at the zone is done here. */
  readonly sentBy: "proxy" | "services";
  /** Hosts of the zone that speak https though their record does not show it, as you have seen for yourself. One that shows it, or has no record, is refused. @default none */
  readonly httpsReady?: readonly string[];
}

const year = 31_536_000;

/** The header, where the proxy is to send it. */
export function sendsHsts({ maxAgeSeconds = year, includeSubDomains = false, sentBy }: Hsts): Record<string, string> {
  if (sentBy === "services") return {};
  return { "Strict-Transport-Security": `max-age=${maxAgeSeconds}${includeSubDomains ? "; includeSubDomains" : ""}` };
}

/** What is wrong with a promise that cannot be kept here, or not be made. */
export function hstsProblems(hsts: Hsts | undefined, platform: Platform): Problems {
  if (hsts === undefined) return [];
  const { maxAgeSeconds = year, includeSubDomains = false, sentBy, httpsReady } = hsts;
  const https = platform.origin("a.example").startsWith("https:");
  return [
    oneOf("hsts.sentBy", sentBy, ["proxy", "services"]),
    ...(httpsReady ?? []).map((host) => hostName("hsts.httpsReady", host)),
    httpsReady !== undefined && !includeSubDomains && "hsts.httpsReady: is looked at together with includeSubDomains only. Remove it.",
    // The services decide what they send, so a number here would say nothing.
    sentBy === "services" &&
      hsts.maxAgeSeconds !== undefined &&
      'hsts.maxAgeSeconds: the services send the header, and what it says. Remove it, or say sentBy: "proxy".',
    !https && "hsts: the hosts speak plain http here, and browsers would believe none of it. Leave it out in this environment.",
    sentBy === "proxy" &&
      platform.cloud !== undefined &&
      'hsts.sentBy: App Platform adds no header. Let the services send it, and say "services".',
    !(Number.isInteger(maxAgeSeconds) && maxAgeSeconds >= 0) && "hsts.maxAgeSeconds: must be a whole number of seconds.",
    includeSubDomains &&
      !environments[platform.environment].keepData &&
      "hsts.includeSubDomains: is for production. In other environments it would bind hosts that come and go.",
  ];
}

interface Look {
  readonly hsts: Hsts;
  readonly zone: string;
  readonly platform: Platform;
  /** Hosts that are served here. */
  readonly own: readonly string[];
}

/** Looks at the zone before a promise for all of it is made: nothing is deployed where one of its hosts might break it. */
export function promiseHsts(name: string, { hsts, zone, platform, own }: Look): void {
  const { includeSubDomains = false, httpsReady = [] } = hsts;
  if (!includeSubDomains) return;
  platform.wait(async () => {
    const records = await recordsOf(name, zone);
    const plain = plainHosts(zone, records, own, httpsReady);
    const idle = idleHosts(zone, records, own, httpsReady).map(
      (host) => `  hsts.httpsReady: ${host} needs no word: it has no address in ${zone}, or is seen to speak https. Remove it.`,
    );
    const problems = [...plain.map(refusal), ...idle];
    if (problems.length > 0) throw new pulumi.RunError([`${name}:`, ...problems].join("\n"));
  });
}

function refusal(host: string): string {
  return (
    `  hsts.includeSubDomains: ${host} may not speak https, and for a year no browser would reach it otherwise. ` +
    `See whether it does (curl -I https://${host}) and name it in hsts.httpsReady, or remove its record.`
  );
}

/**
 * The hosts of a zone that might not speak https: those with an address that are neither ours, nor App Platform's (which serves
 * nothing else), nor said to be ready. A name that only leads to such a host is as good as it.
 */
export function plainHosts(zone: string, records: readonly ZoneRecord[], own: readonly string[], ready: readonly string[]): string[] {
  const full = (name: string): string => (name === "@" || name === "" ? zone : `${name}.${zone}`);
  const fine = new Set([...own, ...ready]);
  const addresses = records.filter(({ type }) => type === "A" || type === "AAAA" || type === "CNAME");
  const leads = (value: string): string => (value === "@" ? zone : value.endsWith(".") ? value.slice(0, -1) : value);
  for (let before = -1; before !== fine.size;) {
    before = fine.size;
    for (const { name, type, value } of addresses) {
      const target = leads(value);
      if (type === "CNAME" && (target.endsWith(".ondigitalocean.app") || fine.has(target))) fine.add(full(name));
    }
  }
  return [...new Set(addresses.map(({ name }) => full(name)))].filter((host) => !fine.has(host)).sort();
}

/**
 * Hosts that are said to be ready and need not be: left behind, they would hide the day on which somebody gives them an address. A zone
 * without any record is one that nobody has looked into, such as where costs are added up: it tells nothing.
 */
export function idleHosts(zone: string, records: readonly ZoneRecord[], own: readonly string[], ready: readonly string[]): string[] {
  if (records.length === 0) return [];
  return ready.filter(
    (host) =>
      plainHosts(
        zone,
        records,
        own,
        ready.filter((other) => other !== host),
      ).length === plainHosts(zone, records, own, ready).length,
  );
}
