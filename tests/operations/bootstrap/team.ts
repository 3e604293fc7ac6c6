import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { bootstrap, type BootstrapOptions } from "../../../operations/bootstrap/bootstrap.ts";
import { SecretFolder } from "../../../operations/bootstrap/folder.ts";
import { keysAt, keyScopes } from "../../../operations/bootstrap/spaces.ts";
import type { Wanted } from "../../../operations/bootstrap/wanted.ts";
import { openDigitalOcean } from "../../../operations/digitalocean.ts";
import { usual } from "../../../operations/http.ts";
import { type Asked, type Reply, server } from "../loopback/http.ts";

/** The folder of secrets: for each test one of its own, which does not exist yet. */
export let path: string;

/** Before each test of a file that uses it. */
export function newFolder(): void {
  const root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  path = join(root, "secrets");
}

export interface Key {
  name: string;
  access_key: string;
  secret_key: string;
  grants: { bucket: string; permission: string }[];
}

/** DigitalOcean's keys and Spaces' buckets in one, which wants the rights that the real ones want. */
export class Team {
  keys: Key[] = [];
  /** Name → what is known of it. */
  buckets: Record<string, { owner: "us" | "others"; versioning: boolean; isPublic: boolean }> = {};
  /** So many requests of a new key are refused. */
  slow = 0;
  made = 0;

  answer = ({ method, path, headers, body }: Asked): Reply | undefined => {
    if (path.startsWith("/v2/")) return headers.authorization === "Bearer dop_v1_boot" ? this.#api(method, path, body) : { status: 401 };
    return this.#s3(method, path, String(headers.authorization), String(headers["x-amz-acl"] ?? ""), body);
  };

  #api(method: string, path: string, body: string): Reply | undefined {
    if (method === "POST" && path === "/v2/spaces/keys") {
      const wish = JSON.parse(body) as Pick<Key, "name" | "grants">;
      const key: Key = { ...wish, access_key: `DO${++this.made}`, secret_key: `planted-secret-${this.made}` };
      this.keys.push(key);
      return { status: 201, body: { key } };
    }
    if (method === "GET") {
      // Never with their secrets, and two on a page.
      const page = Number(new URLSearchParams(path.split("?")[1]).get("page"));
      const shown = this.keys.map(({ name, access_key, grants }) => ({ name, access_key, grants })).slice((page - 1) * 2, page * 2);
      return { body: { keys: shown, meta: { total: this.keys.length } } };
    }
    this.keys = this.keys.filter(({ access_key: id }) => path !== `/v2/spaces/keys/${id}`);
    return { status: 204 };
  }

  #s3(method: string, path: string, authorization: string, acl: string, body: string): Reply {
    const [, id] = /^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/us-east-1\/s3\/aws4_request/.exec(authorization) ?? [];
    const key = this.keys.find(({ access_key }) => access_key === id);
    if (key === undefined || this.slow-- > 0) return { status: 403, body: "<Error><Code>InvalidAccessKeyId</Code></Error>" };
    const [, name = "", query = ""] = /^\/([^?]+)\??(.*)$/.exec(path) ?? [];
    const bucket = this.buckets[name];
    if (!key.grants.some(({ permission }) => permission === "fullaccess"))
      return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    if (bucket?.owner === "others") return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    if (method === "PUT" && query === "") this.buckets[name] = { owner: "us", versioning: false, isPublic: acl !== "private" };
    else if (bucket === undefined) return { status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>" };
    else if (method === "PUT" && query.startsWith("versioning")) bucket.versioning = body.includes("<Status>Enabled</Status>");
    else if (method === "PUT" && query.startsWith("acl")) bucket.isPublic = acl !== "private";
    else if (query.startsWith("acl"))
      return { body: bucket.isPublic ? "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>" : "<AccessControlPolicy/>" };
    else
      return {
        body: bucket.versioning
          ? "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
          : "<VersioningConfiguration/>",
      };
    return {};
  }
}

/** With a second that is over at once. */
export const keysOf = (origin: string, token = "dop_v1_boot") =>
  keysAt(
    openDigitalOcean({ DIGITALOCEAN_TOKEN: token, DIGITALOCEAN_API_URL: origin }, "keys of Spaces", keyScopes, { ...usual, second: 1 }),
  );

export const want = (name: string, kind: Wanted["kind"], more: Partial<Wanted> = {}): Wanted => ({
  name,
  kind,
  stack: name.split(".")[0] ?? "",
  may: "deploy",
  readers: ["you: X"],
  scopes: [],
  ...more,
});
export const wanted = [
  want("staging.passphrase", "passphrase"),
  want("production.passphrase", "passphrase"),
  want("desk.stateKeyId", "state-key"),
  want("desk.stateKey", "state-key"),
  want("staging.preview.stateKeyId", "state-key", { may: "look" }),
  want("staging.preview.stateKey", "state-key", { may: "look" }),
  want("staging.digitaloceanToken", "token", { scopes: ["app:read"], made: "https://cloud" }),
];

export async function run(team: Team, more: Partial<BootstrapOptions> = {}): Promise<string[]> {
  await using cloud = await server((request) => team.answer(request));
  const keys = keysOf(cloud.origin);
  const steps = await bootstrap({
    system: "template",
    wanted,
    folder: new SecretFolder(path),
    sealed: [],
    bucket: "acme-state",
    endpoint: cloud.origin,
    keys,
    plan: false,
    pause: 5,
    ...more,
  });
  return steps.map(({ what, state }) => `${state}: ${what.replace(cloud.origin, "HERE")}`);
}
