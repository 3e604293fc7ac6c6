import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { clockFindings, digitalOceanFindings, githubFindings } from "../../operations/doctor/credentials.ts";
import { backendFinding } from "../../operations/doctor/doctor.ts";
import { endpointFindings } from "../../operations/doctor/endpoints.ts";
import { heldScopes } from "../../operations/doctor/scopes.ts";
import { type Finding, type FindingId, renderReport, type Skipped, sorted } from "../../operations/doctor/finding.ts";
import { machineFindings, providerFindings } from "../../operations/doctor/machine.ts";
import { certificateFindings, delegationFindings, namesFrom, recordFindings } from "../../operations/doctor/network.ts";
import { Probe } from "../../operations/doctor/probe.ts";
import { imageFindings, pulledWithCredentials, type Pulls } from "../../operations/doctor/registry.ts";
import { type Examined, passphraseFindings, stackFindings } from "../../operations/doctor/stack.ts";
import { familiesOf, needsSpacesKey, scopeFamilies, scopesFor, scopeWords } from "../../operations/token-scopes.ts";
import { absent, readShared } from "../catalogue/shared.ts";
import { digitalOceanServer, type Team } from "./loopback/digitalocean.ts";
import { nameServer, type Zone } from "./loopback/dns.ts";
import { server } from "./loopback/http.ts";
import { digest, registryServer, type RegistryState } from "./loopback/registry.ts";

const ids = (findings: readonly Finding[]): string[] => findings.map(({ id }) => id);
const now = new Date("2026-11-21T18:00:00Z");
const secret = "dop_v1_planted0secret";

describe("the machine", () => {
  const fine = { node: "v24.1.0", pulumi: "v3.259.0", packages: { "@pulumi/random": { pinned: "4.21.2", found: "4.21.2" } } };
  test.each([
    ["node", { node: "v22.11.0" }, "nvm install 24 && nvm use 24"],
    ["node", { node: undefined }, "nvm install 24 && nvm use 24"],
    ["pulumi", { pulumi: "v3.258.9" }, "curl -fsSL https://get.pulumi.com | sh"],
    ["pulumi", { pulumi: undefined }, "curl -fsSL https://get.pulumi.com | sh"],
    ["packages", { packages: { zod: { pinned: "4.6.7", found: "4.0.0" } } }, "npm ci"],
    ["packages", { packages: { zod: { pinned: "4.6.7", found: undefined } } }, "npm ci"],
  ])("%s: %j", (id, broken, fix) => {
    expect(machineFindings({ ...fine, ...broken })).toMatchObject([{ id, fix: [fix] }]);
    expect(machineFindings(fine)).toEqual([]);
    expect(machineFindings({ ...fine, node: "v26.0.0", pulumi: "v4.0.0" })).toEqual([]);
  });
  test("a stack that a newer provider wrote", () => {
    const provider = (version: string) => [{ type: "pulumi:providers:random", name: "default", outputs: { version }, initErrors: [] }];
    expect(providerFindings("staging", provider("4.22.0"), fine.packages)).toMatchObject([
      { id: "older-checkout", what: "was last deployed with random 4.22.0, and this checkout has 4.21.2", fix: ["git pull && npm ci"] },
    ]);
    expect(providerFindings("staging", provider("4.21.2"), fine.packages)).toEqual([]);
    expect(providerFindings("staging", provider("4.9.9"), fine.packages)).toEqual([]);
  });
});

