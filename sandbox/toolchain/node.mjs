// Node 24 or newer: our own process when it is, else the exact version of .nvmrc from npm's node-<os>-<arch> packages.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ToolchainError, cacheDirectory, findCached, isAtLeast, repository, runQuietly, step, withLock } from "./common.mjs";

const minimum = "24";

/** Path of a node executable that is new enough. */
export async function ensureNode() {
  if (isAtLeast(process.versions.node, minimum)) return process.execPath;
  const version = readFileSync(join(repository, ".nvmrc"), "utf8").trim();
  const name = `node-v${version}-${process.platform}-${process.arch}`;
  const stored = findCached(join(name, "bin", "node"));
  if (stored) return stored;
  const home = join(cacheDirectory(), name);
  const node = join(home, "bin", "node");
  try {
    await withLock(`${home}.lock`, `Node ${version}`, async () => {
      if (!existsSync(node)) await step(`getting Node ${version} (this one is ${process.versions.node})`, () => install(version, home));
    });
  } catch (error) {
    throw new ToolchainError(
      `Node ${version} could not be had from npm:\n  ${error.message}\nInstall Node ${minimum} or newer (https://nodejs.org), or make the npm registry reachable.`,
    );
  }
  return node;
}

async function install(version, home) {
  const name = `node-${process.platform}-${process.arch}`;
  const temporary = `${home}.part`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    // A manifest of its own, so that npm looks for none further up.
    writeFileSync(join(temporary, "package.json"), "{}");
    await runQuietly("npm", [...npmInstall, "install", "--no-save", "--no-package-lock", `${name}@${version}`], { cwd: temporary });
    const packaged = join(temporary, "node_modules", name);
    const answer = (await runQuietly(join(packaged, "bin", "node"), ["--version"], { timeout: 20_000 })).trim();
    if (answer !== `v${version}`) throw new Error(`${name} calls itself ${answer}`);
    renameSync(packaged, home);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** npm's arguments for installing without a word, without scripts, and without waiting minutes for a network that is not there. */
export const npmInstall = [
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--loglevel=error",
  "--fetch-retry-mintimeout=2000",
  "--fetch-retry-maxtimeout=10000",
];

/** The environment in which `node` means this one, also in the scripts that the child starts. */
export function withNodeFirst(node, env = process.env) {
  return { ...env, PATH: [dirname(node), env.PATH].filter(Boolean).join(":") };
}
