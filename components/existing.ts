import { getDomain } from "@pulumi/digitalocean/getDomain.js";
import { getProject } from "@pulumi/digitalocean/getProject.js";
import type { Problem } from "../config/errors.ts";
import { quote } from "../config/errors.ts";
import type { ExistingProject, ExistingShared } from "../config/existing.ts";

/**
 * Looks for what a stack file says stands already, before anything is registered: the provider says nothing of a project that does not
 * exist, and an import's own refusal names no way out. A registry is not looked for, since the provider's look-up answers nothing.
 */
export async function missing(existing: { zone?: ExistingShared["zone"]; project: ExistingProject }, zone?: string): Promise<Problem[]> {
  const { project } = existing;
  const looked: Promise<Problem | undefined>[] = [];
  if (zone !== undefined && existing.zone !== "create") {
    const ways = "doctl compute domain list shows the zones of the token's team. Or remove the key, and the zone is made.";
    looked.push(lookUp(getDomain({ name: zone }), "existing/zone", `there is no zone ${quote(zone)}`, ways));
  }
  if (project !== "create") {
    const id = "reference" in project ? project.reference : project.import;
    const ways = "doctl projects list shows the ids of the token's team. Or remove the key, and a project is made.";
    looked.push(lookUp(getProject({ id }), "existing/project", `there is no project ${quote(id)}`, ways));
  }
  return (await Promise.all(looked)).filter((problem) => problem !== undefined);
}

async function lookUp(answer: Promise<unknown>, path: string, message: string, ways: string): Promise<Problem | undefined> {
  try {
    await answer;
    return undefined;
  } catch (error) {
    return { path, message: `says that it stands, but ${message} (${error instanceof Error ? error.message : String(error)}). ${ways}` };
  }
}