describe("DigitalOcean's token", () => {
  const needs = { staging: ["digitalocean:index/app:App", "digitalocean:index/domain:Domain"] };
  const all = scopesFor(familiesOf(needs.staging), "deploy");
  const look = async (scopes: readonly string[], more: Partial<Team> = {}, token = secret, skipped: Skipped[] = []) => {
    const team: Team = { tokens: { [secret]: scopes }, done: [], ...more };
    await using cloud = await digitalOceanServer(team);
    const found = await digitalOceanFindings(
      new Probe({ second: 1 }),
      { DIGITALOCEAN_TOKEN: token, DIGITALOCEAN_API_URL: cloud.origin },
      needs,
      skipped,
    );
    // Whatever it asks, nothing is made, changed or taken away.
    expect(team.done).toEqual([]);
    expect(JSON.stringify(found)).not.toContain(secret);
    return found;
  };
  test("each scope by itself: missing, it is named; all of them there, nothing is", async () => {
    expect(all).toHaveLength(8);
    expect(await look(all)).toEqual([]);
    for (const scope of all) {
      const [kind, verb] = scope.split(":");
      expect(await look(all.filter((other) => other !== scope)), scope).toMatchObject([
        { id: verb === "read" ? "token-scope" : "token-scope-write", what: `the token lacks ${kind}: ${verb}` },
      ]);
    }
    const narrow = await look(["app:read", "domain:read"]);
    expect(narrow).toMatchObject([
      { id: "token-scope-write", severity: "warning", what: "the token lacks app, domain: create, update, delete" },
    ]);
    expect(narrow[0]?.fix[1]).toContain("with all of these: app, domain: create, read, update, delete");
  });
  test("the scopes of every kind of resource", async () => {
    for (const name of Object.keys(scopeFamilies)) {
      const wanted = scopesFor([name], "deploy");
      for (const scope of wanted) {
        await using cloud = await digitalOceanServer({ tokens: { t: wanted.filter((other) => other !== scope) }, done: [] });
        expect(await heldScopes(new Probe({ second: 1 }), cloud.origin, "t", wanted), scope).toEqual({
          held: wanted.filter((other) => other !== scope),
          missing: [scope],
          unclear: {},
        });
      }
    }
  });
  test("what an answer does not tell is not looked at, and no finding", async () => {
    const skipped: Skipped[] = [];
    // Somebody who refuses what is not there, too; and one who is in trouble.
    const instead = (method: string, path: string) =>
      path.startsWith("/v2/apps/") ? { status: 403 } : method === "DELETE" ? { status: 500 } : undefined;
    expect(await look(all, { instead }, secret, skipped)).toEqual([]);
    expect(skipped).toEqual([
      { what: "whether the token has app: update, delete", why: "what is not there is refused as well" },
      { what: "whether the token has domain: delete", why: "the answer was 500" },
    ]);
  });
  test("missing, refused", async () => {
    expect(ids(await look(all, {}, ""))).toEqual(["token-missing"]);
    expect(ids(await look(all, {}, "dop_v1_other"))).toEqual(["token-refused"]);
  });
  test("an account that is locked, an API that is away, stacks that need none", async () => {
    expect(await look(all, { account: { status: "locked", status_message: "unpaid" } })).toMatchObject([
      { id: "account-not-active", what: 'the account\'s status is "locked": unpaid' },
    ]);
    const away = { DIGITALOCEAN_TOKEN: secret, DIGITALOCEAN_API_URL: "http://127.0.0.1:1" };
    expect(ids(await digitalOceanFindings(new Probe({ second: 1 }), away, needs))).toEqual(["cloud-unreachable"]);
    expect(await digitalOceanFindings(new Probe(), {}, { local: ["docker:index/service:Service"] })).toEqual([]);
  });
  test("buckets need a key of Spaces as well", async () => {
    const types = { staging: ["digitalocean:index/spacesBucket:SpacesBucket"] };
    expect(await digitalOceanFindings(new Probe(), { SPACES_ACCESS_KEY_ID: "a" }, types)).toMatchObject([
      {
        id: "spaces-key-missing",
        what: "SPACES_SECRET_ACCESS_KEY is not set",
        fix: ["read -rs SPACES_SECRET_ACCESS_KEY && export SPACES_SECRET_ACCESS_KEY"],
      },
    ]);
    expect(await digitalOceanFindings(new Probe(), { SPACES_ACCESS_KEY_ID: "a", SPACES_SECRET_ACCESS_KEY: "b" }, types)).toEqual([]);
    expect(needsSpacesKey(types.staging)).toBe(true);
  });
  test("families by what a stack consists of, in the table's order", () => {
    const types = [
      "random:index/randomPassword:RandomPassword",
      "digitalocean:index/vpc:Vpc",
      "digitalocean:index/databaseFirewall:DatabaseFirewall",
    ];
    expect(familiesOf(types)).toEqual(["database", "vpc"]);
    expect(scopesFor(["project"], "deploy")).toEqual(
      ["create", "read", "update", "delete", "assign_resource"].map((scope) => `project:${scope}`),
    );
    expect(scopeWords(["app:read", "vpc:read", "project:read", "project:assign_resource"])).toBe(
      "app, vpc: read; project: read, assign_resource",
    );
    expect(scopesFor(["database"], "look")).toEqual(["database:read", "database:view_credentials"]);
  });
  test("scopes and the requests that try them are the API's own", ({ skip }) => {
    skip(absent !== undefined, absent);
    const { paths = {} } =
      readShared<{ paths: Record<string, Record<string, { security?: { bearer_auth?: string[] }[] }>> }>("openapi/digitalocean.json") ?? {};
    const scopesOf = (operation: { security?: { bearer_auth?: string[] }[] } | undefined): string[] =>
      (operation?.security ?? []).flatMap(({ bearer_auth: scopes = [] }) => scopes);
    /** Of the path in the description that this one is an example of. */
    const scopesFrom = (method: string, path: string): string[] => {
      const isExample = (template: string): boolean => new RegExp(`^${template.replaceAll(/\{[^}]*\}/g, "[^/]+")}$`).test(path);
      const templates = Object.keys(paths).filter(isExample);
      const [template = ""] = templates.includes(path) ? [path] : templates;
      return scopesOf(paths[template]?.[method.toLowerCase()]);
    };
    const all = new Set(Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(scopesOf)));
    for (const [name, { deploy, look, probe, attempts }] of Object.entries(scopeFamilies)) {
      expect(Object.keys(attempts), name).toEqual(deploy.filter((scope) => !scope.endsWith(":read")));
      for (const [scope, { method, path }] of Object.entries(attempts))
        expect(scopesFrom(method, path), `${method} ${path}`).toContain(scope);
      expect(
        [...deploy, ...look].filter((scope) => !all.has(scope)),
        name,
      ).toEqual([]);
      expect(scopesOf(paths[probe.split("?")[0] ?? ""]?.["get"]), probe).toEqual([`${name}:read`]);
    }
  });
});

