import { AwsClient } from "aws4fetch";
import type { DigitalOcean } from "../digitalocean.ts";

/** A key of Spaces. */
export interface SpacesKey {
  readonly id: string;
  /** Secret; shown once, when it is made. */
  readonly secret: string;
}

/** What is known of the state's bucket. */
export interface Bucket {
  readonly exists: boolean;
  readonly versioning: boolean;
  readonly isPublic: boolean;
}

/** Who keeps keys of Spaces. */
export interface Keys {
  /** Undefined bucket: all of them, with every right. */
  create(name: string, grant: { readonly bucket: string; readonly permission: "read" | "readwrite" } | "fullaccess"): Promise<SpacesKey>;
  remove(id: string): Promise<void>;
  /** The keys whose name begins like this. */
  list(prefix: string): Promise<readonly { readonly id: string; readonly name: string }[]>;
}

/** What making keys needs of a token. */
export const keyScopes = ["spaces_key:read", "spaces_key:create_credentials", "spaces_key:delete"];

/** The keys of the token's team, through DigitalOcean's API. */
export function keysAt(api: DigitalOcean): Keys {
  interface Listed {
    readonly keys?: readonly { readonly name: string; readonly access_key: string }[];
    readonly meta?: { readonly total?: number };
  }
  const all = async (): Promise<NonNullable<Listed["keys"]>> => {
    const found: { readonly name: string; readonly access_key: string }[] = [];
    for (let page = 1; ; page++) {
      const { keys = [], meta } = await api.ask<Listed>("GET", `/v2/spaces/keys?per_page=100&page=${page}`);
      found.push(...keys);
      if (keys.length === 0 || found.length >= (meta?.total ?? 0)) return found;
    }
  };
  return {
    list: async (prefix) => (await all()).filter(({ name }) => name.startsWith(prefix)).map(({ access_key: id, name }) => ({ id, name })),
    async create(name, grant) {
      const grants = [grant === "fullaccess" ? { bucket: "", permission: "fullaccess" } : grant];
      const { key } = await api.ask<{ key: { access_key: string; secret_key: string } }>("POST", "/v2/spaces/keys", { name, grants });
      return { id: key.access_key, secret: key.secret_key };
    },
    remove: async (id) => void (await api.ask("DELETE", `/v2/spaces/keys/${id}`)),
  };
}

/** Where a region's buckets are; SPACES_ENDPOINT_URL is the provider's own variable for another place. */
export function endpointOf(region: string, environment: NodeJS.ProcessEnv): string {
  const template = environment["SPACES_ENDPOINT_URL"] ?? "https://{{.Region}}.digitaloceanspaces.com";
  return template.replaceAll("{{.Region}}", region).replace(/\/$/, "");
}

/** A new key takes a moment until every server of Spaces knows it. */
const patience = 12;

/** A bucket through the S3 API of Spaces. */
export function bucketAt(endpoint: string, name: string, key: SpacesKey, pause = 2500) {
  // Spaces takes this region for every datacenter, as its documentation of S3 clients says.
  const client = new AwsClient({ accessKeyId: key.id, secretAccessKey: key.secret, service: "s3", region: "us-east-1", retries: 3 });
  const call = async (
    method: string,
    query: string,
    init: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; text: string }> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await client.fetch(`${endpoint}/${name}${query}`, { method, ...init });
      const text = await answer.text();
      const isNew = answer.status === 403 && (method === "HEAD" || /InvalidAccessKeyId|SignatureDoesNotMatch/.test(text));
      if (!isNew || attempt >= patience) return { status: answer.status, text };
      await new Promise((wake) => setTimeout(wake, pause));
    }
  };
  const put = async (query: string, what: string, init: { body?: string; headers?: Record<string, string> }): Promise<void> => {
    const { status, text } = await call("PUT", query, init);
    if (status >= 300)
      throw new Error(`Spaces answers ${status} to ${what} of ${name}: ${/<Code>([^<]*)/.exec(text)?.[1] ?? "no reason given"}`);
  };
  return {
    async look(): Promise<Bucket> {
      const { status, text } = await call("GET", "?versioning");
      if (status === 404) return { exists: false, versioning: false, isPublic: false };
      if (status === 403)
        throw new Error(
          `the name "${name}" is taken by somebody else, or the key does not reach it. Names are shared by all of Spaces: choose another with --bucket`,
        );
      if (status >= 300) throw new Error(`Spaces answers ${status} to the question for ${name}`);
      const acl = await call("GET", "?acl");
      return { exists: true, versioning: /<Status>Enabled<\/Status>/.test(text), isPublic: acl.text.includes("global/AllUsers") };
    },
    create: () => put("", "the making", { headers: { "x-amz-acl": "private" } }),
    close: () => put("?acl", "closing", { headers: { "x-amz-acl": "private" } }),
    keepVersions: () =>
      put("?versioning", "versioning", {
        body: '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>',
        headers: { "content-type": "application/xml" },
      }),
  };
}
