import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { parseDocument } from "yaml";
import { didYouMean, formatProblems, list } from "../config/problems.ts";
import { textProblems } from "../config/stack-file.ts";
import { captured, type Result } from "./captured.ts";
import { CloudStore, type CloudObject } from "./cloud/store.ts";
import { readDockerSettings } from "./docker/settings.ts";
import { type Home } from "./home.ts";
import { describeLock, isHeld, type Lock, readLock } from "./locks.ts";
import { makeUp } from "./made-up.ts";
import { UsageError } from "./command-line.ts";
import { runFiles } from "./run-files.ts";
import { findSystem, type SystemFolder } from "./systems.ts";
import { type Engine, ensureEngine } from "./toolchain/engine.ts";

/** Pulumi commands that change a stack, after which it is worth saying what happened to it. */
const changing = new Set(["up", "update", "destroy", "refresh", "import"]);

/** One system in one sandbox folder, with the real engine. */
export class Sandbox {
  readonly home: Home;
  readonly system: string;
  /** The words that choose the system on the command line, with a space behind them; nothing for the template. */
  readonly choice: string;
  /** The folder with the tracked stack files. */
  readonly source: string;
  readonly engine: Engine;
  readonly environment: NodeJS.ProcessEnv;
  /** Stacks that have a stack file. */
  readonly stacks: readonly string[];

  readonly #imagesAreGiven: boolean;

  private constructor(
    home: Home,
    system: SystemFolder,
    engine: Engine,
    environment: NodeJS.ProcessEnv,
    stacks: readonly string[],
    imagesAreGiven: boolean,
    wish: string,
  ) {
    this.#imagesAreGiven = imagesAreGiven;
    this.home = home;
    this.system = system.name;
    // As it was asked for: a system that stands somewhere else is not found by its name.
    this.choice =
      wish === "template" ? "" : `--system ${/^[\w@%+=:,./-]+$/.test(wish) ? wish : `'${wish.replaceAll("'", String.raw`'\''`)}'`} `;
    this.source = system.project;
    this.engine = engine;
    this.environment = environment;
    this.stacks = stacks;
  }

  /** Gets the engine if need be, and lays the folder out for a system, by its name or its path. */
  static async open(home: Home, wish: string, from: NodeJS.ProcessEnv = process.env): Promise<Sandbox> {
    readDockerSettings(from); // said here, where it is read as a sentence: the plugin could only fail to start
    const system = findSystem(wish);
    const engine = await ensureEngine();
    const madeUp = await makeUp(system, home.root);
    const stacks = home.prepare(system, madeUp);
    home.writeExports(engine);
    return new Sandbox(home, system, engine, home.environment(engine, madeUp, from), stacks, from.GROUNDWORK_IMAGES !== undefined, wish);
  }

  /** Runs a pulumi command for the user: same output, same exit code; then says what the command itself cannot know. */
  async run(args: readonly string[]): Promise<number> {
    const named = stackOf(args);
    if (named !== undefined && this.stacks.includes(named)) {
      // Pulumi would name neither the file nor the way out, and cannot see a secret in the open beside encrypted ones.
      const file = `Pulumi.${named}.yaml`;
      const problems = textProblems(readFileSync(join(this.source, file), "utf8"));
      if (problems.length > 0) throw new Error(formatProblems(file, problems));
    }
    if (args.includes("change-secrets-provider"))
      // Its stack files are made anew at every start, with its own passphrase: the state would be encrypted with one that none of them has.
      throw new UsageError(
        "the sandbox has one passphrase for everything, which protects nothing and cannot be changed. Nothing was changed",
      );
    // One whose file was taken away can still be looked at and destroyed.
    if (named !== undefined && !this.stacks.includes(named) && !existsSync(this.home.stateFile(this.system, named)))
      throw new UsageError(
        `${this.system} has no stack "${named}".${didYouMean(named, this.stacks)} Those with a file Pulumi.<stack>.yaml: ${list(this.stacks)}.`,
      );
    if (named !== undefined) await this.ensureStack(named);
    const isChanging = changing.has(args[0] ?? "");
    const stack = named ?? (isChanging ? await this.#selected() : undefined);
    const locked = stack === undefined ? undefined : this.lock(stack);
    const code = await this.pulumi(args, stack);
    if (stack !== undefined && isChanging) {
      if (code !== 0) this.#sayHowToGoOn(stack, locked);
      else if (args[0] === "destroy") this.#sayWhatStays();
    }
    return code;
  }

  /** The stack that `pulumi stack select` chose. */
  async #selected(): Promise<string | undefined> {
    const { code, stdout } = await this.capture(["stack", "--show-name"]);
    return code === 0 ? stdout.trim() : undefined;
  }

