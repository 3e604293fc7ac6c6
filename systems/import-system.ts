import { existsSync, readdirSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { didYouMean, list } from "../config/errors.ts";
import type { System } from "./define-system.ts";

/** Loads the system that a Pulumi project is named after, and no other. */
export async function importSystem(project: string): Promise<System> {
  const known = readdirSync(import.meta.dirname).filter((name) => existsSync(`${import.meta.dirname}/${name}/system.ts`));
  if (!known.includes(project)) {
    throw new pulumi.RunError(
      `Pulumi.yaml:\n  name: there is no system "${project}".${didYouMean(project, known) || ` Systems: ${list(known)}.`} A project is named after its folder in systems/.`,
    );
  }
  const { default: system } = (await import(`./${project}/system.ts`)) as { default: System };
  return system;
}
