import { isSandbox, opsCommand, pulumiCommand } from "../commands.ts";
import { actualsOf, adoptionOf, type Option } from "./adoptions.ts";
import { heirWords } from "./heirs.ts";
import type { Finding } from "./judge.ts";
import { oneWay } from "./one-way.ts";
import { holdsData, isDeployed, keyOf, type Remedy, restoring } from "./remedies.ts";
import type { StackOptions } from "./stack-options.ts";

export type { Option } from "./adoptions.ts";

/** How a finding is kept. */
export interface Keeping extends Remedy {
  /** What the stack file has to say. */
  readonly options: readonly Option[];
  /** What cannot be kept, and why, by property; empty where all of it can. */
  readonly reasons: readonly { readonly path: string; readonly why: string }[];
  /** Arguments of the pulumi commands that bring what is there into the state, once the stack file says it. */
  readonly takes: readonly (readonly string[])[];
}

/** What a person does for the stack file to say an option. The sandbox makes its stack files anew of the tracked ones with each command. */
function writing(stack: string, { path, value }: Option, choice: string, file: string): string {
  if (isSandbox(choice)) return `# first in ${file}: ${path.join("/")}: ${JSON.stringify(value)}`;
  // A text such as "16" would be written as a number.
  const type = typeof value === "string" && /^(?:[\d.]+|true|false)$/.test(value) ? ["--type", "string"] : [];
  return pulumiCommand(choice, ["config", "set", "--path", path.join("."), String(value), ...type, "--stack", stack]);
}

/** How to keep what is there. Pure. @param choice Words of the command line that choose system and sandbox. */
export function adopt(stack: string, finding: Finding, choice: string, about: StackOptions): Keeping {
  const { type, name, urn, kind, properties } = finding;
  const none = { commands: [], options: [], reasons: [], takes: [], isOffered: false };
  if (kind === "unread") return { ...none, words: "" };
  if (kind === "gone")
    return {
      ...none,
      words: `If it is not to come back, take what makes ${name} out of ${about.system}; the next deployment then forgets it.`,
    };
  const actuals = actualsOf(finding);
  const all = properties.map((property) => ({ property, adoption: adoptionOf(finding, property, actuals, about, { stack, choice }) }));
  const reasons = all.flatMap(({ property, adoption }) => ("reason" in adoption ? [{ path: property.path, why: adoption.reason }] : []));
  const options = all.flatMap(({ adoption }) => ("options" in adoption ? adoption.options : []));
  const isWhole = isDeployed(finding);
  const writes = options.map((option) => writing(stack, option, choice, about.file));
  const takeIn = ["refresh", "--target", urn];
  if (reasons.length > 0) {
    // Nothing puts these back, so the program has to say them first.
    if (properties.some((property) => oneWay(type, property) !== undefined && reasons.some(({ path }) => path === property.path)))
      return {
        ...none,
        reasons,
        commands: [...writes, pulumiCommand(choice, [...takeIn, "--stack", stack])],
        words:
          "What cannot go back has to be said there first; then this takes it into the state, and the next deployment puts back the rest:",
      };
    if (writes.length === 0) return { ...none, reasons, words: "" };
    // What can be kept is written down, and everything is brought to what the program then says.
    const { variables = {}, runs = [] } = restoring(finding) ?? {};
    const brings = runs.map((args) => pulumiCommand(choice, [...args, "--stack", stack], variables));
    return { ...none, reasons, commands: [...writes, ...brings], words: "This keeps the rest, and puts these back:" };
  }
  // The second run changes nothing in the cloud: it writes into the state what the program now asks for.
  const follows = isWhole ? "" : heirWords(finding);
  const takes = isWhole ? [["up"]] : [takeIn, ...(options.length > 0 || follows !== "" ? [["up"]] : [])];
  const runs = takes.map((args) => pulumiCommand(choice, [...args, "--stack", stack]));
  const words = isWhole
    ? `${about.file} then says so, and one deployment makes it the deployed state.`
    : options.length > 0
      ? `${about.file} and the state then say so; nothing in the cloud changes.`
      : "The state then holds what is there; nothing in the cloud changes.";
  const found = { options, reasons, takes };
  // Others follow with the up: it is said who, and a person runs it.
  if (follows !== "")
    return {
      ...found,
      commands: [...writes, ...runs],
      words: `${follows} The refresh takes what is there into the state, and the up, whose preview a person reads, gives it to them:`,
      isOffered: false,
    };
  if (holdsData(type))
    return { ...found, commands: [...writes, ...runs], words: `It holds data, so a person runs this. ${words}`, isOffered: false };
  const command = opsCommand(choice, "drift", "--stack", stack, "--adopt", keyOf(finding));
  return { ...found, commands: [command, ...writes, ...runs], words, isOffered: true };
}