  /** Runs pulumi with the terminal of this process; resolves to its exit code. */
  pulumi(args: readonly string[], stack = stackOf(args)): Promise<number> {
    const env = { ...this.environment };
    // Made-up images are for a first up: later a service keeps what it runs, and what the stack file says counts.
    if (!this.#imagesAreGiven && stack !== undefined) env.GROUNDWORK_IMAGES = this.#missingImages(stack, env.GROUNDWORK_IMAGES);
    const child = spawn(this.engine.pulumi, [...args], { cwd: this.home.project(this.system), env, stdio: "inherit" });
    // The terminal sends an interrupt to both; the engine ends its work in order and its exit code is ours.
    const wait = (): void => undefined;
    process.on("SIGINT", wait);
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGTERM", pass);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        process.off("SIGINT", wait);
        process.off("SIGTERM", pass);
        resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
      });
    });
  }

  /** Runs pulumi quietly; resolves to what it printed. */
  capture(args: readonly string[]): Promise<Result> {
    const child = spawn(this.engine.pulumi, [...args, "--non-interactive"], {
      cwd: this.home.project(this.system),
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return captured(child);
  }

  /** Makes a stack that has a stack file known to the backend. */
  async ensureStack(stack: string): Promise<void> {
    if (!this.stacks.includes(stack) || this.home.hasStack(this.system, stack)) return;
    // A new one would know nothing of what stands in the cloud, and make it once more.
    if (runFiles(this.home.state, this.system, stack).length > 0)
      throw new Error(
        `the state of ${stack} is lost, and the backend remembers its runs. List them: ${this.#restore(stack)}. To begin anew: npm run sandbox:cloud -- reset`,
      );
    const { code, stderr } = await this.capture(["stack", "init", stack, "--no-select"]);
    // Two first starts at once: the other one made it.
    if (code !== 0 && !this.home.hasStack(this.system, stack)) throw new Error(stderr.trim());
  }

  /** Who holds a stack, if anybody does. */
  lock(stack: string): Lock | undefined {
    return readLock(this.home.state, this.system, stack);
  }

  /** What exists in the cloud and stands in no stack's state. */
  unmanaged(): CloudObject[] {
    const managed = new Set<string>();
    const stacks = join(this.home.state, ".pulumi", "stacks");
    const files = existsSync(stacks)
      ? readdirSync(stacks, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"))
      : [];
    for (const file of files) {
      for (const { type, id } of this.#read(join(stacks, file)).resources ?? []) if (id !== undefined) managed.add(`${type} ${id}`);
    }
    const store = new CloudStore(this.home.cloud);
    try {
      return store.list().filter(({ type, id }) => !managed.has(`${type} ${id}`));
    } finally {
      store.close();
    }
  }

  #sayHowToGoOn(stack: string, before: Lock | undefined): void {
    const command = (script: string, words: string): string => `  npm run ${script} -- ${this.choice}${words}`;
    const recover = `Recover with:\n${command("ops", `unlock --sandbox --stack ${stack}`)}`;
    if (before) {
      if (isHeld(before) === true)
        console.error(`\n${stack} is held by ${describeLock(before)}, which is still running. Wait for it to end.`);
      else console.error(`\n${stack} is still held by ${describeLock(before)}, which was killed. ${recover}`);
    } else if (this.#latest(stack).pending_operations?.some(({ type }) => type === "creating")) {
      // Somebody took the lock of a killed run away, and what that run was creating was never settled.
      console.error(`\nA former run of ${stack} was interrupted while it created something. ${recover}`);
    } else if (
      stack !== "shared" &&
      stack !== "delivery" &&
      this.stacks.includes("shared") &&
      (this.#latest("shared").resources ?? []).length === 0
    ) {
      console.error(`\nThe shared stack is not up, and ${stack} needs it:\n${command("sandbox", "up --stack shared --yes")}`);
    }
  }

  #latest(stack: string): Latest {
    const file = this.home.stateFile(this.system, stack);
    return existsSync(file) ? this.#read(file) : {};
  }

  /** A file of state. Throws and says what to do where it is spoiled. */
  #read(file: string): Latest {
    try {
      return (JSON.parse(readFileSync(file, "utf8")) as { checkpoint?: { latest?: Latest } }).checkpoint?.latest ?? {};
    } catch {
      const stack = basename(file, ".json");
      throw new Error(
        `the state of ${stack} is spoiled: its file is cut off, or written over. Put a former one back: ${this.#restore(stack)}`,
      );
    }
  }

  #restore(stack: string): string {
    return `npm run ops -- restore ${this.choice}--stack ${stack} --sandbox`;
  }

  /** Of the made-up images those whose service runs nothing yet; none where the stack file says which ones run. */
  #missingImages(stack: string, madeUp = "{}"): string | undefined {
    if (this.#pinsImages(stack)) return undefined;
    const runs = (this.#latest(stack).resources ?? [])
      .filter(({ type, outputs }) => type.startsWith("groundwork:components:") && outputs?.image !== undefined)
      .map(({ urn }) => urn.split("::").at(-1));
    const missing = Object.entries(JSON.parse(madeUp) as Record<string, string>).filter(([service]) => !runs.includes(service));
    return missing.length === 0 ? undefined : JSON.stringify(Object.fromEntries(missing));
  }

  #pinsImages(stack: string): boolean {
    const file = join(this.home.project(this.system), `Pulumi.${stack}.yaml`);
    return existsSync(file) && parseDocument(readFileSync(file, "utf8")).hasIn(["config", "groundwork:images"]);
  }

  #sayWhatStays(): void {
    const stays = this.unmanaged();
    if (stays.length === 0) return;
    console.log("\nStill in the cloud, in no stack's state any more (kept on purpose, or orphaned):");
    for (const { type, name, id } of stays) console.log(`  ${type.split(":").at(-1)} ${name} (${id})`);
  }
}

/** The stack that a command names. */
export function stackOf(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "--stack" || arg === "-s");
  return at >= 0 ? args[at + 1] : /^(?:--stack|-s)=(.*)$/.exec(args.find((arg) => /^(--stack|-s)=/.test(arg)) ?? "")?.[1];
}

/** What the sandbox reads of a stack's state file. */
interface Latest {
  readonly resources?: readonly {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly outputs?: { readonly image?: unknown };
  }[];
  readonly pending_operations?: readonly { readonly type: string }[];
}
