import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const repository = resolve(import.meta.dirname, "..");

/** A system's own files cannot be loaded: wrong TypeScript, an import of what is not there, an error at the top of one. Names file and line. */
export class SystemLoadError extends Error {
  /** `systems/template/system.ts:12` */
  readonly place: string;
  /** What is wrong there. */
  readonly what: string;

  constructor(file: string, cause: unknown) {
    const place = placeOf(file, cause);
    const what = whatOf(cause);
    super(`${place} cannot be loaded:\n${what}`, { cause });
    this.name = "SystemLoadError";
    this.place = place;
    this.what = what;
  }
}

/** Node says at the head of a stack where TypeScript or an import is wrong, and below it where something was thrown. */
function placeOf(file: string, cause: unknown): string {
  const { stack = "", message } = asError(cause);
  const importer = /imported from (?<path>\S+)$/m.exec(message)?.groups?.["path"];
  if (importer !== undefined) return shown(pathOf(importer), lineOfImport(pathOf(importer), message));
  const head = /^(?<path>(?:file:\/\/)?\/\S+):(?<line>\d+)\n/.exec(stack)?.groups;
  if (head) return shown(pathOf(head["path"] ?? ""), Number(head["line"]));
  const frames = [...stack.matchAll(/(?:\(|at (?:async )?)(?<path>(?:file:\/\/)?\/[^\s()]+?):(?<line>\d+):\d+\)?$/gm)].map(
    ({ groups }) => ({
      path: pathOf(groups?.["path"] ?? ""),
      line: Number(groups?.["line"]),
    }),
  );
  // What stands below is who asked for the system.
  const end = frames.findIndex(({ path }) => path === importingFile);
  const inside = frames.slice(0, end < 0 ? undefined : end).filter(({ path }) => !path.includes("/node_modules/"));
  // What the system asks of this repository is checked there, and is wrong where it asks.
  const own = inside.find(({ path }) => dirname(path) === dirname(file)) ?? inside[0];
  return own === undefined ? shown(file) : shown(own.path, own.line);
}

const importingFile = resolve(import.meta.dirname, "load-system.ts");

function whatOf(cause: unknown): string {
  const { name, message } = asError(cause);
  const text = stripVTControlCharacters(message).trim();
  return name === "Error" || name === "ConfigError" || name === "RunError" ? text : `${name}: ${text}`;
}

const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));

const pathOf = (text: string): string => (text.startsWith("file://") ? fileURLToPath(text) : text);

/** The line that imports what Node did not find; it names the file only. */
function lineOfImport(file: string, message: string): number | undefined {
  const wanted = /Cannot find \w+ '(?<wanted>[^']+)'/.exec(message)?.groups?.["wanted"];
  if (wanted === undefined || !existsSync(file)) return undefined;
  const at = readFileSync(file, "utf8")
    .split("\n")
    .findIndex((line) => {
      const specifier = /["'](?<specifier>[^"']+)["']/.exec(line)?.groups?.["specifier"];
      if (specifier === undefined || !/\b(?:import|from)\b/.test(line)) return false;
      return specifier.startsWith(".")
        ? resolve(dirname(file), specifier) === wanted
        : specifier === wanted || specifier.startsWith(`${wanted}/`);
    });
  return at < 0 ? undefined : at + 1;
}

function shown(path: string, line?: number): string {
  const short = relative(repository, path);
  const name = short.startsWith("..") || isAbsolute(short) ? path : short;
  return line === undefined ? name : `${name}:${line}`;
}
