// Runs a program of this repository with everything it needs, on a bare clone and with any Node from 18 on:
//   node sandbox/toolchain/run.mjs <entry.ts> [arguments]
//   node sandbox/toolchain/run.mjs --tool <name in node_modules/.bin> [arguments]
// Node 24 and the packages are fetched when they are missing; the entry then runs in the root of the repository.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { ToolchainError, mendHome, repository } from "./common.mjs";
import { ensureNode, withNodeFirst } from "./node.mjs";
import { ensurePackages } from "./packages.mjs";

async function main([first, ...rest]) {
  if (process.platform === "win32") throw new ToolchainError("Windows is not supported: use the Windows Subsystem for Linux.");
  const isTool = first === "--tool";
  const [name, ...args] = isTool ? rest : [first, ...rest];
  if (!name) throw new ToolchainError("Usage: node sandbox/toolchain/run.mjs <entry.ts> [arguments], or --tool <name> [arguments]");
  mendHome();
  const node = await ensureNode();
  await ensurePackages(node);
  const entry = isTool ? join(repository, "node_modules", ".bin", name) : name;
  start(node, ["--disable-warning=ExperimentalWarning", entry, ...args]);
}

function start(node, args) {
  // Halves the time that each Node process of a run needs to load its modules.
  const cache = { NODE_COMPILE_CACHE: join(repository, ".sandbox", "toolchain", "compile-cache") };
  const child = spawn(node, args, { cwd: repository, env: { ...cache, ...withNodeFirst(node) }, stdio: "inherit" });
  const forward = (signal) => {
    // Ctrl-C reaches the child by itself, since it is in the terminal's foreground group: a second one would tell pulumi to break off at once.
    if (signal === "SIGINT" && (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY)) return;
    child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => forward(signal));
  child.on("error", fail);
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(error) {
  console.error(error instanceof ToolchainError ? `groundwork: ${error.message}` : error);
  process.exit(1);
}

main(process.argv.slice(2)).catch(fail);
