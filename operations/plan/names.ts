import type { PlannedStep } from "./steps.ts";
import type { Values } from "./values.ts";

interface Program {
  readonly name?: unknown;
  readonly envs?: readonly { readonly key?: unknown }[];
}

/** The service, worker, job or site of an App that a path is in. */
function programAt(values: Values | undefined, path: string): Program | undefined {
  const [, list = "", at = ""] = /^spec\.(services|workers|jobs|staticSites|functions)\[(\d+)\]/.exec(path) ?? [];
  const programs = (values?.["spec"] as Readonly<Record<string, unknown>> | undefined)?.[list];
  return Array.isArray(programs) ? (programs as readonly Program[])[Number(at)] : undefined;
}

/** … by its name. */
export function partOf({ before, after }: Pick<PlannedStep, "before" | "after">, path: string): string | undefined {
  const name = programAt(after, path)?.name ?? programAt(before, path)?.name;
  return typeof name === "string" ? name : undefined;
}

/** A path within that part, with names of variables in the place of their numbers: `LOG_LEVEL`, `instanceCount`, `ingress.rules[0]`. */
export function nameOfPath({ before, after, changes }: Pick<PlannedStep, "before" | "after" | "changes">, path: string): string {
  const rest = path.replace(/^spec\.(?:services|workers|jobs|staticSites|functions)\[\d+\]\.?/, "").replace(/^spec\./, "");
  const [, at] = /^envs\[(\d+)\]/.exec(rest) ?? [];
  if (at === undefined) return rest;
  const isGone = changes.some((change) => change.path === path && change.to === undefined);
  const key = programAt(isGone ? before : after, path)?.envs?.[Number(at)]?.key;
  return typeof key === "string" ? rest.replace(/^envs\[\d+\]/, key).replace(/\.value$/, "") : rest;
}
