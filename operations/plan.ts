import { stripVTControlCharacters } from "node:util";
import { hiddenText, scrubber, secretsOf } from "./scrub.ts";
import {
  type Clear,
  type Digest,
  type FullPlan,
  type FullState,
  parseDigest,
  type Plan,
  type PlannedStep,
  readPlan,
} from "./plan/steps.ts";
import { allBlocked, type Blocked, blockedIn, protectedText, unfinished } from "./plan/protected.ts";
import type { SharedSecret } from "./plan/shared.ts";
import { type SealedFile, sharedBetween } from "./plan/stack-secrets.ts";
import type { Result } from "../sandbox/captured.ts";
import { passphrase as sandboxPassphrase } from "../sandbox/stack-secrets.ts";
import { Pipe } from "./plan/pipe.ts";
import { applicable } from "./plan/saved.ts";
import type { Pulumi, Screen, Variables } from "./pulumi.ts";

export type { Change, Plan, PlannedResource, PlannedStep } from "./plan/steps.ts";

/** The preview did not come to an end. Says what Pulumi said, without its secrets. */
export class PlanError extends Error {
  /** What it was at, to be read behind "while". */
  readonly phase: string;
  /** What the run would do, as far as it is known, where the engine refused it because something is protected. */
  readonly blocked: Plan | undefined;

