import { failedRecord, healthyRecord, recordType, type Release } from "../config/releases.ts";
import { UsageError } from "../sandbox/command-line.ts";
import type { ExportedState } from "./stack-state.ts";

/** A release with its number. */
export interface NumberedRelease extends Release {
  readonly number: number;
  /** Whether it is what serves. */
  readonly serves: boolean;
}

/** What a stack has deployed. */
export interface StackReleases {
  readonly stack: string;
  /** Oldest first. */
  readonly releases: readonly NumberedRelease[];
  /** What serves; undefined: nothing, or something that a run which broke off did not write down. */
  readonly serving?: NumberedRelease;
  /** Why the last deployment did not come to serve, where no run has looked at it since. */
  readonly failure?: string;
}

/** The releases that a stack's state lists. Needs no secret of it. Pure. */
export function listReleases(stack: string, state: readonly ExportedState[]): StackReleases {
  const record = (name: string): Readonly<Record<string, unknown>> =>
    state.find((resource) => resource.type === recordType && resource.name === name)?.outputs ?? {};
  const { releases: healthy = [], serving } = record(healthyRecord) as { releases?: readonly Release[]; serving?: string };
  const { failures = [] } = record(failedRecord) as { failures?: readonly Release[] };
  // App Platform says itself what serves; it may be newer than what a run that broke off has written down.
  const active = state.find(({ type }) => type === "digitalocean:index/app:App")?.outputs["activeDeploymentId"];
  const now = typeof active === "string" && active !== "" ? active : serving;
  const numbered = (releases: readonly Release[], isHealthy: boolean): NumberedRelease[] =>
    releases.map((release, index) => ({
      ...release,
      number: release.number ?? index + 1,
      serves: isHealthy && index === releases.length - 1 && release.serving === now,
    }));
  const good = numbered(healthy, true);
  const releases = [...good, ...numbered(failures, false)].sort((a, b) => a.number - b.number);
  const current = good.find(({ serves }) => serves);
  const [failure] = state.flatMap(({ initErrors }) => initErrors);
  return { stack, releases, ...(current ? { serving: current } : {}), ...(failure === undefined ? {} : { failure }) };
}

/** A table for the terminal. */
export function renderReleases({ stack, releases, serving, failure }: StackReleases): string {
  if (releases.length === 0) return `${stack}: no release is recorded`;
  const lines = releases.toReversed().flatMap(({ number, verdict, images, time, commit, run, unproven, serves }) => {
    const mark = serves ? "*" : " ";
    const about = [time, commit, run].filter((text) => text !== undefined).join("  ");
    const rows = Object.entries(images).map(
      ([service, image]) => `       ${service}: ${image}${unproven?.includes(service) ? "  (not proven)" : ""}`,
    );
    return [`${mark} ${String(number).padStart(3)}  ${verdict}${about === "" ? "" : `  ${about}`}`, ...rows];
  });
  const notes = [
    ...(failure === undefined ? [] : [`The last deployment failed, and no run has looked at it since: ${failure.split("\n")[0]}`]),
    ...(serving === undefined ? ["What serves is not on the list: the run that deployed it broke off. The next up writes it down."] : []),
  ];
  return [`${stack}: newest first, * serves`, ...lines, ...notes].join("\n");
}

/** What a release is chosen by. */
export interface Choice {
  readonly release?: number | undefined;
  /** The commit, or its first seven characters at least. */
  readonly commit?: string | undefined;
}

/** The release that is meant: the one that serves, where nothing is said. Throws and says what there is. */
export function chooseRelease({ stack, releases, serving }: StackReleases, { release, commit }: Choice): NumberedRelease {
  const look = `npm run ops -- releases --stack ${stack} shows them.`;
  if (release === undefined && commit === undefined) {
    if (serving) return serving;
    throw new Error(`${stack} has no release that serves and is written down, so there is nothing to take. ${look}`);
  }
  // The newest first: a commit may have been deployed several times.
  const found = releases
    .filter(({ number }) => release === undefined || number === release)
    .filter((one) => commit === undefined || one.commit?.startsWith(commit))
    .toReversed();
  const name = release === undefined ? `release of commit "${commit}"` : `release ${release}`;
  const [first] = found;
  // A number is what somebody typed; a commit comes of a workflow too, and that it never ran is no wrong call.
  if (!first) throw new (release === undefined ? Error : UsageError)(`${stack} has no ${name}. ${look}`);
  const healthy = found.find(({ verdict }) => verdict === "healthy");
  if (!healthy) throw new Error(`${name} of ${stack} failed (number ${first.number}). Only what it ran healthy is taken. ${look}`);
  return healthy;
}

/** The healthy releases with which a service began to run another image than before, oldest first: those that brought it. Pure. */
export function beginnings(releases: readonly NumberedRelease[], service: string): readonly NumberedRelease[] {
  const healthy = releases.filter(({ verdict }) => verdict === "healthy");
  return healthy.filter(({ images }, i) => images[service] !== undefined && images[service] !== healthy[i - 1]?.images[service]);
}

/** Why these images are not what a stack ran healthy for a commit: one sentence for each. Pure. */
export function claimProblems({ stack, releases }: StackReleases, images: Readonly<Record<string, string>>, commit: string): string[] {
  return Object.entries(images).flatMap(([service, image]) => {
    const brought = beginnings(releases, service).filter((one) => one.images[service] === image);
    if (brought.some((one) => one.commit?.startsWith(commit))) return [];
    const commits = [...new Set(brought.flatMap((one) => one.commit ?? []))];
    const why =
      brought.length === 0
        ? "has not run it"
        : commits.length === 0
          ? "ran it, and nobody wrote down for which commit"
          : `ran it for ${commits.join(", ")}`;
    return [`  ${service}: ${image}, and ${stack} ${why}`];
  });
}

/** Service → the image by which a commit ran here before, where the one that comes is another build of it. Pure. */
export function formerBuilds(
  images: Readonly<Record<string, string>>,
  commit: string | undefined,
  { releases }: StackReleases,
): Readonly<Record<string, string>> {
  if (commit === undefined) return {};
  return Object.fromEntries(
    Object.keys(images).flatMap((service) => {
      const all = beginnings(releases, service);
      if (all.some((one) => one.images[service] === images[service])) return [];
      const former = all.findLast((one) => one.commit?.startsWith(commit))?.images[service];
      return former === undefined ? [] : [[service, former]];
    }),
  );
}
