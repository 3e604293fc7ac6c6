import { describe, expect, test } from "vitest";
import { Bucket, type BucketArgs } from "../../components/bucket.ts";
import { renderPolicy } from "../../components/bucket/resolve.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import { acknowledgeAll, record, throwRefused } from "../harness.ts";

type Options = Omit<BucketArgs, "platform">;
const cloud: PlatformChoice = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" };

async function make(options: Options, { choice = cloud, production = false, key = undefined as string | undefined } = {}) {
  const { resources, result } = await record(async () => {
    const environment = choice.type === "docker-host" ? "local" : production ? "production" : "staging";
    const platform = await loadPlatform(choice, { system: "shop", stack: environment, environment, acknowledged: acknowledgeAll() });
    const bucket = new Bucket("files", { platform, ...options });
    const env = key === undefined ? undefined : bucket.env(key);
    throwRefused(platform);
    return { url: bucket.url, env };
  });
  const brief = Object.fromEntries(
    resources.filter(({ parent }) => parent !== undefined).map((one) => [`${one.type.split(":").at(-1)} ${one.name}`, one]),
  );
  return { brief, result: result as unknown as { url: string; env?: unknown } };
}

test("is private, named after its stack, and nothing beside it", async () => {
  const { brief } = await make({});
  expect(Object.keys(brief)).toEqual(["SpacesBucket files"]);
  expect(brief["SpacesBucket files"]).toMatchObject({
    inputs: { name: "shop-staging-files", region: "nyc3", acl: "private", versioning: { enabled: false }, forceDestroy: true },
    options: {},
  });
});

test("in production it is protected, kept, versioned, and never emptied", async () => {
  const { brief } = await make({}, { production: true });
  expect(brief["SpacesBucket files"]).toMatchObject({
    inputs: { name: "shop-production-files", versioning: { enabled: true }, forceDestroy: false },
    options: { protect: true, retainOnDelete: true },
  });
  const loose = await make({ keepData: false, versioning: false }, { production: true });
  expect(loose.brief["SpacesBucket files"]?.inputs).toMatchObject({ versioning: { enabled: false }, forceDestroy: true });
  expect(loose.brief["SpacesBucket files"]?.options["protect"]).toBeUndefined();
});

test("takes every option", async () => {
  const { brief, result } = await make(
    {
      bucketName: "acme-files",
      lifecycle: { tmp: { prefix: "tmp/", days: 7, unfinishedUploadsDays: 1 }, old: { oldVersionsDays: 30 } },
      cors: [{ origins: ["https://app.example.com"], methods: ["GET", "PUT"], headers: ["x-amz-*"], expose: ["ETag"], maxAgeSeconds: 60 }],
      publicRead: ["public/"],
      keys: { app: "readwrite", reports: { access: "read", generation: 2 } },
      cdn: { ttlSeconds: 600, host: { name: "cdn.example.com", zone: "example.com" } },
    },
    { key: "app" },
  );
  expect(brief["SpacesBucket files"]?.inputs["lifecycleRules"]).toEqual([
    { id: "old", prefix: "", enabled: true, noncurrentVersionExpiration: { days: 30 } },
    { id: "tmp", prefix: "tmp/", enabled: true, expiration: { days: 7 }, abortIncompleteMultipartUploadDays: 1 },
  ]);
  expect(brief["SpacesBucketCorsConfiguration files-cors"]).toMatchObject({
    inputs: {
      bucket: "acme-files",
      region: "nyc3",
      corsRules: [
        {
          allowedOrigins: ["https://app.example.com"],
          allowedMethods: ["GET", "PUT"],
          allowedHeaders: ["x-amz-*"],
          exposeHeaders: ["ETag"],
          maxAgeSeconds: 60,
        },
      ],
    },
    options: { deletedWith: "SpacesBucket files" },
  });
  expect(brief["SpacesBucketPolicy files-policy"]?.inputs["policy"]).toBe(renderPolicy("acme-files", ["public/"]));
  expect(brief["SpacesKey files-key-app"]?.inputs).toEqual({
    name: "shop-staging-files-app",
    grants: [{ bucket: "acme-files", permission: "readwrite" }],
  });
  expect(brief["SpacesKey files-key-reports-2"]?.inputs).toEqual({
    name: "shop-staging-files-reports-2",
    grants: [{ bucket: "acme-files", permission: "read" }],
  });
  expect(brief["Certificate files-certificate"]?.inputs).toMatchObject({ type: "lets_encrypt", domains: ["cdn.example.com"] });
  expect(brief["Cdn files-cdn"]?.inputs).toMatchObject({ ttl: 600, customDomain: "cdn.example.com" });
  expect(brief["DnsRecord files-cdn"]?.inputs).toMatchObject({ domain: "example.com", name: "cdn", type: "CNAME", ttl: 300 });
  expect(result.url).toBe("https://cdn.example.com");
  expect(result.env).toEqual({
    AWS_ACCESS_KEY_ID: "[secret]",
    AWS_SECRET_ACCESS_KEY: "[secret]",
    AWS_REGION: "nyc3",
    AWS_ENDPOINT_URL_S3: "https://nyc3.digitaloceanspaces.com",
    S3_BUCKET: "acme-files",
  });
});

