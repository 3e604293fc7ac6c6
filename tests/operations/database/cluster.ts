import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Rule } from "../../../operations/database/rules.ts";
import { repository } from "../../../sandbox/systems.ts";
import { type Reply, server } from "../loopback/http.ts";
import { login, type Postgres } from "./postgres.ts";

const id = "9cc10173-e9ea-4176-9dbc-a4cee4c4ff30";
const range: Rule = { uuid: "u1", type: "ip_addr", value: "10.42.0.0/20" };

/** A managed cluster: the true server behind a gate that lets in whom its trusted sources name, and the API that keeps them. */
export class Cluster implements AsyncDisposable {
  rules: readonly Rule[] = [range];
  /** Of the API's certificate. */
  certificate: string;
  /** What the API answers in place of what it should; asked before each request. */
  fault: (method: string, path: string, body: string) => Reply | undefined = () => undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  readonly #port: number;
  readonly #close: AsyncDisposableStack;
  readonly #children = new Set<ChildProcess>();
  #env: NodeJS.ProcessEnv = {};

  private constructor(postgres: Postgres, port: number, close: AsyncDisposableStack) {
    this.certificate = postgres.certificate;
    this.#port = port;
    this.#close = close;
  }

  static async open(postgres: Postgres): Promise<Cluster> {
    await using close = new AsyncDisposableStack();
    const sockets = new Set<Socket>();
    const gate = createServer((client) => {
      if (!cluster.values().includes("127.0.0.1")) return void client.destroy();
      const inner = connect(postgres.port, "127.0.0.1");
      for (const [one, other] of [[client, inner] as const, [inner, client] as const]) {
        sockets.add(one);
        one.on("error", () => other.destroy()).on("close", () => (sockets.delete(one), other.destroy()));
        one.pipe(other);
      }
    });
    await new Promise<void>((ready) => gate.listen(0, "127.0.0.1", ready));
    close.defer(
      () =>
        new Promise<void>((closed) => {
          for (const socket of sockets) socket.destroy();
          gate.close(() => closed());
        }),
    );
    const cluster: Cluster = new Cluster(postgres, (gate.address() as AddressInfo).port, close.move());
    await cluster.#listen();
    return cluster;
  }

  async #listen(): Promise<void> {
    const api = this.#close.use(
      await server(({ method, path, body }) => this.fault(method, path, body) ?? this.#answer(method, path, body)),
    );
    const state = {
      engine: "pg",
      host: "127.0.0.1",
      port: this.#port,
      user: login.user,
      password: login.password,
      database: login.database,
    };
    const type = "digitalocean:index/databaseCluster:DatabaseCluster";
    const deployment = { resources: [{ urn: `urn:pulumi:staging::tiny::${type}::database`, type, id, outputs: state }] };
    writeFileSync(join(this.#folder, "pulumi"), `#!/bin/sh\necho '${JSON.stringify({ deployment })}'\n`, { mode: 0o755 });
    this.#env = {
      ...process.env,
      // What a killed session leaves goes with the test.
      TMPDIR: this.#folder,
      PATH: [this.#folder, process.env["PATH"]].join(delimiter),
      DIGITALOCEAN_TOKEN: "t",
      DIGITALOCEAN_API_URL: api.origin,
      PULUMI_BACKEND_URL: `file://${this.#folder}`,
    };
  }

  #answer(method: string, path: string, body: string): Reply | undefined {
    if (path === `/v2/databases/${id}/ca`) return { body: { ca: { certificate: Buffer.from(this.certificate).toString("base64") } } };
    if (path !== `/v2/databases/${id}/firewall`) return undefined;
    if (method === "PUT") this.rules = (JSON.parse(body) as { rules: Rule[] }).rules;
    return method === "PUT" ? { status: 204 } : { body: { rules: this.rules } };
  }

  values(): string[] {
    return this.rules.map(({ value }) => value);
  }

  /** Answers a change of the rules with 500, whether it was made or not. */
  failsToClose(isMade = false): void {
    this.fault = (method, path, body) => {
      if (method !== "PUT" || body.includes("127.0.0.1")) return undefined;
      if (isMade) this.#answer(method, path, body);
      return { status: 500 };
    };
  }

  /** Starts the verb, in a group of its own. */
  db(...args: string[]): Run {
    const command = [join(repository, "operations", "cli.ts"), "db", "--stack", "staging", "--system", "tests/systems/tiny", ...args];
    const child = spawn(process.execPath, command, { env: this.#env, cwd: repository, detached: true, stdio: "pipe" });
    this.#children.add(child);
    return new Run(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid, exitCode, signalCode } of this.#children)
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
    await this.#close.disposeAsync();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A run of the verb. */
export class Run {
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  stdout = "";
  stderr = "";

  constructor(child: ChildProcess) {
    this.child = child;
    this.ended = new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
    child.stdout?.on("data", (data: Buffer) => (this.stdout += data.toString()));
    child.stderr?.on("data", (data: Buffer) => (this.stderr += data.toString()));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits until it has said this. */
  async says(words: string): Promise<void> {
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(10)) if ((this.stdout + this.stderr).includes(words)) return;
    throw new Error(`it did not say "${words}", but: ${this.stdout}${this.stderr}`);
  }
}
