import * as z from "zod";

/** Major versions of PostgreSQL that something here runs. */
export type PostgresVersion = "14" | "15" | "16" | "17" | "18";

/**
 * Where which version is to be had. The cloud's are those of its API description (`GET /v2/databases/options`, read 2026-11), which lists
 * 18 for its preview product only; a Docker host's are the images that are pinned.
 */
export const postgresVersions = {
  "app-platform": ["14", "15", "16", "17"],
  "docker-host": ["17", "18"],
} as const satisfies Record<string, readonly PostgresVersion[]>;

/** The version of PostgreSQL as a stack file says it: one that its platform has; any where no platform is known. */
export function postgresSchema(platform: unknown): z.ZodDefault<z.ZodType<PostgresVersion>> {
  const known = Object.hasOwn(postgresVersions, String(platform)) ? postgresVersions[platform as keyof typeof postgresVersions] : undefined;
  return z
    .enum(known ?? ["14", "15", "16", "17", "18"])
    .default("17")
    .describe("Major version of PostgreSQL. Managed: 14 to 17. On a Docker host: 17 and 18.");
}
