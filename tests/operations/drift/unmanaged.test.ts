import { describe, expect, test } from "vitest";
import { accountAtDigitalOcean, allFamilies, listed, records } from "../../../operations/drift/account.ts";
import type { Look } from "../../../operations/drift/copy.ts";
import { besideOf, domainIn, type Managed, managedBy, thingText, unmanagedOf } from "../../../operations/drift/unmanaged.ts";
import type { ExportedState } from "../../../operations/stack-state.ts";
import { scopeFamilies } from "../../../operations/token-scopes.ts";
import { absent, readShared } from "../../catalogue/shared.ts";
import { server } from "../loopback/http.ts";
import { held } from "./look.ts";

const digitalOcean = (name: string): string => `digitalocean:index/${name.slice(0, 1).toLowerCase()}${name.slice(1)}:${name}`;
const resource = (type: string, id: string, outputs: Record<string, unknown> = {}): ExportedState => ({
  type: digitalOcean(type),
  name: id,
  id,
  outputs,
  initErrors: [],
});

/** A stack's own project with these members at the cloud, a record of the zone, and an App. */
function looked(members: readonly string[]): Look {
  const project = { ...held("Project", { name: "shop" }, { resources: ["do:app:1"] }), type: digitalOcean("Project") };
  const record = { ...held("DnsRecord", { domain: "example.com" }), type: digitalOcean("DnsRecord") };
  const app = { ...held("App", {}, { appUrn: "do:app:1" }), id: "1" };
  const all = [project, record, app];
  const actual = new Map(all.map((one) => [one.urn, one]));
  actual.set(project.urn, { ...project, outputs: { resources: members } });
  return { expected: all, actual, named: new Map(), unread: new Map() };
}

const managed: Managed = {
  system: "shop",
  stacks: [
    { name: "shared" },
    { name: "staging", domain: "staging.example.com" },
    { name: "staging-eu", domain: "eu.staging.example.com" },
    { name: "production", domain: "example.com" },
  ],
  states: [resource("App", "1", { appUrn: "do:app:1" }), resource("DatabaseCluster", "db", { clusterUrn: "do:dbaas:db" })],
  unread: [],
};

describe("what no stack manages", () => {
  const things = [
    { kind: "app", id: "1", name: "shop-staging", urn: "do:app:1" },
    { kind: "app", id: "2", name: "shop-staging-try", urn: "do:app:2" },
    { kind: "app", id: "3", name: "shop-staging-eu", urn: "do:app:3" },
    { kind: "app", id: "4", name: "shop-stagings", urn: "do:app:4" },
    { kind: "database cluster", id: "db", name: "shop-production-database", urn: "do:dbaas:db" },
    { kind: "droplet", id: "4711", name: "build", urn: "do:droplet:4711" },
    { kind: "domain", id: "example.com", name: "example.com", urn: "do:domain:example.com" },
    { kind: "record", id: "10", name: "old.staging.example.com", record: "CNAME" },
    { kind: "record", id: "11", name: "x.eu.staging.example.com", record: "A" },
    { kind: "record", id: "12", name: "staging.example.com", record: "TXT" },
    { kind: "record", id: "13", name: "example.com", record: "NS" },
    { kind: "record", id: "14", name: "example.com", record: "MX" },
    { kind: "record", id: "15", name: "www.example.com", record: "A" },
  ];
  const told = (stack: string, isAll = false): string[] =>
    unmanagedOf(looked(["do:app:1", "do:droplet:4711", "do:space:files"]), { stack, managed, things, isAll }).map(
      (one) => `${one.where}: ${thingText(one)}`,
    );

  test("is told where it is in the stack's project, is called like what it makes, or leads below its domain", () => {
    expect(told("staging")).toEqual([
      "project: droplet build (4711)",
      "project: space files",
      "name: app shop-staging-try (2)",
      "host: CNAME record old.staging.example.com (10)",
    ]);
    // The longer name, and the longer domain, have it.
    expect(told("staging-eu").slice(2)).toEqual(["name: app shop-staging-eu (3)", "host: A record x.eu.staging.example.com (11)"]);
    expect(told("production").slice(2)).toEqual(["host: A record www.example.com (15)"]);
  });

  test("is told whole where all is asked for, but for what a zone has by itself", () => {
    expect(told("staging", true).slice(4)).toEqual([
      "account: A record www.example.com (15)",
      "account: A record x.eu.staging.example.com (11)",
      "account: MX record example.com (14)",
      "account: TXT record staging.example.com (12)",
      "account: app shop-staging-eu (3)",
      "account: app shop-stagings (4)",
      "account: domain example.com",
    ]);
  });
});

