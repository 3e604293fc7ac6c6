import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Pulumi } from "../pulumi.ts";
import type { ExportedState } from "../stack-state.ts";
import type { Finding, FindingId } from "./finding.ts";

/** The oldest engine that works with a bucket of Spaces as its backend (README). */
const oldestPulumi = [3, 259, 0] as const;
const oldestNode = [24, 0, 0] as const;

/** What is installed here, against what the program needs. */
export interface Installed {
  /** Of the `node` on PATH, which runs the program; undefined: there is none. */
  readonly node: string | undefined;
  readonly pulumi: string | undefined;
  /** Package → the version that package.json pins, and the one that is installed. */
  readonly packages: Readonly<Record<string, { readonly pinned: string; readonly found: string | undefined }>>;
  /** The engine's plugins for resources, as `random 4.21.2`; undefined: it cannot be asked. */
  readonly plugins: readonly string[] | undefined;
}

/** Reads what is installed. */
export async function readInstalled(
  pulumi: Pick<Pulumi, "capture">,
  environment: NodeJS.ProcessEnv,
  repository: string,
): Promise<Installed> {
  const node = new Promise<string | undefined>((resolve) => {
    execFile("node", ["--version"], { env: environment }, (error, stdout) => resolve(error ? undefined : stdout.trim()));
  });
  const engine = pulumi.capture(["version"]).then(
    ({ code, stdout }) => (code === 0 ? stdout.trim() : undefined),
    () => undefined,
  );
  const plugins = pulumi.capture(["plugin", "ls", "--json"]).then(
    ({ code, stdout }) => (code === 0 ? parsePlugins(stdout) : undefined),
    () => undefined,
  );
  const manifest = (folder: string): { version?: string; dependencies?: Record<string, string> } | undefined => {
    const file = join(folder, "package.json");
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { version?: string }) : undefined;
  };
  const packages = Object.entries(manifest(repository)?.dependencies ?? {}).map(
    ([name, pinned]) => [name, { pinned, found: manifest(join(repository, "node_modules", name))?.version }] as const,
  );
  return { node: await node, pulumi: await engine, packages: Object.fromEntries(packages), plugins: await plugins };
}

const parsePlugins = (text: string): string[] =>
  (JSON.parse(text) as readonly { readonly name: string; readonly kind: string; readonly version?: string }[])
    .filter(({ kind }) => kind === "resource")
    .map(({ name, version = "" }) => `${name} ${version}`);

/** Plugins that the stacks need in the version of their package, and that are not there. Pure. */
export function pluginFindings(
  types: readonly string[],
  { packages, plugins }: Pick<Installed, "packages" | "plugins">,
  environment: NodeJS.ProcessEnv,
): Finding[] {
  if (plugins === undefined) return [];
  const names = [...new Set(types.map((type) => /^pulumi:providers:(\w+)$/.exec(type)?.[1] ?? type.split(":")[0] ?? ""))].sort();
  const missing = names.flatMap((name) => {
    const version = packages[`@pulumi/${name}`]?.pinned;
    return version === undefined || name === "pulumi" || plugins.includes(`${name} ${version}`) ? [] : [{ name, version }];
  });
  if (missing.length === 0) return [];
  // Pulumi's own switch.
  const isOff = /^(1|true)$/.test(environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] ?? "");
  return [
    {
      id: "plugins",
      severity: isOff ? "error" : "warning",
      what: `${missing.length === 1 ? "a plugin is" : "plugins are"} not installed: ${missing.map(({ name, version }) => `${name} ${version}`).join(", ")}`,
      why: isOff
        ? "Every preview ends there, since PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION is set."
        : "The next preview fetches them first, and ends where this machine does not reach them.",
      fix: missing.map(({ name, version }) => `pulumi plugin install resource ${name} ${version}`),
    },
  ];
}

/** What is missing or too old. Pure. */
export function machineFindings({ node, pulumi, packages }: Pick<Installed, "node" | "pulumi" | "packages">): Finding[] {
  const findings: Finding[] = [];
  const error = (id: FindingId, what: string, why: string, ...fix: string[]): void =>
    void findings.push({ id, severity: "error", what, why, fix });
  if (node === undefined || isOlder(node, oldestNode))
    error(
      "node",
      node === undefined ? "there is no node on PATH" : `node on PATH is ${node}`,
      "pulumi runs the program with it, and that needs Node.js 24 or newer.",
      "nvm install 24 && nvm use 24",
    );
  if (pulumi === undefined || isOlder(pulumi, oldestPulumi))
    error(
      "pulumi",
      pulumi === undefined ? "there is no pulumi on PATH" : `pulumi is ${pulumi}`,
      "Older ones than 3.259 cannot keep their state in a bucket of Spaces.",
      "curl -fsSL https://get.pulumi.com | sh",
    );
  const stale = Object.entries(packages).filter(([, { pinned, found }]) => pinned !== found);
  if (stale.length > 0)
    error(
      "packages",
      `${stale.map(([name, { pinned, found }]) => `${name} is ${found ?? "missing"} instead of ${pinned}`).join(", ")}`,
      "Other versions plan other changes than those that were reviewed.",
      "npm ci",
    );
  return findings;
}

/** A stack that a newer provider has written: this checkout is older than what ran last. Pure. */
export function providerFindings(stack: string, resources: readonly ExportedState[], packages: Installed["packages"]): Finding[] {
  return resources.flatMap(({ type, outputs }) => {
    const name = /^pulumi:providers:(\w+)$/.exec(type)?.[1];
    const written = outputs["version"];
    const pinned = packages[`@pulumi/${name}`]?.pinned;
    if (pinned === undefined || typeof written !== "string" || !isOlder(pinned, parts(written))) return [];
    return [
      {
        id: "older-checkout",
        stack,
        severity: "error" as const,
        what: `was last deployed with ${name} ${written}, and this checkout has ${pinned}`,
        why: "An older provider may not read what the newer one wrote, and would undo what the newer checkout brought.",
        fix: ["git pull && npm ci"],
      },
    ];
  });
}

const parts = (version: string): number[] => (/(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);

function isOlder(version: string, than: readonly number[]): boolean {
  const own = parts(version);
  const index = than.findIndex((part, at) => part !== own[at]);
  return index >= 0 && (own[index] ?? 0) < (than[index] ?? 0);
}
