import type { Acknowledged } from "../config/acknowledge.ts";
import { environments, type Environment } from "../config/environments.ts";
import type { Scale } from "../config/sizes.ts";
import type { Problems } from "./gather.ts";

/** Where something stands, and what its stack file says that it may do without. */
export interface Place {
  readonly environment: Environment;
  readonly acknowledged: Acknowledged;
}

/**
 * What an environment demands of whatever reaches a platform. A stack file is told the same where it says a size; what a system's file
 * says by itself is only seen here. Each is the problem with its option, undefined where there is none.
 */
export function replicaDemand({ environment, acknowledged }: Place, replicas: Scale["replicas"]): string | undefined {
  const { minReplicas } = environments[environment];
  const count = typeof replicas === "number" ? replicas : replicas.min;
  if (count >= minReplicas || acknowledged.covers("one-replica")) return undefined;
  const option = typeof replicas === "number" ? "scale.replicas" : "scale.replicas.min";
  return `${option}: is ${count}, and ${environment} demands ${minReplicas}, so that losing a machine is not an outage. ${accept("one-replica")}`;
}

/** A node that takes over, for what keeps data. */
export function standbyDemand({ environment, acknowledged }: Place, standby: number): string | undefined {
  const { minStandby } = environments[environment];
  if (standby >= minStandby || acknowledged.covers("no-standby")) return undefined;
  return `size.standby: is ${standby}, and ${environment} demands ${minStandby}, so that losing a machine is not an outage. ${accept("no-standby")}`;
}

/** Data that outlives a mistake. Undefined is what the environment itself grants. */
export function keepDemand({ environment, acknowledged }: Place, keepData: boolean | undefined): string | undefined {
  if (keepData !== false || !environments[environment].keepData || acknowledged.covers("data-not-kept")) return undefined;
  return `keepData: is false, and ${environment} protects and retains its data. Leave it out. ${accept("data-not-kept")}`;
}

/** Somebody who is told, said of the whole stack. */
export function toldDemand({ environment, acknowledged }: Place, isTold: boolean): [name: string, problems: Problems] {
  if (isTold || !environments[environment].tellSomebody || acknowledged.covers("nobody-told")) return ["alerts", []];
  return [
    "alerts",
    [
      `nobody is told, and ${environment} demands that somebody learns that it is down. Add a Monitoring that says who. ${accept("nobody-told")}`,
    ],
  ];
}

const accept = (name: Parameters<Acknowledged["covers"]>[0]): string =>
  `Or accept that in the stack file: groundwork:acknowledge: [${name}].`;
