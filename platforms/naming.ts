import { createHash } from "node:crypto";

/** Longest name of an App and of each component in it. */
export const appNameLength = 32;

/**
 * The name that a cloud shows for something: its parts joined by `-`, lower case, starting with a letter. The same parts always
 * give the same name; one that is too long is cut and ends in a hash of the whole, so that two never meet.
 */
export function physicalName(parts: readonly string[], maxLength: number = appNameLength): string {
  const full = parts.join("-");
  const clean = full
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  if (clean === full && full.length <= maxLength) return full;
  const hash = createHash("sha256").update(full).digest("hex").slice(0, 6);
  return `${(clean || "x").slice(0, maxLength - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}

/** Name of the job that brings a service's database up to date. */
export const migrationName = (service: string): string => physicalName([service, "migrate"]);
