import type { PlannedStep } from "./steps.ts";
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

/** Whether a change takes away what is at its path; the path then says where it stood. */
const isGone = ({ changes }: Pick<PlannedStep, "changes">, path: string): boolean =>
  changes.some((change) => change.path === path && change.to === undefined);

type Named = Pick<PlannedStep, "before" | "after" | "changes">;

/** The name of the service, worker, job or site of an App that a path is in. */
export function partOf(step: Named, path: string): string | undefined {
  const [whole = "", list = "", at = ""] = inProgram.exec(path) ?? [];
  const of = (values: Values | undefined): unknown => programsOf(values, list)[Number(at)]?.name;
  // One that goes as a whole is counted as it stood; every other path counts as it will stand.
  const name = whole === path && isGone(step, path) ? (of(step.before) ?? of(step.after)) : (of(step.after) ?? of(step.before));
  return typeof name === "string" ? name : undefined;
}

/** A path within that part, with names of variables in the place of their numbers: `LOG_LEVEL`, `instanceCount`, `ingress.rules[0]`. */
export function nameOfPath(step: Named, path: string): string {
  const rest = path.replace(/^spec\.(?:services|workers|jobs|staticSites|functions)\[\d+\]\.?/, "").replace(/^spec\./, "");
  const [, at] = /^envs\[(\d+)\]/.exec(rest) ?? [];
  if (at === undefined) return rest;
  const [, list = "", number = ""] = inProgram.exec(path) ?? [];
  const part = partOf(step, path);
  const values = isGone(step, path) ? step.before : step.after;
  const program = programsOf(values, list).find(({ name }) => name === part) ?? programsOf(values, list)[Number(number)];
  const key = program?.envs?.[Number(at)]?.key;
  return typeof key === "string" ? rest.replace(/^envs\[\d+\]/, key).replace(/\.value$/, "") : rest;
}
