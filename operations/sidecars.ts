import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Takes away what a killed run left half written of a stack in a file backend, and tells which files. The backend replaces the state at once,
 * but writes the `.attrs` file beside it in place; where the kill cut that off, every command ends with "failed to load checkpoint: EOF".
 * Nothing is lost: it holds a checksum that nobody verifies and is written anew with the state.
 */
export function removeHalfWritten(state: string, system: string, stack: string): string[] {
  const broken = findHalfWritten(state, system, stack);
  for (const file of broken) rmSync(file);
  return broken;
}

/** Which files those are. */
export function findHalfWritten(state: string, system: string, stack: string): string[] {
  const root = join(state, ".pulumi");
  const beside = files(join(root, "stacks", system)).filter((file) => file.includes(`${stack}.json`));
  const locks = files(join(root, "locks", "organization", system, stack));
  return [...beside, ...locks].filter((file) => file.endsWith(".attrs") && !isJson(readFileSync(file, "utf8")));
}

const files = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
