import { type Reply, server } from "./http.ts";

const kinds: readonly (readonly [string, string])[] = [
  ["apps", "app"],
  ["databases", "database"],
  ["domains", "domain"],
  ["projects", "project"],
  ["vpcs", "vpc"],
  ["uptime/checks", "uptime"],
  ["monitoring/alerts", "monitoring"],
  ["spaces/keys", "spaces_key"],
  ["cdn/endpoints", "cdn"],
  ["certificates", "certificate"],
  ["registries", "registry"],
];

/** Which scope a request needs, by the rule that DigitalOcean gives for them and its few exceptions. */
export function scopeOf(method: string, path: string): string {
  const [kind = ["", ""]] = kinds.filter(([prefix]) => path.startsWith(`/v2/${prefix}`));
  const [, name] = kind;
  if (path.endsWith("/metrics/credentials")) return `${name}:view_credentials`;
  if (method === "POST" && path.endsWith("/resources")) return `${name}:assign_resource`;
  if (method === "POST" && path.endsWith("/garbage-collection")) return `${name}:update`;
  if (method === "POST" && name === "spaces_key") return `${name}:create_credentials`;
  const verbs: Readonly<Record<string, string>> = { GET: "read", POST: "create", PUT: "update", PATCH: "update", DELETE: "delete" };
  return `${name}:${verbs[method] ?? "?"}`;
}

/** What a test can change while the server runs. */
export interface Team {
  /** Token → its scopes. */
  readonly tokens: Record<string, readonly string[]>;
  account?: object;
  /** These requests are answered so, whatever the token may. */
  readonly instead?: (method: string, path: string) => Reply | undefined;
  /** What was made, changed or taken away: what nobody asks doctor to do. */
  readonly done: string[];
}

/** DigitalOcean's gateway: tokens and their scopes, nothing behind it. */
export function digitalOceanServer(team: Team) {
  return server(({ method, path: whole, headers, body }): Reply => {
    const [path = ""] = whole.split("?");
    const scopes = team.tokens[String(headers.authorization).replace("Bearer ", "")];
    if (scopes === undefined) return { status: 401, body: { id: "unauthorized" } };
    if (path === "/v2/account") return { body: { account: team.account ?? { status: "active" } } };
    const instead = team.instead?.(method, path);
    if (instead !== undefined) return instead;
    if (!scopes.includes(scopeOf(method, path))) return { status: 403, body: { id: "forbidden", message: "You are not authorized" } };
    if (method === "POST" || method === "PUT" || method === "PATCH") {
      try {
        JSON.parse(body);
      } catch {
        return { status: 400, body: { id: "bad_request", message: "the body is no JSON" } };
      }
      team.done.push(`${method} ${path}`);
      return { status: 200, body: {} };
    }
    return kinds.some(([prefix]) => path === `/v2/${prefix}`) ? { body: {} } : { status: 404, body: { id: "not_found" } };
  });
}
