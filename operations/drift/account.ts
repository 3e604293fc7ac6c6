import { CloudStore } from "../../sandbox/cloud/store.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { scopeFamilies } from "../token-scopes.ts";

/** Something that stands in the account. */
export interface Thing {
  /** In one word: `droplet`. */
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  /** The cloud's own name of it, as projects list it: `do:droplet:4711`. */
  readonly urn?: string;
  /** Of a DNS record: its type, such as `CNAME`. The name is then the whole host. */
  readonly record?: string;
}

/** What stands in the account, as far as it was to be seen. */
export interface Inventory {
  readonly things: readonly Thing[];
  /** Kinds that could not be listed, with the reason, in whole sentences without their end. */
  readonly unseen: readonly string[];
}

/** Who knows what stands in the account. */
export interface Account {
  /** @param families Of scopes, as {@link scopeFamilies} names them. @param zones Whose DNS records are listed. */
  list(families: readonly string[], zones: readonly string[]): Promise<Inventory>;
}

type Fields = Readonly<Record<string, unknown>>;

/** How a kind is listed. */
export interface Kind {
  readonly kind: string;
  /** Below `/v2/`. */
  readonly path: string;
  /** The answer's list. */
  readonly list: string;
  /** The scopes that it is read with. */
  readonly family: string;
  /** Last part of Pulumi's token. */
  readonly type: string;
  readonly id: string;
  readonly name: string;
  /** What projects call it between `do:` and the id. */
  readonly urn?: string;
  /** The answer comes in one piece. */
  readonly isWhole?: boolean;
  /** A field that is true for what the cloud makes by itself. */
  readonly byItself?: string;
}

const kind = (name: string, path: string, list: string, type: string, more: Partial<Kind> = {}): Kind => ({
  kind: name,
  path,
  list,
  family: path,
  type,
  id: "id",
  name: "name",
  ...more,
});

/** What can be listed. Held by a test against the API's own description. */
export const listed: readonly Kind[] = [
  kind("app", "apps", "apps", "App", { family: "app", name: "spec.name", urn: "app" }),
  kind("database cluster", "databases", "databases", "DatabaseCluster", { family: "database", urn: "dbaas", isWhole: true }),
  kind("VPC", "vpcs", "vpcs", "Vpc", { family: "vpc", byItself: "default" }),
  kind("domain", "domains", "domains", "Domain", { family: "domain", id: "name", urn: "domain" }),
  kind("project", "projects", "projects", "Project", { family: "project", byItself: "is_default" }),
  kind("uptime check", "uptime/checks", "checks", "UptimeCheck", { family: "uptime" }),
  kind("alert", "monitoring/alerts", "policies", "MonitorAlert", { family: "monitoring", id: "uuid", name: "description" }),
  kind("key of Spaces", "spaces/keys", "keys", "SpacesKey", { family: "spaces_key", id: "access_key" }),
  kind("CDN endpoint", "cdn/endpoints", "endpoints", "Cdn", { family: "cdn", name: "origin" }),
  kind("certificate", "certificates", "certificates", "Certificate", { family: "certificate", id: "name" }),
  kind("registry", "registries", "registries", "ContainerRegistry", { family: "registry", id: "name", isWhole: true }),
  kind("droplet", "droplets", "droplets", "Droplet", { family: "droplet", urn: "droplet" }),
  kind("volume", "volumes", "volumes", "Volume", { family: "block_storage", urn: "volume" }),
  kind("firewall", "firewalls", "firewalls", "Firewall", { family: "firewall" }),
  kind("load balancer", "load_balancers", "load_balancers", "LoadBalancer", { family: "load_balancer", urn: "loadbalancer" }),
  kind("Kubernetes cluster", "kubernetes/clusters", "kubernetes_clusters", "KubernetesCluster", {
    family: "kubernetes",
    urn: "kubernetes",
  }),
  kind("reserved IP", "reserved_ips", "reserved_ips", "ReservedIp", { family: "reserved_ip", id: "ip", name: "ip", urn: "reservedip" }),
];

