import { createHash } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { quote } from "../../config/problems.ts";

/** What stands at one name of a zone beside hosts. A change acts at once, as far as resolvers do not keep the old one. */
export interface NameRecords {
  /** IPv4 addresses. Acts at once. @default none */
  readonly a?: readonly string[];
  /** IPv6 addresses. Acts at once. @default none */
  readonly aaaa?: readonly string[];
  /** Another name that answers instead, in full. Nothing else can stand beside it. Acts at once. @default none */
  readonly cname?: string;
  /** Texts, each one record: SPF, DKIM, DMARC, proofs of ownership. Acts at once. @default none */
  readonly txt?: readonly string[];
  /** Who takes mail. Acts at once. @default nobody */
  readonly mx?: readonly MailServer[];
  /** Where a service is to be found, at a name such as `_sip._tcp`. Acts at once. @default none */
  readonly srv?: readonly ServiceAddress[];
  /** Who may issue certificates, for this name and all below it. Acts at once. @default everybody */
  readonly caa?: readonly Issuer[];
  /** Name servers that answer for what is below it; not for the zone itself. Acts at once. @default none */
  readonly ns?: readonly string[];
  /** Seconds that resolvers may keep all of these. Acts at once. @default 1800 */
  readonly timeToLiveSeconds?: number;
}

/** A server that takes mail. */
export interface MailServer {
  /** Its name, in full. Acts at once. */
  readonly host: string;
  /** The lowest is asked first, 0 to 65535. Acts at once. */
  readonly priority: number;
}

/** Where a service is to be found. */
export interface ServiceAddress {
  /** Its name, in full. Acts at once. */
  readonly host: string;
  /** Its port, 1 to 65535. Acts at once. */
  readonly port: number;
  /** The lowest is asked first, 0 to 65535. Acts at once. */
  readonly priority: number;
  /** Its share among those of one priority, 0 to 65535. Acts at once. */
  readonly weight: number;
}

/** Somebody who may issue certificates. Name all whom the platform uses, or its next certificate is not issued. */
export interface Issuer {
  /** As they say it themselves: `letsencrypt.org`. Acts at once. */
  readonly issuer: string;
  /** Whether it is about wildcard certificates. Acts at once. @default false */
  readonly wildcard?: boolean;
  /** Whether an issuer that does not know this kind of record may issue nothing. Acts at once. @default false */
  readonly critical?: boolean;
}

/** One record as the provider has it. `role` is a part of its logical name, and stays while its other fields change. */
export interface RenderedRecord {
  readonly role: string;
  readonly type: string;
  readonly name: string;
  readonly value: string;
  readonly ttl: number;
  readonly priority?: number;
  readonly weight?: number;
  readonly port?: number;
  readonly flags?: number;
  readonly tag?: string;
}

