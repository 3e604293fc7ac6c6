import { stripVTControlCharacters } from "node:util";
import { hiddenText, scrubber, secretsOf } from "./scrub.ts";
import { type Digest, type FullPlan, type FullState, parseDigest, type Plan, type PlannedStep, readPlan } from "./plan/steps.ts";
import { type Blocked, blockedIn, unfinished } from "./plan/protected.ts";
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
export async function previewOf(pulumi: Pulumi, stack: string, variables: Variables): Promise<SavedPlan> {
  const place = new Pipe();
  try {
    const saved = place.read();
    const exported = pulumi.capture(["stack", "export", "--stack", stack, "--show-secrets"], variables);
    const sharing = sharedOf(pulumi, stack);
    const { code, stdout, stderr } = await pulumi.capture(previewInto(place, stack), variables);
    place.release();
    const [state, text] = await Promise.all([exported.then((result) => parse<FullState>(result.stdout)), saved]);
    if (code !== 0) {
      const digest = parseDigest(stdout) ?? {};
      const blocked = blockedIn(digest);
      const known = blocked.length === 0 ? undefined : await besides(pulumi, stack, variables, { digest, state, blocked });
      throw failed(stack, stdout, stderr, state, known);
    }
    const shared = await sharing;
    return { ...readPlan(stdout, { state, plan: parse<FullPlan>(text) }), shared, saved: () => applicable(text, state) };
  } finally {
    place.remove();
  }
}

const previewInto = (place: Pipe, stack: string): string[] => [
  ...["preview", "--stack", stack, "--json", "--show-sames", "--show-secrets"],
  ...["--save-plan", place.path],
];

/**
 * What a run would do that the engine refused: the same preview again without what is protected, since one that fails saves no plan, and without a
 * plan nobody knows values that stand beside secrets. Undefined: that fails too.
 */
async function besides(
  pulumi: Pulumi,
  stack: string,
  variables: Variables,
  { digest, state, blocked }: { digest: Digest; state: FullState | undefined; blocked: readonly Blocked[] },
): Promise<Plan | undefined> {
  const place = new Pipe();
  try {
    const saved = place.read();
    const left = blocked.flatMap(({ urn }) => ["--exclude", urn]);
    const { code, stdout } = await pulumi.capture([...previewInto(place, stack), ...left], variables);
    place.release();
    const [text, again] = [await saved, parseDigest(stdout)];
    if (code !== 0 || again === undefined) return undefined;
    // What hangs on something that is left out is left out as well, so what goes is taken from the first one.
    const clear = new Map((again.steps ?? []).map((step) => [step.urn, step]));
    const { steps = [] } = unfinished(digest, state, blocked);
    const goes = new Set(steps.filter(({ op, urn }) => op === "delete" || blocked.some((one) => one.urn === urn)).map(({ urn }) => urn));
    const rest = [...clear.values()].filter(({ urn }) => !goes.has(urn));
    const whole = [...rest, ...steps.filter(({ urn }) => goes.has(urn) || !clear.has(urn))];
    return readPlan(JSON.stringify({ ...digest, steps: whole }), { state, plan: parse<FullPlan>(text) });
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
    place.release();
    await given;
    return result;
  } finally {
    place.remove();
  }
}

function failed(stack: string, stdout: string, stderr: string, state: FullState | undefined, known: Plan | undefined): PlanError {
  const digest = parseDigest(stdout);
  const blocked = digest === undefined ? [] : blockedIn(digest);
  const scrub = scrubber([...readPlan('{"steps":[]}', { state }).secrets.keys(), ...secretsOf(process.env)]);
  const errors = (digest?.diagnostics ?? [])
    .filter(({ severity, message }) => severity === "error" && !isAboutProtection(message, blocked))
    .map(({ message }) => withoutColours(message));
  const said = errors.length > 0 ? errors.join("\n") : (stderr || stdout).trim();
  const text = blocked.length > 0 ? [protectedText(stack, blocked), ...errors].join("\n") : withoutColours(said);
  const partial =
    known ?? (digest && blocked.length > 0 ? readPlan(JSON.stringify(unfinished(digest, state, blocked)), { state }) : undefined);
  return new PlanError(
    scrub(`the preview of ${stack} failed:\n${text}`),
    partial ? "planning: the engine refuses it" : phaseOf(text, digest !== undefined),
    partial,
  );
}

/** Pulumi's own words about it, whose first advice is to take the protection away, and its closing line. */
const isAboutProtection = (message: string, blocked: readonly Blocked[]): boolean =>
  blocked.length > 0 &&
  (/it is (?:protected|currently marked for protection)/.test(message) || /^error: (?:preview failed|update failed)\s*$/.test(message));

function protectedText(stack: string, blocked: readonly Blocked[]): string {
  const of = (op: Blocked["op"]): string =>
    blocked
      .filter((one) => one.op === op)
      .map(({ urn }) =>
        `${/[$:](\w+)::/.exec(urn.split("::").slice(2).join("::"))?.[1] ?? ""} ${urn.split("::").slice(3).join("::")}`.trim(),
      )
      .join(", ");
  const lines = [
    ...(of("delete") === "" ? [] : [`${stack} would delete what is protected: ${of("delete")}`]),
    ...(of("replace") === "" ? [] : [`${stack} would replace what is protected: ${of("replace")}`]),
  ];
  return [...lines, protectedWay].join("\n");
}

/** The way out, in the order in which it is right. */
export const protectedWay =
  'Was it renamed? Keep its name, or give the new one the former as an alias: { aliases: [{ name: "<former name>" }] }. Is it to go, data and all? That takes two changes: docs/pull-requests.md, "What is protected".';

/** What a preview was at when it failed, by what it said. Names of resources say nothing: ours have groundwork in them. */
export function phaseOf(said: string, hasDigest: boolean): string {
  const text = said.replaceAll(/urn:pulumi:\S+/g, "");
  if (/passphrase|decrypt|secrets manager/i.test(text)) return "opening the stack's secrets";
  if (/Variables that \w+ must not have/.test(text)) return "checking what services would be given";
  if (/^(?:error: )?Pulumi\.[\w-]+\.yaml\b|\bPulumi\.[\w-]+\.yaml:|(?<![:\w])groundwork:[a-zA-Z]+(?![\w:])/m.test(text))
    return "reading the stack file";
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
