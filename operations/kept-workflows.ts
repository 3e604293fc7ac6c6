import { relative } from "node:path";
import { deliveryPart, planOf } from "../components/github/part.ts";
import { workflowFiles } from "../components/github/workflow-files.ts";
import { loadDelivery } from "../config/delivery.ts";
import { sourceOf } from "../config/stack-file.ts";
import { repository, type SystemFolder } from "../sandbox/systems.ts";
import type { System } from "../systems/define-system.ts";

/**
 * Workflows that a system keeps in the repository of its program itself, instead of having them committed by its delivery stack: path → text.
 * `text` is the stack file of `delivery`; its secrets are not needed.
 */
export function keptWorkflows(
  { delivery, services, provided }: Pick<System, "delivery" | "services" | "provided">,
  { name, project }: Pick<SystemFolder, "name" | "project">,
  text: string,
): Readonly<Record<string, string>> {
  if (delivery === undefined) return {};
  const system = { name, folder: relative(repository, project) || ".", services };
  const source = sourceOf(text, "delivery", { project: name, provided });
  const { plan } = planOf(delivery, system, loadDelivery(source, deliveryPart(delivery, system)));
  const kept = Object.values(plan.repositories).filter(
    ({ key, program }) => program && delivery.repositories[key]?.workflowFiles === "kept",
  );
  return Object.assign({}, ...kept.map((one) => workflowFiles(plan, one).files)) as Record<string, string>;
}
