import { Resolver } from "node:dns/promises";
import { connect } from "node:tls";
import type { ExportedState } from "../stack-state.ts";
import type { Finding, FindingId } from "./finding.ts";

/** Where DigitalOcean answers for zones. */
const nameServers = ["ns1.digitalocean.com", "ns2.digitalocean.com", "ns3.digitalocean.com"];

/** Asks for names; undefined: the name does not exist or nobody answers for it. */
export type Names = Pick<Resolver, "resolveNs" | "resolveCname" | "resolve4" | "resolve6">;

/** `servers` as `address` or `address:port`; those of this machine without. */
export function namesFrom(servers: readonly string[]): Names {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}

type Asked = { readonly answers: readonly string[] } | { readonly error: string };

async function ask(question: () => Promise<readonly string[]>): Promise<Asked> {
  try {
    return { answers: (await question()).map(bare).sort() };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

const bare = (name: string): string => name.toLowerCase().replace(/\.$/, "");
/** Nobody answered, so nothing is known of the name. */
const isSilent = (error: string): boolean => ["ETIMEOUT", "ECONNREFUSED", "ECANCELLED"].includes(error);

/** Whether a zone is delegated to DigitalOcean. */
export async function delegationFindings(names: Names, zone: string): Promise<Finding[]> {
  const found = await ask(() => names.resolveNs(zone));
  if ("error" in found && isSilent(found.error)) return [silent(found.error)];
  const servers = "answers" in found ? found.answers : [];
  const isOurs = servers.length > 0 && servers.every((server) => nameServers.includes(server));
  if (isOurs) return [];
  return [
    {
      id: "delegation",
      stack: "shared",
      severity: "error",
      what: servers.length === 0 ? `nobody answers for ${zone}` : `${zone} is answered for by ${servers.join(", ")}`,
      why: "The records that the program makes are seen by nobody, and no certificate can be issued.",
      fix: [
        `# at the registrar of ${zone}, set the name servers ${nameServers.join(", ")} and no other; it takes up to two days. Then:`,
        `dig +short NS ${zone}`,
      ],
    },
  ];
}

const silent = (error: string): Finding => ({
  id: "resolver",
  severity: "error",
  what: `the name server that is asked does not answer (${error})`,
  why: "Whether the domain is delegated, and where its hosts lead, cannot be seen.",
  fix: ["npm run ops -- doctor --resolver 1.1.1.1"],
});

/** Whether the names of a stack lead where its state says. */
export async function recordFindings(names: Names, stack: string, resources: readonly ExportedState[]): Promise<Finding[]> {
  const records = resources.flatMap(({ type, outputs: { type: kind, fqdn, value } }) =>
    type === "digitalocean:index/dnsRecord:DnsRecord" &&
    typeof fqdn === "string" &&
    typeof value === "string" &&
    (kind === "CNAME" || kind === "A")
      ? [{ kind, fqdn: bare(fqdn), value: bare(value) }]
      : [],
  );
  // A name may have several addresses.
  const wanted = Map.groupBy(records, ({ kind, fqdn }) => `${kind} ${fqdn}`);
  const findings = await Promise.all(
    [...wanted.values()].map(async (group): Promise<Finding[]> => {
      const [{ kind, fqdn } = { kind: "", fqdn: "" }] = group;
      const values = group.map(({ value }) => value).sort();
      const found = await ask(() => (kind === "CNAME" ? names.resolveCname(fqdn) : names.resolve4(fqdn)));
      if ("error" in found && isSilent(found.error)) return [silent(found.error)];
      const answers = "answers" in found ? found.answers : [];
      if (answers.join() === values.join()) return [];
      return [
        {
          id: "host-record",
          stack,
          severity: "error",
          what: `${fqdn} leads to ${answers.length === 0 ? "nothing" : answers.join(", ")} instead of ${values.join(", ")}`,
          why: "Visitors do not reach what this stack runs. A change takes as long to be seen everywhere as the old record may be kept (5 min).",
          fix: [
            `npm run ops -- drift --stack ${stack}   # whether somebody changed the record`,
            `pulumi up --refresh=false --stack ${stack}`,
          ],
        },
      ];
    }),
  );
  // The server that is silent is silent for every name.
  return findings.flat().filter((finding, index, all) => all.findIndex(({ what }) => what === finding.what) === index);
}

/** How a host's certificate is got at; a test has its own. */
export interface TlsPlace {
  readonly address?: string;
  readonly port?: number;
  readonly ca?: string | undefined;
}

/** App Platform renews 30 days before the end, so that two weeks before it something has kept it from that. */
const leastDays = 14;

/** Whether the certificates of public hosts are valid, and stay so. */
export async function certificateFindings(stack: string, hosts: readonly string[], now: Date, place: TlsPlace = {}): Promise<Finding[]> {
  const findings = await Promise.all(
    hosts.map(async (host): Promise<Finding[]> => {
      const seen = await certificateOf(host, place);
      // That nobody answers at all is for `verify`, and follows from a name that leads nowhere.
      if (seen === undefined) return [];
      const days = Math.floor((seen.ends.getTime() - now.getTime()) / 86_400_000);
      const make = (id: FindingId, severity: Finding["severity"], what: string, why: string): Finding[] => [
        {
          id,
          stack,
          severity,
          what,
          why,
          fix: [
            `npm run ops -- doctor --stack ${stack}   # names and delegation come first: without them none is issued`,
            `npm run ops -- drift --stack ${stack}   # whether the App still has the host`,
            `pulumi up --stack ${stack}`,
          ],
        },
      ];
      if (days < 0)
        return make("certificate-expired", "error", `the certificate of ${host} ended on ${day(seen.ends)}`, "Browsers refuse the host.");
      if (seen.problem !== undefined)
        return make(
          "certificate-invalid",
          "error",
          `the certificate of ${host} is not taken: ${seen.problem}`,
          "Browsers refuse the host.",
        );
      if (days < leastDays)
        return make(
          "certificate-expiring",
          "warning",
          `the certificate of ${host} ends on ${day(seen.ends)}`,
          "It should have been renewed weeks before; something keeps it from that.",
        );
      return [];
    }),
  );
  return findings.flat();
}

const day = (time: Date): string => time.toISOString().slice(0, 10);

function certificateOf(
  host: string,
  { address = host, port = 443, ca }: TlsPlace,
): Promise<{ readonly ends: Date; readonly problem?: string } | undefined> {
  return new Promise((resolve) => {
    const socket = connect(
      { host: address, port, servername: host, rejectUnauthorized: false, timeout: 10_000, ...(ca === undefined ? {} : { ca }) },
      () => {
        const { valid_to: ends } = socket.getPeerCertificate();
        const problem = socket.authorized ? {} : { problem: String(socket.authorizationError) };
        socket.destroy();
        resolve(ends === undefined ? undefined : { ends: new Date(ends), ...problem });
      },
    );
    socket.once("error", () => resolve(undefined));
    socket.once("timeout", () => socket.destroy(new Error("no answer")));
  });
}
