import type { CloudContext, Kinds } from "../kind.ts";
import type { Properties } from "../../cloud/store.ts";
import { goTime, isoTime, isTaken, mustExist, notEmpty, types } from "./common.ts";

const api = "https://api.digitalocean.com/v2";
const days = 24 * 60 * 60 * 1000;

/** How long something may be kept at the edge, in seconds. Source: the API description. */
const ttls = [60, 600, 3600, 86_400, 604_800];

function refuseCdn(cloud: CloudContext, request: string, inputs: Properties): void {
  if (inputs.ttl !== undefined && !ttls.includes(Number(inputs.ttl))) cloud.refuse(request, 422, "ttl is invalid");
  const certificate = certificateOf(inputs);
  if (inputs.customDomain !== undefined && certificate === undefined)
    cloud.refuse(request, 422, "certificate_id is required with a custom domain");
  if (certificate !== undefined && certificate !== "needs-cloudflare-cert")
    mustExist(cloud, types.certificate, certificate, `GET ${api}/certificates?name=${certificate}`, `certificate not found`);
}

const certificateOf = ({ certificateName, certificateId }: Properties): string | undefined => {
  const name = certificateName ?? certificateId;
  return typeof name === "string" && name !== "" ? name : undefined;
};

export const delivery: Kinds = {
  [types.certificate]: {
    failed: { create: "Error creating Certificate", update: "", delete: "Error deleting Certificate" },
    request: { collection: "/v2/certificates" },
    sets: ["domains"],
    defaults: { type: "custom" },
    rules: {
      name: notEmpty,
      privateKey: notEmpty,
      leafCertificate: notEmpty,
      certificateChain: notEmpty,
      "domains[*]": notEmpty,
      type: { oneOf: ["custom", "lets_encrypt"] },
    },
    create(cloud, inputs, urn) {
      const request = `POST ${api}/certificates`;
      const id = String(inputs.name);
      if (inputs.type === "lets_encrypt" && !inputs.domains)
        cloud.refuse(request, 422, "`domains` is required for when type is `lets_encrypt`");
      if (inputs.type !== "lets_encrypt" && !inputs.privateKey)
        cloud.refuse(request, 422, "`private_key` is required for when type is `custom` or empty");
      if (isTaken(cloud.store, types.certificate, id)) cloud.refuse(request, 422, "certificate name already in use");
      return {
        id,
        name: id,
        outputs: {
          domains: inputs.domains ?? null,
          notAfter: isoTime(new Date(cloud.now.getTime() + 90 * days)),
          privateKey: null,
          sha1Fingerprint: cloud.store.derive("fingerprint", urn, cloud.store.next(urn)).toString("hex").slice(0, 40),
          state: "verified",
          uuid: cloud.uuid("certificate", urn, cloud.store.next(urn)),
        },
      };
    },
    delete(cloud, object) {
      const user = cloud.store.list(types.cdn).find(({ outputs }) => outputs.certificateName === object.id);
      if (user) cloud.refuse(`DELETE ${api}/certificates/${String(object.outputs.uuid)}`, 403, `certificate in use by CDN ${user.id}`);
    },
  },
  [types.cdn]: {
    failed: { create: "Error creating CDN", update: "Error updating CDN", delete: "Error deleting CDN" },
    request: { collection: "/v2/cdn/endpoints" },
    // Source: the API description's part on rate limits.
    limit: { requests: 5, seconds: 10 },
    gone: "error",
    rules: { origin: notEmpty, ttl: { atLeast: 0 } },
    create(cloud, inputs, urn) {
      const request = `POST ${api}/cdn/endpoints`;
      const origin = String(inputs.origin);
      const [, bucket = "", region] = /^([^.]+)\.([^.]+)\.digitaloceanspaces\.com$/.exec(origin) ?? [];
      if (cloud.store.get(types.bucket, bucket)?.outputs.region !== region || region === undefined)
        cloud.refuse(request, 404, `origin ${origin} could not be found`);
      refuseCdn(cloud, request, inputs);
      if (cloud.store.list(types.cdn).some(({ outputs }) => outputs.origin === origin))
        cloud.refuse(request, 409, "a CDN endpoint already exists for this origin");
      const certificate = certificateOf(inputs) ?? "";
      return {
        id: cloud.uuid("cdn", urn, cloud.store.next(urn)),
        name: origin,
        outputs: {
          certificateId: certificate,
          certificateName: certificate,
          createdAt: goTime(cloud.now),
          endpoint: origin.replace(/\.digitaloceanspaces\.com$/, ".cdn.digitaloceanspaces.com"),
          ttl: inputs.ttl ?? 3600,
        },
      };
    },
    update(cloud, object, inputs) {
      refuseCdn(cloud, `PUT ${api}/cdn/endpoints/${object.id}`, inputs);
      const certificate = certificateOf(inputs) ?? object.outputs.certificateName;
      return { certificateId: certificate, certificateName: certificate };
    },
  },
};
