import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../../sandbox/home.ts";
import type { TestEngine } from "../engine.ts";

/** What a command printed. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A clone of the repository over a sandbox, in which a test changes the system as somebody would in a pull request. */
export class Clone {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-clone-")));
  readonly #engine: TestEngine;

  constructor(engine: TestEngine) {
    this.#engine = engine;
    const left = ["node_modules", "tests"];
    for (const name of readdirSync(repository).filter((one) => !one.startsWith(".") && !left.includes(one)))
      cpSync(join(repository, name), join(this.folder, name), { recursive: true });
    symlinkSync(join(repository, "node_modules"), join(this.folder, "node_modules"));
    writeFileSync(join(this.folder, ".gitignore"), "node_modules\n.sandbox\n");
    this.#git("init", "--quiet");
  }

  #git(...args: string[]): void {
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: this.folder, stdio: "pipe" });
  }

  /** Makes what stands there now what changes are compared with, and what {@link reset} goes back to. */
  commit(): void {
    this.#git("add", "--all");
    this.#git("commit", "--quiet", "--message", "as it is");
  }

  /** Takes all changes back that came since. */
  reset(): void {
    this.#git("checkout", "--quiet", ".");
  }

  /** Changes a file; each text must stand there. */
  edit(file: string, ...changes: readonly (readonly [string | RegExp, string])[]): void {
    const path = join(this.folder, file);
    let text = readFileSync(path, "utf8");
    for (const [from, to] of changes) {
      const next = text.replace(from, () => to);
      if (next === text) throw new Error(`${file} has nothing like ${String(from)}`);
      text = next;
    }
    writeFileSync(path, text);
  }

  /** `npm run ops -- …` there, in the sandbox. */
  ops(...args: readonly string[]): Promise<Said> {
    return this.#run(join("operations", "cli.ts"), [...args, "--sandbox"], { ...process.env, GROUNDWORK_SANDBOX: this.#engine.home.root });
  }

  /** The same without `--sandbox`: with the sandbox's engine, state and cloud, and the stack files as they stand in the clone. */
  real(variables: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Said> {
    return this.#run(join("operations", "cli.ts"), args, { ...this.#engine.sandbox.environment, ...variables });
  }

  /** `npm run sandbox -- …` there; throws where it fails. */
  async sandbox(...args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await this.#run(join("sandbox", "cli.ts"), args, {
      ...process.env,
      GROUNDWORK_SANDBOX: this.#engine.home.root,
    });
    if (code !== 0) throw new Error(`sandbox ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  }

  #run(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> {
    const child = spawn(process.execPath, [join(this.folder, script), ...args], {
      cwd: this.folder,
      env: { ...env, NODE_NO_WARNINGS: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    child.stdout.on("data", (data: Buffer) => (texts.stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (texts.stderr += data.toString()));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? 255, ...texts }));
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
