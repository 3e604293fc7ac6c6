import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { System } from "./define-system.ts";
import { SystemLoadError } from "./load-error.ts";

const repository = pathToFileURL(`${resolve(import.meta.dirname, "..")}/`).href;
let shared = false;

/**
 * Loads a system from its file, wherever that stands. One outside this repository has no `node_modules` in reach, so packages that it
 * names and does not have itself are those of this repository. Throws a `SystemLoadError`, which names the file and the line.
 */
export async function loadSystem(file: string): Promise<System> {
  const { href } = pathToFileURL(file);
  if (!href.startsWith(repository)) sharePackages();
  try {
    const { default: system } = (await import(href)) as { readonly default?: System };
    if (system === undefined) throw new Error("it has no default export: export default defineSystem({ … })");
    return system;
  } catch (error) {
    throw new SystemLoadError(file, error);
  }
}

function sharePackages(): void {
  if (shared) return;
  shared = true;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        const isPackage = !/^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(specifier);
        if (!isPackage || context.parentURL?.startsWith(repository) === true) throw error;
        try {
          return next(specifier, { ...context, parentURL: import.meta.url });
        } catch {
          // The first one names the file that asks for it.
          throw error;
        }
      }
    },
  });
}
