import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseDocument } from "yaml";
import { CloudStore } from "../../sandbox/cloud/store.ts";
import { Home } from "../../sandbox/home.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";

/** A program in a sandbox of its own, ready to be measured. */
export class Program implements Disposable {
  readonly name: string;
  readonly sandbox: Sandbox;

  private constructor(name: string, sandbox: Sandbox) {
    this.name = name;
    this.sandbox = sandbox;
  }

  /** `main` and `nodeargs` take the place of what Pulumi.yaml has; without `nodeargs` the program starts the ordinary way. */
  static async open(name: string, change: { main?: string; nodeargs?: boolean } = {}): Promise<Program> {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-bench-")));
    try {
      const sandbox = await Sandbox.open(new Home(root), "template");
      // The wrapper of npm scripts switches the compile cache on for everything; a user's own `pulumi` does not.
      delete sandbox.environment.NODE_COMPILE_CACHE;
      const file = join(sandbox.home.project("template"), "Pulumi.yaml");
      const document = parseDocument(readFileSync(file, "utf8"));
      if (change.main !== undefined) document.set("main", relative(sandbox.home.project("template"), change.main));
      if (change.nodeargs === false) document.deleteIn(["runtime", "options", "nodeargs"]);
      writeFileSync(file, document.toString());
      return new Program(name, sandbox);
    } catch (error) {
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
  }

  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    Object.assign(this.sandbox.environment, env);
    const { code, stdout, stderr } = await this.sandbox.capture([...args, "--color", "never"]);
    if (code !== 0) throw new Error(`${this.name}: pulumi ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Brings staging up. The zone that its records need is put into the stored cloud: the bare program has no shared stack. */
  async up(): Promise<void> {
    const store = new CloudStore(this.sandbox.home.cloud);
    const zone = { id: "example.com", provider: "digitalocean", type: "digitalocean:index/domain:Domain", name: "example.com" };
    store.put({
      ...zone,
      inputs: { name: "example.com" },
      outputs: { name: "example.com", domainUrn: "do:domain:example.com", ttl: 1800 },
    });
    store.close();
    await this.sandbox.ensureStack("staging");
    await this.run(["up", "--stack", "staging", "--yes", "--skip-preview"]);
  }

  [Symbol.dispose](): void {
    rmSync(this.sandbox.home.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

export const bareMain = join(import.meta.dirname, "bare", "index.ts");
