import { expectTypeOf, test } from "vitest";
import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import type { Environment } from "../../config/environments.ts";
import type { Image } from "../../config/images.ts";
import { secret } from "../../config/schema.ts";
import type { Scale } from "../../config/sizes.ts";
import { defineSystem } from "../../systems/define-system.ts";

// What is checked here is checked by the compiler: `npm run check` fails when a wrong use compiles, or a right one does not.

test("a system file is typed by what it declares itself", () => {
  defineSystem({
    services: ["web"],
    provided: { apiKey: secret(), dsn: secret().optional() },
    schema: ({ scale }) => ({ sizes: z.strictObject({ web: scale }), level: z.enum(["low", "high"]).default("low") }),
    shared({ zone }) {
      expectTypeOf(zone).toEqualTypeOf<string>();
      return {};
    },
    build(config) {
      expectTypeOf(config.environment).toEqualTypeOf<Environment>();
      expectTypeOf(config.sizes.web).toExtend<Scale>();
      expectTypeOf(config.level).toEqualTypeOf<"low" | "high">();
      expectTypeOf(config.images.web).toEqualTypeOf<Image | undefined>();
      expectTypeOf(config.provided.apiKey).toEqualTypeOf<pulumi.Output<string>>();
      expectTypeOf(config.provided.dsn).toEqualTypeOf<pulumi.Output<string> | undefined>();

      // @ts-expect-error a service that is not declared has no image
      void config.images.wbe;
      // @ts-expect-error a secret that is not declared is not provided
      void config.provided.apiKye;
      // @ts-expect-error a size that the schema does not have
      void config.sizes.database;
      // @ts-expect-error a word that the schema does not have
      void (config.level === "medium");
      // @ts-expect-error the configuration is immutable
      config.domain = "example.com";
      return {};
    },
  });
});

test("a wrong description does not compile", () => {
  const right = { services: ["web"] as const, provided: {}, schema: () => ({}), shared: () => ({}), build: () => ({}) };
  defineSystem(right);
  // @ts-expect-error a stack output that is no text
  defineSystem({ ...right, build: () => ({ count: 3 }) });
  // @ts-expect-error services are names
  defineSystem({ ...right, services: [1] });
  // @ts-expect-error a schema of the system's own part is made of zod schemas
  defineSystem({ ...right, schema: () => ({ level: "low" }) });
  // @ts-expect-error what build returns is known when it returns: waiting would let the platform complete too early
  defineSystem({ ...right, build: () => Promise.resolve({ url: "x" }) });
});
