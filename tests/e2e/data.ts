import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../../sandbox/captured.ts";
import { TestEngine } from "../engine.ts";
import type { Description } from "./data-program.ts";

/** A stack of components that a {@link Description} says, over the stand-ins. */
export class DataStack implements AsyncDisposable {
  readonly engine: TestEngine;
  readonly #folder: string;
  #count = 0;

  private constructor(engine: TestEngine, folder: string) {
    this.engine = engine;
    this.#folder = folder;
  }

  static async open(): Promise<DataStack> {
    const engine = await TestEngine.open();
    return new DataStack(engine, await engine.project("data", join(import.meta.dirname, "data-program.ts"), "dev"));
  }

  /** Runs a command of pulumi with a description. */
  run(command: readonly string[], description: Description): Promise<Result> {
    const file = join(this.#folder, `description-${this.#count++}.json`);
    writeFileSync(file, JSON.stringify(description));
    return this.engine.run([...command, "--stack", "dev"], { folder: this.#folder, env: { DESCRIPTION: file } });
  }

  /** The whole name of a resource that is up. */
  urn(type: string, name: string): string {
    const text = readFileSync(this.engine.home.stateFile("data", "dev"), "utf8");
    const { checkpoint } = JSON.parse(text) as { checkpoint: { latest?: { resources?: { urn: string; type: string }[] } } };
    const found = checkpoint.latest?.resources?.find((one) => one.type.endsWith(`:${type}`) && one.urn.endsWith(`::${name}`));
    if (!found) throw new Error(`there is no ${type} ${name} in the state`);
    return found.urn;
  }

  async up(description: Description): Promise<void> {
    const { code, stdout, stderr } = await this.run(["up", "--yes", "--skip-preview"], description);
    if (code !== 0) throw new Error(`up ended with ${code}:\n${stdout}\n${stderr}`);
  }

  /** What a preview would do: `update DatabaseCluster main: size`, a line for each resource that changes, by name. */
  async plan(description: Description): Promise<string[]> {
    const { code, stdout, stderr } = await this.run(["preview", "--json"], description);
    if (code !== 0) throw new Error(`preview ended with ${code}:\n${stdout}\n${stderr}`);
    const { steps = [] } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
      steps?: { op: string; urn: string; detailedDiff?: Record<string, unknown> | null }[];
    };
    return steps
      .filter(({ op, urn }) => ["create", "update", "delete", "replace"].includes(op) && !/[$:]groundwork:components:\w+::/.test(urn))
      .map(({ op, urn, detailedDiff }) => {
        const paths = Object.keys(detailedDiff ?? {}).sort();
        const what = `${op} ${urn.split("::")[2]?.split(":").at(-1)} ${urn.split("::")[3]}`;
        return op === "update" || op === "replace" ? `${what}: ${paths.join(", ")}` : what;
      })
      .sort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.engine[Symbol.asyncDispose]();
  }
}

/** Each trap of the provider twice: as the components leave it, and with the countermeasure taken off the resource again. */
export const twice = (strip: Description["strip"], without: Description["without"] = {}) =>
  [
    ["with the countermeasure", {}, true],
    ["without it", { strip, without }, false],
  ] as const;
