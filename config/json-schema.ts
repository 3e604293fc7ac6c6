import * as z from "zod";
import { type DeliveryPart, deliveryShape, secretsOn } from "./delivery.ts";
import { deployTargets } from "./deploy-secrets.ts";
import type { SystemPart } from "./load.ts";
import { foreignKeys } from "./foreign-keys.ts";
import { profilesOf } from "./profiles.ts";
import { environmentShape, sharedShape, sizeSchemas } from "./schema.ts";

/** A JSON schema, as editors read it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Which stack files a schema is for. */
export type StackKind = "environment" | "shared" | "delivery";

/** What editors can check of a system's stack files, from the same source as what the program checks. Rules between keys stay with the program. */
export function stackFileSchemas<Service extends string, Provided extends z.ZodRawShape, Own extends z.ZodRawShape>(
  system: SystemPart<Service, Provided, Own>,
  delivery?: DeliveryPart,
): Partial<Record<StackKind, JsonSchema>> {
  const own = system.schema(sizeSchemas("staging"));
  const environment = keysOf(z.strictObject({ ...environmentShape, ...own }));
  const given = { images: imagesSchema(system.services), provided: providedSchema(Object.keys(system.provided)) };
  return {
    environment: stackFile({ ...environment, properties: { ...environment.properties, ...given } }),
    shared: stackFile(keysOf(z.strictObject(sharedShape))),
    ...(delivery === undefined ? {} : { delivery: deliverySchema(delivery) }),
  };
}

/** The stack file of `delivery`, with the secrets of every target: which of them an environment has, only the whole file tells. */
function deliverySchema(part: DeliveryPart): JsonSchema {
  const { properties, required } = keysOf(z.strictObject(deliveryShape(part)));
  const paths = deployTargets.flatMap((target) => secretsOn(part, target));
  const provided = {
    description: "Secrets that workflows read, encrypted each.",
    anyOf: [secure, secretTree([...new Set(paths)].map((path) => path.split(".")))],
  };
  return stackFile({ properties: { ...properties, provided }, required });
}

/** Nested secrets by their paths. */
function secretTree(paths: readonly (readonly string[])[]): JsonSchema {
  const names = [...new Set(paths.map(([name = ""]) => name))];
  const below = (name: string): string[][] => paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
  const properties = names.map((name) => [name, below(name).some((rest) => rest.length > 0) ? secretTree(below(name)) : secure]);
  const description = "Secrets of one environment; those below preview can only look.";
  return { type: "object", description, properties: Object.fromEntries(properties) as JsonSchema, additionalProperties: false };
}

interface Keys {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
}

/** The keys of a schema as they are written, before defaults and units. */
function keysOf(schema: z.ZodObject): Keys {
  const { properties = {}, required = [] } = asWritten(schema);
  return { properties, required };
}

function asWritten(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      const profiles = profilesOf(zodSchema);
      if (profiles === undefined) return;
      const { description, ...inFull } = asWritten(profiles.schema);
      Reflect.deleteProperty(inFull, "$schema");
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
      Object.assign(jsonSchema, { description, anyOf: [{ enum: [...profiles.names] }, inFull] });
    },
  });
}

/** A whole stack file; other namespaces than ours belong to provider plugins. */
function stackFile({ properties, required }: Keys): JsonSchema {
  const ours = (name: string): string => `groundwork:${name}`;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          ...Object.fromEntries(Object.entries(properties).map(([name, value]) => [ours(name), value])),
          ...Object.fromEntries([...foreignKeys].flatMap(([space, keys]) => keys.map((key) => [`${space}:${key}`, foreign]))),
        },
        required: required.map(ours),
        additionalProperties: false,
      },
      environment: { description: "ESC environments that Pulumi reads." },
      secretsprovider: { type: "string", description: "Who encrypts the secrets; Pulumi writes it." },
      encryptedkey: { type: "string", description: "Pulumi writes it." },
      encryptionsalt: { type: "string", description: "Pulumi writes it." },
    },
    required: ["config"],
    additionalProperties: false,
  };
}

const foreign: JsonSchema = { description: "A key of Pulumi or of a provider plugin, which checks it." };

const secure: JsonSchema = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
  description: "Set it with: pulumi config set --secret --path 'groundwork:provided.<name>' --stack <stack>",
};

const providedSchema = (names: readonly string[]): JsonSchema => ({
  description: "Secrets that somebody else issues, encrypted each.",
  anyOf: [secure, { type: "object", properties: Object.fromEntries(names.map((name) => [name, secure])), additionalProperties: false }],
});

const imagesSchema = (services: readonly string[]): JsonSchema => ({
  description: 'The build that each service runs, by its digest; or "none", for everything but the services.',
  anyOf: [
    { const: "none" },
    {
      type: "object",
      properties: Object.fromEntries(
        services.map((name) => [
          name,
          { type: "string", pattern: "@sha256:[0-9a-f]{64}$", description: 'Such as "ghcr.io/acme/backend@sha256:…".' },
        ]),
      ),
      additionalProperties: false,
    },
  ],
});
