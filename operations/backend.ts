import { didYouMean, list, quote } from "../config/problems.ts";
import { UsageError } from "../sandbox/command-line.ts";
import type { Pulumi } from "./pulumi.ts";

/** Where nobody says where the states lie. Pulumi itself then asks for a token of its own cloud, which nobody here has. */
export const noBackend =
  "PULUMI_BACKEND_URL is not set, so that nobody knows where the states lie. It names the bucket that npm run ops -- bootstrap made; npm run ops -- doctor shows its form";

/** Pulumi's words, where they are not about a backend that is not named. Pure. */
export const withoutLogin = (words: string): string =>
  /PULUMI_ACCESS_TOKEN must be set for login/.test(words) ? `error: ${noBackend}\n` : words;

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

/** A stack that neither has a file nor is known is a word that somebody got wrong. @param all The stacks that have the one or are the other. */
export function refuseUnknown(system: string, given: readonly string[], all: readonly string[]): void {
  const strange = given.filter((stack) => !all.includes(stack));
  if (strange.length === 0) return;
  const names = strange.map((stack) => `${quote(stack)}.${didYouMean(stack, all)}`).join(" ");
  throw new UsageError(`${system} has no stack ${names} Stacks: ${list(all.toSorted())}.`);
}