  constructor(message: string, phase: string, blocked?: Plan) {
    super(message);
    this.phase = phase;
    this.blocked = blocked;
    // As with every error in a stack file: exit code 2.
    if (isConfiguration(phase)) this.name = "ConfigError";
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
 * from the state and from the plan that the preview saves, which have them in the clear. Neither touches a disk. A preview that ends at what is
 * protected saves none, so there another one looks past that: it changes as little.
 */
export async function previewOf(pulumi: Pulumi, stack: string, variables: Variables): Promise<SavedPlan> {
  const sharing = sharedOf(pulumi, stack);
  const preview = await lookAhead(pulumi, stack, variables);
  if (preview.code !== 0) {
    const blocked = blockedIn(parseDigest(preview.stdout) ?? {});
    throw failed(
      stack,
      preview,
      blocked,
      blocked.length === 0 ? undefined : await lookAhead(pulumi, stack, variables, ["--ignore-protect"]),
    );
  }
  const { stdout, text, state } = preview;
  const shared = await sharing;
  return { ...readPlan(stdout, { state, plan: parse<FullPlan>(text) }), shared, saved: () => applicable(text, state) };
}

/** A preview with the state before it and the plan that it saved. */
interface Ahead extends Result {
  readonly state: FullState | undefined;
  /** Empty where it saved none. */
  readonly text: string;
}

async function lookAhead(pulumi: Pulumi, stack: string, variables: Variables, more: readonly string[] = []): Promise<Ahead> {
  const place = new Pipe();
  try {
    const saved = place.read();
    const exported = pulumi.capture(["stack", "export", "--stack", stack, "--show-secrets"], variables);
    const args = ["preview", "--stack", stack, "--json", "--show-sames", "--show-secrets", "--save-plan", place.path, ...more];
    const both = [
      pulumi.capture(args, variables).finally(() => place.release()),
      exported.then(({ stdout }) => parse<FullState>(stdout)),
    ] as const;
    // Both come to an end before the pipe goes, so that where there is no pulumi at all neither is left that nobody hears.
    await Promise.allSettled(both);
    const [result, state] = await Promise.all(both);
    return { ...result, state, text: await saved };
  } finally {
    place.remove();
  }
}

/** What the stack's file has in common with those beside it. That it cannot be looked at stops nothing: the preview says why. */
async function sharedOf(pulumi: Pulumi, stack: string): Promise<readonly SharedSecret[]> {
  try {
    const fileOf = (name: string): SealedFile => ({ stack: name, text: pulumi.stackFile(name), passphrase: pulumi.passphraseOf(name) });
    const own = fileOf(stack);
    return await sharedBetween(
      own,
      pulumi.stacks.filter((name) => name !== stack && name !== "local").map(fileOf),
      own.passphrase === sandboxPassphrase,
    );
  } catch {
    return [];
  }
}

/** A plan that a run can be held to. */
export interface SavedPlan extends Plan {
  /** The engine's own plan, with secrets in the clear: in memory only. */
  readonly saved: () => string;
}

/** Does what a plan says and nothing else: the engine stops where the run would do something different. */
export async function applyPlan(pulumi: Pulumi, stack: string, plan: SavedPlan, variables: Variables, to: Screen): Promise<Result> {
  const place = new Pipe();
  try {
    const given = place.write(plan.saved());
    const result = await pulumi.show(["up", "--stack", stack, "--yes", "--skip-preview", "--plan", place.path], variables, to);
    await place.release();
    await given;
    return result;
  } finally {
    place.remove();
  }
}

function failed(stack: string, { stdout, stderr, state }: Ahead, blocked: readonly Blocked[], past: Ahead | undefined): PlanError {
  const digest = parseDigest(stdout);
  const clear = { state, plan: past && parse<FullPlan>(past.text) };
  const scrub = scrubber([...readPlan('{"steps":[]}', clear).secrets.keys(), ...secretsOf(process.env)]);
  const said = [digest, past && parseDigest(past.stdout)].flatMap((one) => one?.diagnostics ?? []);
  const errors = said
    .filter(({ severity, message }) => severity === "error" && !isAboutProtection(message, blocked))
    .map(({ message }) => withoutColours(message));
  if (blocked.length > 0) {
    const plan = stopped(digest ?? {}, clear, blocked, past);
    const text = [protectedText(stack, allBlocked(blocked, plan)), ...new Set(errors)].join("\n");
    // What the change brings is among its secrets too.
    return new PlanError(plan.scrub(scrub(text)), "planning: the engine refuses it", plan);
  }
  const text = withStackFile(stack, withoutColours(errors.length > 0 ? errors.join("\n") : (stderr || stdout).trim()));
  return new PlanError(scrub(`the preview of ${stack} failed:\n${text}`), phaseOf(text, digest !== undefined));
}

/** What would be done but for the protection; where that fails as well, what is known without. */
const stopped = (digest: Digest, clear: Clear, blocked: readonly Blocked[], past: Ahead | undefined): Plan =>
  past?.code === 0
    ? readPlan(past.stdout, clear)
    : readPlan(JSON.stringify(unfinished(digest, clear.state, blocked)), { state: clear.state });

/** Pulumi's own words about it, whose first advice is to take the protection away, and its closing line. */
const isAboutProtection = (message: string, blocked: readonly Blocked[]): boolean =>
  blocked.length > 0 &&
  (/it is (?:protected|currently marked for protection)/.test(message) || /^error: (?:preview failed|update failed)\s*$/.test(message));

const readingFile = "reading the stack file";
const checkingGiven = "checking what services would be given";

/** Whether what failed is in a stack file, so that no second try helps. */
export const isConfiguration = (phase: string): boolean => phase === readingFile || phase === checkingGiven;

/** Pulumi does not say which file it could not read. Pure. */
export const withStackFile = (stack: string, said: string): string =>
  said.replace(/^(?:error: )?getting stack configuration: invalid YAML file: /m, `Pulumi.${stack}.yaml: is not YAML: `);

/** What a preview was at when it failed, by what it said. Names of resources say nothing: ours have groundwork in them. */
export function phaseOf(said: string, hasDigest: boolean): string {
  const text = said.replaceAll(/urn:pulumi:\S+/g, "");
  if (/passphrase|decrypt|secrets manager/i.test(text)) return "opening the stack's secrets";
  if (/Variables that \w+ must not have/.test(text)) return checkingGiven;
  if (/^(?:error: )?Pulumi\.[\w-]+\.yaml\b|\bPulumi\.[\w-]+\.yaml:|(?<![:\w])groundwork:[a-zA-Z]+(?![\w:])/m.test(text)) return readingFile;
  if (/no stack named|currently locked|checkpoint|AccessDenied|NoSuchBucket|unable to (?:open|read)/i.test(text))
    return "reading the stack's state";
  return hasDigest ? "planning, in the program or at a provider" : "starting Pulumi";
}

function parse<Known>(text: string): Known | undefined {
  try {
    return JSON.parse(text) as Known;
  } catch {
    return undefined;
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

/** Without Pulumi's marks and a terminal's: the program's exceptions have those of Node. */
const withoutColours = (text: string): string => stripVTControlCharacters(text.replaceAll(/<\{%.*?%\}>/g, "")).trim();
