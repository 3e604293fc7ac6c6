import { type Holder, nobody } from "./unlock.ts";

/** Why no run of a stack can begin now, and what to do then; undefined: one can, or nobody knows. Pure. */
export function heldText(stack: string, holder: Holder | undefined): string | undefined {
  if (holder === undefined || holder === nobody) return undefined;
  const unlock = `npm run ops -- unlock --stack ${stack}`;
  switch (holder.alive) {
    case true:
      return `${stack} is being changed by ${holder.text}, which still runs. Wait for it to end, then run this again.`;
    case false:
      return `${stack} is held by ${holder.text}, a run that was killed. First: ${unlock}`;
    case "unknown":
      return `${stack} is held by ${holder.text}, on another machine. Wait for it to end; if it was killed: ${unlock}`;
  }
}

/** Whether a run ended because another one has the stack, by what it said. Pure. */
export const isLockedOut = (said: string): boolean => /currently locked by/.test(said);

/** The engine's words without its advice to take the lock away, whoever works there. What to do instead is said where the run ends. Pure. */
export const withoutLockAdvice = (said: string): string =>
  said.replaceAll(/ *Either wait for the other process\(es\) to end or delete the lock file with `pulumi cancel`\.?/g, "");
