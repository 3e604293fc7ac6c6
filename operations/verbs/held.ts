import { UsageError } from "../../sandbox/command-line.ts";
import { findSystem } from "../../sandbox/systems.ts";
import type { Deployment } from "../deploy.ts";
import { openGitHub } from "../github/client.ts";
import { mergedPulls, type Promised, promisedBy, refuseUnseen, shownBefore } from "../plan/commented.ts";
import { fingerprintKey } from "../plan/fingerprint.ts";
import type { Pulumi } from "../pulumi.ts";

export const planOf = { "plan-of": { type: "string", multiple: true, default: [] as string[] } } as const;

export const planOfUsage = `--plan-of <what>         does only what the comment on this pull request showed, by its number (repeatable), or merged: on those that
                               brought the commit and all since what serves; or shown:<names>, what --plan has shown. Refuses (exit
                               code 7) what went stale. Needs GITHUB_TOKEN, but for shown`;

/** Holds a deploy to what pull requests or an earlier look were shown; undefined where nobody asked for that. */
export function heldTo(
  given: readonly string[],
  { pulumi, system, stack, commit }: { pulumi: Pulumi; system: string; stack: string; commit: string | undefined },
): Deployment["held"] {
  if (given.length === 0) return undefined;
  const wrong = given.find((one) => !/^(?:merged|[1-9]\d*|shown:(?:[0-9a-f]{12}(?:,[0-9a-f]{12})*)?)$/.test(one));
  if (wrong !== undefined)
    throw new UsageError(`--plan-of takes the number of a pull request, merged, or shown: and what --plan has shown, got "${wrong}"`);
  const merged = commit ?? process.env["GITHUB_SHA"];
  if (given.includes("merged") && merged === undefined) throw new UsageError("--plan-of merged: of which commit? Add --commit <sha>");
  const shown = given.filter((one) => one.startsWith("shown:")).map((one): Promised => ({ by: shownBefore, plan: namesIn(one) }));
  const numbers = given.filter((one) => /^\d+$/.test(one)).map(Number);
  const isByPulls = given.includes("merged") || numbers.length > 0;
  return async (plan, { serving }) => {
    const github = isByPulls ? await openGitHub(process.env) : undefined;
    if (given.includes("merged")) numbers.push(...(await mergedPulls(github!, merged!, serving?.commit)));
    const commented = github ? await promisedBy(github, findSystem(system).name, stack, [...new Set(numbers)]) : [];
    return refuseUnseen(stack, plan, [...shown, ...commented], fingerprintKey(pulumi.passphraseOf(stack), stack));
  };
}

const namesIn = (text: string): string[] =>
  text
    .replace("shown:", "")
    .split(",")
    .filter((name) => name !== "");
