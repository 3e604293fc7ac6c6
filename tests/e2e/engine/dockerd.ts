import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";

/** Everything that a real engine, and the images for it, are made of. */
const tools = ["dockerd", "containerd", "runc", "caddy", "unshare", "nsenter", "setpriv", "ip", "ldd", "tar"];

/** Why there can be no real engine here; nothing where there can. */
export function whyNoEngine(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "a Docker engine of its own needs root on Linux";
  const missing = [
    ...tools.filter((tool) => which(tool) === undefined),
    ...(postgresFolder() === undefined ? ["PostgreSQL's server"] : []),
  ];
  if (missing.length === 0) return undefined;
  return `not on this machine: ${missing.join(", ")} (on Debian: apt-get install docker.io caddy postgresql)`;
}

export function which(tool: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, tool)).find((file) => existsSync(file) && statSync(file).isFile());
}

/** Where Debian keeps the newest server that is installed. */
export function postgresFolder(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version)).find((folder) => existsSync(join(folder, "bin", "postgres")));
}

/**
 * A Docker engine of its own, a swarm of itself, in namespaces of its own: processes, network and mounts go with it, whatever
 * happens, and the machine's own engine, ports and firewall are never touched.
 */
export class Dockerd implements AsyncDisposable {
  readonly host: string;
  readonly docker: Docker;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #cgroup: string;

  private constructor(folder: string, child: ChildProcess, cgroup: string) {
    this.#folder = folder;
    this.#process = child;
    this.#cgroup = cgroup;
    this.host = `unix://${join(folder, "docker.sock")}`;
    this.docker = new Docker({ socketPath: join(folder, "docker.sock") });
  }

  static async start(): Promise<Dockerd> {
    const folder = mkdtempSync(join(tmpdir(), "groundwork-dockerd-"));
    const cgroup = `groundwork-test-${process.pid}`;
    for (const name of ["etc", "etc-work"]) mkdirSync(join(folder, name));
    const script = [
      "set -e",
      "ip link set lo up",
      // What the engine writes beside its own folders goes with the namespace.
      "mount -t overlay overlay -o lowerdir=/etc,upperdir=$0/etc,workdir=$0/etc-work /etc",
      "mount -t tmpfs tmpfs /run",
      `exec dockerd --data-root "$0/data" --exec-root "$0/exec" --pidfile "$0/pid" --host "unix://$0/docker.sock" \
        --bridge=none --iptables=false --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$1"`,
    ];
    const own = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    // The first one takes care that it ends with this process too, even a killed one.
    const args = ["--pdeathsig", "KILL", "unshare", ...own, "sh", "-c", script.join("\n"), folder, cgroup];
    const child = spawn("setpriv", args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
    });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (log = (log + data.toString()).slice(-20_000)));
    const engine = new Dockerd(folder, child, cgroup);
    try {
      await until(() => engine.docker.ping(), 30_000);
      await engine.docker.swarmInit({ AdvertiseAddr: "127.0.0.1", ListenAddr: "127.0.0.1:2377" });
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw new Error(`the engine did not start:\n${log.slice(-4000)}`, { cause: error });
    }
  }

  /** Runs a program in the engine's network, where its ports are. */
  spawn(command: string, args: readonly string[]): ChildProcess {
    const pid = this.#process.pid ?? 0;
    const inside = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return spawn("nsenter", [`--net=/proc/${inside}/ns/net`, command, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended =
      this.#process.exitCode === null && this.#process.signalCode === null
        ? new Promise((resolve) => this.#process.once("exit", resolve))
        : undefined;
    this.#process.kill("SIGKILL");
    await ended;
    for (const controller of readdirSync("/sys/fs/cgroup")) await removeGroup(join("/sys/fs/cgroup", controller, this.#cgroup));
    await removeGroup(join("/sys/fs/cgroup", this.#cgroup));
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** A control group can go once the last of its processes is gone, and its children before it. */
async function removeGroup(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) await removeGroup(join(folder, entry.name));
  await until(() => Promise.resolve(rmdirSync(folder)), 5000);
}

async function until(work: () => Promise<unknown>, milliseconds: number): Promise<void> {
  for (const end = Date.now() + milliseconds; ;) {
    try {
      await work();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(100);
    }
  }
}
