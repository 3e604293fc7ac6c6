import { describe, expect, test } from "vitest";
import { digitalOceanFindings, githubFindings } from "../../../operations/doctor/credentials.ts";
import type { Skipped } from "../../../operations/doctor/finding.ts";
import { Probe } from "../../../operations/doctor/probe.ts";
import { heldScopes } from "../../../operations/doctor/scopes.ts";
import { familiesOf, needsSpacesKey, scopeFamilies, scopesFor, scopeWords } from "../../../operations/token-scopes.ts";
import { absent, readShared } from "../../catalogue/shared.ts";
import { digitalOceanServer, type Team } from "../loopback/digitalocean.ts";
import { server } from "../loopback/http.ts";
import { ids, now } from "./found.ts";

const secret = "dop_v1_planted0secret";

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
