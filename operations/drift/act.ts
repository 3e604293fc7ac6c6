import { readFileSync, writeFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { didYouMean, quote } from "../../config/problems.ts";
import { UsageError } from "../../sandbox/command-line.ts";
import { planOf, renderStep } from "../plan.ts";
import type { Pulumi, Screen } from "../pulumi.ts";
import { appType } from "../verify.ts";
import { adopt, type Option } from "./adopt.ts";
import { type Drift, driftOf } from "./drift.ts";
import type { Finding } from "./judge.ts";
import { keyOf, restore, restoring } from "./remedies.ts";

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
  if (finding.type === appType) await refuseUndeployed(pulumi, stack);
  say(`${stack}: restores ${keyOf(finding)} by ${commands.slice(1).join(", then ")}`);
  if (words !== "") say(`  ${words}`);
  if (hands.confirm === undefined || !(await hands.confirm())) return false;
  for (const args of way.runs) await perform(hands, [...args, "--stack", stack, "--yes", "--skip-preview"], way.variables);
  const after = await stillThere(pulumi, stack, finding);
  if (after === undefined) return true;
  const left = after.properties.filter(({ isAsked }) => isAsked || finding.type === appType);
  if (after.kind !== "changed" || left.length > 0)
    throw new Error(`${keyOf(finding)} still differs: ${left.map(({ path }) => path).join(", ")}`);
  say(
    `  What the program does not say stays different: ${after.properties.map(({ path, expected }) => `${path}, which was ${expected}`).join("; ")}`,
  );
  return true;
}

/** What a finding became once the stack file, and then the state, say what is there. */
export async function adoptFinding(
  stack: string,
  finding: Finding,
  hands: Hands & {
    /** The stack file. */ readonly file: string;
    /** Takes the changed stack file up. */ readonly reopen?: () => Promise<Pulumi>;
  },
): Promise<boolean> {
  const { commands, words, isOffered, options } = adopt(stack, finding, hands.choice);
  if (!isOffered) return refuse(commands, words, hands.say);
  await refuseUndeployed(hands.pulumi, stack);
  hands.say(`${stack}: adopts ${keyOf(finding)}`);
  for (const { path, value } of options) hands.say(`  ${hands.file}: ${path.join("/")} becomes ${value}`);
  hands.say(`  ${words}`);
  if (hands.confirm === undefined || !(await hands.confirm())) return false;
  if (options.length > 0) writeFileSync(hands.file, withOptions(readFileSync(hands.file, "utf8"), options));
  const pulumi = (await hands.reopen?.()) ?? hands.pulumi;
  const args = finding.type === appType ? ["up"] : ["refresh", "--target", finding.urn];
  await perform({ ...hands, pulumi }, [...args, "--stack", stack, "--yes", "--skip-preview"], {});
  const steps = await planOf(pulumi, stack, {});
  if (steps.length > 0) throw new Error(`the program still wants something else: ${steps.map(renderStep).join("; ")}`);
  const after = await stillThere(pulumi, stack, finding);
  if (after !== undefined) throw new Error(`${keyOf(finding)} still differs: ${after.properties.map(({ path }) => path).join(", ")}`);
  return true;
}

function refuse(commands: readonly string[], words: string, say: Hands["say"]): false {
  say(words);
  for (const command of commands) say(`  ${command}`);
  return false;
}

/** What the program would change anyway would go along unseen. */
async function refuseUndeployed(pulumi: Pulumi, stack: string): Promise<void> {
  const steps = await planOf(pulumi, stack, {});
  if (steps.length === 0) return;
  const lines = steps.map((step) => `  ${renderStep(step)}`);
  throw new Error(
    [
      `the program asks for changes of ${stack} that are not deployed, and they would go along:`,
      ...lines,
      `Deploy them first: pulumi up --stack ${stack}`,
    ].join("\n"),
  );
}

async function perform({ pulumi, progress }: Hands, args: readonly string[], variables: Readonly<Record<string, string>>): Promise<void> {
  const { code } = await pulumi.show(args, variables, progress);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}; what it said stands above`);
}

async function stillThere(pulumi: Pulumi, stack: string, finding: Finding): Promise<Finding | undefined> {
  return (await driftOf(pulumi, stack)).findings.find(({ urn }) => urn === finding.urn);
}

/** A stack file with options set; everything else stays as it was written. Pure. */
export function withOptions(text: string, options: readonly Option[]): string {
  const document = parseDocument(text);
  for (const { path, value } of options) document.setIn(["config", ...path], value);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
