/** What a family of DigitalOcean's resources needs of a token. */
export interface ScopeFamily {
  /** Of a token that deploys. */
  readonly deploy: readonly string[];
  /** Of one that only looks, for previews and drift. */
  readonly look: readonly string[];
  /** A harmless request that a token with the scopes to look is answered, and another one is refused. */
  readonly probe: string;
  /** For each other scope a request that can do nothing: of something that is not there, or with a body that nobody can read. */
  readonly attempts: Readonly<Record<string, Attempt>>;
  /** One that is not there, as the attempts name it. */
  readonly nothing: string;
}

/** A request by which a scope shows itself: it is refused (403) without the scope, and fails otherwise for what it asks for. */
export interface Attempt {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
}

/** Of nothing. */
const nil = "00000000-0000-0000-0000-000000000000";
/** A name that nobody's zone can have: `.invalid` is kept free (RFC 2606). */
const noDomain = "no-such-zone.groundwork.invalid";

interface More {
  readonly deploy?: readonly string[];
  readonly look?: readonly string[];
  /** One of them that is not there. */
  readonly none?: string;
  /** What cannot be tried as the others are. */
  readonly attempts?: Readonly<Record<string, Attempt>>;
}

const family = (name: string, probe: string, more: More = {}): ScopeFamily => {
  const { deploy = ["create", "read", "update", "delete"], look = ["read"], none = nil, attempts = {} } = more;
  const usual: Readonly<Record<string, Attempt>> = {
    create: { method: "POST", path: `/v2/${probe}` },
    update: { method: "PUT", path: `/v2/${probe}/${none}` },
    delete: { method: "DELETE", path: `/v2/${probe}/${none}` },
    ...attempts,
  };
  return {
    deploy: deploy.map((scope) => `${name}:${scope}`),
    look: look.map((scope) => `${name}:${scope}`),
    probe: `/v2/${probe}?per_page=1`,
    nothing: `/v2/${probe}/${none}`,
    attempts: Object.fromEntries(
      deploy.flatMap((scope) => {
        const attempt = usual[scope];
        return attempt === undefined ? [] : [[`${name}:${scope}`, attempt]];
      }),
    ),
  };
};

const crud = ["create", "read", "update", "delete"];

/** The families by their names in a token's form. Held by a test against the API's own description. */
export const scopeFamilies: Readonly<Record<string, ScopeFamily>> = {
  app: family("app", "apps"),
  // The plugin reads users with their passwords, in previews too.
  database: family("database", "databases", {
    deploy: [...crud, "view_credentials"],
    look: ["read", "view_credentials"],
    attempts: {
      update: { method: "PUT", path: `/v2/databases/${nil}/firewall` },
      view_credentials: { method: "GET", path: "/v2/databases/metrics/credentials" },
    },
  }),
  domain: family("domain", "domains", {
    none: noDomain,
    attempts: { update: { method: "PATCH", path: `/v2/domains/${noDomain}/records/1` } },
  }),
  project: family("project", "projects", {
    deploy: [...crud, "assign_resource"],
    attempts: { assign_resource: { method: "POST", path: `/v2/projects/${nil}/resources` } },
  }),
  vpc: family("vpc", "vpcs"),
  uptime: family("uptime", "uptime/checks"),
  monitoring: family("monitoring", "monitoring/alerts"),
  spaces_key: family("spaces_key", "spaces/keys", {
    deploy: ["create_credentials", "read", "update", "delete"],
    attempts: { create_credentials: { method: "POST", path: "/v2/spaces/keys" } },
  }),
  cdn: family("cdn", "cdn/endpoints"),
  certificate: family("certificate", "certificates", { deploy: ["create", "read", "delete"] }),
  registry: family("registry", "registries", {
    none: "no-such-registry-of-groundwork",
    attempts: { update: { method: "POST", path: "/v2/registries/no-such-registry-of-groundwork/garbage-collection" } },
  }),
};

/** Which family a resource belongs to, by the last part of its type. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^App$/, "app"],
  [/^Database/, "database"],
  [/^(Domain|DnsRecord)$/, "domain"],
  [/^Project(Resources)?$/, "project"],
  [/^Vpc$/, "vpc"],
  [/^Uptime/, "uptime"],
  [/^MonitorAlert$/, "monitoring"],
  [/^SpacesKey$/, "spaces_key"],
  [/^Cdn$/, "cdn"],
  [/^Certificate$/, "certificate"],
  [/^ContainerRegistry$/, "registry"],
];

/** The families that a stack with these types of resources needs, in the table's order. Pure. */
export function familiesOf(types: readonly string[]): string[] {
  const needed = new Set(
    types
      .filter((type) => type.startsWith("digitalocean:"))
      .flatMap((type) => families.find(([pattern]) => pattern.test(type.split(":").at(-1) ?? ""))?.[1] ?? []),
  );
  return Object.keys(scopeFamilies).filter((name) => needed.has(name));
}

/** The scopes that a token needs for these families, as they stand in its form. */
export const scopesFor = (names: readonly string[], purpose: "deploy" | "look"): string[] =>
  names.flatMap((name) => scopeFamilies[name]?.[purpose] ?? []);

/** Whether buckets are among these types: those are made with a key of Spaces, not with the token. */
export const needsSpacesKey = (types: readonly string[]): boolean => types.some((type) => /^digitalocean:.*:SpacesBucket/.test(type));

/** Scopes as they stand in a token's form, resource by resource: `app, vpc: create, read; project: read`. Pure. */
export function scopeWords(scopes: readonly string[]): string {
  const verbs = new Map<string, string[]>();
  for (const scope of scopes) {
    const [resource = "", verb = ""] = scope.split(":");
    verbs.set(resource, [...(verbs.get(resource) ?? []), verb]);
  }
  const alike = Map.groupBy(verbs, ([, all]) => all.join(", "));
  return [...alike].map(([all, resources]) => `${resources.map(([resource]) => resource).join(", ")}: ${all}`).join("; ");
}
