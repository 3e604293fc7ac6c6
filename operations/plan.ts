import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hiddenText, scrubber, secretsOf } from "./scrub.ts";
import { type FullPlan, type FullState, parseDigest, type Plan, type PlannedStep, readPlan } from "./plan/steps.ts";
import type { Pulumi, Variables } from "./pulumi.ts";

export type { Change, Plan, PlannedResource, PlannedStep } from "./plan/steps.ts";

/** The preview did not come to an end. Says what Pulumi said, without its secrets. */
export class PlanError extends Error {
  /** What it was at, to be read behind "while". */
  readonly phase: string;

  constructor(message: string, phase: string) {
    super(message);
    this.phase = phase;
  }
}

/** A plan does something that was not asked for, or that nobody has accepted. Exit code 7. */
export class UnexpectedChanges extends Error {}

/** What `pulumi up` would do, by a real preview. Nothing: an empty list. */
export async function planOf(pulumi: Pulumi, stack: string, variables: Variables): Promise<readonly PlannedStep[]> {
  return (await previewOf(pulumi, stack, variables)).steps;
}

/**
 * What `pulumi up` would do, with values, by one real preview. Its JSON hides whole lists because of one secret in them, so the values come
 * from the state and from the plan that the preview saves, which have them in the clear. Neither touches a disk.
 */
export async function previewOf(pulumi: Pulumi, stack: string, variables: Variables): Promise<Plan> {
  const place = new Pipe();
  try {
    const saved = place.read();
    const exported = pulumi.capture(["stack", "export", "--stack", stack, "--show-secrets"], variables);
    const args = ["preview", "--stack", stack, "--json", "--show-sames", "--show-secrets", "--save-plan", place.path];
    const { code, stdout, stderr } = await pulumi.capture(args, variables);
    place.release();
    const [state, plan] = await Promise.all([exported.then((result) => parse<FullState>(result.stdout)), saved.then(parse<FullPlan>)]);
    if (code !== 0) throw failed(stack, stdout, stderr, state);
    return readPlan(stdout, { state, plan });
  } finally {
    place.remove();
  }
}

function failed(stack: string, stdout: string, stderr: string, state: FullState | undefined): PlanError {
  const digest = parseDigest(stdout);
  const errors = (digest?.diagnostics ?? []).filter(({ severity }) => severity === "error").map(({ message }) => withoutColours(message));
  const scrub = scrubber([...readPlan('{"steps":[]}', { state }).secrets.keys(), ...secretsOf(process.env)]);
  const text = errors.length > 0 ? errors.join("\n") : (stderr || stdout).trim();
  return new PlanError(scrub(`the preview of ${stack} failed:\n${text}`), phaseOf(text, digest !== undefined));
}

/** What a preview was at when it failed, by what it said. */
function phaseOf(text: string, hasDigest: boolean): string {
  if (/passphrase|decrypt|secrets manager/i.test(text)) return "opening the stack's secrets";
  if (/no stack named|currently locked|checkpoint|backend|AccessDenied|NoSuchBucket|unable to (?:open|read)/i.test(text))
    return "reading the stack's state";
  if (/Pulumi\.[\w-]+\.yaml|groundwork:/.test(text)) return "reading the stack file";
  return hasDigest ? "planning, in the program or at a provider" : "starting Pulumi";
}

function parse<Known>(text: string): Known | undefined {
  try {
    return JSON.parse(text) as Known;
  } catch {
    return undefined;
  }
}

/** A named pipe, through which a command that wants to write a file hands us a text instead. */
class Pipe {
  readonly #folder = mkdtempSync(join(tmpdir(), "groundwork-"));
  readonly path = join(this.#folder, "plan");

  constructor() {
    execFileSync("mkfifo", ["-m", "600", this.path]);
  }

  /** Everything that is written into it. */
  read(): Promise<string> {
    const child = spawn("cat", [this.path], { stdio: ["ignore", "pipe", "ignore"] });
    return new Promise((resolve, reject) => {
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (data: string) => (text += data));
      child.once("error", reject).once("close", () => resolve(text));
    });
  }

  /** Ends the reading where nobody has written. */
  release(): void {
    try {
      closeSync(openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch {
      // nobody reads any more
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What a preview or a refresh would do, by its JSON. Pure. */
export const parseSteps = (stdout: string): PlannedStep[] => [...readPlan(stdout).steps];

/** `update App app (spec.services)` */
export function renderStep({ op, type, name, paths }: Pick<PlannedStep, "op" | "type" | "name" | "paths">): string {
  return `${op} ${type} ${name}${paths.length > 0 ? ` (${paths.join(", ")})` : ""}`;
}

/** A value for people, on one line: `"db-s-1vcpu-2gb"`, `2`, `(known after)`, `[secret]`, `nothing`. */
export function renderValue(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  return JSON.stringify(value).replaceAll(`"${unknownText}"`, "(known after)").replaceAll(`"${hiddenText}"`, hiddenText);
}

const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const withoutColours = (text: string): string => text.replaceAll(/<\{%.*?%\}>/g, "").trim();