test("what anybody may read is what is named, and never a list", () => {
  const { Statement } = JSON.parse(renderPolicy("b", ["z/", "a/"])) as { Statement: unknown[] };
  expect(Statement).toEqual([
    {
      Sid: "public-read",
      Effect: "Allow",
      Principal: "*",
      Action: ["s3:GetObject"],
      Resource: ["arn:aws:s3:::b/a/*", "arn:aws:s3:::b/z/*"],
    },
  ]);
  expect(renderPolicy("b", ["*"])).toContain('"arn:aws:s3:::b/*"');
});

describe("what cannot be is refused", () => {
  const cors = (more: object) => ({ cors: [{ origins: ["https://a.example.com"], methods: ["GET"] as const, ...more }] });
  test.each<[string, Options, string]>([
    ["a name with capitals", { bucketName: "Files" }, 'bucketName: "Files" cannot be one.'],
    ["a rule that does nothing", { lifecycle: { tmp: { prefix: "tmp/" } } }, "lifecycle.tmp: does nothing."],
    ["half a day", { lifecycle: { tmp: { days: 0.5 } } }, "lifecycle.tmp.days: must be a whole number from 1 on, is 0.5."],
    ["a path", { lifecycle: { tmp: { prefix: "/tmp/", days: 1 } } }, 'lifecycle.tmp.prefix: names do not begin with "/". Write "tmp/".'],
    ["pages of everybody", cors({ origins: ["*"] }), "cors[0].origins: "],
    ["pages of nobody", cors({ origins: [] }), "cors[0].origins: name one."],
    ["no method", cors({ methods: [] }), "cors[0].methods: name one."],
    ["two wildcards", cors({ headers: ["x-*-*"] }), 'cors[0].headers: "x-*-*" has more than one "*".'],
    ["everything by accident", { publicRead: [""] }, 'publicRead: "" must be the beginning of a name'],
    ["a wildcard inside", { publicRead: ["a*/"] }, 'publicRead: "a*/" must be the beginning of a name'],
    ["half a name", { publicRead: ["public"] }, 'publicRead: "public" must be the beginning of a name'],
    ["a key's name", { keys: { "The app": "read" } }, 'keys: "The app" cannot be a name.'],
    ["a CDN of nothing", { cdn: {} }, "cdn: it serves what anybody may read, and that is nothing."],
    [
      "a host elsewhere",
      { publicRead: ["*"], cdn: { host: { name: "cdn.other.com", zone: "example.com" } } },
      'cdn.host: "cdn.other.com" is not in the zone',
    ],
    ["a zone as host", { publicRead: ["*"], cdn: { host: { name: "example.com", zone: "example.com" } } }, "a zone cannot be a CNAME"],
  ])("%s", async (_, options, message) => {
    await expect(make(options)).rejects.toThrow(message);
  });

  test("a key that is not there, and a platform without buckets", async () => {
    await expect(make({ keys: { app: "read" } }, { key: "web" })).rejects.toThrow('files:\n  there is no key "web". It has: app.');
    const choice: PlatformChoice = { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 };
    await expect(make({}, { choice })).rejects.toThrow("Make it only where platform.cloud is defined.");
  });
});
