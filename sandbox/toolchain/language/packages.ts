import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

interface Parameterization {
  readonly name: string;
  readonly version: string;
  /** Base64. */
  readonly value: string;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
    readonly parameterization?: Parameterization;
    readonly extensionParameterization?: Parameterization;
  };
}

/** A provider plugin that an installed package needs. */
export interface Provider {
  readonly name: string;
  /** With its "v". */
  readonly version: string;
  readonly server?: string;
  readonly parameterization?: Parameterization;
  readonly extension?: Parameterization;
}

/**
 * The providers of all packages installed for a program. Unlike the official host this looks only where Node looks (node_modules
 * folders, in the program's folder and above), not into every folder below: some milliseconds instead of seconds.
 */
export function findProviders(programDirectory: string): Provider[] {
  const found = new Map<string, Provider>();
  for (const manifest of installed(programDirectory)) {
    const { pulumi } = manifest;
    if (!pulumi?.resource) continue;
    // Without a name of its own in the "pulumi" section, only packages of this scope say which plugin they need.
    const name = pulumi.name ?? (manifest.name?.startsWith("@pulumi/") ? manifest.name.slice("@pulumi/".length) : undefined);
    const version = pulumi.version ?? manifest.version;
    if (!name || !version) continue;
    const provider: Provider = {
      name,
      version: version.startsWith("v") ? version : `v${version}`,
      ...(pulumi.server && { server: pulumi.server }),
      ...(pulumi.parameterization && { parameterization: pulumi.parameterization }),
      ...(pulumi.extensionParameterization && { extension: pulumi.extensionParameterization }),
    };
    found.set(JSON.stringify(provider), provider);
  }
  return [...found.values()];
}

/** What the program's package.json names, in the versions that are installed; with `transitive`, everything installed. */
export function listDependencies(programDirectory: string, transitive: boolean): { readonly name: string; readonly version: string }[] {
  const modules = modulesFolder(programDirectory);
  if (!modules) return [];
  const own = readManifest(dirname(modules));
  const direct = Object.keys({ ...own?.dependencies, ...own?.devDependencies }).map((name) => readManifest(join(modules, name)));
  const list = (transitive ? installed(programDirectory) : direct).filter((manifest) => manifest !== undefined);
  return list.flatMap(({ name, version }) => (name && version ? [{ name, version }] : [])).sort((a, b) => a.name.localeCompare(b.name));
}

function installed(programDirectory: string): Manifest[] {
  const modules = modulesFolder(programDirectory);
  return modules ? readModules(modules) : [];
}

/** The node_modules folder that Node would use from here. */
function modulesFolder(directory: string): string | undefined {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const modules = join(folder, "node_modules");
    if (list(modules).length > 0) return modules;
    if (folder === dirname(folder)) return undefined;
  }
}

function readModules(modules: string): Manifest[] {
  const names = list(modules).flatMap((name) =>
    name.startsWith("@") ? list(join(modules, name)).map((inner) => join(name, inner)) : [name],
  );
  return names
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => {
      const manifest = readManifest(join(modules, name));
      return manifest ? [manifest, ...readModules(join(modules, name, "node_modules"))] : [];
    });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}
