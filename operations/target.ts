import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findSystem } from "../sandbox/systems.ts";
import { isAlive, type Lock, type Sandbox } from "../sandbox/sandbox.ts";
import type { ExportedResource } from "./settle.ts";
import type { Runner, UnlockOptions } from "./unlock.ts";

/** What a verb works on: one stack of one system, for real or in the sandbox. */
export interface Target extends Pick<UnlockOptions, "holder" | "find"> {
  readonly runner: Runner;
}

/** `opened` is the sandbox, where the verb works on that. */
export function target({ system, stack, opened }: { system: string; stack: string; opened?: Sandbox }): Target {
  if (opened) {
    if (!opened.home.hasStack(system, stack)) throw new Error(`the sandbox has no stack "${stack}" of ${system}`);
    const orphans = opened.unmanaged();
    const find = ({ type, inputs }: ExportedResource): string | null =>
      orphans.find((orphan) => orphan.type === type && agrees(inputs ?? {}, orphan.inputs))?.id ?? null;
    return { runner: opened, holder: describe(opened.lock(stack)) ?? nobody, find };
  }
  const source = findSystem(system).project;
  const url = process.env.PULUMI_BACKEND_URL ?? "";
  return {
    runner: { capture: (args) => capture(args, source) },
    holder: url.startsWith("file://") ? (describe(lockIn(url.slice("file://".length), system, stack)) ?? nobody) : undefined,
    find: () => undefined,
  };
}

const nobody = { text: "nobody", alive: false };

function describe(lock: Lock | undefined): { text: string; alive: boolean } | undefined {
  return lock && { text: `${lock.username}@${lock.hostname} (process ${lock.pid}, since ${lock.timestamp})`, alive: isAlive(lock.pid) };
}

function lockIn(state: string, system: string, stack: string): Lock | undefined {
  const folder = join(state, ".pulumi", "locks", "organization", system, stack);
  const [file] = existsSync(folder) ? readdirSync(folder) : [];
  return file === undefined ? undefined : (JSON.parse(readFileSync(join(folder, file), "utf8")) as Lock);
}

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
