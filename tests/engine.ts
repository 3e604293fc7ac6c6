import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { captured, type Result } from "../sandbox/captured.ts";
import { Home } from "../sandbox/home.ts";
import { Sandbox } from "../sandbox/sandbox.ts";

/** A sandbox of its own in a temporary folder: the real engine over the stand-ins. `await using` ends its processes and removes it. */
export class TestEngine implements AsyncDisposable {
  readonly home: Home;
  readonly sandbox: Sandbox;
  readonly #running = new Set<ChildProcess>();

  private constructor(home: Home, sandbox: Sandbox) {
    this.home = home;
    this.sandbox = sandbox;
  }

  /** `fill` may put something into the sandbox's folder before it is laid out. */
  static async open(system = "template", fill: (root: string) => void = () => undefined): Promise<TestEngine> {
    const home = new Home(realpathSync(mkdtempSync(join(tmpdir(), "groundwork-test-"))));
    try {
      fill(home.root);
      return new TestEngine(home, await Sandbox.open(home, system));
    } catch (error) {
      rmSync(home.root, { recursive: true, force: true });
      throw error;
    }
  }

  /** A project beside the system's, whose program is `main`. Returns its folder. */
  async project(name: string, main: string, stack: string): Promise<string> {
    const folder = this.home.project(name);
    mkdirSync(folder, { recursive: true });
    const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
    writeFileSync(join(folder, "Pulumi.yaml"), `name: ${name}\n${runtime}main: ${main}\n`);
    await this.expect(["stack", "init", stack], { folder });
    return folder;
  }

  /** Runs pulumi quietly in the folder of a project (the system's if none is given). */
  run(args: readonly string[], options: { folder?: string; env?: Record<string, string> } = {}): Promise<Result> {
    const child = spawn(this.sandbox.engine.pulumi, [...args, "--non-interactive", "--color", "never"], {
      cwd: options.folder ?? this.home.project(this.sandbox.system),
      env: { ...this.sandbox.environment, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own, so that it can be ended whole
    });
    this.#running.add(child);
    return captured(child).finally(() => this.#running.delete(child));
  }

  /** Runs pulumi and throws with all that it printed where it does not succeed. */
  async expect(args: readonly string[], options: { folder?: string; env?: Record<string, string> } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // ended meanwhile
      }
    }
    // Plugins and language hosts notice within moments that their engine is gone; a file that they still write fails the first try.
    rmSync(this.home.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    return Promise.resolve();
  }
}
