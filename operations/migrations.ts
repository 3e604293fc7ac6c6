import { globSync, readFileSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { backwardCompatibleMarker } from "../components/github/definition.ts";
import { firstRelease, type Migration, type Obstacle, obstacles, readMigrations, type SaidMigrations } from "../config/migrations.ts";
import { didYouMean } from "../config/problems.ts";
import { UsageError } from "../sandbox/command-line.ts";
import { UnexpectedChanges } from "./plan.ts";
import type { NumberedRelease, StackReleases } from "./releases.ts";
import type { ExportedState } from "./stack-state.ts";

/** Whether a comment of a migration says that everything written before it goes on working. Its code may mention the words. */
export function isMarked(text: string): boolean {
  return text.split("\n").some((line) => /^\s*(#|--|\/\/|\/?\*)/.test(line) && line.includes(backwardCompatibleMarker));
}

/**
 * What `--migrations` says: `backend=backend/alembic/versions/*.py`, one file for each migration (or one folder with a `migration.sql`), or
 * JSON as the program reads it.
 */
export function readSaid(wishes: readonly string[]): SaidMigrations {
  return Object.assign({}, ...wishes.map(readWish)) as SaidMigrations;
}

function readWish(wish: string): SaidMigrations {
  if (wish.startsWith("{")) {
    try {
      return JSON.parse(wish) as SaidMigrations;
    } catch {
      throw new UsageError(`--migrations got '${wish}', which begins like JSON and is none`);
    }
  }
  const [service, pattern] = wish.split(/=(.*)/s);
  if (!service || !pattern)
    throw new UsageError(`--migrations takes <service>=<files>, as in 'backend=backend/alembic/versions/*.py', got '${wish}'`);
  const files = globSync(pattern).filter((file) => basename(file) !== "__init__.py");
  // None at all is more likely a wrong folder than a database that was never made.
  if (files.length === 0) throw new UsageError(`--migrations: there is no file ${pattern}`);
  return { [service]: Object.fromEntries(files.sort().map((file) => [idOf(file), isMarked(readFileSync(file, "utf8"))])) };
}

const idOf = (file: string): string => (basename(file) === "migration.sql" ? basename(dirname(file)) : basename(file, extname(file)));

/** What a release's images brought, as the stack wrote it down: for the stack that it is promoted to. Of a service that said nothing, nothing. */
export function saidBy(state: readonly ExportedState[], release: NumberedRelease, releases: readonly NumberedRelease[]): SaidMigrations {
  const known = readMigrations(state);
  const services = Object.keys(release.images).filter((service) =>
    releases.some((one) => one.images[service] === release.images[service] && one.migrations?.includes(service)),
  );
  const of = (service: string): readonly Migration[] => known.filter((one) => one.service === service && one.since <= (release.time ?? ""));
  return Object.fromEntries(
    services.map((service) => [service, Object.fromEntries(of(service).map(({ id, compatible }) => [id, compatible]))]),
  );
}

/** What stands in the way of returning, by what the state says. */
export function obstaclesOf(
  state: readonly ExportedState[],
  releases: readonly NumberedRelease[],
  { from, to }: { readonly from: NumberedRelease; readonly to: NumberedRelease },
): Obstacle[] {
  const migrating = state
    .filter(({ type, outputs }) => type === "groundwork:components:Service" && outputs["migrates"] === true)
    .map(({ name }) => name);
  return obstacles(readMigrations(state), releases, { from, to, migrating });
}

/**
 * Services that would go back: their image ran here before the one that serves. One that was taken back and comes again goes forward.
 * Pure.
 */
export function goingBack(images: Readonly<Record<string, string>>, { releases, serving }: StackReleases): readonly string[] {
  if (serving === undefined) return [];
  return Object.keys(images).filter((service) => {
    const [next, now] = [images[service], serving.images[service]].map((image) => firstRelease(releases, service, image));
    return images[service] !== serving.images[service] && next !== undefined && (now === undefined || next < now);
  });
}

/** What stands in the way of taking older images again, service by service: each has its own time. */
export function obstaclesTo(
  state: readonly ExportedState[],
  { releases, serving }: StackReleases,
  images: Readonly<Record<string, string>>,
  services: readonly string[],
): Obstacle[] {
  return services.flatMap((service) => {
    const { [service]: image = "" } = images;
    const to = releases.find((one) => one.images[service] === image);
    return serving && to ? obstaclesOf(state, releases, { from: serving, to: { ...to, images: { [service]: image } } }) : [];
  });
}

/** A migration stands in the way and nobody forces it. Exit code 7. */
export class Obstructed extends UnexpectedChanges {}

/** Refuses what is not forced by name, and a name that forces nothing. */
export function refuseObstacles(stack: string, found: readonly Obstacle[], forced: readonly string[]): void {
  const names = found.map(({ name }) => name);
  const idle = forced.find((name) => !names.includes(name));
  if (idle !== undefined) throw new UsageError(`--force ${idle} forces nothing here.${didYouMean(idle, names)}`);
  const left = found.filter(({ name }) => !forced.includes(name));
  if (left.length === 0) return;
  const lines = left.map(({ service, name }) =>
    name.startsWith("unknown:")
      ? `  ${service}: nobody said which migrations its image brings (promote --migrations)`
      : `  ${service}: ${name} is not marked "${backwardCompatibleMarker}"`,
  );
  const command = left.map(({ name }) => `--force ${name}`).join(" ");
  throw new Obstructed(
    [
      `${stack} cannot go back without a look at its database: the version before may not work on it as it is now.`,
      ...lines,
      `If you know that it does, add ${command}. Else go forward: revert the change and deploy that.`,
    ].join("\n"),
  );
}