test("the states of all stacks say what is managed; while one cannot be read, nothing is told that it may hold", async () => {
  const stack = (name: string): object => ({ name, current: false });
  const urn = `urn:pulumi:shared::shop::${digitalOcean("Vpc")}::network`;
  const exported = { deployment: { resources: [{ urn, type: digitalOcean("Vpc"), id: "v1", outputs: {} }] } };
  const pulumi = {
    capture: (args: readonly string[]) => {
      const fails = args.includes("production");
      const stdout = args[1] === "ls" ? JSON.stringify([stack("shared"), stack("production")]) : JSON.stringify(exported);
      return Promise.resolve({ code: fails ? 1 : 0, stdout, stderr: fails ? "error: AccessDenied" : "" });
    },
  };
  const known = await managedBy(pulumi, "shop", (name) => domainIn(`config:\n  groundwork:domain: ${name}.example.com\n`));
  expect(known).toMatchObject({
    stacks: [
      { name: "shared", domain: "shared.example.com" },
      { name: "production", domain: "production.example.com" },
    ],
    states: [{ id: "v1" }],
    unread: ["production"],
  });
  expect(domainIn("config: {}\n")).toBeUndefined();
  const asked: (readonly string[])[] = [];
  const account = (things: readonly { kind: string; id: string; name: string }[]) => ({
    list: (families: readonly string[], zones: readonly string[]) => {
      asked.push(families, zones);
      return Promise.resolve({ things, unseen: ["droplets: the token may not read them"] });
    },
  });
  const ask = (things: readonly { kind: string; id: string; name: string }[], isAll = false, stack = "shared") =>
    besideOf(looked([]), { stack, managed: known, account: account(things), isAll });
  // It may be production's, whatever it is called.
  expect(await ask([{ kind: "app", id: "2", name: "shop-shared-x" }])).toEqual({
    unmanaged: [],
    notes: ["What is in no state is not told: the state of production cannot be read, and may hold it. Look again."],
  });
  // Its own state was read by the look itself, so what that holds is held, and what it does not is told.
  const own = [
    { kind: "app", id: "1", name: "shop-production" },
    { kind: "app", id: "2", name: "shop-production-x" },
  ];
  expect(await ask(own, false, "production")).toEqual({
    unmanaged: [{ ...own[1], where: "name" }],
    notes: [],
  });
  expect(await ask([])).toEqual({ unmanaged: [], notes: [] });
  // Only what the stack consists of, and its zones: that is what its token reaches.
  expect(asked[0]).toEqual(["app", "domain", "project"]);
  expect(asked[1]).toEqual(["example.com"]);
  expect((await ask([], true)).notes).toEqual(["Not listed: droplets: the token may not read them."]);
  expect(asked.at(-2)).toEqual(allFamilies);
  // A Docker host and GitHub have no account to look into.
  const elsewhere = { expected: [], actual: new Map(), named: new Map(), unread: new Map() };
  expect(await besideOf(elsewhere, { stack: "local", managed: known, account: account([]), isAll: false })).toEqual({
    unmanaged: [],
    notes: [],
  });
});

