import { PlanError, previewOf, type SavedPlan } from "../plan.ts";
import type { Pulumi } from "../pulumi.ts";

/** A plan, and the services whose images nobody knows yet. */
export type UnbuiltPlan = SavedPlan & { readonly unbuilt: readonly string[] };

/** Stands for an image that is built once the change is merged. No registry holds it. */
const digest = `sha256:${"0".repeat(64)}`;

/**
 * What `pulumi up` would do before images are built: a pull request that brings a service has none for it yet, and neither has a stack that was
 * never deployed. They are shown with a digest that no image has; a deploy is compared without images anyway.
 */
export async function previewUnbuilt(pulumi: Pulumi, stack: string): Promise<UnbuiltPlan> {
  try {
    return { ...(await previewOf(pulumi, stack, {})), unbuilt: [] };
  } catch (error) {
    const unbuilt = error instanceof PlanError ? servicesWithoutImage(error.message) : [];
    if (unbuilt.length === 0) throw error;
    const images = Object.fromEntries(unbuilt.map((service) => [service, `ghcr.io/not-built-yet/${service.toLowerCase()}@${digest}`]));
    const variables = { GROUNDWORK_IMAGES: JSON.stringify(images), GROUNDWORK_UNPROVEN: digest };
    return { ...(await previewOf(pulumi, stack, variables)), unbuilt };
  }
}

/** By the program's own words. Pure. */
export const servicesWithoutImage = (text: string): string[] =>
  [...text.matchAll(/^ *images\/([\w-]+): no image is known for this service\./gm)].flatMap(([, service = ""]) => service);
