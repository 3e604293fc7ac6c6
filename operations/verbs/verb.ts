import { createInterface } from "node:readline/promises";
import type { parseArgs, ParseArgsConfig } from "node:util";
import { Home } from "../../sandbox/home.ts";
import { UsageError } from "../../sandbox/command-line.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";
import type { Surroundings } from "../deploy.ts";
import { choiceOf, withChoice } from "../commands.ts";
import { type Cloud, digitalOcean, storedCloud } from "../cloud.ts";
import { Pulumi } from "../pulumi.ts";
import { target } from "../target.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Own extends Options> = ReturnType<typeof parseArgs<{ options: Own; allowPositionals: true }>>["values"];

/** One verb of `npm run ops`. */
export interface Verb {
  /** One line. */
  readonly summary: string;
  /** Its arguments, line by line, below `npm run ops -- <verb>`. */
  readonly usage: string;
  readonly options: Options;
  /** Returns the exit code: 0 fine, 7 findings; everything else is thrown. */
  readonly run: (values: never) => Promise<number>;
}

/** Makes a verb, with the types of its options. */
export function defineVerb<const Own extends Options>(
  verb: Omit<Verb, "options" | "run"> & { options: Own; run: (values: Values<Own>) => Promise<number> },
): Verb {
  return verb;
}

/** Which system, and where. */
export const place = {
  system: { type: "string", default: "template" },
  sandbox: { type: "boolean", default: false },
} as const;

/** The stacks that a verb is for. */
export const stacks = { stack: { type: "string", multiple: true, default: [] as string[] } } as const;

/** Output for machines on stdout; everything else goes to stderr then. */
export const json = { json: { type: "boolean", default: false } } as const;

/** Dangers of a plan that are taken in this run, by name. */
export const accept = { accept: { type: "string", multiple: true, default: [] as string[] } } as const;

export const acceptUsage = `--accept <name>          takes this danger of the plan, by the name that its refusal says; repeatable`;

/** Which system, and whether for real. */
export interface Place {
  readonly system: string;
  readonly sandbox: boolean;
}

/** What verbs run pulumi with. */
export async function openPulumi({ system, sandbox }: Place): Promise<{ pulumi: Pulumi; opened: Sandbox | undefined }> {
  const opened = sandbox ? await Sandbox.open(new Home(), system) : undefined;
  return { pulumi: opened ? Pulumi.sandbox(opened) : Pulumi.real(system), opened };
}

/** Who knows of deployments. */
export const cloudOf = (opened: Sandbox | undefined): Cloud | undefined => (opened ? storedCloud(opened) : digitalOcean(process.env));

/** The one stack that a verb is for. */
export function oneStack(given: readonly string[]): string {
  const [stack, another] = given;
  if (stack === undefined) throw new UsageError("which stack? Add --stack <name>");
  if (another !== undefined) throw new UsageError(`one stack at a time, got ${given.join(", ")}`);
  return stack;
}

/** A number that somebody gives: of a release, unless it says of what. */
export function parseNumber(
  option: string,
  text: string | undefined,
  of = "a number, as npm run ops -- releases shows it",
): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`${option} takes ${of}, got "${text}"`);
  return Number(text);
}

/** How a verb asks before it changes something: `yes` goes on without asking, `plan` never does. */
export function confirmation(question: string, { yes, plan }: { yes: boolean; plan: boolean }): (() => Promise<boolean>) | undefined {
  if (plan) return undefined;
  if (yes) return () => Promise.resolve(true);
  if (!process.stdin.isTTY) throw new UsageError("nobody can be asked here: add --yes to do it, or --plan to see what would change");
  return async () => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await terminal.question(`${question} yes or no: `)).trim());
    } finally {
      terminal.close();
    }
  };
}

/** Where a verb that deploys talks to. */
export function surroundings(
  { pulumi, opened }: { pulumi: Pulumi; opened: Sandbox | undefined },
  { json, accept, system, ...asked }: { json: boolean; yes: boolean; plan: boolean; accept: readonly string[]; system: string },
): Surroundings {
  const out = json ? process.stderr : process.stdout;
  const choice = choiceOf({ system, sandbox: opened !== undefined });
  return {
    pulumi,
    cloud: cloudOf(opened),
    say: (line) => void out.write(`${withChoice(line, choice)}\n`),
    progress: out,
    accept,
    choice,
    holder: async (stack) => (await target({ system, stack, opened })).holder,
    confirm: confirmation("Deploy this?", asked),
  };
}