/** All records, by name. What tells two of one kind apart is a part of their role: the cloud refuses a record twice, so none may take another's value. */
export function renderRecords(records: Readonly<Record<string, NameRecords>>): RenderedRecord[] {
  return Object.entries(records).flatMap(
    ([name, { a = [], aaaa = [], cname, txt = [], mx = [], srv = [], caa = [], ns = [], ...rest }]) => {
      const ttl = rest.timeToLiveSeconds ?? 1800;
      const make = (type: string, key: string, value: string, more: Partial<RenderedRecord> = {}): RenderedRecord => {
        const mark = key === "" ? "" : `-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
        return { role: `${name}-${type.toLowerCase()}${mark}`, type, name, value, ttl, ...more };
      };
      return [
        ...a.map((address) => make("A", address, address)),
        ...aaaa.map((address) => make("AAAA", address, address)),
        ...(cname === undefined ? [] : [make("CNAME", "", dotted(cname))]),
        ...txt.map((text) => make("TXT", text, text)),
        ...mx.map(({ host, priority }) => make("MX", host, dotted(host), { priority })),
        ...srv.map(({ host, port, priority, weight }) => make("SRV", `${host}:${port}`, dotted(host), { port, priority, weight })),
        ...caa.map(({ issuer, wildcard = false, critical = false }) =>
          make("CAA", `${issuer} ${wildcard}`, dotted(issuer), { flags: critical ? 128 : 0, tag: wildcard ? "issuewild" : "issue" }),
        ),
        ...ns.map((host) => make("NS", host, dotted(host))),
      ];
    },
  );
}

/** The provider reads names back with a dot at the end. */
const dotted = (host: string): string => (host.endsWith(".") ? host : `${host}.`);

/** Everything that is wrong with records, at once. */
export function recordProblems(records: Readonly<Record<string, NameRecords>>): string[] {
  return Object.entries(records).flatMap(([name, all]) => nameProblems(name, all).map((problem) => `records.${name}${problem}`));
}

const hostName = /^(?=.{1,254}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\.?$/;

function nameProblems(name: string, all: NameRecords): string[] {
  const { a = [], aaaa = [], cname, txt = [], mx = [], srv = [], caa = [], ns = [], timeToLiveSeconds: ttl } = all;
  const count = [a, aaaa, txt, mx, srv, caa, ns].reduce((sum, { length }) => sum + length, 0);
  const hosts = [...(cname === undefined ? [] : [cname]), ...mx.map(({ host }) => host), ...srv.map(({ host }) => host), ...ns];
  const numbers = [
    ...mx.map(({ priority }) => ["mx.priority", priority, 0] as const),
    ...srv.flatMap(
      ({ port, priority, weight }) =>
        [
          ["srv.port", port, 1],
          ["srv.priority", priority, 0],
          ["srv.weight", weight, 0],
        ] as const,
    ),
  ];
  const roles = renderRecords({ [name]: all }).map(({ role }) => role);
  const twice = roles.length !== new Set(roles).size;
  const found: (string | false)[] = [
    !/^(@|[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?)$/.test(name) &&
      ': is no name. Use lower-case letters, digits, "-" and "_", relative to the zone, or "@" for the zone itself.',
    count === 0 && cname === undefined && ": says nothing. Name a record, or leave it out.",
    cname !== undefined && count > 0 && ".cname: nothing else can stand at this name. Remove one of them.",
    cname !== undefined && name === "@" && ".cname: the zone itself cannot be another name. Use addresses, or a redirect from it.",
    ns.length > 0 && name === "@" && ".ns: the name servers of the zone itself are DigitalOcean's. Set others at the registrar.",
    ...a.map((address) => !isIPv4(address) && `.a: ${quote(address)} is no IPv4 address.`),
    ...aaaa.map((address) => !isIPv6(address) && `.aaaa: ${quote(address)} is no IPv6 address.`),
    ...txt.map((text) => text === "" && ".txt: is empty."),
    ...hosts.map((host) => !hostName.test(host) && `: ${quote(host)} is no name of a server. Write it in full, as in "mail.example.net".`),
    ...caa.map(({ issuer }) => !hostName.test(issuer) && `.caa: ${quote(issuer)} is no issuer. Write it as in "letsencrypt.org".`),
    ...numbers.map(
      ([option, value, least]) =>
        !(Number.isInteger(value) && value >= least && value <= 65_535) && `.${option}: must be from ${least} to 65535, is ${value}.`,
    ),
    ttl !== undefined && !(Number.isInteger(ttl) && ttl >= 30) && `.timeToLiveSeconds: must be a whole number from 30 on, is ${ttl}.`,
    twice && ": has the same record twice. Remove one of them.",
  ];
  return found.filter((problem) => typeof problem === "string");
}

/** A record that stands in a zone. */
export interface StandingRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

const leads = ["A", "AAAA", "CNAME"];

/**
 * Names that somebody else has: a host of an environment, or what was made by hand. Mail and texts may stand beside addresses; a name
 * leads to one place only. `own` is what the state holds.
 */
export function takenNames(
  wanted: readonly RenderedRecord[],
  standing: readonly StandingRecord[],
  own: readonly StandingRecord[],
): string[] {
  const bare = (value: string): string => value.replace(/\.$/, "");
  const same = (one: StandingRecord, other: StandingRecord): boolean =>
    one.name === other.name && one.type === other.type && bare(one.value) === bare(other.value);
  const foreign = standing.filter((record) => !own.some((mine) => same(mine, record)));
  const clashes = (mine: RenderedRecord, other: StandingRecord): boolean =>
    mine.name === other.name &&
    (mine.type === "CNAME" || other.type === "CNAME" || (leads.includes(mine.type) && leads.includes(other.type)) || same(mine, other));
  return foreign
    .filter((other) => wanted.some((mine) => clashes(mine, other)))
    .map(
      ({ name, type, value }) =>
        `records.${name}: ${type} ${value} stands there already, and is not this stack's. A name has one owner: remove one of them.`,
    );
}
