import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import http from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** A folder that goes with the test, also when it fails. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until the output so far has this text. */
  readonly says: (text: string) => Promise<void>;
}

/** Starts a process that ends with the test. */
export function start(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Started {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const says = async (text: string): Promise<void> => {
    while (!`${stdout}${stderr}`.includes(text)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`ended without saying ${JSON.stringify(text)}:\n${stdout}${stderr}`);
      await sleep(20);
    }
  };
  return { child, ended, says };
}

/** Waits until a process is gone, and fails after `within` milliseconds. */
export async function gone(pid: number, within: number): Promise<void> {
  const end = Date.now() + within;
  while (isAlive(pid)) {
    if (Date.now() > end) throw new Error(`process ${pid} still runs after ${within} ms`);
    await sleep(20);
  }
}

/** Whether a process runs: not one that has ended and only waits for its parent to notice. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.startsWith("Z");
}

/** A folder that holds links to these programs only, to be the whole PATH. */
export function pathWith(links: Readonly<Record<string, string | undefined>>): string {
  const folder = temporaryFolder();
  for (const [name, target] of Object.entries(links)) if (target) symlinkSync(target, join(folder, name));
  return folder;
}

/** A server on loopback, closed with the test. Returns its address. */
export async function serve(answer: http.RequestListener): Promise<string> {
  return open(http.createServer(answer));
}

/** A proxy on loopback that leads every connection to `target`, and says what was asked of it. */
export async function proxyTo(target: string, asked: (host: string) => void): Promise<string> {
  const server = http.createServer();
  server.on("connect", (request, socket) => {
    asked(request.url ?? "");
    const upstream = connect(Number(new URL(target).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [socket, upstream]) end.on("error", () => end.destroy());
  });
  return open(server);
}

async function open(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address on loopback where nobody answers. */
export async function closedAddress(): Promise<string> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
