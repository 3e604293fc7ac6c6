import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { parseDocument } from "yaml";
import { didYouMean, list } from "../config/problems.ts";
import { UsageError } from "./command-line.ts";

export const repository = resolve(import.meta.dirname, "..");

/** Where a system stands. */
export interface SystemFolder {
  /** Its name: the Pulumi project's. */
  readonly name: string;
  /** Holds `Pulumi.yaml` and the stack files; the program and the sandbox are started for it. */
  readonly project: string;
  /** The description of the system. */
  readonly file: string;
}

const folders = join(repository, "systems");

/** The systems of this repository. The template's project is the repository itself. */
export function systemNames(): string[] {
  return readdirSync(folders).filter((name) => existsSync(join(folders, name, "system.ts")));
}

/** Finds a system by its name, or by the path of its folder where it stands somewhere else. Throws and says what exists. */
export function findSystem(wish: string): SystemFolder {
  const isPath = wish.includes("/") || isAbsolute(wish);
  const folder = isPath ? resolve(repository, wish) : join(folders, wish);
  const file = join(folder, "system.ts");
  if (!existsSync(file)) {
    const known = systemNames();
    const hint = isPath ? ` It has no system.ts.` : didYouMean(wish, known);
    throw new UsageError(`there is no system "${wish}".${hint} Systems: ${list(known)}, or the path of a folder with a system.ts.`);
  }
  const project = existsSync(join(folder, "Pulumi.yaml")) ? folder : repository;
  const name = String(parseDocument(readFileSync(join(project, "Pulumi.yaml"), "utf8")).get("name"));
  if (project === repository && name !== wish) {
    throw new UsageError(`the system "${wish}" has no project of its own: add ${relative(repository, join(folder, "Pulumi.yaml"))}`);
  }
  return { name, project, file };
}

/** Stacks that have a stack file in a project's folder. */
export function stacksOf(project: string): string[] {
  return readdirSync(project).flatMap((name) => /^Pulumi\.(?<stack>[^.]+)\.yaml$/.exec(name)?.groups?.stack ?? []);
}
