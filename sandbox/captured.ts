import type { ChildProcess } from "node:child_process";

/** What a command printed, and its exit code: 255 where a signal ended it. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What ended it, where a signal did. */
  readonly signal?: NodeJS.Signals;
}

/** Waits for a command whose output is piped, and hands each piece on as it comes. Rejects where it could not be started. */
export function captured(child: ChildProcess, heard: (piece: string) => void = () => undefined): Promise<Result> {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    // Not chunk by chunk: a letter of several bytes may lie across two.
    child[name]?.setEncoding("utf8").on("data", (piece: string) => {
      texts[name] += piece;
      heard(piece);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? 255, ...texts, ...(signal === null ? {} : { signal }) }));
  });
}
