import type { Kinds } from "../kind.ts";
import { datacenters, goTime, isTaken, notEmpty, types } from "./common.ts";
import { isObject } from "../values.ts";

const nameTaken = "This name is already taken. Please choose another name.";

export const network: Kinds = {
  [types.vpc]: {
    failed: { create: "Error creating VPC", update: "Error updating VPC ", delete: "Error deleting VPC" },
    request: { collection: "/v2/vpcs" },
    rules: { name: notEmpty, region: notEmpty, description: { length: [0, 255] }, ipRange: { cidr: true } },
    create(cloud, inputs, urn) {
      const request = "POST https://api.digitalocean.com/v2/vpcs";
      if (!datacenters.includes(String(inputs.region))) cloud.refuse(request, 422, "region is invalid");
      if (isTaken(cloud.store, types.vpc, inputs.name)) cloud.refuse(request, 422, nameTaken);
      const range = inputs.ipRange ?? `10.${100 + (cloud.store.list(types.vpc).length % 100)}.0.0/20`;
      if (cloud.store.list(types.vpc).some((other) => other.outputs.ipRange === range)) {
        cloud.refuse(request, 422, "This range/size overlaps with another VPC network in your account.");
      }
      const id = cloud.uuid("vpc", urn, cloud.store.next(urn));
      return {
        id,
        name: String(inputs.name),
        outputs: {
          createdAt: goTime(cloud.now),
          default: false,
          description: inputs.description ?? "",
          ipRange: range,
          vpcUrn: `do:vpc:${id}`,
        },
      };
    },
    update(cloud, object, inputs) {
      if (isTaken(cloud.store, types.vpc, inputs.name, object.id))
        cloud.refuse(`PUT https://api.digitalocean.com/v2/vpcs/${object.id}`, 422, nameTaken);
      return { description: inputs.description ?? "" };
    },
    delete(cloud, object) {
      const members = cloud.store
        .list()
        .filter(
          (other) =>
            other.outputs.privateNetworkUuid === object.id ||
            (isObject(other.outputs.spec) && JSON.stringify(other.outputs.spec.vpcs).includes(object.id)),
        );
      if (members.length > 0)
        cloud.refuse(`DELETE https://api.digitalocean.com/v2/vpcs/${object.id}`, 403, "Can not delete VPC with members");
    },
  },
};
