import { opsCommand } from "../commands.ts";
import type { Holder } from "../unlock.ts";

/**
 * What a run that broke off has left in a stack that is compared, in whole sentences: what it had begun may be in the cloud and in no state, so that
 * no comparison sees it. Pure.
 *
 * @param pending What it had begun, by the state.
 * @param holder Who holds the stack; nobody who is at work, or it would not be compared.
 */
export function brokenOff(stack: string, pending: readonly string[], holder: Holder | undefined, choice: string): string[] {
  const isHeld = holder !== undefined && holder.text !== "nobody";
  if (pending.length === 0 && !isHeld) return [];
  const left = [
    ...(isHeld ? [`still holds ${stack}`] : []),
    ...(pending.length > 0 ? [`was not done with ${pending.join(", ")}, which no state may know`] : []),
  ];
  const run = isHeld
    ? `${holder.text}, which ${holder.alive === "unknown" ? "has had it for too long" : "does not run any more"},`
    : "A run that broke off";
  // Whether one on another machine lives is for a person to say.
  const force = isHeld && holder.alive === "unknown" ? ["--force"] : [];
  return [`${run} ${left.join(" and ")}: ${opsCommand(choice, "unlock", "--stack", stack, ...force)}`];
}
