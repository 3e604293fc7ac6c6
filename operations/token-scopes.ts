/** What a family of DigitalOcean's resources needs of a token. */
export interface ScopeFamily {
  /** Of a token that deploys. */
  readonly deploy: readonly string[];
  /** Of one that only looks, for previews and drift. */
  readonly look: readonly string[];
  /** A harmless request that a token with the scopes to look is answered, and another one is refused. */
  readonly probe: string;
}

const family = (name: string, probe: string, more: { deploy?: readonly string[]; look?: readonly string[] } = {}): ScopeFamily => {
  const { deploy = ["create", "read", "update", "delete"], look = ["read"] } = more;
  return {
    deploy: deploy.map((scope) => `${name}:${scope}`),
    look: look.map((scope) => `${name}:${scope}`),
    probe: `/v2/${probe}?per_page=1`,
  };
};

const crud = ["create", "read", "update", "delete"];

/** The families by their names in a token's form. Held by a test against the API's own description. */
export const scopeFamilies: Readonly<Record<string, ScopeFamily>> = {
  app: family("app", "apps"),
  // The plugin reads users with their passwords, in previews too.
  database: family("database", "databases", { deploy: [...crud, "view_credentials"], look: ["read", "view_credentials"] }),
  domain: family("domain", "domains"),
  project: family("project", "projects", { deploy: [...crud, "assign_resource"] }),
  vpc: family("vpc", "vpcs"),
  uptime: family("uptime", "uptime/checks"),
  monitoring: family("monitoring", "monitoring/alerts"),
  spaces_key: family("spaces_key", "spaces/keys", { deploy: ["create_credentials", "read", "update", "delete"] }),
  cdn: family("cdn", "cdn/endpoints"),
  certificate: family("certificate", "certificates", { deploy: ["create", "read", "delete"] }),
  registry: family("registry", "registries"),
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
