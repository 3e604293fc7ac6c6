import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { didYouMean, quote } from "../../config/problems.ts";
import { UsageError } from "../../sandbox/command-line.ts";
import { type PlannedStep, planOf, renderStep } from "../plan.ts";
import { pulumiCommand } from "../commands.ts";
import type { Pulumi, Screen } from "../pulumi.ts";
import { adopt, type Keeping } from "./adopt.ts";
import { type Drift, driftOf } from "./drift.ts";
import type { Finding } from "./judge.ts";
import { isDeployed, keyOf, restore, restoring } from "./remedies.ts";
import { text } from "./shown.ts";
import type { StackOptions } from "./stack-options.ts";
import { changedLines, withOptions } from "./write-options.ts";
import { valueAt } from "./differences.ts";

/** Who acts on a finding, and for whom. */
export interface Hands {
  readonly pulumi: Pulumi;
  /** The words of the command line that choose system and sandbox. */
  readonly choice: string;
  readonly say: (line: string) => void;
  readonly progress: Screen;
  /** Undefined: it is only said what would be done. */
  readonly confirm: (() => Promise<boolean>) | undefined;
}

/** The finding of that name: `DnsRecord/edge-api`, or the resource's name alone where no other one has it. */
export function findingOf({ stack, findings }: Drift, wanted: string): Finding {
  const found = findings.filter((finding) => keyOf(finding) === wanted || finding.name === wanted || finding.urn === wanted);
  const [one, other] = found;
  if (one && !other) return one;
  if (other) throw new UsageError(`${quote(wanted)} is ${found.map(keyOf).join(" and ")}: which?`);
  const names = findings.map(keyOf);
  if (names.length === 0) throw new UsageError(`nothing in ${stack} differs from what was last deployed, so there is no ${quote(wanted)}`);
  throw new UsageError(
    `nothing that differs in ${stack} is called ${quote(wanted)}.${didYouMean(wanted, names)} There is: ${names.join(", ")}`,
  );
}

/** Brings one finding back to what was deployed, and looks whether it is. Returns whether it was done. */
export async function restoreFinding(stack: string, finding: Finding, hands: Hands): Promise<boolean> {
  const { pulumi, say } = hands;
  const { commands, words, isOffered } = restore(stack, finding, hands.choice);
  const way = restoring(finding);
  if (!isOffered || way === undefined) return refuse(commands, words, say);
  if (isDeployed(finding)) await refuseUndeployed(hands, stack, finding);
  say(`${stack}: restores ${keyOf(finding)} by ${commands.slice(1).join(", then ")}`);
  if (words !== "") say(`  ${words}`);
  if (hands.confirm === undefined || !(await hands.confirm())) return false;
  for (const args of way.runs) await perform(hands, [...args, "--stack", stack, "--yes", "--skip-preview"], way.variables);
  const after = await stillThere(pulumi, stack, finding);
  if (after === undefined) return true;
  const left = after.properties.filter(({ isAsked }) => isAsked || isDeployed(finding));
  if (after.kind !== "changed" || left.length > 0)
    throw new Error(`${keyOf(finding)} still differs: ${left.map(({ path }) => path).join(", ")}`);
  say(
    `  What the program does not say stays different: ${after.properties.map(({ path, expected }) => `${path}, which was ${expected}`).join("; ")}`,
  );
  return true;
}

/** Who adopts, and where the stack file is. */
export interface AdoptingHands extends Hands {
  /** The stack file that is written. */
  readonly file: string;
  readonly options: StackOptions;
  /** Takes the changed stack file up. */
  readonly reopen?: () => Promise<Pulumi>;
  /** The stack file is tracked, and this is the sandbox, which writes no tracked file: it is only said what to write. */
  readonly isReadOnly?: boolean;
}

