import { findResource, type StateResource } from "../../config/state.ts";
import { sorted } from "../gather.ts";
import type { PlatformProgram } from "../workloads.ts";
import { appName, appType } from "./last-deployment.ts";

/** Where the programs of an App stand in its spec. */
type Programs = Readonly<Record<"services" | "workers" | "jobs", ReadonlyMap<string, PlatformProgram>>>;

/**
 * The API gives credentials back encrypted, so they differ in every preview. Those that it has already are left alone by their
 * exact place; a new generation, and a program that moved, are sent.
 */
export function knownCredentials(programs: Programs, pulled: ReadonlySet<string> = new Set()): string[] {
  return Object.entries(programs).flatMap(([list, map]) =>
    sorted(map).flatMap(([name, { pull }], index) => {
      const path = `spec.${list}[${index}].image.registryCredentials`;
      return pull !== undefined && pulled.has(mark(path, name, pull.generation)) ? [path] : [];
    }),
  );
}

/** Which credentials the App of a state was given: its spec says where each program stands, and each program which token it was deployed with. */
export function readPulled(state: readonly StateResource[]): ReadonlySet<string> {
  const spec = findResource(state, appType, appName)?.outputs["spec"] as
    Record<string, readonly { name?: string }[] | undefined> | undefined;
  const generations = new Map(
    state.flatMap(({ type, outputs: { pulled } }) =>
      type.startsWith("groundwork:") && typeof pulled === "object" && pulled !== null
        ? Object.entries(pulled as Record<string, number>)
        : [],
    ),
  );
  return new Set(
    ["services", "workers", "jobs"].flatMap((list) =>
      (spec?.[list] ?? []).flatMap(({ name = "" }, index) => {
        const generation = generations.get(name);
        return generation === undefined ? [] : [mark(`spec.${list}[${index}].image.registryCredentials`, name, generation)];
      }),
    ),
  );
}

function mark(path: string, name: string, generation: number): string {
  return `${path} ${name} ${generation}`;
}