describe("GitHub's token", () => {
  const repositories = [{ owner: "acme", name: "web", stands: true }];
  const look = async (user: object, repository: { status?: number; body?: object }, token = "ghp_x") => {
    await using api = await server(({ path, headers }) => {
      if (headers.authorization !== "Bearer ghp_x") return { status: 401 };
      return path === "/user" ? { body: {}, ...user } : path === "/repos/acme/web" ? repository : undefined;
    });
    return await githubFindings(new Probe(), { GITHUB_TOKEN: token, GITHUB_API_URL: api.origin }, repositories, now);
  };
  const admin = { body: { permissions: { admin: true } } };
  test("missing, refused, without a scope, soon over, without a repository, no administrator, right", async () => {
    expect(ids(await look({}, admin, ""))).toEqual(["github-token-missing"]);
    expect(ids(await look({}, admin, "ghp_other"))).toEqual(["github-token-refused"]);
    expect(await look({ headers: { "x-oauth-scopes": "repo, read:org" } }, admin)).toMatchObject([
      { id: "github-token-scope", what: "GITHUB_TOKEN lacks the scope workflow" },
    ]);
    expect(await look({ headers: { "github-authentication-token-expiration": "2026-11-25 12:00:00 UTC" } }, admin)).toMatchObject([
      { id: "github-token-expiring", what: "GITHUB_TOKEN expires in 3 days" },
    ]);
    expect(ids(await look({}, { status: 404 }))).toEqual(["github-repository"]);
    expect(ids(await look({}, { body: { permissions: { admin: false, push: true } } }))).toEqual(["github-not-admin"]);
    expect(
      await look(
        { headers: { "x-oauth-scopes": "repo, workflow", "github-authentication-token-expiration": "2027-05-01 00:00:00 UTC" } },
        admin,
      ),
    ).toEqual([]);
  });
});

