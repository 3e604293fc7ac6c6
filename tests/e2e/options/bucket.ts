import type { Row } from "./row.ts";

const origins = ["https://app.staging.example.info"];

// The provider shows it beside every other change of a bucket whose rules delete something.
const beside = "+lifecycleRules[0].expiration.expiredObjectDeleteMarker";

/** A bucket with a rule, CORS, something public, a key, and a CDN with a host. */
export const bucket: readonly Row[] = [
  {
    option: "Bucket.versioning",
    change: { files: { versioning: false } },
    plan: [`update SpacesBucket files versioning.enabled ${beside}`],
  },
  { option: "Bucket.keepData", change: { files: { keepData: true } }, plan: [`update SpacesBucket files forceDestroy ${beside}`] },
  {
    option: ["Bucket.lifecycle", "Lifecycle.days"],
    change: { files: { lifecycle: { tmp: { days: 14 } } } },
    plan: ["update SpacesBucket files lifecycleRules[0].expiration.days"],
  },
  {
    option: "Lifecycle.prefix",
    change: { files: { lifecycle: { tmp: { prefix: "temp/" } } } },
    plan: ["update SpacesBucket files lifecycleRules[0].prefix"],
  },
  {
    option: "Lifecycle.oldVersionsDays",
    change: { files: { lifecycle: { tmp: { oldVersionsDays: 3 } } } },
    plan: ["update SpacesBucket files +lifecycleRules[0].noncurrentVersionExpiration"],
  },
  {
    option: "Lifecycle.unfinishedUploadsDays",
    change: { files: { lifecycle: { tmp: { unfinishedUploadsDays: 1 } } } },
    plan: ["update SpacesBucket files lifecycleRules[0].abortIncompleteMultipartUploadDays"],
  },
  { option: "Bucket.lifecycle", change: { files: { lifecycle: null } }, plan: ["update SpacesBucket files -lifecycleRules"] },
  {
    // One rule of a set: it is shown as a whole.
    option: ["Bucket.cors", "BucketCors.maxAgeSeconds"],
    change: { files: { cors: [{ origins, methods: ["GET"], maxAgeSeconds: 60 }] } },
    plan: ["update SpacesBucketCorsConfiguration files-cors corsRules"],
  },
  {
    option: "BucketCors.origins",
    change: { files: { cors: [{ origins: ["https://b.example.info"], methods: ["GET"] }] } },
    plan: ["update SpacesBucketCorsConfiguration files-cors corsRules"],
  },
  {
    option: "BucketCors.methods",
    change: { files: { cors: [{ origins, methods: ["PUT"] }] } },
    plan: ["update SpacesBucketCorsConfiguration files-cors corsRules"],
  },
  {
    option: "BucketCors.headers",
    change: { files: { cors: [{ origins, methods: ["GET"], headers: ["*"] }] } },
    plan: ["update SpacesBucketCorsConfiguration files-cors corsRules"],
  },
  {
    option: "BucketCors.expose",
    change: { files: { cors: [{ origins, methods: ["GET"], expose: ["ETag"] }] } },
    plan: ["update SpacesBucketCorsConfiguration files-cors corsRules"],
  },
  { option: "Bucket.cors", change: { files: { cors: [] } }, plan: ["delete SpacesBucketCorsConfiguration files-cors"] },
  {
    option: "Bucket.publicRead",
    change: { files: { publicRead: ["public/", "media/"] } },
    plan: ["update SpacesBucketPolicy files-policy policy"],
  },
  {
    option: "BucketKey.access",
    change: { files: { keys: { app: { access: "read" } } } },
    plan: ["update SpacesKey files-key-app grants[0].permission"],
  },
  { option: "Bucket.keys", change: { files: { keys: { reports: "read" } } }, plan: ["create SpacesKey files-key-reports"] },
  {
    // The service gets the new one before the old one goes.
    option: "BucketKey.generation",
    change: { files: { keys: { app: { generation: 2 } } } },
    plan: [
      "create SpacesKey files-key-app-2",
      "delete SpacesKey files-key-app",
      "update App app spec.services[0].envs[0].value spec.services[0].envs[3].value",
    ],
  },
  { option: "Bucket.cdn.ttlSeconds", change: { files: { cdn: { ttlSeconds: 600 } } }, plan: ["update Cdn files-cdn ttl"] },
  {
    option: "Bucket.cdn.host.name",
    change: { files: { cdn: { host: { name: "media.staging.example.info" } } } },
    plan: [
      "replace Certificate files-certificate domains[0]! name!",
      "update Cdn files-cdn certificateName customDomain",
      "update DnsRecord files-cdn name",
    ],
  },
  {
    option: "Bucket.cdn.host.zone",
    change: { files: { cdn: { host: { zone: "staging.example.info" } } } },
    plan: ["replace DnsRecord files-cdn domain! name"],
  },
  {
    // What belongs to it goes along.
    option: "Bucket.bucketName",
    alone: true,
    change: { files: { bucketName: "acme-files" } },
    plan: [
      `replace SpacesBucket files ${beside} name!`,
      "replace Cdn files-cdn origin!",
      "replace SpacesBucketCorsConfiguration files-cors bucket!",
      "replace SpacesBucketPolicy files-policy bucket! policy",
      "update App app spec.services[0].envs",
      "update DnsRecord files-cdn value",
      "update Project project resources",
      "update SpacesKey files-key-app grants[0].bucket",
    ],
  },
];
