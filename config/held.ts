import type { Problem } from "./errors.ts";
import { quote } from "./errors.ts";
import type { StateResource } from "./state.ts";

/** What tells a stack from its siblings. It stands in the stack's outputs, where the next run reads it back. */
export interface Identity {
  readonly platform?: string;
  readonly domain?: string;
  readonly region?: string;
  readonly network?: string;
  readonly zone?: string;
  readonly registryName?: string;
  readonly registryRegion?: string;
}

/** What the stack holds. */
export interface Held extends Identity {
  /** Whether something lives in a private network. Where nothing does, a move would replace none. */
  readonly hasNetwork?: boolean;
}

const networkType = "groundwork:components:Network";

/**
 * The identity of what the stack holds: since its last successful `up`, or since it has a network, where none was successful yet. Nothing
 * for a new one.
 */
export function heldBy(state: readonly StateResource[]): Held {
  const network = state.find(({ type }) => type === networkType);
  const { range, region } = network?.outputs ?? {};
  const known = state.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  return {
    ...(typeof range === "string" ? { network: range } : {}),
    ...(typeof region === "string" ? { region } : {}),
    ...known,
    ...(network === undefined ? {} : { hasNetwork: true }),
  };
}

/**
 * What of a stack file does not fit the resources that the stack holds: the file of another stack would move or replace all of them.
 * Nor may anything replace the network that the data lives in: it would be lost half way, or the engine would stop without naming a line.
 */
export function heldProblems(stack: string, wanted: Identity, held: Held, keepData: boolean): Problem[] {
  const differs = (key: keyof Identity): boolean => wanted[key] !== undefined && held[key] !== undefined && wanted[key] !== held[key];
  if (differs("platform")) {
    const way = `Give the other platform a stack of its own, or run pulumi destroy --stack ${stack} first.`;
    return [
      { path: "platform/type", message: `is ${quote(wanted.platform)}, but what this stack holds runs on ${quote(held.platform)}. ${way}` },
    ];
  }
  if (differs("domain") && differs("network")) {
    const now = `${quote(wanted.domain)}, and the network ${quote(wanted.network)}`;
    const before = `${quote(held.domain)} and ${quote(held.network)}`;
    const way = "Is this the file of another stack? If you want to move both, change one at a time.";
    return [{ path: "domain", message: `is ${now}, but this stack holds ${before}. ${way}` }];
  }
  if (held.hasNetwork !== true && differs("region")) {
    const way = `Bring up a second stack there, or run pulumi destroy --stack ${stack} first.`;
    const message = `is ${quote(wanted.region)}, but what this stack holds was made in ${quote(held.region)}, and moving it is not known to work: a bucket would be replaced without its contents. ${way}`;
    return [{ path: "platform/region", message }];
  }
  for (const key of held.hasNetwork === true ? (["region", "network"] as const) : []) {
    if (!differs(key)) continue;
    // The cloud keeps the old network while the App is inside, and by then the database would be gone.
    const way = keepData
      ? "Bring up a second stack there and move the data."
      : `If the data may be lost, run pulumi destroy --stack ${stack} first; else bring up a second stack there and move the data.`;
    const message = `is ${quote(wanted[key])}, but this stack holds its data in ${quote(held[key])}, and moving would replace network and database. ${way}`;
    return [{ path: `platform/${key}`, message }];
  }
  if (differs("zone")) {
    const way = `pulumi destroy --stack ${stack} --ignore-protect gives it up (it stays in the cloud), and the next up makes the other one.`;
    return [
      {
        path: "zone",
        message: `is ${quote(wanted.zone)}, but this stack holds ${quote(held.zone)} with the records of every environment. ${way}`,
      },
    ];
  }
  for (const key of ["registryName", "registryRegion"] as const) {
    if (!differs(key)) continue;
    const made = key === "registryRegion" ? "registry/region" : "registry/name";
    const message =
      `is ${quote(wanted[key])}, but this stack holds a registry with ${quote(held[key])}, and the images do not move. ` +
      `pulumi destroy --stack ${stack} --ignore-protect gives it up (it stays in the cloud), and the next up takes the other one.`;
    return [{ path: wanted.registryRegion === undefined ? "existing/registry/import" : made, message }];
  }
  return [];
}
