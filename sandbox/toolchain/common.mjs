// What run.mjs and the engine's installation share. Plain JavaScript for any Node from 18 on: it runs before Node 24 is there.
import { spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir, userInfo } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** An error whose message says everything: printed without a stack. */
export class ToolchainError extends Error {}

/** An empty HOME is none: npm and Go would take the folder that they stand in, and leave theirs there. */
export function mendHome(env = process.env) {
  if (env.HOME === "") env.HOME = userInfo().homedir;
}

const wantedCache = (env) => resolve(env.GROUNDWORK_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "groundwork"));

function canWrite(directory) {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where downloads and builds are kept: shared by all checkouts, or inside this one when the user's cache cannot be written. */
export function cacheDirectory(env = process.env, writable = canWrite) {
  const wanted = wantedCache(env);
  const directory = [wanted, join(repository, ".sandbox", "cache")].find(writable);
  if (directory) return directory;
  throw new ToolchainError(
    `Neither ${wanted} nor ${join(repository, ".sandbox")} can be written. Set GROUNDWORK_CACHE to a folder that can.`,
  );
}

/** A download or build that is there already, also in a cache of the user's that can only be read. Each gets its name once it is whole. */
export function findCached(name, env = process.env, writable = canWrite) {
  return [cacheDirectory(env, writable), wantedCache(env)].map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** Whether version `a` is `b` or newer, compared by their numbers ("v3.259.0", "1.26"). */
export function isAtLeast(a, b) {
  const [left, right] = [a, b].map((version) => (version.match(/\d+/g) ?? []).slice(0, 3).map(Number));
  for (let i = 0; i < 3; i++) if ((left[i] ?? 0) !== (right[i] ?? 0)) return (left[i] ?? 0) > (right[i] ?? 0);
  return true;
}

/** The path of a program that is on PATH. */
export function findOnPath(name, env = process.env) {
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const file = join(folder || ".", name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      continue;
    }
  }
  return undefined;
}

/**
 * Runs one long step with its progress on stderr: elapsed seconds in place on a terminal; otherwise a line at the start, every
 * 30 seconds and at the end. `work` may call its argument with a few words about where it is.
 */
export async function step(title, work, out = process.stderr) {
  const start = Date.now();
  const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`;
  let detail = "";
  const line = (state) => `groundwork: ${title}: ${[detail, state].filter(Boolean).join(", ")}`;
  const draw = () => out.write(`\r\x1b[2K${line(seconds())}`.slice(0, (out.columns || 80) + 4));
  if (out.isTTY) draw();
  else out.write(`groundwork: ${title} …\n`);
  const timer = setInterval(out.isTTY ? draw : () => out.write(`${line(`${seconds()} so far`)}\n`), out.isTTY ? 1000 : 30_000);
  const end = (state) => {
    clearInterval(timer);
    out.write(`${out.isTTY ? "\r\x1b[2K" : ""}${line(state)}\n`);
  };
  try {
    const result = await work((words) => (detail = words));
    detail = "";
    end(`done after ${seconds()}`);
    return result;
  } catch (error) {
    detail = "";
    end(`failed after ${seconds()}`);
    throw error;
  }
}

// The child dies with us, even when we are killed: its guard waits for the end of a pipe that only we hold open. (In a shell's
// background stdin is /dev/null, hence the third descriptor.)
const guard =
  'exec 3<&0; "$@" </dev/null 3<&- & p=$!; { cat <&3 >/dev/null; kill $p 2>/dev/null; } & w=$!; wait $p; s=$?; kill $w; exit $s';

/** Runs a command to its end without showing its output; a failure carries the last lines of it. Never outlives this process. */
export function runQuietly(command, args, { cwd, env, timeout, onLine } = {}) {
  if (!command.includes("/") && !findOnPath(command, env)) return Promise.reject(new Error(`${command} is not on PATH`));
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", guard, "sh", command, ...args], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let tail = "";
    let late = false;
    const timer = timeout && setTimeout(() => ((late = true), child.stdin.end()), timeout);
    child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text) => {
      tail = (tail + text).slice(-8000);
      if (onLine) for (const line of text.split("\n")) onLine(line);
    });
    child.on("error", reject);
    child.stdin.on("error", () => {});
    child.on("exit", () => child.stdin.end());
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(out);
      const last = (tail.trim() || out.trim()).split("\n").slice(-12).join("\n");
      const how = late ? `took longer than ${timeout / 1000} s` : `ended with ${signal ?? `exit code ${code}`}`;
      reject(new Error(`${basename(command)} ${how}${last ? `: ${last}` : ""}`));
    });
  });
}

/**
 * When the process started, so that a number that the system gave to another process later is not taken for the same one. Undefined when
 * it has ended, even if its parent has not noticed yet; empty when the system does not say.
 */
function startOf(pid) {
  let [state, start] = ["", ""];
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    [state, start] = [fields[0], fields[19]];
  } catch {
    if (process.platform === "linux") return "";
    const { stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
    [state = "", start = ""] = /^(\S+)\s+(.*)/.exec(stdout ?? "")?.slice(1) ?? [];
  }
  return /^[ZX]/.test(state) ? undefined : start.replace(/\W+/g, "");
}

/** Whether the holder of a lock, written as its number and start, still runs. */
function isAlive(owner) {
  const [pid, start] = owner.split("-");
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  const actual = startOf(pid);
  return actual !== undefined && (!start || !actual || actual === start);
}

/**
 * Runs `work` while no other process holds the lock `path`; waits for it, and says so. The lock is a folder with one file named after
 * its holder. It is taken by renaming a ready folder over it, which the system allows only when it is missing or empty, so taking is atomic;
 * a dead holder's file is removed by its own unique name, so two that clear up at once cannot remove a living holder's.
 */
export async function withLock(path, title, work) {
  const owner = `${process.pid}-${startOf(process.pid)}`;
  mkdirSync(dirname(path), { recursive: true });
  const mine = mkdtempSync(`${path}.${owner}.`);
  writeFileSync(join(mine, owner), title);
  const taken = () => {
    try {
      renameSync(mine, path);
      return true;
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST"].includes(error.code)) throw error;
    }
    for (const other of read(path)) if (!isAlive(other)) rmSync(join(path, other), { force: true });
    return false;
  };
  try {
    while (!taken()) {
      const holder = read(path)[0];
      if (holder && isAlive(holder)) {
        await step(`${title}: waiting for process ${holder.split("-")[0]}, which is at it`, async () => {
          while (read(path).includes(holder) && isAlive(holder)) await new Promise((resolve) => setTimeout(resolve, 200));
        });
      }
    }
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    throw error;
  }
  try {
    // What a killed start left while it waited.
    for (const name of readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.`))) {
      const other = name.slice(basename(path).length + 1).split(".")[0];
      if (!isAlive(other)) rmSync(join(dirname(path), name), { recursive: true, force: true });
    }
    return await work();
  } finally {
    rmSync(join(path, owner), { force: true });
  }
}

function read(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
