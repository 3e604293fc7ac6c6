type Values = Record<string, unknown>;

/** A request of DigitalOcean's API that a resource's inputs become. */
export interface Request {
  readonly method: "post" | "put";
  /** As the description writes it. */
  readonly path: string;
  readonly body: Values;
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Names that are not the same in snake case; `one`: the API takes a single one of what the plugin takes a list. */
type Names = Readonly<Record<string, string | { readonly one: string }>>;
const appNames: Names = {
  deployOnPushes: { one: "deploy_on_push" },
  domainNames: "domains",
  egresses: { one: "egress" },
  openSearch: "open_search",
  preservePathPrefix: "preserve_path_prefix",
  vpcs: { one: "vpc" },
};

/** Inputs under the API's names. */
function toApi(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((element) => toApi(element, names));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => name !== "__defaults")
    .map(([name, field]): [string, unknown] => {
      const api = names[name] ?? snake(name);
      const inner = toApi(field, names);
      return typeof api === "string" ? [api, inner] : [api.one, Array.isArray(inner) ? inner[0] : inner];
    });
  return Object.fromEntries(entries);
}

const body = (inputs: Values, names: Names = {}): Values => toApi(inputs, names) as Values;

function without(values: Values, ...names: string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

const databases = "/v2/databases";
const cluster = `${databases}/{database_cluster_uuid}`;

/** Written from the API's description and the plugin's documentation, without a look at the stand-ins. */
const makers: Readonly<Record<string, (inputs: Values) => Request[]>> = {
  App: ({ spec, projectId }) => {
    const api = body(spec as Values, appNames);
    const domains = (api.domains as Values[] | undefined)?.map(({ name, ...rest }) => ({ ...rest, domain: name }));
    const whole = { ...api, ...(domains ? { domains } : {}) };
    return [{ method: "post", path: "/v2/apps", body: { spec: whole, ...(projectId === undefined ? {} : { project_id: projectId }) } }];
  },
  DatabaseCluster: (inputs) => {
    const apart = ["maintenanceWindows", "evictionPolicy", "sqlMode", "storageAutoscale", "storageSizeMib"];
    const { nodeCount, ...rest } = without(inputs, ...apart);
    const size = inputs.storageSizeMib === undefined ? {} : { storage_size_mib: Number(inputs.storageSizeMib) };
    const requests: Request[] = [{ method: "post", path: databases, body: { ...body(rest), num_nodes: nodeCount, ...size } }];
    const [window] = (inputs.maintenanceWindows as Values[] | undefined) ?? [];
    if (window) requests.push({ method: "put", path: `${cluster}/maintenance`, body: body(window) });
    if (inputs.evictionPolicy !== undefined)
      requests.push({ method: "put", path: `${cluster}/eviction_policy`, body: { eviction_policy: inputs.evictionPolicy } });
    if (inputs.sqlMode !== undefined) requests.push({ method: "put", path: `${cluster}/sql_mode`, body: { sql_mode: inputs.sqlMode } });
    return requests;
  },
  DatabaseDb: (inputs) => [{ method: "post", path: `${cluster}/dbs`, body: body(without(inputs, "clusterId")) }],
  DatabaseUser: ({ name, mysqlAuthPlugin, settings }) => {
    const mysql = mysqlAuthPlugin === undefined ? {} : { mysql_settings: { auth_plugin: mysqlAuthPlugin } };
    const own = settings === undefined ? {} : { settings: toApi((settings as Values[])[0], {}) };
    return [{ method: "post", path: `${cluster}/users`, body: { name, ...mysql, ...own } }];
  },
  DatabaseConnectionPool: (inputs) => {
    const names = { dbName: "db" };
    return [{ method: "post", path: `${cluster}/pools`, body: body(without(inputs, "clusterId"), names) }];
  },
  DatabaseFirewall: (inputs) => [{ method: "put", path: `${cluster}/firewall`, body: body(without(inputs, "clusterId")) }],
  DatabaseReplica: ({ storageSizeMib, ...inputs }) => {
    const size = storageSizeMib === undefined ? {} : { storage_size_mib: Number(storageSizeMib) };
    return [{ method: "post", path: `${cluster}/replicas`, body: { ...body(without(inputs, "clusterId")), ...size } }];
  },
  UptimeCheck: (inputs) => [{ method: "post", path: "/v2/uptime/checks", body: body(inputs) }],
  UptimeAlert: ({ notifications, ...inputs }) => {
    const names = { emails: "email", slacks: "slack" };
    const [first] = notifications as Values[];
    const settings = { email: [], slack: [], ...body(first ?? {}, names) };
    const path = "/v2/uptime/checks/{check_id}/alerts";
    return [{ method: "post", path, body: { ...body(without(inputs, "checkId")), notifications: settings } }];
  },
  MonitorAlert: ({ alerts, ...inputs }) => {
    const settings = { email: [], slack: [], ...body(alerts as Values, { emails: "email", slacks: "slack" }) };
    return [{ method: "post", path: "/v2/monitoring/alerts", body: { entities: [], tags: [], ...body(inputs), alerts: settings } }];
  },
  SpacesKey: (inputs) => [{ method: "post", path: "/v2/spaces/keys", body: body(inputs) }],
  Certificate: (inputs) => [{ method: "post", path: "/v2/certificates", body: body(inputs, { domains: "dns_names" }) }],
  Cdn: ({ certificateName, ...inputs }) => {
    // The plugin looks up the id by the name.
    const certificate = certificateName === undefined ? {} : { certificate_id: "892071a0-bb95-49bc-8021-3afd67a210bf" };
    return [{ method: "post", path: "/v2/cdn/endpoints", body: { ...body(inputs), ...certificate } }];
  },
  Vpc: (inputs) => [{ method: "post", path: "/v2/vpcs", body: body(inputs) }],
  Domain: (inputs) => [{ method: "post", path: "/v2/domains", body: body(inputs) }],
  DnsRecord: (inputs) => [
    { method: "post", path: "/v2/domains/{domain_name}/records", body: body(without(inputs, "domain"), { value: "data" }) },
  ],
  Project: (inputs) => {
    const requests: Request[] = [{ method: "post", path: "/v2/projects", body: body(without(inputs, "resources", "isDefault")) }];
    const { resources } = inputs;
    if (resources !== undefined) requests.push({ method: "post", path: "/v2/projects/{project_id}/resources", body: { resources } });
    return requests;
  },
  ProjectResources: ({ resources }) => [{ method: "post", path: "/v2/projects/{project_id}/resources", body: { resources } }],
  ContainerRegistry: (inputs) => [{ method: "post", path: "/v2/registry", body: body(inputs) }],
};

/** The requests that a resource becomes; none for types that are not written down here. */
export const requestsOf = (type: string, inputs: Values): Request[] =>
  type.startsWith("digitalocean:") ? (makers[type.split(":").at(-1) ?? ""]?.(inputs) ?? []) : [];
