import type { Problem } from "./problems.ts";
import { didYouMean, list, quote } from "./problems.ts";
import { failedRecord, recordType, type Release } from "./releases.ts";
import type { StateResource } from "./state.ts";

/** A change of a database that came with an image. */
export interface Migration {
  readonly service: string;
  /** The name of its file, or of its folder. */
  readonly id: string;
  /** Whether everything that was written for the schema before it works after it as well. Unmarked: no. */
  readonly compatible: boolean;
  /** When it came: the time of the first release of the image that brought it. It may have run since then, healthy or not. */
  readonly since: string;
}

/** Service → id → whether it is marked. Every migration of the image, old ones too. */
export type SaidMigrations = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/** `GROUNDWORK_MIGRATIONS`: what the images of this run bring along. */
export function parseMigrations(text: string | undefined, services: readonly string[]): { said: SaidMigrations; problems: Problem[] } {
  const problem = (message: string): { said: SaidMigrations; problems: Problem[] } => ({
    said: {},
    problems: [{ path: "GROUNDWORK_MIGRATIONS", message }],
  });
  if (text === undefined) return { said: {}, problems: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // said below
  }
  const isMap = (one: unknown): one is Record<string, unknown> => typeof one === "object" && one !== null && !Array.isArray(one);
  const form = `must say of each migration of a service whether it is marked, as in {"backend":{"0001_first":false}}, got ${quote(text)}.`;
  if (!isMap(value)) return problem(form);
  for (const [service, migrations] of Object.entries(value)) {
    if (!services.includes(service)) {
      return problem(`unknown service ${quote(service)}.${didYouMean(service, services) || ` Services: ${list(services)}.`}`);
    }
    if (!isMap(migrations) || Object.values(migrations).some((marked) => typeof marked !== "boolean")) return problem(form);
  }
  return { said: value as SaidMigrations, problems: [] };
}

/** The migrations that a stack's databases may have seen, oldest first. */
export function readMigrations(state: readonly StateResource[]): readonly Migration[] {
  const migrations = state.find(({ type, name }) => type === recordType && name === failedRecord)?.outputs["migrations"];
  return Array.isArray(migrations) ? (migrations as Migration[]) : [];
}

/** When an image was first released here; undefined for a new one, and where nobody wrote down when. */
export function firstRelease(releases: readonly Release[], service: string, image: string | undefined): string | undefined {
  return releases.find(({ images }) => images[service] === image)?.time;
}

/**
 * Adds what this run brings. A migration that is new came with this run, or with the first release of its image where that is not new
 * here. The mark is that of the last run that named it: it can be set later.
 */
export function addMigrations(
  known: readonly Migration[],
  said: SaidMigrations,
  { images, releases, now }: { images: Readonly<Record<string, string>>; releases: readonly Release[]; now: string },
): readonly Migration[] {
  const marks = known.map((one) => ({ ...one, compatible: said[one.service]?.[one.id] ?? one.compatible }));
  const added = Object.entries(said).flatMap(([service, ids]) => {
    const since = firstRelease(releases, service, images[service]) ?? now;
    const isKnown = (id: string): boolean => known.some((one) => one.service === service && one.id === id);
    return Object.keys(ids)
      .filter((id) => !isKnown(id))
      .sort()
      .map((id) => ({ service, id, compatible: ids[id] ?? false, since }));
  });
  return [...marks, ...added];
}

/**
 * Services whose database may be ahead of the image that they are to run. Most tools fail where they find a migration in the database that
 * the image does not know, so theirs is not run: it has nothing to do there.
 */
export function aheadOf(
  migrations: readonly Migration[],
  images: Readonly<Record<string, string>>,
  releases: readonly Release[],
): Set<string> {
  const isAhead = ([service, image]: [string, string]): boolean => {
    const time = firstRelease(releases, service, image);
    return time !== undefined && migrations.some((one) => one.service === service && one.since > time);
  };
  return new Set(
    Object.entries(images)
      .filter(isAhead)
      .map(([service]) => service),
  );
}

/** What stands in the way of returning to a release. */
export interface Obstacle {
  readonly service: string;
  /** The name by which it is forced: the migration's, or `unknown:<service>` where nobody said which migrations an image brought. */
  readonly name: string;
}

/**
 * What stands in the way of running a former release's images on the databases as they are now: migrations that came after it and are
 * not marked, and services that migrate and did not say what.
 *
 * @param migrating Services that migrate a database.
 */
export function obstacles(
  migrations: readonly Migration[],
  releases: readonly Release[],
  { from, to, migrating }: { readonly from: Release; readonly to: Release; readonly migrating: readonly string[] },
): Obstacle[] {
  const changing = Object.keys(to.images).filter((service) => to.images[service] !== from.images[service]);
  return changing.flatMap((service): Obstacle[] => {
    const said = releases.some((one) => one.images[service] === from.images[service] && one.migrations?.includes(service));
    const isUnknown = migrating.includes(service) && (!said || to.time === undefined);
    if (isUnknown) return [{ service, name: `unknown:${service}` }];
    return migrations
      .filter((one) => one.service === service && !one.compatible && to.time !== undefined && one.since > to.time)
      .map(({ id }) => ({ service, name: id }));
  });
}
