import { didYouMean, list, quote } from "../config/problems.ts";
import { UsageError } from "../sandbox/command-line.ts";
import { isSandbox, pulumiCommand } from "./commands.ts";
import type { Pulumi } from "./pulumi.ts";

/** Where nobody says where the states lie. Pulumi itself then asks for a token of its own cloud, which nobody here has. */
export const noBackend =
  "PULUMI_BACKEND_URL is not set, so that nobody knows where the states lie. It names the bucket that npm run ops -- bootstrap made; npm run ops -- doctor shows its form";

/** Pulumi's words, where they are not about a backend that is not named. Pure. */
export const withoutLogin = (words: string): string =>
  /PULUMI_ACCESS_TOKEN must be set for login/.test(words) ? `error: ${noBackend}\n` : words;

/** Whether a run ended because this shell lacks what whoever calls has to give: the backend's address, or the passphrase. By its words. Pure. */
export const lacksSetting = (words: string): boolean =>
  /PULUMI_BACKEND_URL is not set, so that nobody knows/.test(words) || /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/.test(words);

/** A stack as the backend lists it. */
export interface ListedStack {
  readonly name: string;
  /** When it was changed last; an ISO time. Undefined: never. */
  readonly lastUpdate?: string;
  readonly resourceCount?: number;
}

/** The stacks that the backend knows of a system. Throws with Pulumi's own words where it cannot be reached. */
export async function listStacks(pulumi: Pick<Pulumi, "capture">): Promise<readonly ListedStack[]> {
  const { code, stdout, stderr } = await pulumi.capture(["stack", "ls", "--json"]);
  if (code !== 0) throw new Error(`the backend cannot be read: ${(stderr || stdout).trim().replace(/^error: /, "")}`);
  const listed = JSON.parse(stdout) as readonly ListedStack[];
  // The backend of a service names them with their owner and project.
  return listed.map((stack) => ({ ...stack, name: stack.name.split("/").at(-1) ?? stack.name }));
}

/**
 * Whether Pulumi met a file of state that is cut off or written over, so that only another state helps. A file beside it that is half written
 * (`unlock` takes it away) and a backend that is out of reach are told otherwise. Pure.
 */
export const isSpoiled = (words: string): boolean => /place \d+: (?:unexpected end of JSON|invalid character)/.test(words);

/** What is said of such a state. Pure. */
export const spoiledText = (stack: string): string =>
  `the state of ${stack} is spoiled: its file is cut off, or written over. Put a former one back: npm run ops -- restore --stack ${stack}`;

/** There is no such stack. Whoever throws it often knows neither the system nor its other stacks: `cli.ts` says both, by {@link missingText}. */
export class MissingStack extends UsageError {
  readonly wanted: string;

  constructor(stack: string) {
    super(`there is no stack ${quote(stack)}`);
    this.wanted = stack;
  }
}

/** Refuses a stack that has no file, where the backend does not know it either. One that cannot be asked refuses nothing here. */
export async function refuseMissing(pulumi: Pick<Pulumi, "capture">, stack: string): Promise<void> {
  const known = await listStacks(pulumi).catch(() => undefined);
  if (known?.some(({ name }) => name === stack) === false) throw new MissingStack(stack);
}

/** A stack that neither has a file nor is known is a word that somebody got wrong. @param all The stacks that have the one or are the other. */
export function refuseUnknown(system: string, given: readonly string[], all: readonly string[]): void {
  const strange = given.filter((stack) => !all.includes(stack));
  if (strange.length > 0) throw new UsageError(unknownText(system, strange, all));
}

/** A name that was cut short is further off than any misspelling. */
function nearest(stack: string, all: readonly string[]): string {
  const longer = stack.length > 2 ? all.toSorted().find((name) => name.startsWith(stack)) : undefined;
  return didYouMean(stack, all) || (longer === undefined ? "" : ` Did you mean ${quote(longer)}?`);
}

function unknownText(system: string, strange: readonly string[], all: readonly string[]): string {
  const names = strange.map((stack) => `${quote(stack)}.${nearest(stack, all)}`).join(" ");
  return `${system} has no stack ${names} Stacks: ${list(all.toSorted())}.`;
}

/**
 * What is said of a stack that the backend does not know: how it is made where it has a file, else which ones there are. Pure.
 *
 * @param files The stacks that have a file
 * @param known Those of the backend, as far as it could be asked
 */
export function missingText(
  {
    system,
    choice,
    folder,
  }: {
    readonly system: string;
    readonly choice: string;
    /** Of the project, as `pulumi -C` takes it; empty: here. */ readonly folder: string;
  },
  stack: string,
  { files, known }: { readonly files: readonly string[]; readonly known: readonly string[] },
): string {
  if (!files.includes(stack)) return unknownText(system, [stack], [...new Set([...files, ...known])]);
  const made = isSandbox(choice)
    ? pulumiCommand(choice, ["up", "--stack", stack])
    : pulumiCommand(choice, [...(folder === "" ? [] : ["-C", folder]), "stack", "init", stack]);
  return `the stack ${stack} of ${system} was not made yet: so far it has a file only. It is made by: ${made}`;
}
