import { findSystem } from "../sandbox/systems.ts";
import { describeLock, isHeld, type Lock, readLock } from "../sandbox/locks.ts";
import { type Sandbox } from "../sandbox/sandbox.ts";
import type { ExportedResource } from "./settle.ts";
import { findHalfWritten, removeHalfWritten } from "./sidecars.ts";
import { type Holder, nobody, type UnlockOptions } from "./unlock.ts";

/** What a verb works on: one stack of one system, for real or in the sandbox. */
export interface Target extends Pick<UnlockOptions, "holder" | "find" | "clean"> {
  /** Since when the holder has it; an ISO time. */
  readonly heldSince: string | undefined;
  /** What `clean` would take away. */
  readonly halfWritten: () => readonly string[];
  /** The folder that the backend keeps its files in; undefined where it is no folder. */
  readonly files: string | undefined;
}

/** `opened` is the sandbox, where the verb works on that. */
export function target({ system, stack, opened }: { system: string; stack: string; opened?: Sandbox }): Target {
  if (opened) {
    if (!opened.home.hasStack(opened.system, stack)) throw new Error(`the sandbox has no stack "${stack}" of ${opened.system}`);
    const orphans = opened.unmanaged();
    const find = ({ type, inputs }: ExportedResource): string | null =>
      orphans.find((orphan) => orphan.type === type && agrees(inputs ?? {}, orphan.inputs))?.id ?? null;
    const lock = opened.lock(stack);
    return {
      holder: describe(lock),
      heldSince: lock?.timestamp,
      files: opened.home.state,
      find,
      halfWritten: () => findHalfWritten(opened.home.state, opened.system, stack),
      clean: () => removeHalfWritten(opened.home.state, opened.system, stack),
    };
  }
  const { name } = findSystem(system);
  const url = process.env.PULUMI_BACKEND_URL ?? "";
  const files = url.startsWith("file://") ? url.slice("file://".length) : undefined;
  const lock = files === undefined ? undefined : readLock(files, name, stack);
  return {
    holder: files === undefined ? undefined : describe(lock),
    heldSince: lock?.timestamp,
    files,
    find: () => undefined,
    halfWritten: () => (files === undefined ? [] : findHalfWritten(files, name, stack)),
    clean: () => (files === undefined ? [] : removeHalfWritten(files, name, stack)),
  };
}

const describe = (lock: Lock | undefined): Holder => (lock ? { text: describeLock(lock), alive: isHeld(lock) } : nobody);

/** Whether an object was made from these inputs: every plain value is the same; secrets, which an export does not show, count as equal. */
function agrees(asked: unknown, made: unknown): boolean {
  if (typeof asked !== "object" || asked === null) return asked === made;
  if ("4dabf18193072939515e22adb298388d" in asked) return true;
  if (typeof made !== "object" || made === null) return false;
  return Object.entries(asked).every(([name, value]) => name === "__defaults" || agrees(value, (made as Record<string, unknown>)[name]));
}
