import type { CloudContext, Kinds, Rule } from "../kind.ts";
import type { CloudObject, Properties } from "../../cloud/store.ts";
import { text } from "../values.ts";
import { isoTime, types } from "./common.ts";

/** Where Spaces are. Source: the plugin's list. */
const region: Rule = {
  oneOf: ["ams3", "atl1", "blr1", "fra1", "lon1", "nyc3", "sfo2", "sfo3", "sgp1", "syd1", "tor1"],
  ignoreCase: true,
};

const address = ({ region }: Properties, bucket: unknown, query = ""): string =>
  `https://${String(bucket)}.${String(region)}.digitaloceanspaces.com/${query}`;

/** Without the bridge's own notes, which the stored inputs do not have. */
const asSent = (value: unknown): string =>
  JSON.stringify(value ?? null, (key, field: unknown) => (key === "__defaults" ? undefined : field));

/** What the plugin makes of the inputs, whatever bucket there really is: after a change of the name it speaks of one that does not exist. */
const bucketOutputs = (inputs: Properties): Properties => ({
  acl: inputs.acl ?? "private",
  bucketDomainName: `${String(inputs.name)}.${String(inputs.region)}.digitaloceanspaces.com`,
  bucketUrn: `do:space:${String(inputs.name)}`,
  corsRules: inputs.corsRules ?? [],
  endpoint: `${String(inputs.region)}.digitaloceanspaces.com`,
  lifecycleRules: inputs.lifecycleRules ?? [],
  versioning: inputs.versioning ?? { enabled: false },
});

function bucketOf(cloud: CloudContext, inputs: Properties, query: string): CloudObject {
  const found = cloud.store.get(types.bucket, String(inputs.bucket));
  const request = `PUT ${address(inputs, inputs.bucket, query)}`;
  if (!found) return cloud.refuse(request, 404, "NoSuchBucket: The specified bucket does not exist.");
  if (found.outputs.region !== inputs.region) cloud.refuse(request, 404, "NoSuchBucket: The specified bucket does not exist.");
  return found;
}

/** What the plugin sends: a permission that it does not know is left out. */
const grants = (inputs: Properties): Properties[] =>
  (Array.isArray(inputs.grants) ? (inputs.grants as Properties[]) : []).map(({ bucket, permission }) => ({
    bucket,
    permission: ["read", "readwrite", "fullaccess"].includes(String(permission)) ? permission : "",
  }));

function refuseGrants(cloud: CloudContext, request: string, inputs: Properties): void {
  for (const { bucket, permission } of grants(inputs))
    if (permission === "fullaccess" && bucket !== "") cloud.refuse(request, 422, "fullaccess grants must not name a bucket");
}

const keys = "https://api.digitalocean.com/v2/spaces/keys";

