import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The files that the runs of a stack left in a file backend. `pulumi stack rm` takes them away; losing the state does not. */
export function runFiles(state: string, system: string, stack: string): string[] {
  const folder = join(state, ".pulumi", "history", system, stack);
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".history.json")) : [];
}