test("the clock, by the servers' own", async () => {
  expect(clockFindings([400, 3, -2])).toEqual([]);
  expect(clockFindings([])).toEqual([]);
  await using late = await server(() => ({ headers: { date: new Date(Date.now() - 1_200_000).toUTCString() }, body: {} }));
  const probe = new Probe();
  await probe.get(late.origin);
  expect(clockFindings(probe.ahead)).toMatchObject([
    { what: "the clock of this machine is 20 min ahead", fix: ["sudo timedatectl set-ntp true"] },
  ]);
});

describe("names", () => {
  const records = [
    {
      type: "digitalocean:index/dnsRecord:DnsRecord",
      name: "api",
      outputs: { type: "CNAME", fqdn: "api.example.com", value: "app.ondigitalocean.app." },
      initErrors: [],
    },
    {
      type: "digitalocean:index/dnsRecord:DnsRecord",
      name: "a",
      outputs: { type: "A", fqdn: "example.com", value: "203.0.113.7" },
      initErrors: [],
    },
    {
      type: "digitalocean:index/dnsRecord:DnsRecord",
      name: "b",
      outputs: { type: "A", fqdn: "example.com", value: "203.0.113.8" },
      initErrors: [],
    },
    {
      type: "digitalocean:index/dnsRecord:DnsRecord",
      name: "t",
      outputs: { type: "TXT", fqdn: "example.com", value: "x" },
      initErrors: [],
    },
  ];
  const right: Zone = {
    NS: { "example.com": ["ns1.digitalocean.com", "NS2.digitalocean.com", "ns3.digitalocean.com"] },
    CNAME: { "api.example.com": ["app.ondigitalocean.app"] },
    A: { "example.com": ["203.0.113.8", "203.0.113.7"] },
    AAAA: {},
  };
  const look = async (zone: Zone): Promise<Finding[]> => {
    await using dns = await nameServer(zone);
    const names = namesFrom([dns.address]);
    return [...(await delegationFindings(names, "example.com")), ...(await recordFindings(names, "staging", records))];
  };
  test("delegated elsewhere, half, or not at all; then as it should be", async () => {
    expect(await look({ ...right, NS: { "example.com": ["ns.registrar.net"] } })).toMatchObject([
      { id: "delegation", what: "example.com is answered for by ns.registrar.net" },
    ]);
    expect(ids(await look({ ...right, NS: { "example.com": ["ns1.digitalocean.com", "ns.registrar.net"] } }))).toEqual(["delegation"]);
    expect(await look({ ...right, NS: {} })).toMatchObject([{ id: "delegation", what: "nobody answers for example.com" }]);
    expect(await look(right)).toEqual([]);
  });
  test("a host that leads elsewhere, and a server's address that is not the one in the state", async () => {
    expect(await look({ ...right, CNAME: { "api.example.com": ["old.example.net"] } })).toMatchObject([
      { id: "host-record", what: "api.example.com leads to old.example.net instead of app.ondigitalocean.app" },
    ]);
    expect(await look({ ...right, A: { "example.com": ["198.51.100.1"] } })).toMatchObject([
      { id: "host-record", what: "example.com leads to 198.51.100.1 instead of 203.0.113.7, 203.0.113.8" },
    ]);
    expect(await look({ ...right, CNAME: {} })).toMatchObject([
      { what: "api.example.com leads to nothing instead of app.ondigitalocean.app" },
    ]);
  });
  test("a name server that is silent is said once, and nothing of the names", async () => {
    const dns = await nameServer(right);
    const { address } = dns;
    await dns.close();
    const names = namesFrom([address]);
    expect(ids(await recordFindings(names, "staging", records))).toEqual(["resolver"]);
    expect(ids(await delegationFindings(names, "example.com"))).toEqual(["resolver"]);
  });
});

