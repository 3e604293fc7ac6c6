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
