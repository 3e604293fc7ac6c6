import { relative } from "node:path";
import { deliveryPart, planOf } from "../components/github/part.ts";
import type { DeliveryPlan } from "../components/github/plan.ts";
import { loadDelivery } from "../config/delivery.ts";
import { sourceOf } from "../config/stack-file.ts";
import { repository, type SystemFolder } from "../sandbox/systems.ts";
import type { System } from "../systems/define-system.ts";

/** What is asked of a system here. */
export type Delivered = Pick<System, "delivery" | "services" | "provided">;

/** What a system's delivery comes to by the text of its stack file; its secrets are not needed. Undefined where the system has none. */
export function deliveryPlan(
  { delivery, services, provided }: Delivered,
  { name, project }: Pick<SystemFolder, "name" | "project">,
  text: string,
): DeliveryPlan | undefined {
  if (delivery === undefined) return undefined;
  const system = { name, folder: relative(repository, project) || ".", services };
  const source = sourceOf(text, "delivery", { project: name, provided });
  return planOf(delivery, system, loadDelivery(source, deliveryPart(delivery, system))).plan;
}
