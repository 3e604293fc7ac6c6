import * as pulumi from "@pulumi/pulumi";
import { expect } from "vitest";
import * as z from "zod";
import { ConfigError } from "../../../config/errors.ts";
import { loadEnvironment } from "../../../config/load.ts";
import { secret } from "../../../config/schema.ts";
import type { SizeSchemas } from "../../../config/schema.ts";
import type { Source } from "../../../config/source.ts";

export const digest = `sha256:${"a".repeat(64)}`;

export const system = {
  services: ["backend", "worker"] as const,
  provided: { apiKey: secret(), sentryDsn: secret().optional() },
  schema: ({ scale, databaseSize }: SizeSchemas) => ({ sizes: z.strictObject({ backend: scale, database: databaseSize }) }),
};

/** A stack file that is right, as Pulumi hands it over. */
export const right: Record<string, unknown> = {
  "groundwork:environment": "staging",
  "groundwork:platform": { type: "app-platform", region: "fra", network: "10.42.0.0/20" },
  "groundwork:domain": "staging.example.com",
  "groundwork:zone": "example.com",
  "groundwork:sizes": { backend: { memory: "1 GB" }, database: { memory: "1 GB" } },
  "groundwork:images": { backend: `ghcr.io/acme/backend@${digest}`, worker: `ghcr.io/acme/worker@${digest}` },
  "groundwork:provided": { apiKey: "k1-9f8a7b" },
  "digitalocean:httpRetryMax": "2",
};

/** The right file with changes; undefined takes a key away. */
export function source(changes: Record<string, unknown> = {}, rest: Partial<Source> = {}): Source {
  const values = Object.entries({ ...right, ...changes }).filter(([, value]) => value !== undefined);
  return {
    project: "shop",
    stack: "staging",
    values: Object.fromEntries(values.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])),
    secretKeys: new Set(["groundwork:provided"]),
    images: undefined,
    ...rest,
  };
}

/** All lines below the file's name. */
export function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    const [head, ...lines] = error.message.split("\n");
    expect(head).toMatch(/^Pulumi\.[a-z]+\.yaml:$/);
    return lines.map((line) => line.replace(/^ {2}/, ""));
  }
  return [];
}

export const load = (changes?: Record<string, unknown>, rest?: Partial<Source>) => loadEnvironment(source(changes, rest), system);
export const problems = (changes?: Record<string, unknown>, rest?: Partial<Source>) => problemsOf(() => load(changes, rest));

export const platform = { type: "app-platform", region: "fra", network: "10.42.0.0/20" };
export const sizes = { backend: { memory: "1 GB" }, database: { memory: "1 GB" } };
export const backend = (scale: unknown) => ({ "groundwork:sizes": { ...sizes, backend: scale } });
export const database = (size: unknown) => ({ "groundwork:sizes": { ...sizes, database: size } });

export const keyCommand = "pulumi config set --secret --path 'groundwork:provided.apiKey' --stack staging";