/** Keeps one finding: the stack file, and then the state, say what is there. Looks whether they do. Returns whether it was done. */
export async function adoptFinding(stack: string, finding: Finding, hands: AdoptingHands): Promise<boolean> {
  const keeping = adopt(stack, finding, hands.choice, hands.options);
  const { commands, words, isOffered, options, reasons, takes } = keeping;
  const { file, say } = hands;
  if (!isOffered) {
    for (const { path, why } of reasons) say(`${path} cannot be kept: ${why}.`);
    return refuse(commands, words, say);
  }
  await refuseUndeployed(hands, stack, finding);
  const before = options.length > 0 ? readFileSync(file, "utf8") : "";
  const after = options.length > 0 ? withOptions(before, options) : "";
  say(`${stack}: adopts ${keyOf(finding)}`);
  for (const line of changedLines(before, after)) say(`  ${basename(file)}: ${line}`);
  if (options.length > 0 && hands.isReadOnly === true) {
    say(`Nothing is written, since the sandbox leaves tracked files alone. Write this into ${file} yourself, and then run:`);
    for (const args of takes) say(`  ${pulumiCommand(hands.choice, [...args, "--stack", stack])}`);
    return false;
  }
  say(`  ${words}`);
  if (hands.confirm === undefined || !(await hands.confirm())) return false;
  if (options.length > 0) writeFileSync(file, after);
  try {
    await takeIn(stack, finding, keeping, { ...hands, pulumi: (await hands.reopen?.()) ?? hands.pulumi });
  } catch (error) {
    if (options.length === 0) throw error;
    writeFileSync(file, before);
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${basename(file)} is as it was`, { cause: error });
  }
  return true;
}

async function takeIn(stack: string, finding: Finding, { takes }: Keeping, hands: Hands): Promise<void> {
  const { pulumi } = hands;
  const wanted = async (): Promise<readonly PlannedStep[]> => planOf(pulumi, stack, {});
  if (isDeployed(finding)) {
    const { after } = (await wanted()).find(({ urn }) => urn === finding.urn) ?? {};
    const other = finding.properties.filter(({ path, actual }) => text(valueAt(after, path)) !== actual && actual !== "(nothing)");
    const made = other.map(({ path }) => `${path} ${text(valueAt(after, path))}`);
    if (other.length > 0) throw new Error(`the program would make something else of it: ${made.join(", ")}`);
  }
  for (const args of takes) {
    await perform(hands, [...args, "--stack", stack, "--yes", "--skip-preview"], {});
    const steps = await wanted();
    if (steps.length > 0) throw new Error(`the program still wants something else: ${steps.map(renderStep).join("; ")}`);
  }
  const after = await stillThere(pulumi, stack, finding);
  if (after === undefined) return;
  const left = after.properties.map(({ path, expected, actual }) => `${path}, expected ${expected}, is ${actual}`);
  throw new Error(`${keyOf(finding)} still differs: ${left.join("; ")}`);
}

function refuse(commands: readonly string[], words: string, say: Hands["say"]): false {
  if (words !== "") say(words);
  for (const command of commands) say(`  ${command}`);
  return false;
}

/** What the program would change anyway would go along unseen. */
async function refuseUndeployed({ pulumi, choice }: Pick<Hands, "pulumi" | "choice">, stack: string, finding: Finding): Promise<void> {
  const steps = await planOf(pulumi, stack, {});
  if (steps.length === 0) return;
  const lines = steps.map((step) => `  ${renderStep(step)}`);
  throw new Error(
    [
      `the program asks for changes of ${stack} that are not deployed, and they would go along:`,
      ...lines,
      // An up that does not look first would update what is not there.
      finding.kind === "gone"
        ? `It is gone, so a plain up would end with 404. Take these changes back and run this again, or make it anew together with them: ${pulumiCommand(choice, ["up", "--refresh", "--stack", stack])}`
        : `Deploy them first: ${pulumiCommand(choice, ["up", "--stack", stack])}`,
    ].join("\n"),
  );
}

async function perform(
  { pulumi, choice, progress }: Hands,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const { code } = await pulumi.show(args, variables, progress);
  if (code !== 0) throw new Error(`${pulumiCommand(choice, args, variables)} ended with ${code}; what it said stands above`);
}

async function stillThere(pulumi: Pulumi, stack: string, finding: Finding): Promise<Finding | undefined> {
  return (await driftOf(pulumi, stack)).findings.find(({ urn }) => urn === finding.urn);
}