test("certificates: for another host, soon over, over, right", async () => {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, "key"), join(folder, "cert")];
  const days = [
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "60",
    "-subj",
    "/CN=api.example.com",
    "-addext",
    "subjectAltName=DNS:api.example.com",
  ];
  execFileSync("openssl", ["req", ...days, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const ca = readFileSync(cert, "utf8");
  const tls = createServer({ key: readFileSync(key), cert: ca }, (socket) => socket.on("error", () => undefined));
  tls.on("tlsClientError", () => undefined);
  await new Promise<void>((ready) => tls.listen(0, "127.0.0.1", ready));
  onTestFinished(() => void tls.close());
  const place = { address: "127.0.0.1", port: (tls.address() as AddressInfo).port, ca };
  const inDays = (count: number): Date => new Date(Date.now() + count * 86_400_000);
  const look = (host: string, when: Date, at = place) => certificateFindings("staging", [host], when, at);
  expect(await look("api.example.com", inDays(0))).toEqual([]);
  expect(await look("api.example.com", inDays(50))).toMatchObject([{ id: "certificate-expiring", severity: "warning" }]);
  expect(await look("api.example.com", inDays(70))).toMatchObject([{ id: "certificate-expired", severity: "error" }]);
  expect(ids(await look("other.example.com", inDays(0)))).toEqual(["certificate-invalid"]);
  expect(
    (await certificateFindings("staging", ["api.example.com"], inDays(0), { ...place, ca: undefined })).map(({ what }) => what),
  ).toEqual(["the certificate of api.example.com is not taken: DEPTH_ZERO_SELF_SIGNED_CERT"]);
  expect(await look("api.example.com", inDays(0), { ...place, port: 1 })).toEqual([]);
});

test("images: gone, private, there, also behind a token for anybody", async () => {
  const image = `ghcr.io/acme/web@${digest}`;
  const look = async (how: RegistryState["how"], more: Partial<Pulls> = {}) => {
    const skipped: Skipped[] = [];
    await using registry = await registryServer({ how });
    const found = await imageFindings(new Probe({ second: 1 }), "staging", { web: image, local: "web:dev" }, skipped, {
      pulled: new Set(),
      isHost: false,
      environment: {},
      origin: () => registry.origin,
      ...more,
    });
    return { found, skipped: skipped.map(({ what, why }) => `${what}: ${why}`) };
  };
  expect(await look("open")).toEqual({ found: [], skipped: [] });
  expect(await look("token")).toEqual({ found: [], skipped: [] });
  expect(ids((await look("private")).found)).toEqual(["image-private"]);
  expect((await look("gone")).found).toMatchObject([
    {
      id: "image-gone",
      fix: ["npm run ops -- rollback --stack staging   # to a release whose images are there", `docker buildx imagetools inspect ${image}`],
    },
  ]);
  // Who has credentials, or may have them, is not told that it has none.
  const pulled = pulledWithCredentials([
    { type: "groundwork:components:Service", name: "web", outputs: { pulled: { web: 1 } }, initErrors: [] },
  ]);
  expect(await look("private", { pulled })).toEqual({
    found: [],
    skipped: ["whether web of staging can be pulled again: it is private, and only the App has the credentials for it"],
  });
  expect(await look("private", { isHost: true })).toEqual({
    found: [],
    skipped: ["whether web of staging can be pulled again: it is private, and only the engine knows whether it is logged in there"],
  });
});

test("images in the team's own registry are looked for with the token", async () => {
  const image = (letter: string): string => `registry.digitalocean.com/acme/web/api@sha256:${letter.repeat(64)}`;
  const skipped: Skipped[] = [];
  const state = { status: 200 };
  await using api = await server(({ path, headers }) => {
    if (headers.authorization !== "Bearer t") return { status: 401 };
    const page = /^\/v2\/registries\/acme\/repositories\/web%2Fapi\/digests\?per_page=100&page=(\d)$/.exec(path)?.[1];
    if (page === undefined || state.status !== 200) return { status: page === undefined ? 404 : state.status };
    return { body: { manifests: [{ digest: `sha256:${(page === "1" ? "a" : "b").repeat(64)}` }], meta: { total: 2 } } };
  });
  const look = (letter: string, token = "t") =>
    imageFindings(new Probe({ second: 1 }), "staging", { web: image(letter) }, skipped, {
      pulled: new Set(),
      isHost: false,
      environment: { DIGITALOCEAN_TOKEN: token, DIGITALOCEAN_API_URL: api.origin },
    });
  expect(await look("b")).toEqual([]);
  expect(ids(await look("c"))).toEqual(["image-gone"]);
  expect(skipped).toEqual([]);
  state.status = 403;
  expect(await look("a")).toEqual([]);
  expect(await look("a", "")).toEqual([]);
  expect(skipped.map(({ why }) => why)).toEqual(
    [...Array<string>(2)].map(() => "the token may not look into the team's registry (registry:read)"),
  );
});

