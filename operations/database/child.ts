import { spawn } from "node:child_process";
import { constants } from "node:os";

/** The code with which a shell tells that a signal has ended something. */
export const codeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/**
 * Runs a program on this terminal and returns its exit code.
 *
 * @param ended Ends it; the reason is the code that is returned then.
 * @param missing What is said where there is no such program.
 */
export function runAttached(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  ended: AbortSignal,
  missing: string,
): Promise<number> {
  const child = spawn(command, [...args], { env, stdio: "inherit" });
  const end = (): void => void child.kill("SIGTERM");
  ended.addEventListener("abort", end, { once: true });
  return new Promise<number>((resolve, reject) => {
    child.once("error", () => reject(new Error(missing)));
    child.once("exit", (code, signal) => resolve(ended.aborted ? (ended.reason as number) : (code ?? codeOf(signal ?? "SIGKILL"))));
  }).finally(() => ended.removeEventListener("abort", end));
}
