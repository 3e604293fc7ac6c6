import type { Pulumi } from "../pulumi.ts";
import { type FullState, readPlan } from "../plan/steps.ts";
import { costChange } from "./change.ts";
import type { Total } from "./lines.ts";

/**
 * What a stack costs a month by what it holds. An App's sizes stand in one sealed list with its secrets, so this takes the
 * stack's passphrase; undefined where nobody has it, or where there is no such stack.
 */
export async function runningCost(pulumi: Pick<Pulumi, "capture">, stack: string): Promise<Total | undefined> {
  const { code, stdout } = await pulumi.capture(["stack", "export", "--stack", stack, "--show-secrets"]);
  return code === 0 ? costOfState(JSON.parse(stdout) as FullState) : undefined;
}

/** The same of a state with its secrets in the clear; undefined where nothing of it is billed. Pure. */
export function costOfState(state: FullState): Total | undefined {
  const { before } = readPlan('{"steps":[]}', { state });
  const { before: total, parts } = costChange({ before, after: [] });
  return parts.length === 0 ? undefined : total;
}
