import { isDeepStrictEqual } from "node:util";
import type { Checkout } from "./checkout.ts";
import { findResource, type StateResource } from "./state.ts";

/** One deployment of a system, whatever became of it. */
export interface Release {
  /** Counts the deployments of a stack, from 1. Missing in what version 0.1 wrote. */
  readonly number?: number;
  readonly verdict: "healthy" | "failed";
  /** Service → image that it was to run. */
  readonly images: Readonly<Record<string, string>>;
  /** The deployment that served afterwards: itself, or the one before where it failed. Empty: none. */
  readonly serving: string;
  /** How many deployments had failed before it, ever. */
  readonly attempt: number;
  /** When, by which commit and in which run. A run that broke off leaves its verdict to the next one, which does not know these. */
  readonly time?: string;
  readonly commit?: string;
  readonly run?: string;
  /** Services whose image was taken by name, though the environment before never ran it healthy. */
  readonly unproven?: readonly string[];
  /** Services of which the run said which migrations their image brings. */
  readonly migrations?: readonly string[];
}

/** What a platform did last, by what the state knows of it. */
export interface LastDeployment {
  /** What names the deployment that serves. Empty: none ever did. Undefined: services are deployed one by one, and say themselves what they run. */
  readonly serving?: string;
  /** Fingerprint of what was asked for last, whether it came to serve or not. */
  readonly asked: string;
  /** Service → image that was asked for last. */
  readonly images: Readonly<Record<string, string>>;
  /** The mark by which it differs from those that failed before it. */
  readonly attempt: number;
}

/** Where a stack stands before this run. */
export interface Past {
  /** Service → image that it runs, healthy. */
  readonly running: Readonly<Record<string, string>>;
  /** Set where the last deployment did not come to serve: what it was to run. */
  readonly failed?: Readonly<Record<string, string>>;
  /** What the next deployment is marked with. Higher than before after a failure, so that there is something to deploy. */
  readonly attempt: number;
  /** The deployment that serves, as far as a run has written it down. */
  readonly recorded: Recorded;
  /** Deployments that failed, oldest first, with the last one. */
  readonly failures: readonly Release[];
}

/** What is written down once a deployment serves. */
export interface Recorded {
  readonly serving?: string;
  readonly asked?: string;
  /** Deployments that came to serve, oldest first. */
  readonly releases: readonly Release[];
}

/** Where the two lists stand in the state; part of their identity. */
export const recordType = "groundwork:components:ReleaseRecord";
export const healthyRecord = "releases";
export const failedRecord = "failed-releases";

/** So many releases of each verdict are kept. */
export const keptReleases = 20;

/** Components that run an image, under the name by which images are passed. */
const programTypes = ["Service", "Worker", "Job"].map((name) => `groundwork:components:${name}`);

/**
 * Judges the last deployment. It serves if its id is a new one (even if the run broke off before it could write that down), or if
 * nothing else has been asked for since one did. Everything else has failed, however green a read of it looks: only the state of
 * the platform's object says what was asked for, so a provider that reports a failed deployment as done is not believed.
 */
export function resolvePast(state: readonly StateResource[], last: LastDeployment | undefined): Past {
  const recorded = readRecorded(state);
  const failures = readReleases(state, failedRecord, "failures");
  const registered = readServices(state);
  if (last === undefined) return { running: registered, attempt: 0, recorded, failures };
  const { serving = recorded.serving ?? "", asked, images, attempt } = last;
  const isEach = last.serving === undefined;
  // A stack of before there were records.
  const isUnrecorded = isEach && recorded.asked === undefined && isDeepStrictEqual({ ...registered, ...images }, registered);
  if (isUnrecorded) return { running: registered, attempt, recorded, failures };
  if (serving !== "" && serving !== recorded.serving) {
    const unnoticed: Release = { number: nextNumber(recorded.releases, failures), verdict: "healthy", images, serving, attempt };
    const releases = append(recorded.releases, unnoticed);
    return { running: { ...registered, ...images }, attempt, recorded: { serving, asked, releases }, failures };
  }
  if ((serving !== "" || isEach) && asked === recorded.asked) return { running: { ...registered, ...images }, attempt, recorded, failures };
  const failure: Release = { number: nextNumber(recorded.releases, failures), verdict: "failed", images, serving, attempt };
  const known = failures.some((other) => other.serving === serving && other.attempt === attempt);
  return {
    running: isEach ? registered : { ...registered, ...recorded.releases.at(-1)?.images },
    failed: images,
    attempt: attempt + 1,
    recorded,
    failures: known ? failures : append(failures, failure),
  };
}

/** The number of the release that comes after these. */
export function nextNumber(...lists: readonly (readonly Release[])[]): number {
  return 1 + Math.max(0, ...lists.flatMap((releases) => releases.map(({ number = 0 }, index) => Math.max(number, index + 1))));
}

/** Adds a release, and lets the oldest go. */
export function append(releases: readonly Release[], release: Release): readonly Release[] {
  return [...releases, release].slice(-keptReleases);
}

/** What to tell the user of a failed deployment before it is tried again; nothing after a healthy one. */
export function describeReturn({ failed }: Past, images: Readonly<Record<string, string>>): string | undefined {
  if (failed === undefined) return undefined;
  const back = Object.entries(images).filter(([service, image]) => failed[service] !== undefined && failed[service] !== image);
  return [
    "The last deployment did not come to serve, so this run deploys again.",
    ...back.map(([service, image]) => `  ${service}: ${image} instead of ${failed[service]}, which failed.`),
  ].join("\n");
}

/** Which registry of DigitalOcean the images came from that were asked for last; undefined where they did not. */
export function readTeamRegistry(state: readonly StateResource[]): string | undefined {
  const { teamRegistry } = findResource(state, recordType, failedRecord)?.outputs ?? {};
  return typeof teamRegistry === "string" ? teamRegistry : undefined;
}

/** The commit that the stack was last deployed from, as far as a run knew it. */
export function readDeployedFrom(state: readonly StateResource[]): Checkout | undefined {
  const { checkout } = findResource(state, recordType, failedRecord)?.outputs ?? {};
  const { commit, time } = (checkout ?? {}) as Partial<Checkout>;
  return typeof commit === "string" && typeof time === "string" ? { commit, time } : undefined;
}

function readServices(state: readonly StateResource[]): Record<string, string> {
  return Object.fromEntries(
    state.flatMap(({ type, name, outputs: { image } }) =>
      programTypes.includes(type) && typeof image === "string" ? [[name, image]] : [],
    ),
  );
}

function readRecorded(state: readonly StateResource[]): Recorded {
  const { serving, asked } = findResource(state, recordType, healthyRecord)?.outputs ?? {};
  return {
    ...(typeof serving === "string" ? { serving } : {}),
    ...(typeof asked === "string" ? { asked } : {}),
    releases: readReleases(state, healthyRecord, "releases"),
  };
}

function readReleases(state: readonly StateResource[], name: string, list: string): readonly Release[] {
  const releases = findResource(state, recordType, name)?.outputs[list];
  return Array.isArray(releases) ? (releases as Release[]) : [];
}
