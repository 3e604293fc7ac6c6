import { findSystem } from "../sandbox/systems.ts";
import { describeLock, isHeld, type Lock, readLock } from "../sandbox/locks.ts";
import { type Sandbox } from "../sandbox/sandbox.ts";
import type { ExportedResource } from "./settle.ts";
import { noBackend } from "./backend.ts";
import { findHalfWritten, removeHalfWritten } from "./sidecars.ts";
import { type Holder, nobody, type UnlockOptions } from "./unlock.ts";

/** What a verb works on: one stack of one system, for real or in the sandbox. */
export interface Target extends Pick<UnlockOptions, "holder" | "find" | "clean"> {
  /** Since when the holder has it; an ISO time. */
  readonly heldSince: string | undefined;
  /** Why nobody knows who holds it. */
  readonly unseen?: string;
  /** What `clean` would take away. */
  readonly halfWritten: () => readonly string[];
  /** The folder that the backend keeps its files in; undefined where it is no folder. */
  readonly files: string | undefined;
}

/** `opened` is the sandbox, where the verb works on that. */
export async function target(
  { system, stack, opened }: { system: string; stack: string; opened?: Sandbox | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Target> {
  if (opened) {
    const find = ({ type, inputs }: ExportedResource): string | null =>
      opened.unmanaged().find((orphan) => orphan.type === type && agrees(inputs ?? {}, orphan.inputs))?.id ?? null;
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
  const url = environment["PULUMI_BACKEND_URL"] ?? "";
  const files = url.startsWith("file://") ? url.slice("file://".length) : undefined;
  const found = files === undefined ? await lockInBucket(environment, name, stack) : { lock: readLock(files, name, stack) };
  return {
    ...("unseen" in found
      ? { holder: undefined, heldSince: undefined, unseen: found.unseen }
      : { holder: describe(found.lock), heldSince: found.lock?.timestamp }),
    files,
    find: () => undefined,
    halfWritten: () => (files === undefined ? [] : findHalfWritten(files, name, stack)),
    clean: () => (files === undefined ? [] : removeHalfWritten(files, name, stack)),
  };
}

async function lockInBucket(
  environment: NodeJS.ProcessEnv,
  system: string,
  stack: string,
): Promise<{ readonly lock: Lock | undefined } | { readonly unseen: string }> {
  const { PULUMI_BACKEND_URL: url = "" } = environment;
  // Somebody may be logged in to a backend all the same.
  if (url === "") return { unseen: noBackend };
  if (!url.startsWith("s3://")) return { unseen: "this backend does not show its locks" };
  try {
    // Only where it is needed: it brings the signatures of requests with it.
    const { readBucketLock } = await import("./bucket-locks.ts");
    return { lock: await readBucketLock(environment, system, stack) };
  } catch (error) {
    return { unseen: error instanceof Error ? error.message : String(error) };
  }
}

const describe = (lock: Lock | undefined): Holder => (lock ? { text: describeLock(lock), alive: isHeld(lock) } : nobody);

/** Whether an object was made from these inputs: every plain value is the same; secrets, which an export does not show, count as equal. */
function agrees(asked: unknown, made: unknown): boolean {
  if (typeof asked !== "object" || asked === null) return asked === made;
  if ("4dabf18193072939515e22adb298388d" in asked) return true;
  if (typeof made !== "object" || made === null) return false;
  return Object.entries(asked).every(([name, value]) => name === "__defaults" || agrees(value, (made as Record<string, unknown>)[name]));
}
