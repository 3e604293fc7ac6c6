import { existsSync, readdirSync, realpathSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { didYouMean, list } from "../config/errors.ts";
import type { System } from "./define-system.ts";
import { SystemLoadError } from "./load-error.ts";
import { loadSystem } from "./load-system.ts";

/**
 * Loads the system of a Pulumi project, and no other: the `system.ts` beside its `Pulumi.yaml`, so that a system may stand anywhere,
 * or else the folder here that bears the project's name, which is how the top-level project finds its own.
 */
export async function importSystem(project: string, folder: string): Promise<System> {
  const beside = `${folder}/system.ts`;
  const known = readdirSync(import.meta.dirname).filter((name) => existsSync(`${import.meta.dirname}/${name}/system.ts`));
  if (existsSync(beside)) {
    const file = realpathSync(beside);
    if (known.includes(project) && file !== `${import.meta.dirname}/${project}/system.ts`) {
      // A copied Pulumi.yaml: with the other system's name, this one would be planned over the other one's state.
      throw new pulumi.RunError(`Pulumi.yaml:\n  name: "${project}" is the system in systems/${project}. Give this one a name of its own.`);
    }
    return load(file);
  }
  if (known.includes(project)) return load(`${import.meta.dirname}/${project}/system.ts`);
  throw new pulumi.RunError(
    `Pulumi.yaml:\n  name: there is no system "${project}".${didYouMean(project, known) || ` Systems: ${list(known)}.`} ` +
      "A project has its system.ts beside its Pulumi.yaml, or is named after a folder in systems/.",
  );
}

/** Said without the stack trace of the loader, in which the place is hard to find. */
const load = (file: string): Promise<System> =>
  loadSystem(file).catch((error: unknown) => {
    throw error instanceof SystemLoadError ? new pulumi.RunError(error.message) : error;
  });
