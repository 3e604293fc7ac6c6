import { fingerprint } from "../../config/fingerprint.ts";
import type { LastDeployment } from "../../config/releases.ts";
import type { StateResource } from "../../config/state.ts";
import { migrationName } from "../naming.ts";
import { containerType } from "./job-runs.ts";

const dockerServiceType = "docker:index/service:Service";

/** Label by which a service differs from one that failed. It stands there only after a failure, and restarts nothing by itself. */
export const attemptLabel = "groundwork.attempt";

/** The parts of a service that are looked at: what a change of them deploys. */
interface AskedService {
  readonly taskSpec?: { readonly containerSpec?: { readonly image?: string } };
  readonly mode?: unknown;
  readonly updateConfig?: { readonly order?: string };
  readonly labels?: readonly { readonly label: string; readonly value: string }[];
}

/** How a job was asked for and how it ended. */
interface AskedJob {
  readonly name?: string;
  readonly image?: string;
  readonly exitCode?: number | null;
}

type Named<T> = Readonly<Record<string, T>>;

/**
 * What the state knows of the last deployment; undefined where nothing was ever deployed. A service whose update failed stands in it
 * with what was asked for, and a job with its exit code. Nothing in it names what serves: each service says that in its own output.
 */
export function readLastDeployment(state: readonly StateResource[]): LastDeployment | undefined {
  const of = <T>(wanted: string): Named<T> =>
    Object.fromEntries(state.filter(({ type }) => type === wanted).map(({ name, outputs }) => [name, outputs as T]));
  // The system's own programs; the proxy and what keeps data stop before they start again.
  const rolling = Object.entries(of<AskedService>(dockerServiceType)).filter(
    ([, { updateConfig }]) => updateConfig?.order === "start-first",
  );
  const services = Object.fromEntries(rolling);
  const jobs = of<AskedJob>(containerType);
  const failed = Object.entries(jobs).filter(([, { exitCode }]) => typeof exitCode === "number" && exitCode !== 0);
  if (rolling.length === 0 && failed.length === 0) return undefined;
  const serviceOf = new Map(rolling.map(([name]) => [migrationName(name), name]));
  const images = {
    ...Object.fromEntries(rolling.map(([name, { taskSpec }]) => [name, taskSpec?.containerSpec?.image])),
    ...Object.fromEntries(failed.map(([name, { image }]) => [serviceOf.get(name) ?? name, image])),
  };
  // A job that fails changes no service, so its own number tells its failures apart.
  const marks = rolling.map(([, { labels }]) => Number(labels?.find(({ label }) => label === attemptLabel)?.value ?? 0));
  const tries = failed.map(([, { name }]) => Number(/-(\d+)$/.exec(name ?? "")?.[1] ?? 0));
  return {
    asked: fingerprintOf(services, jobs),
    images: images as Record<string, string>,
    attempt: Math.max(0, ...marks) + Math.max(0, ...tries),
  };
}

/** Fingerprint of all that was asked for. */
export function fingerprintOf(services: Named<AskedService>, jobs: Named<AskedJob>): string {
  return fingerprint({
    services: Object.entries(services)
      .map(([service, { taskSpec, mode, labels }]) => ({ service, taskSpec, mode, labels: labels ?? [] }))
      .sort(byText),
    jobs: Object.entries(jobs)
      .map(([job, { name, image, exitCode }]) => ({ job, name, image, exitCode }))
      .sort(byText),
  });
}

const byText = (a: { readonly service?: string; readonly job?: string }, b: typeof a): number =>
  `${a.service ?? a.job}` < `${b.service ?? b.job}` ? -1 : 1;
