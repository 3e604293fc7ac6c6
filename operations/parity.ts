// `npm run check` runs it: warns where the environments of a system are built on different versions. Staging that runs on something else
// than production proves nothing for it. Fails nothing: an upgrade has to begin somewhere.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { findSystem, stacksOf, systemNames } from "../sandbox/systems.ts";
import { loadSystem } from "../systems/load-system.ts";

/** Where versions differ, a line for each thing. */
export function versionDifferences(byStack: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  const things = new Set(Object.values(byStack).flatMap((versions) => Object.keys(versions)));
  return [...things].sort().flatMap((thing) => {
    const stacks = Object.entries(byStack).flatMap(([stack, { [thing]: version }]) => (version === undefined ? [] : [{ stack, version }]));
    if (new Set(stacks.map(({ version }) => version)).size < 2) return [];
    return [`versions/${thing} differs: ${stacks.map(({ stack, version }) => `${version} in ${stack}`).join(", ")}.`];
  });
}

/** The versions that the environments of a system are built on. */
export async function versionsOf(wish: string): Promise<Record<string, Readonly<Record<string, string>>>> {
  const { file, project } = findSystem(wish);
  const system = await loadSystem(file);
  const environments = stacksOf(project)
    .filter((stack) => stack !== "shared" && stack !== "delivery")
    .sort();
  return Object.fromEntries(
    environments.map((stack) => {
      const { config } = parse(readFileSync(join(project, `Pulumi.${stack}.yaml`), "utf8")) as { config?: Record<string, unknown> };
      return [stack, system.versions(config?.["groundwork:versions"])];
    }),
  );
}

if (import.meta.main) {
  for (const name of systemNames()) {
    for (const line of versionDifferences(await versionsOf(name))) console.log(`warning: ${name}: ${line}`);
  }
}
