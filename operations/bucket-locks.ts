import { AwsClient } from "aws4fetch";
import type { Lock } from "../sandbox/locks.ts";
import { usual } from "./http.ts";

/** A backend in a bucket, by its address. */
interface BucketBackend {
  /** Of the bucket's files, without a slash at the end. */
  readonly files: string;
  readonly region: string;
  /** In front of the name of each file; empty or ending in a slash. */
  readonly prefix: string;
}

/** What `PULUMI_BACKEND_URL` says of a bucket; undefined where it is none that is spoken to as S3. Pure. */
export function bucketBackend(url: string): BucketBackend | undefined {
  if (!url.startsWith("s3://")) return undefined;
  const { hostname: bucket, pathname, searchParams } = new URL(url);
  const region = searchParams.get("region") ?? "us-east-1";
  const given = searchParams.get("endpoint") ?? `https://s3.${region}.amazonaws.com`;
  // Without a scheme it is https, but where TLS was switched off.
  const endpoint = given.includes("://") ? given : `${searchParams.get("disableSSL") === "true" ? "http" : "https"}://${given}`;
  const folder = pathname.replaceAll(/^\/|\/$/g, "");
  return { files: `${endpoint.replace(/\/$/, "")}/${bucket}`, region, prefix: folder === "" ? "" : `${folder}/` };
}

type Read = (path: string) => Promise<string | undefined>;

/** Asks the bucket of a backend. Throws and says why it cannot be asked. @param what What it is asked for */
function bucketReader(environment: NodeJS.ProcessEnv, what: string): { readonly read: Read; readonly prefix: string } {
  const { PULUMI_BACKEND_URL: url = "", AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = environment;
  const backend = bucketBackend(url);
  if (backend === undefined) throw new Error(`this backend does not show its ${what}`);
  if (!id || !secret) throw new Error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and the state is in a bucket");
  const { files, region, prefix } = backend;
  const client = new AwsClient({
    accessKeyId: id,
    secretAccessKey: secret,
    ...(session === undefined ? {} : { sessionToken: session }),
    service: "s3",
    region,
    retries: usual.tries - 1,
  });
  const read = async (path: string): Promise<string | undefined> => {
    const answer = await client.fetch(`${files}${path}`, { signal: AbortSignal.timeout(usual.timeout) });
    const text = await answer.text();
    // Somebody's run ended between the list and this.
    if (answer.status === 404 && !path.startsWith("?")) return undefined;
    if (!answer.ok) throw new Error(`the bucket answers ${answer.status} to the question for ${what}${code(text)}`);
    return text;
  };
  return { read, prefix };
}

/** The files in the bucket that the runs of a stack left. Throws as {@link readBucketLock}. */
export async function listBucketHistory(environment: NodeJS.ProcessEnv, system: string, stack: string): Promise<string[]> {
  const { read, prefix } = bucketReader(environment, "history");
  const folder = encodeURIComponent(`${prefix}.pulumi/history/${system}/${stack}/`);
  const keys: string[] = [];
  // A thousand at a time.
  for (let more: string | undefined = ""; more !== undefined;) {
    const list: string = (await read(`?list-type=2&prefix=${folder}${more}`)) ?? "";
    keys.push(...[...list.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key));
    const [, token] = /<NextContinuationToken>([^<]+)</.exec(list) ?? [];
    more = token === undefined ? undefined : `&continuation-token=${encodeURIComponent(token)}`;
  }
  return keys;
}

/** Who holds a stack whose state is in a bucket, by the lock that Pulumi lays beside it. Throws and says why it cannot be seen. */
export async function readBucketLock(environment: NodeJS.ProcessEnv, system: string, stack: string): Promise<Lock | undefined> {
  const { read, prefix } = bucketReader(environment, "locks");
  const folder = `${prefix}.pulumi/locks/organization/${system}/${stack}/`;
  const list = (await read(`?list-type=2&prefix=${encodeURIComponent(folder)}`)) ?? "";
  const [, first] = /<Key>([^<]+\.json)<\/Key>/.exec(list) ?? [];
  if (first === undefined) return undefined;
  const text = await read(`/${first.split("/").map(encodeURIComponent).join("/")}`);
  return text === undefined ? undefined : (JSON.parse(text) as Lock);
}

const code = (text: string): string => {
  const [, word] = /<Code>([^<]*)/.exec(text) ?? [];
  return word === undefined ? "" : `: ${word}`;
};