test("services of others: unknown, silent, answering; never which", async () => {
  await using dns = await nameServer({ NS: {}, CNAME: {}, AAAA: {}, A: { "known.example.com": ["127.0.0.1"] } });
  await using other = await server(() => ({ status: 401 }));
  const names = namesFrom([dns.address]);
  const look = (url: string) => endpointFindings(new Probe({ second: 1 }), names, "staging", [{ name: "supabaseUrl", url }]);
  const unknown = await look("https://key@planted.example.com/rest");
  expect(unknown).toMatchObject([
    {
      id: "endpoint-unknown",
      fix: [`pulumi config set --stack staging --secret --path 'groundwork:provided.supabaseUrl'`, "pulumi up --stack staging"],
    },
  ]);
  expect(JSON.stringify(unknown)).not.toMatch(/planted|key@/);
  expect(ids(await look("http://127.0.0.1:1/"))).toEqual(["endpoint-silent"]);
  expect(await look(other.origin)).toEqual([]);
  expect(other.asked.map(({ method, headers }) => [method, headers.authorization])).toEqual([["HEAD", undefined]]);
});

describe("a stack", () => {
  const stackOutputs = {
    type: "pulumi:pulumi:Stack",
    name: "s",
    outputs: { domain: "example.com", network: "10.0.0.0/20" },
    initErrors: [],
  };
  const secrets = (since: string, more: object = {}) => ({
    type: "groundwork:components:SecretSet",
    name: "keys",
    outputs: { values: { KEY: { since, generation: 2, maxAgeDays: 90, ...more }, OLD: { since: "2020-01-01T00:00:00Z" } } },
    initErrors: [],
  });
  const well: Examined = {
    stack: "staging",
    choice: "--stack staging",
    state: { resources: [stackOutputs, secrets("2026-11-01T00:00:00Z")], pending: [] },
    holder: { text: "nobody", alive: false },
    halfWritten: [],
    file: { config: { "groundwork:domain": "example.com", "groundwork:platform": { network: "10.0.0.0/20" } }, problems: [] },
    now,
  };
  const held = (alive: boolean | "unknown", heldSince = "2026-11-21T17:59:00Z"): Partial<Examined> => ({
    holder: { text: "ann@laptop (process 7, since 17:59)", alive },
    heldSince,
  });
  test.each<[string[], Partial<Examined>, string]>([
    [[], {}, ""],
    [["half-written"], { halfWritten: ["x.attrs"] }, "npm run ops -- unlock --stack staging"],
    [["lock-left"], held(false), "npm run ops -- unlock --stack staging"],
    [["lock-elsewhere"], held("unknown"), "npm run ops -- unlock --stack staging --force   # only where nobody works on it"],
    [[], held(true), ""],
    [["lock-old"], held(true, "2026-11-21T15:00:00Z"), "kill -INT 7   # ends it in order; then: npm run ops -- unlock --stack staging"],
    [["pending"], { state: { resources: [], pending: ["creating Vpc network"] } }, "npm run ops -- unlock --stack staging"],
    // A run that lives is doing it.
    [[], { ...held(true), state: { resources: [], pending: ["creating Vpc network"] } }, ""],
    [["stack-file"], { file: { config: {}, problems: ["line 3: is not YAML"] } }, "npm run check"],
    [["no-stack-file"], { file: undefined }, "git log --all --oneline -- '*Pulumi.staging.yaml'"],
    [
      ["file-differs"],
      { file: { config: { "groundwork:domain": "other.com" }, problems: [] } },
      "pulumi preview --stack staging --diff   # then pulumi up, or: git checkout -- Pulumi.staging.yaml",
    ],
    [
      ["file-differs"],
      { file: { config: { "groundwork:platform": { network: "10.9.0.0/20" } }, problems: [] } },
      "pulumi preview --stack staging --diff   # then pulumi up, or: git checkout -- Pulumi.staging.yaml",
    ],
    [
      ["secret-old"],
      { state: { resources: [secrets("2026-08-01T00:00:00Z")], pending: [] } },
      "# raise the generation of KEY in keys to 3 (system.ts), then:",
    ],
    [
      ["secret-old"],
      { state: { resources: [secrets("2026-08-01T00:00:00Z", { generation: undefined })], pending: [] } },
      "pulumi config set --stack staging --secret --path 'groundwork:provided.<name>'   # the one that KEY reads, once somebody issued another",
    ],
    [[], { state: undefined, file: undefined }, ""],
  ])("%j", (expected, broken, fix) => {
    const found = stackFindings({ ...well, ...broken });
    expect(ids(found)).toEqual(expected);
    if (fix !== "") expect(found[0]?.fix[0]).toBe(fix);
  });
  test("one shell holds one passphrase: with several stacks, it is enough that it is one of theirs", () => {
    expect(ids(passphraseFindings({ a: false, b: true }, { given: true, asked: false }))).toEqual([]);
    expect(passphraseFindings({ a: false, b: true }, { given: true, asked: true })).toMatchObject([{ id: "passphrase-wrong", stack: "a" }]);
    expect(ids(passphraseFindings({ a: false, b: false }, { given: true, asked: false }))).toEqual([
      "passphrase-wrong",
      "passphrase-wrong",
    ]);
    expect(ids(passphraseFindings({ a: false }, { given: false, asked: false }))).toEqual(["passphrase-missing"]);
    expect(passphraseFindings({ a: undefined }, { given: false, asked: true })).toEqual([]);
  });
});

