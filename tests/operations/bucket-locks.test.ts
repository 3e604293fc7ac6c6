import { describe, expect, test } from "vitest";
import { bucketBackend, readBucketLock } from "../../operations/bucket-locks.ts";
import { target } from "../../operations/target.ts";
import { type Reply, server } from "./loopback/http.ts";

test.each([
  [
    "s3://state?region=us-east-1&endpoint=https://fra1.digitaloceanspaces.com&s3ForcePathStyle=true",
    { files: "https://fra1.digitaloceanspaces.com/state", region: "us-east-1", prefix: "" },
  ],
  ["s3://state/web/one?region=eu-west-1", { files: "https://s3.eu-west-1.amazonaws.com/state", region: "eu-west-1", prefix: "web/one/" }],
  ["s3://state?endpoint=minio.local:9000&disableSSL=true", { files: "http://minio.local:9000/state", region: "us-east-1", prefix: "" }],
  ["file:///state", undefined],
  ["https://api.pulumi.com", undefined],
])("%s", (url, expected) => {
  expect(bucketBackend(url)).toEqual(expected);
});

describe("a lock in the bucket", () => {
  const lock = { pid: 7, username: "ann", hostname: "other", timestamp: "2026-11-21T17:58:00Z" };
  const key = "web/.pulumi/locks/organization/tiny/staging/0c1d.json";
  const look = async (answer: (path: string) => Reply | undefined, more: NodeJS.ProcessEnv = {}) => {
    await using bucket = await server(({ path }) => answer(path));
    const environment = {
      PULUMI_BACKEND_URL: `s3://state/web?endpoint=${bucket.origin}`,
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "planted",
      ...more,
    };
    const { holder, heldSince, unseen } = await target({ system: "tests/systems/tiny", stack: "staging" }, environment);
    expect(JSON.stringify([holder, unseen])).not.toContain("planted");
    return { paths: bucket.asked.map(({ path }) => path), holder, heldSince, unseen };
  };
  const list = `<ListBucketResult><Contents><Key>${key}</Key></Contents></ListBucketResult>`;
  test("names who holds the stack, and since when", async () => {
    const found = await look((path) => ({ body: path.includes("list-type=2") ? list : lock }));
    expect(found).toMatchObject({
      holder: { text: "ann@other (process 7, since 2026-11-21T17:58:00Z)", alive: "unknown" },
      heldSince: lock.timestamp,
    });
    expect(found.paths).toEqual(["/state?list-type=2&prefix=web%2F.pulumi%2Flocks%2Forganization%2Ftiny%2Fstaging%2F", `/state/${key}`]);
  });
  test("none, and one that is gone when it is asked for", async () => {
    expect(await look(() => ({ body: "<ListBucketResult/>" }))).toMatchObject({ holder: { text: "nobody" }, unseen: undefined });
    expect(await look((path) => (path.includes("list-type=2") ? { body: list } : undefined))).toMatchObject({ holder: { text: "nobody" } });
  });
  test("what cannot be seen is said", async () => {
    const denied = await look(() => ({ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }));
    expect(denied).toMatchObject({ holder: undefined, unseen: "the bucket answers 403 to the question for locks: AccessDenied" });
    expect((await look(() => undefined, { AWS_ACCESS_KEY_ID: "" })).unseen).toContain("AWS_SECRET_ACCESS_KEY are not set");
    expect((await look(() => undefined, { PULUMI_BACKEND_URL: "gs://state" })).unseen).toBe("this backend does not show its locks");
    await expect(readBucketLock({ PULUMI_BACKEND_URL: "gs://state" }, "tiny", "staging")).rejects.toThrow("does not show its locks");
  });
});
