import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** A stack's lock, as the file backend writes it. */
export interface Lock {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  /** RFC 3339. */
  readonly timestamp: string;
}

/** The lock on a stack in a file backend, if there is one. */
export function readLock(state: string, system: string, stack: string): Lock | undefined {
  const folder = join(state, ".pulumi", "locks", "organization", system, stack);
  const [file] = existsSync(folder) ? readdirSync(folder) : [];
  return file === undefined ? undefined : parseLock(join(folder, file));
}

/** Every lock in a file backend. */
export function allLocks(state: string): Lock[] {
  const folder = join(state, ".pulumi", "locks");
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  return files.filter((file) => file.endsWith(".json")).map((file) => parseLock(join(folder, file)));
}

function parseLock(file: string): Lock {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Lock;
  } catch {
    throw new Error(`the lock ${file} cannot be read. Delete the file if no pulumi runs.`);
  }
}

export const describeLock = ({ username, hostname, pid, timestamp }: Lock): string =>
  `${username}@${hostname} (process ${pid}, since ${timestamp})`;

/**
 * Whether the run that took a lock still lives; "unknown" where it runs on another machine. A process that started after the lock was taken
 * has only got the number of the one that took it; one that was killed keeps its number until its parent notices, for ever in a container
 * whose first process notices nothing.
 */
export function isHeld({ pid, hostname: host, timestamp }: Lock): boolean | "unknown" {
  if (host !== hostname()) return "unknown";
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const { hasEnded, started } = look(pid);
  return !hasEnded && (started === undefined || started <= Date.parse(timestamp) + 1000);
}

/** Whether a process has ended and only its number is left, and when it started, in milliseconds, where the system says so. */
function look(pid: number): { hasEnded: boolean; started?: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = Number(/^btime (\d+)/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
    return { hasEnded: fields[0] === "Z", started: boot * 1000 + Number(fields[19]) * 10 };
  } catch {
    return { hasEnded: existsSync("/proc/self") }; // ended meanwhile, or a system that does not say
  }
}
