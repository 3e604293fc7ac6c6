import { Project, type ProjectArgs } from "@pulumi/digitalocean/project.js";
import { ProjectResources } from "@pulumi/digitalocean/projectResources.js";
import type * as pulumi from "@pulumi/pulumi";
import type { ExistingProject } from "../config/existing.ts";

/** Options for {@link createProject}. */
export interface ProjectOptions extends Omit<ProjectArgs, "resources"> {
  readonly name: string;
  /** URNs of what is shown in it. */
  readonly members: readonly pulumi.Input<string>[];
  /** A project that stands already instead of a new one. It keeps everything that it is and has; the members are added. */
  readonly existing: ExistingProject;
}

/** The project that shows everything of a stack in the cloud's control panel, and on its bill. Free of charge. */
export function createProject(
  name: string,
  { members, existing, ...args }: ProjectOptions,
  opts: pulumi.ComponentResourceOptions = {},
): void {
  if (existing === "create") {
    new Project(name, { ...args, resources: [...members] }, opts);
    return;
  }
  const id = "reference" in existing ? existing.reference : existing.import;
  if ("import" in existing) {
    // What differs stays as it is in the cloud. Its members are left out: as a list of the project they would be all of them.
    const ignoreChanges = ["name", "description", "purpose", "environment", "resources"];
    new Project(name, args, { ...opts, import: id, protect: true, retainOnDelete: true, ignoreChanges });
  }
  if (members.length > 0) new ProjectResources(`${name}-members`, { project: id, resources: [...members] }, opts);
}
