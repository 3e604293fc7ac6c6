import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { Network } from "../../../components/network.ts";
import { derived, fernetKeys, generated, generatedUuid, SecretSet } from "../../../components/secret-set.ts";
import { Service } from "../../../components/service.ts";
import { Zone } from "../../../components/zone.ts";
import { secret } from "../../../config/schema.ts";
import { defineSystem } from "../../../systems/define-system.ts";

const generation = z.int().default(1);

/** A service that reads every kind of secret, and is told whatever its stack file says. For tests. */
export default defineSystem({
  services: ["api", "worker"],
  provided: { token: secret({ minLength: 8 }) },

  schema: ({ scale }) => ({
    sizes: z.strictObject({ api: scale }).describe("What the services run on."),
    generations: z
      .strictObject({ key: generation, ring: generation, kept: z.int().default(1), overlapDays: z.int().default(0) })
      .prefault({})
      .describe("Which values the generated secrets are."),
    without: z.enum(["nothing", "made"]).default("nothing").describe("Leaves out what the set makes up."),
    variables: z.record(z.string(), z.string()).default({}).describe("What the services are told."),
    late: z.enum(["nothing", "http", "secret"]).default("nothing").describe("What another resource gives the api, that it should not."),
  }),

  shared({ system, zone, existing }) {
    new Zone("zone", { domain: zone, project: system, existing });
    return { zone };
  },

  build({ images, sizes, generations, variables, late, without, provided }, platform) {
    const network = new Network("network", { platform });
    const secrets = new SecretSet("secrets", {
      platform,
      values:
        without === "made"
          ? { TOKEN: provided.token }
          : {
              TOKEN: provided.token,
              SECRET_KEY: generated({ bytes: 32, as: "base64url", generation: generations.key }),
              INSTALLATION: generatedUuid(),
              SECRETS_MASTER_KEY: fernetKeys({
                generation: generations.ring,
                kept: generations.kept,
                overlapDays: generations.overlapDays,
                previous: "SECRETS_MASTER_KEY_ROTATING_FROM",
              }),
              BROKER_URL: derived((secret) => pulumi.interpolate`amqps://app:${secret("SECRET_KEY")}@broker.example.com`),
            },
    });
    const rest = { platform, scale: sizes.api, port: 80, health: { live: "/", ready: "/" } };
    const id = network.cloud?.id ?? pulumi.output("");
    const told: Readonly<Record<string, pulumi.Output<string> | string>> = {
      nothing: {},
      http: { API_URL: pulumi.interpolate`http://${id}.example.com` },
      secret: { VITE_TOKEN: secrets.env["SECRET_KEY"] ?? "" },
    }[late];
    new Service("api", { ...rest, image: images.api, env: { ...variables, ...told }, secrets });
    new Service("worker", { ...rest, image: images.worker, env: variables });
    return {};
  },
});
