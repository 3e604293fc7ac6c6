import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { captured, type Result } from "../sandbox/captured.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { findSystem, stacksOf } from "../sandbox/systems.ts";
import { withoutLogin } from "./backend.ts";

/** Variables for one command; undefined takes one away that would be inherited. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Where progress is shown. */
export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Whoever runs pulumi for a verb: in the sandbox, or with the user's own environment. */
export class Pulumi {
  readonly #command: string;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(command: string, folder: string, environment: NodeJS.ProcessEnv) {
    this.#command = command;
    this.#folder = folder;
    this.#environment = environment;
  }

  /** The pulumi of the user's PATH, with the user's backend and credentials. */
  static real(system: string): Pulumi {
    return new Pulumi("pulumi", findSystem(system).project, process.env);
  }

  static sandbox({ engine, home, system, environment }: Pick<Sandbox, "engine" | "home" | "system" | "environment">): Pulumi {
    // Its made-up images are for a first up. A verb says what it deploys.
    return new Pulumi(engine.pulumi, home.project(system), { ...environment, GROUNDWORK_IMAGES: undefined });
  }

  /** What opens the stacks' secrets; undefined where that is not a passphrase in the environment. */
  get passphrase(): string | undefined {
    const { PULUMI_CONFIG_PASSPHRASE: text, PULUMI_CONFIG_PASSPHRASE_FILE: file } = this.#environment;
    if (text !== undefined && text !== "") return text;
    return file === undefined || file === "" ? undefined : readFileSync(file, "utf8").trim();
  }

  /** What opens one stack's: its own file beside the one that is named, where there is one. */
  passphraseOf(stack: string): string | undefined {
    const file = this.#passphraseFile(stack);
    return file === undefined ? this.passphrase : readFileSync(file, "utf8").trim();
  }

  /** `PULUMI_CONFIG_PASSPHRASE_FILE=~/secrets/staging.passphrase` has production's beside it, as `bootstrap` writes them. */
  #passphraseFile(stack: string): string | undefined {
    const { PULUMI_CONFIG_PASSPHRASE: text, PULUMI_CONFIG_PASSPHRASE_FILE: file } = this.#environment;
    if ((text !== undefined && text !== "") || !file?.endsWith(".passphrase")) return undefined;
    const own = join(dirname(resolve(this.#folder, file)), `${stack}.passphrase`);
    return existsSync(own) ? own : undefined;
  }

  /** The stacks that have a file here. */
  get stacks(): readonly string[] {
    return existsSync(this.#folder) ? stacksOf(this.#folder) : [];
  }

  /** The text of a stack file, as this pulumi reads it; empty where there is none. */
  stackFile(stack: string): string {
    const file = join(this.#folder, `Pulumi.${stack}.yaml`);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** The same pulumi with another folder and further variables. */
  elsewhere(folder: string, variables: Variables): Pulumi {
    return new Pulumi(this.#command, folder, { ...this.#environment, ...variables });
  }

  /** Runs a command quietly, with a text to read where it reads one. */
  capture(args: readonly string[], variables: Variables = {}, input?: string): Promise<Result> {
    return this.#run([...args, "--non-interactive"], variables, undefined, input);
  }

  /**
   * Runs a command whose progress is shown: as Pulumi draws it on a terminal, else line by line to `to`. Where a kill ends it in the middle of a line,
   * that line is ended, so that what is said next has one of its own.
   */
  async show(args: readonly string[], variables: Variables, to: Screen): Promise<Result> {
    if (to.isTTY) {
      const result = await this.#run(args, variables, "inherit");
      if (result.signal !== undefined) tidy(to);
      return result;
    }
    let last = "\n";
    const heard = (piece: string): void => {
      to.write(piece);
      last = piece.at(-1) ?? last;
    };
    const result = await this.#run([...args, "--non-interactive", "--color", "never"], variables, heard);
    if (last !== "\n") to.write("\n");
    return result;
  }

  #run(args: readonly string[], variables: Variables, show?: "inherit" | ((piece: string) => void), input?: string): Promise<Result> {
    const stack = args[args.indexOf("--stack") + 1];
    const own = args.includes("--stack") && stack !== undefined ? this.#passphraseFile(stack) : undefined;
    const env = { ...this.#environment, ...(own === undefined ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: own }), ...variables };
    const output = show === "inherit" ? "inherit" : "pipe";
    const child = spawn(this.#command, [...args], {
      cwd: this.#folder,
      env,
      stdio: [show === "inherit" ? "inherit" : input === undefined ? "ignore" : "pipe", output, output],
    });
    // A command that ends before it has read everything says why itself.
    child.stdin?.on("error", () => undefined).end(input);
    // The terminal sends an interrupt to both, and the engine ends its work in order; other signals are handed on.
    const wait = (): void => undefined;
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGINT", wait).on("SIGTERM", pass);
    return captured(child, typeof show === "function" ? show : undefined)
      .catch(() => Promise.reject(new Error("there is no pulumi on PATH. Install it, or add --sandbox")))
      .then((result) => ({ ...result, stderr: withoutLogin(result.stderr) }))
      .finally(() => process.off("SIGINT", wait).off("SIGTERM", pass));
  }
}

/** A pulumi that was killed leaves the terminal as it drew on it: raw, so that lines only go down, without a cursor, in a colour. */
function tidy(terminal: Screen): void {
  spawnSync("stty", ["sane"], { stdio: ["inherit", "ignore", "ignore"] });
  terminal.write("\u001b[0m\u001b[?25h\r\n");
}
