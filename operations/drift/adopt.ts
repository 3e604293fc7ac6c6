import { actualsOf, adoptionOf, type Option } from "./adoptions.ts";
import { heirWords } from "./heirs.ts";
import type { Finding } from "./judge.ts";
import { holdsData, isDeployed, keyOf, type Remedy, restoring, word } from "./remedies.ts";
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

/** How to keep what is there. Pure. */
export function adopt(stack: string, finding: Finding, choice: string, about: StackOptions): Keeping {
  const { type, name, urn, kind, properties } = finding;
  const none = { commands: [], options: [], reasons: [], takes: [], isOffered: false };
  if (kind === "unread") return { ...none, words: "" };
  if (kind === "gone")
    return { ...none, words: `Take ${name} out of ${about.system} if it is not to come back; pulumi up then forgets it.` };
  const actuals = actualsOf(finding);
  const all = properties.map((property) => ({ property, adoption: adoptionOf(finding, property, actuals, about) }));
  const reasons = all.flatMap(({ property, adoption }) => ("reason" in adoption ? [{ path: property.path, why: adoption.reason }] : []));
  const options = all.flatMap(({ adoption }) => ("options" in adoption ? adoption.options : []));
  const isWhole = isDeployed(finding);
  const writes = options.map(
    ({ path: [key = "", ...rest], value }) =>
      // A text such as "16" would be written as a number.
      `pulumi config set --path ${word([key, ...rest].join("."))} ${word(String(value))}${/^(?:[\d.]+|true|false)$/.test(String(value)) && typeof value === "string" ? " --type string" : ""} --stack ${word(stack)}`,
  );
  if (reasons.length > 0) {
    if (writes.length === 0) return { ...none, reasons, words: "" };
    // What can be kept is written down, and everything is brought to what the program then says.
    const { variables = {}, runs = [] } = restoring(finding) ?? {};
    const brings = runs.map((args) =>
      [...Object.entries(variables).map(([key, value]) => `${key}=${value}`), "pulumi", ...args.map(word), "--stack", word(stack)].join(
        " ",
      ),
    );
    return { ...none, reasons, commands: [...writes, ...brings], words: "This keeps the rest, and puts these back:" };
  }
  // The second run changes nothing in the cloud: it writes into the state what the program now asks for.
  const follows = isWhole ? "" : heirWords(finding);
  const takes = isWhole ? [["up"]] : [["refresh", "--target", urn], ...(options.length > 0 || follows !== "" ? [["up"]] : [])];
  const runs = takes.map((args) => ["pulumi", ...args.map(word), "--stack", word(stack)].join(" "));
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
  const command = `npm run ops -- drift --stack ${word(stack)} --adopt ${word(keyOf(finding))}${choice}`;
  return { ...found, commands: [command, ...writes, ...runs], words, isOffered: true };
}
