import type { HealthCheck } from "../workloads.ts";

/** Seconds and counts of Docker's one health check. `start` is how long a new instance may fail it. */
export interface Times {
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly start: number;
}

export const defaultTimes: Times = { interval: 5, timeout: 3, retries: 3, start: 30 };

/** What the two questions are called, and what the one check has for them. */
const options = [
  ["periodSeconds", "interval"],
  ["timeoutSeconds", "timeout"],
  ["failures", "retries"],
  ["initialDelaySeconds", "start"],
] as const satisfies readonly (readonly [keyof HealthCheck, keyof Times])[];

type Health = { readonly live: HealthCheck; readonly ready: HealthCheck };

/** The times of the one check that asks both questions. */
export function checkTimes({ live, ready }: Health): Times {
  const given = options.map(([option, name]) => [name, ready[option] ?? live[option] ?? defaultTimes[name]] as const);
  return Object.fromEntries(given) as Record<keyof Times, number>;
}

/** What one check cannot do for two questions. */
export function healthProblems({ live, ready }: Health): string[] {
  const differing = options.filter(
    ([option]) => live[option] !== undefined && ready[option] !== undefined && live[option] !== ready[option],
  );
  return [
    ...differing.map(
      ([option]) =>
        `health: Docker has one check for both, so ${option} of live and ready has to be the same, not ${live[option]} and ${ready[option]}.`,
    ),
    ...((ready.successes ?? 1) > 1 ? ["health.ready.successes: Docker takes the first success. Leave it out."] : []),
  ];
}
