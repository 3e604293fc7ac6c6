import { lostWords, type Remembered, restoreCommand } from "../remembered.ts";
import type { Finding } from "./finding.ts";

/** A stack that the backend does not know, and knows runs of. Pure. @param choice How the verbs are told to work on it. */
export function lostFinding(stack: string, choice: string, remembered: Remembered): Finding {
  return {
    id: "state-lost",
    stack,
    severity: "error",
    what: lostWords(stack, remembered),
    why: "To Pulumi nothing of it exists: a stack that is made anew makes everything once more, or fails at the names that are taken.",
    fix: fixOf(choice, remembered),
  };
}

/** A stack whose file of state holds no state. Pure. */
export function spoiledFinding(stack: string, choice: string, remembered: Remembered | undefined): Finding {
  return {
    id: "state-spoiled",
    stack,
    severity: "error",
    what: `the state of ${stack} is spoiled: its file is cut off, or written over`,
    why: "The stack cannot be previewed or deployed, and where the file is no JSON, Pulumi lists no stack at all. What runs is not touched by it.",
    fix: fixOf(choice, remembered),
  };
}

const fixOf = (choice: string, remembered: Remembered | undefined): string[] => {
  const command = restoreCommand(choice, remembered);
  return remembered?.whole === undefined ? [command] : [`${command}   # the newest that is whole; it shows what comes back, and asks`];
};