/** DNS records of a zone. */
export const records = (zone: string): Kind =>
  kind("record", `domains/${zone}/records`, "domain_records", "DnsRecord", { family: "domain" });

/** Every family: what a token without limits reaches. */
export const allFamilies: readonly string[] = [...new Set([...Object.keys(scopeFamilies), ...listed.map(({ family }) => family)])];

/** The API gives no more at once. */
const perPage = 200;

/** Those at DigitalOcean; undefined without a token. Only reads. */
export function accountAtDigitalOcean(environment: NodeJS.ProcessEnv): Account | undefined {
  const token = environment["DIGITALOCEAN_TOKEN"] || environment["DIGITALOCEAN_ACCESS_TOKEN"];
  if (!token) return undefined;
  const base = environment["DIGITALOCEAN_API_URL"] ?? "https://api.digitalocean.com";
  const get = async (path: string): Promise<Fields> => {
    const answer = await fetch(new URL(path, base), { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(20_000) });
    if (answer.status === 403) throw new Error("the token may not read them");
    if (!answer.ok) throw new Error(`DigitalOcean answers ${answer.status}`);
    return (await answer.json()) as Fields;
  };
  const all = async ({ path, list, isWhole = false }: Kind): Promise<readonly Fields[]> => {
    const found: Fields[] = [];
    for (let page = 1; ; page++) {
      const answer = await get(isWhole ? `/v2/${path}` : `/v2/${path}?per_page=${perPage}&page=${page}`);
      const items = (answer[list] ?? []) as readonly Fields[];
      found.push(...items);
      const { total = 0 } = (answer["meta"] ?? {}) as { total?: number };
      if (isWhole || items.length === 0 || found.length >= total) return found;
    }
  };
  return {
    async list(families, zones) {
      const wanted = [...listed, ...zones.map(records)].filter(({ family }) => families.includes(family));
      const answers = await Promise.all(
        wanted.map(async (one) => {
          try {
            return { things: (await all(one)).flatMap((item) => thingOf(one, item)) };
          } catch (error) {
            return { unseen: `${one.kind}s: ${error instanceof Error ? error.message : String(error)}` };
          }
        }),
      );
      return {
        things: answers.flatMap(({ things = [] }) => things),
        unseen: answers.flatMap(({ unseen }) => unseen ?? []),
      };
    },
  };
}

function thingOf({ kind, path, id, name, urn, byItself }: Kind, item: Fields): Thing[] {
  if (byItself !== undefined && item[byItself] === true) return [];
  const at = (path: string): string => textOf(path.split(".").reduce<unknown>((value, key) => (value as Fields | undefined)?.[key], item));
  const [, zone] = /^domains\/(.*)\/records$/.exec(path) ?? [];
  if (zone === undefined) return [{ kind, id: at(id), name: at(name), ...(urn === undefined ? {} : { urn: `do:${urn}:${at(id)}` }) }];
  return [{ kind, id: at(id), name: at(name) === "@" ? zone : `${at(name)}.${zone}`, record: at("type") }];
}

const textOf = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** What stands in the stored cloud. */
export function storedAccount({ home }: Pick<Sandbox, "home">): Account {
  return {
    list(families, zones) {
      const store = new CloudStore(home.cloud);
      try {
        const kinds = [...listed, records("")].filter(({ family }) => families.includes(family));
        const things = store.list().flatMap(({ provider, type, id, name, outputs }): Thing[] => {
          const one = kinds.find((each) => type.endsWith(`:${each.type}`));
          if (provider !== "digitalocean" || one === undefined) return [];
          if (one.kind !== "record")
            return [{ kind: one.kind, id, name, ...(one.urn === undefined ? {} : { urn: `do:${one.urn}:${id}` }) }];
          if (!zones.includes(textOf(outputs["domain"]))) return [];
          return [{ kind: one.kind, id, name: textOf(outputs["fqdn"]), record: textOf(outputs["type"]) }];
        });
        return Promise.resolve({ things, unseen: [] });
      } finally {
        store.close();
      }
    },
  };
}
