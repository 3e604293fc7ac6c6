import type { Change, PlannedStep } from "./steps.ts";
import { addressOfRule, rulesOf } from "./routes.ts";
import type { Values } from "./values.ts";

interface Program {
  readonly name?: unknown;
  readonly envs?: readonly { readonly key?: unknown }[];
}

const inProgram = /^spec\.(services|workers|jobs|staticSites|functions)\[(\d+)\]/;

const programsOf = (values: Values | undefined, list: string): readonly Program[] => {
  const programs = (values?.["spec"] as Readonly<Record<string, unknown>> | undefined)?.[list];
  return Array.isArray(programs) ? (programs as readonly Program[]) : [];
};

/** A change by what names it; one that takes something away says where that stood, every other one where it will stand. */
type Placed = Pick<Change, "path" | "to">;

type Named = Pick<PlannedStep, "before" | "after">;

/** The name of the service, worker, job or site of an App that a change is in. */
export function partOf(step: Named, { path, to }: Placed): string | undefined {
  const [whole = "", list = "", at = ""] = inProgram.exec(path) ?? [];
  const of = (values: Values | undefined): unknown => programsOf(values, list)[Number(at)]?.name;
  const name = whole === path && to === undefined ? (of(step.before) ?? of(step.after)) : (of(step.after) ?? of(step.before));
  return typeof name === "string" ? name : undefined;
}

/**
 * The path within that part, with names of variables and addresses of routes in the place of their numbers: `LOG_LEVEL`, `instanceCount`,
 * `api.example.com/v1`.
 */
export function nameOfPath(step: Named, change: Placed): string {
  const { path, to } = change;
  const rest = path.replace(/^spec\.(?:services|workers|jobs|staticSites|functions)\[\d+\]\.?/, "").replace(/^spec\./, "");
  if (rest.startsWith("ingress.rules[")) return routed(rest, step, change);
  const [element = "", at] = /^envs\[(\d+)\]/.exec(rest) ?? [];
  if (at === undefined) return rest;
  const [, list = "", number = ""] = inProgram.exec(path) ?? [];
  const part = partOf(step, change);
  const values = element === rest && to === undefined ? step.before : step.after;
  if (list === "") return named(rest, (values?.["spec"] as Program | undefined)?.envs?.[Number(at)]?.key);
  const program = programsOf(values, list).find(({ name }) => name === part) ?? programsOf(values, list)[Number(number)];
  return named(rest, program?.envs?.[Number(at)]?.key);
}

/** The variable by which an App has something to deploy after a failure. */
export const isAttempt = (step: Named, change: Placed): boolean => /^GROUNDWORK_ATTEMPT(?:\.|$)/.test(nameOfPath(step, change));

/** A route by its address; where it leads is what a route is. */
function routed(rest: string, { before, after }: Named, { to }: Placed): string {
  const [element = "", at] = /^ingress\.rules\[(\d+)\]\.?/.exec(rest) ?? [];
  const address = addressOfRule(rulesOf(element === rest && to === undefined ? before : after)[Number(at)]);
  if (address === undefined) return rest;
  const within = rest.slice(element.length).replace(/^component\.name$/, "");
  return within === "" ? address : `${address} ${within}`;
}

/** A variable of a program, or of the whole App, by its name. */
const named = (path: string, key: unknown): string =>
  typeof key === "string" ? path.replace(/^envs\[\d+\]/, key).replace(/\.value$/, "") : path;