export const spaces: Kinds = {
  [types.bucket]: {
    failed: { create: "Error creating Spaces bucket", update: "Error updating bucket", delete: "Error deleting Spaces Bucket" },
    request: { collection: "https://{region}.digitaloceanspaces.com" },
    importId: (written) => written.split(",")[1],
    computed: ["versioning", "lifecycleRules[*].id"],
    absent: { acl: "private", forceDestroy: false },
    unset: { "lifecycleRules[*].expiration.expiredObjectDeleteMarker": null },
    unsettled: ["lifecycleRules[*].expiration.expiredObjectDeleteMarker"],
    defaults: { acl: "private" },
    rules: {
      region,
      "lifecycleRules[*].id": { length: [0, 255] },
      "lifecycleRules[*].expiration.days": { atLeast: 0 },
      "lifecycleRules[*].noncurrentVersionExpiration.days": { atLeast: 1 },
    },
    create(cloud, inputs) {
      const id = String(inputs.name);
      const request = `PUT ${address(inputs, id)}`;
      if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(id))
        cloud.refuse(request, 400, "InvalidBucketName: The specified bucket is not valid.");
      if (cloud.store.get(types.bucket, id)) cloud.refuse(request, 409, "BucketAlreadyExists: The requested bucket name is not available.");
      return { id, name: id, outputs: bucketOutputs(inputs) };
    },
    update(cloud, object, inputs, prior) {
      // The plugin sends what changed to the bucket of the new name, and looks whether the one of the old name is there.
      const sends = ["acl", "corsRules", "versioning", "lifecycleRules"].some((key) => asSent(inputs[key]) !== asSent(object.inputs[key]));
      if (sends && inputs.name !== object.id)
        cloud.refuse(`PUT ${address(inputs, inputs.name)}`, 404, "NoSuchBucket: The specified bucket does not exist.");
      return bucketOutputs({ ...inputs, versioning: inputs.versioning ?? prior.versioning });
    },
    delete(cloud, object) {
      for (const type of [types.bucketCors, types.bucketPolicy]) cloud.store.remove(type, object.id);
    },
  },
  [types.bucketCors]: {
    failed: {
      create: "Error occurred while configuring CORS for Spaces bucket",
      update: "Error occurred while configuring CORS for Spaces bucket",
      delete: "Error occurred while deleting Spaces Bucket CORS configuration",
    },
    request: { collection: "https://{region}.digitaloceanspaces.com" },
    gone: "error",
    importId: (written) => written.split(",")[1],
    sets: ["corsRules", ...["Headers", "Methods", "Origins"].map((one) => `corsRules[*].allowed${one}`), "corsRules[*].exposeHeaders"],
    whole: ["corsRules"],
    rules: { region },
    create(cloud, inputs) {
      const { id } = bucketOf(cloud, inputs, "?cors");
      refuseCors(cloud, inputs);
      return { id, name: id, outputs: {} };
    },
    update(cloud, _object, inputs) {
      bucketOf(cloud, inputs, "?cors");
      refuseCors(cloud, inputs);
      return {};
    },
  },
  [types.bucketPolicy]: {
    failed: {
      create: "Error occurred while creating new Spaces bucket policy",
      update: "Error occurred while creating new Spaces bucket policy",
      delete: "Error occurred while deleting Spaces Bucket policy",
    },
    request: { collection: "https://{region}.digitaloceanspaces.com" },
    // Every error of a read is swallowed: without a policy, and without a bucket, there is an empty one.
    gone: () => ({ policy: "" }),
    importId: (written) => written.split(",")[1],
    rules: { region },
    create(cloud, inputs) {
      const { id } = bucketOf(cloud, inputs, "?policy");
      return { id, name: id, outputs: {} };
    },
    update(cloud, _object, inputs) {
      bucketOf(cloud, inputs, "?policy");
      return {};
    },
  },
  [types.spacesKey]: {
    failed: { create: "Error creating Spaces key", update: "Error updating Spaces key", delete: "Error deleting Spaces key" },
    request: { collection: "/v2/spaces/keys" },
    withoutImport: true,
    create(cloud, inputs, urn) {
      refuseGrants(cloud, `POST ${keys}`, inputs);
      const count = cloud.store.next(urn);
      const hex = (purpose: string): string => cloud.store.derive(purpose, urn, count).toString("hex");
      const accessKey = `DO${hex("access key").slice(0, 18).toUpperCase()}`;
      return {
        id: accessKey,
        name: text(inputs.name),
        outputs: { accessKey, createdAt: isoTime(cloud.now), grants: grants(inputs), secretKey: hex("secret key").slice(0, 40) },
      };
    },
    update(cloud, object, inputs) {
      refuseGrants(cloud, `PUT ${keys}/${object.id}`, inputs);
      return { grants: grants(inputs) };
    },
    delete: () => undefined,
  },
};

function refuseCors(cloud: CloudContext, inputs: Properties): void {
  const allowed = ["GET", "PUT", "POST", "DELETE", "HEAD"];
  for (const { allowedMethods } of inputs.corsRules as Properties[])
    for (const method of allowedMethods as string[])
      if (!allowed.includes(method))
        cloud.refuse(
          `PUT ${address(inputs, inputs.bucket, "?cors")}`,
          400,
          `InvalidRequest: Found unsupported HTTP method in CORS config. Unsupported method is ${method}`,
        );
}