describe("the account at DigitalOcean", () => {
  const page = (list: string, total: number, number: number) => ({
    [list]: Array.from({ length: Math.min(200, total - 200 * (number - 1)) }, (_, index) => ({
      id: `${number}-${index}`,
      name: "@",
      type: "A",
    })),
    meta: { total },
  });
  const environment = (origin: string) => ({ DIGITALOCEAN_TOKEN: "dop_v1_x", DIGITALOCEAN_API_URL: origin });

  test("is read page by page, kind by kind; what the token may not read is said and nothing else fails", async () => {
    await using api = await server(({ path, headers, method }) => {
      if (method !== "GET" || headers.authorization !== "Bearer dop_v1_x") return { status: 401 };
      const { pathname, searchParams } = new URL(path, "http://localhost");
      if (pathname === "/v2/domains/example.com/records") return { body: page("domain_records", 401, Number(searchParams.get("page"))) };
      if (pathname === "/v2/apps") return { body: { apps: [{ id: "1", spec: { name: "shop-staging" } }], meta: { total: 1 } } };
      if (pathname === "/v2/vpcs") return { body: { vpcs: [{ id: "v", name: "default-fra1", default: true }], meta: { total: 1 } } };
      if (pathname === "/v2/databases") return { body: { databases: [{ id: "d", name: "db", connection: { password: "s3cret" } }] } };
      if (pathname === "/v2/droplets") return { status: 403 };
      if (pathname === "/v2/domains") return { body: { domains: [], meta: { total: 0 } } };
      return { status: 503 };
    });
    const { things, unseen } = await accountAtDigitalOcean(environment(api.origin))!.list(
      ["app", "database", "domain", "vpc", "droplet", "firewall"],
      ["example.com"],
    );
    expect(things.filter(({ kind }) => kind !== "record")).toEqual([
      { kind: "app", id: "1", name: "shop-staging", urn: "do:app:1" },
      { kind: "database cluster", id: "d", name: "db", urn: "do:dbaas:d" },
    ]);
    expect(things.filter(({ kind }) => kind === "record").length).toBe(401);
    expect(things.at(-1)).toEqual({ kind: "record", id: "3-0", name: "example.com", record: "A" });
    expect(unseen).toEqual(["droplets: the token may not read them", "firewalls: DigitalOcean answers 503"]);
    expect(accountAtDigitalOcean({})).toBeUndefined();
  });

  test("has these kinds by its own description: path, list, fields, scope and pages", ({ skip }) => {
    skip(absent !== undefined, absent);
    interface Node {
      readonly $ref?: string;
      readonly properties?: Readonly<Record<string, Node>>;
      readonly items?: Node;
      readonly allOf?: readonly Node[];
      readonly anyOf?: readonly Node[];
      readonly oneOf?: readonly Node[];
    }
    const description = readShared<{ paths: Record<string, { get: Record<string, unknown> }> }>("openapi/digitalocean.json")!;
    const resolve = <T extends { readonly $ref?: string }>(value: T): T =>
      value.$ref === undefined
        ? value
        : resolve(
            value.$ref
              .slice(2)
              .split("/")
              .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key.replaceAll("~1", "/")], description) as T,
          );
    const fields = (schema: Node): Record<string, Node> => {
      const { properties = {}, allOf = [], anyOf = [], oneOf = [] } = resolve(schema);
      return Object.assign({}, ...[...allOf, ...anyOf, ...oneOf].map(fields), properties) as Record<string, Node>;
    };
    for (const { kind, path, list, id, name, family, isWhole = false, byItself } of [...listed, records("{domain_name}")]) {
      const get = description.paths[`/v2/${path}`]?.get as {
        readonly parameters?: readonly { readonly $ref?: string; readonly name?: string }[];
        readonly responses: Record<string, { readonly $ref?: string }>;
        readonly security: readonly { readonly bearer_auth: readonly string[] }[];
      };
      expect(get, kind).toBeDefined();
      const answer = resolve(get.responses["200"]!) as unknown as { content: { "application/json": { schema: Node } } };
      const items = resolve(fields(answer.content["application/json"].schema)[list] ?? {}).items ?? {};
      const known = Object.keys(fields(items));
      for (const field of [id, name, ...(byItself === undefined ? [] : [byItself])])
        expect(known, `${kind} ${field}`).toContain(field.split(".")[0]);
      expect(get.security[0]?.bearer_auth, kind).toContain(`${family}:read`);
      const pages = (get.parameters ?? []).map((one) => resolve(one).name);
      expect(pages.includes("per_page"), kind).toBe(!isWhole);
    }
    expect(Object.keys(scopeFamilies).filter((family) => !listed.some((one) => one.family === family))).toEqual([]);
  });
});