test("the backend: what is missing, and what refuses", () => {
  const s3 = { PULUMI_BACKEND_URL: "s3://state" };
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const look = (environment: NodeJS.ProcessEnv, message = "x"): Finding => backendFinding(environment, message);
  expect(look({})).toMatchObject({ id: "backend-missing", what: "PULUMI_BACKEND_URL is not set" });
  expect(look({ PULUMI_BACKEND_URL: "file:///no/such/folder" })).toMatchObject({
    id: "backend-missing",
    fix: ["mkdir -p '/no/such/folder'"],
  });
  expect(look(s3)).toMatchObject({
    id: "state-key-missing",
    what: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and the state is in a bucket",
  });
  expect(look({ ...s3, ...keys }, "the backend cannot be read: … InvalidAccessKeyId: …").id).toBe("state-key-refused");
  expect(look({ ...s3, ...keys }, "the backend cannot be read: no such host\nmore")).toMatchObject({
    id: "backend",
    what: "the backend cannot be read: no such host",
  });
});

test("a report: errors first, each with its way out", () => {
  const make = (id: FindingId, severity: Finding["severity"], stack?: string): Finding => ({
    id,
    severity,
    what: `${id} is`,
    why: "Because.",
    fix: ["one", "two"],
    ...(stack === undefined ? {} : { stack }),
  });
  const findings = sorted([make("clock", "warning"), make("pending", "error", "staging"), make("node", "error")]);
  expect(ids(findings)).toEqual(["node", "pending", "clock"]);
  const report = { findings: findings.slice(1, 2), skipped: [{ what: "that", why: "this" }] };
  expect(renderReport(report, (_, text) => text)).toBe(
    "1 finding\n\nerror staging: pending is\n  Because.\n  fix: one\n       two\n\nNot looked at:\n  that: this",
  );
  expect(renderReport({ findings: [], skipped: [] }, (_, text) => text)).toBe("nothing wrong was found");
});
