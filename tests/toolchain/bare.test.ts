import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findOnPath, isAtLeast, repository } from "../../sandbox/toolchain/common.mjs";
import { engineVersion } from "../../sandbox/toolchain/engine-version.ts";
import type { Engine } from "../../sandbox/toolchain/engine.ts";
import { closedAddress, pathWith, start, temporaryFolder } from "./harness.ts";

/** An older Node than ours when PATH has one, else ours, which then only says that it is older. */
function olderNode(): { readonly node: string; readonly args: readonly string[] } {
  for (const folder of (process.env.PATH ?? "").split(":")) {
    const node = findOnPath("node", { PATH: folder });
    if (!node) continue;
    const version = execFileSync(node, ["--version"], { encoding: "utf8" });
    if (isAtLeast(version, "18") && !isAtLeast(version, "24")) return { node, args: [] };
  }
  const pretend = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });";
  return { node: process.execPath, args: ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`] };
}

/** The parts of the repository that the toolchain needs, with the packages that are installed already. */
function bareCheckout(): string {
  const root = temporaryFolder();
  for (const path of ["sandbox/toolchain", "tests/toolchain/ensure.ts", "package.json", "package-lock.json", ".nvmrc"]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(join(repository, path), join(root, path), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  return root;
}

// Go's build and module caches are the user's: minutes and hundreds of megabytes when they are cold, seconds when they are warm.
test("without Node 24, Go and pulumi, everything comes from npm, PyPI and Go modules", { timeout: 20 * 60_000 }, async () => {
  const root = bareCheckout();
  const cache = join(temporaryFolder(), "cache");
  const { node, args } = olderNode();
  const tools = Object.fromEntries(["sh", "env", "cat", "npm", "git"].map((name) => [name, findOnPath(name)]));
  const env = {
    ...process.env,
    PATH: pathWith({ ...tools, node }),
    GROUNDWORK_CACHE: cache,
    GROUNDWORK_ENGINE_URL: await closedAddress(),
  };
  const ensure = () => start(node, [...args, join(root, "sandbox/toolchain/run.mjs"), "tests/toolchain/ensure.ts"], { env }).ended;

  const cold = await ensure();
  expect(cold.stderr).toMatch(
    /getting Node 24\.21\.0 .*: done[^]*getting Go 1\.26\.6 from PyPI: done[^]*building the Pulumi engine .*: done/,
  );
  const engine = JSON.parse(cold.stdout) as Engine;
  const folder = dirname(engine.pulumi);
  expect(folder).toMatch(new RegExp(`^${root}/\\.sandbox/toolchain/pulumi-v${engineVersion.replaceAll(".", "\\.")}-[0-9a-f]{8}$`));
  expect(engine).toEqual({ pulumi: join(folder, "pulumi"), path: [folder], version: engineVersion, source: "built" });
  expect(execFileSync(engine.pulumi, ["version"], { env: { ...env, PULUMI_HOME: join(cache, "pulumi-home") }, encoding: "utf8" })).toBe(
    `v${engineVersion}\n`,
  );
  expect(execFileSync(join(folder, "pulumi-language-nodejs"), ["--version"], { env, encoding: "utf8" })).toBe(`v${engineVersion}\n`);
  expect(readdirSync(cache).filter((name) => name.includes(".part") || name.startsWith("go-"))).toEqual([]);
  expect(existsSync(join(root, "sandbox/toolchain/engine/pulumi"))).toBe(false);

  const warm = await ensure();
  expect(warm).toMatchObject({ code: 0, stdout: cold.stdout, stderr: "" });
});

test("when Node 24 cannot be had, one message says what to install", async () => {
  const { node, args } = olderNode();
  const tools = temporaryFolder();
  writeFileSync(join(tools, "npm"), "#!/bin/sh\necho 'npm error network request failed' >&2\nexit 1\n", { mode: 0o755 });
  const env = { PATH: `${tools}:${pathWith({ sh: "/bin/sh", cat: findOnPath("cat") })}`, GROUNDWORK_CACHE: temporaryFolder() };
  const { code, stderr } = await start(node, [...args, join(repository, "sandbox/toolchain/run.mjs"), "x.ts"], { env }).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^groundwork: getting Node 24\.21\.0 \(this one is \S+\) …\ngroundwork: getting .*: failed after \d+ s\n/);
  expect(stderr).toContain(
    "groundwork: Node 24.21.0 could not be had from npm:\n  npm ended with exit code 1: npm error network request failed\n" +
      "Install Node 24 or newer (https://nodejs.org), or make the npm registry reachable.\n",
  );
  expect(readdirSync(env.GROUNDWORK_CACHE).filter((name) => name.includes(".part"))).toEqual([]);
});
