import type { Docker } from "../docker.ts";
import type { ExportedState } from "../stack-state.ts";
import type { Ears, Wish } from "./app.ts";

/** A service or a job of a stack on a Docker host. */
export interface Running {
  /** As the system names it. */
  readonly name: string;
  readonly kind: "service" | "container";
  /** As the engine names it. */
  readonly physical: string;
}

/** What a stack runs on its Docker host, by its state. Pure. */
export function runningOn(resources: readonly ExportedState[]): Running[] {
  return resources.flatMap(({ type, name, id, outputs }) => {
    const kind =
      type === "docker:index/service:Service" ? "service" : type === "docker:index/container:Container" ? "container" : undefined;
    const physical = typeof outputs["name"] === "string" ? outputs["name"] : id;
    return kind === undefined || physical === undefined ? [] : [{ name, kind, physical }];
  });
}

/** Reads the lines of what runs on a Docker host: of services with `run`, of jobs with `deploy`. A service that is wished for is there. */
export async function readHostLogs(docker: Docker, resources: readonly ExportedState[], wish: Wish, { say, stop }: Ears): Promise<void> {
  const { kind, service, tail, follow } = wish;
  if (kind === "build") throw new Error("nothing is built on a Docker host: images come from a registry. Use --type run or deploy");
  const all = runningOn(resources);
  const wanted = all.filter((one) =>
    service === undefined ? one.kind === (kind === "run" ? "service" : "container") : isNamed(one, service),
  );
  if (wanted.length === 0) throw new Error(`this stack has no ${kind === "run" ? "services" : "jobs"} on its engine`);
  const width = Math.max(...wanted.map(({ name }) => name.length));
  const codes = await Promise.all(
    wanted.map(({ name, kind: of, physical }) => {
      const args = [
        ...(of === "service" ? ["service", "logs", "--raw"] : ["logs"]),
        "--timestamps",
        "--tail",
        String(tail),
        ...(follow ? ["--follow"] : []),
        physical,
      ];
      // Several at once are told apart by their name in front.
      return docker.lines(args, (line) => say(wanted.length === 1 ? line : `${name.padEnd(width)}  ${line}`), stop);
    }),
  );
  if (!stop.aborted && codes.some((code) => code !== 0)) throw new Error("docker could not read all of it: see what it says above");
}

const isNamed = ({ name }: Running, wish: string): boolean => name === wish || withoutAttempt(name) === wish;

/** A job's name ends in the number of its attempt. */
export const withoutAttempt = (name: string): string => name.replace(/-\d+$/, "");
