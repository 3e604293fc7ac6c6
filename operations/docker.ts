import { spawn } from "node:child_process";
import { captured, type Result } from "../sandbox/captured.ts";

/** Who runs `docker` on the engine of a stack, and of no other. */
export interface Docker {
  /** Runs it quietly. */
  capture(args: readonly string[]): Promise<Result>;
  /** Hands each line of it on, until it ends or is stopped. Returns its exit code. */
  lines(args: readonly string[], say: (line: string) => void, stop: AbortSignal): Promise<number>;
}

/** The command line of Docker, on the engine that the stack's file names: what the shell's DOCKER_HOST or context points at has no part in it. */
export function dockerOn(host: string, environment: NodeJS.ProcessEnv = process.env): Docker {
  const start = (args: readonly string[]) =>
    spawn("docker", [...args], {
      env: { ...environment, DOCKER_CONTEXT: undefined, DOCKER_HOST: host },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const missing = (): Error =>
    new Error("there is no docker on PATH, and what runs on a Docker host is asked for with it. Install Docker's command line");
  return {
    capture(args) {
      return captured(start(args)).catch(() => Promise.reject(missing()));
    },
    lines(args, say, stop) {
      const child = start(args);
      const end = (): void => void child.kill("SIGTERM");
      stop.addEventListener("abort", end, { once: true });
      for (const stream of [child.stdout, child.stderr]) {
        let rest = "";
        stream.setEncoding("utf8").on("data", (data: string) => {
          const parts = (rest + data).split("\n");
          rest = parts.pop() ?? "";
          for (const line of parts) say(line);
        });
        stream.once("end", () => rest !== "" && say(rest));
      }
      return new Promise<number>((resolve, reject) => {
        child.once("error", () => reject(missing()));
        child.once("close", (code) => resolve(code ?? 255));
      }).finally(() => stop.removeEventListener("abort", end));
    },
  };
}
