import { workflowFiles } from "../components/github/workflow-files.ts";
import type { SystemFolder } from "../sandbox/systems.ts";
import { type Delivered, deliveryPlan } from "./delivery-plan.ts";

/**
 * Workflows that a system keeps in the repository of its program itself, instead of having them committed by its delivery stack: path → text.
 * `text` is the stack file of `delivery`; its secrets are not needed.
 */
export function keptWorkflows(
  system: Delivered,
  folder: Pick<SystemFolder, "name" | "project">,
  text: string,
): Readonly<Record<string, string>> {
  const plan = deliveryPlan(system, folder, text);
  if (plan === undefined) return {};
  const kept = Object.values(plan.repositories).filter(
    ({ key, program }) => program && system.delivery?.repositories[key]?.workflowFiles === "kept",
  );
  return Object.assign({}, ...kept.map((one) => workflowFiles(plan, one).files)) as Record<string, string>;
}

/**
 * Workflows of a system that are left over in the repository which keeps them: a file that still says it was generated from the system, and is no longer.
 * Where the delivery stack commits the files, they are none of the generator's.
 */
export function leftOverWorkflows(
  name: string,
  kept: Readonly<Record<string, string>>,
  standing: Readonly<Record<string, string>>,
): readonly string[] {
  if (Object.keys(kept).length === 0) return [];
  const isOurs = (text: string): boolean => text.startsWith(`# Generated from systems/${name}/`);
  return Object.entries(standing).flatMap(([path, text]) => (!Object.hasOwn(kept, path) && isOurs(text) ? [path] : []));
}
