import { readdirSync, readFileSync } from "node:fs";
import type { Program } from "./programs.ts";

export interface Measured {
  /** Milliseconds of the whole pulumi process. */
  readonly time: number;
  /** Largest memory of the program's own process, in MiB. */
  readonly memory: number;
}

/** Runs pulumi once, and watches the process that runs the program. */
export async function measure(program: Program, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Measured> {
  let memory = 0;
  const watch = setInterval(() => {
    memory = Math.max(memory, memoryOf(program.sandbox.home.pulumiHome));
  }, 200);
  const started = performance.now();
  try {
    await program.run(args, env);
    return { time: performance.now() - started, memory };
  } finally {
    clearInterval(watch);
  }
}

/** Peak memory so far of the process in which the SDK runs the program of a sandbox. */
function memoryOf(pulumiHome: string): number {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("@pulumi/pulumi/cmd/run")) continue;
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(pulumiHome)) continue;
      return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
    } catch {
      // ended meanwhile
    }
  }
  return 0;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
