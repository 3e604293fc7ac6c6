import { spawn } from "node:child_process";
import { findSystem } from "../sandbox/systems.ts";
import { describeLock, isHeld, type Lock, readLock } from "../sandbox/locks.ts";
import { type Sandbox } from "../sandbox/sandbox.ts";
import type { ExportedResource } from "./settle.ts";
import { removeHalfWritten } from "./sidecars.ts";
import { type Holder, nobody, type Runner, type UnlockOptions } from "./unlock.ts";

/** What a verb works on: one stack of one system, for real or in the sandbox. */
export interface Target extends Pick<UnlockOptions, "holder" | "find" | "clean"> {
  readonly runner: Runner;
}

/** `opened` is the sandbox, where the verb works on that. */
export function target({ system, stack, opened }: { system: string; stack: string; opened?: Sandbox }): Target {
  if (opened) {
    if (!opened.home.hasStack(opened.system, stack)) throw new Error(`the sandbox has no stack "${stack}" of ${opened.system}`);
    const orphans = opened.unmanaged();
    const find = ({ type, inputs }: ExportedResource): string | null =>
      orphans.find((orphan) => orphan.type === type && agrees(inputs ?? {}, orphan.inputs))?.id ?? null;
    return {
      runner: opened,
      holder: describe(opened.lock(stack)),
      find,
      clean: () => removeHalfWritten(opened.home.state, opened.system, stack),
    };
  }
  const { name, project } = findSystem(system);
  const url = process.env.PULUMI_BACKEND_URL ?? "";
  const files = url.startsWith("file://") ? url.slice("file://".length) : undefined;
  return {
    runner: { capture: (args) => capture(args, project) },
    holder: files === undefined ? undefined : describe(readLock(files, name, stack)),
    find: () => undefined,
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

function capture(args: readonly string[], cwd: string): ReturnType<Runner["capture"]> {
  const child = spawn("pulumi", [...args, "--non-interactive"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (texts.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (texts.stderr += data.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", () => reject(new Error("there is no pulumi on PATH. Install it, or add --sandbox")));
    child.once("close", (code) => resolve({ code: code ?? 255, ...texts }));
  });
}
