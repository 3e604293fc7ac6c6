import { dockerOn } from "../docker.ts";
import { codeOf, runAttached } from "./child.ts";

/** What a session in a container is made of. */
export interface ContainerSession {
  /** Address of the stack's engine. */
  readonly host: string;
  /** The database's service, as the engine names it. */
  readonly service: string;
  readonly args: readonly string[];
  /** Whether somebody sits at a terminal. */
  readonly isTerminal: boolean;
  readonly environment: NodeJS.ProcessEnv;
}

/** psql in the container of a stack's database, as the user of its image's own settings. Returns psql's exit code. */
export async function containerSession({ host, service, args, isTerminal, environment }: ContainerSession): Promise<number> {
  const filter = ["--filter", `label=com.docker.swarm.service.name=${service}`, "--filter", "status=running"];
  const { code, stdout, stderr } = await dockerOn(host, environment).capture(["ps", "--quiet", ...filter]);
  if (code !== 0) throw new Error(`the Docker engine at ${host} does not answer: ${stderr.trim().split("\n")[0] ?? ""}`);
  const [container] = stdout.trim().split("\n");
  if (!container) throw new Error(`no container of ${service} runs on ${host}. What became of it: docker service ps --no-trunc ${service}`);
  // The shell of the container knows user and database; nothing of them is on a command line here.
  const inside = 'exec psql --username="$POSTGRES_USER" --dbname="${POSTGRES_DB:-$POSTGRES_USER}" "$@"';
  const ended = new AbortController();
  const end = (signal: NodeJS.Signals): void => ended.abort(codeOf(signal));
  // The terminal's Ctrl-C is psql's own.
  const wait = (): void => undefined;
  process.on("SIGINT", wait).on("SIGTERM", end).on("SIGHUP", end);
  const words = ["exec", isTerminal ? "-it" : "-i", container, "sh", "-c", inside, "psql", ...args];
  return runAttached(
    "docker",
    words,
    { ...environment, DOCKER_HOST: host, DOCKER_CONTEXT: undefined },
    ended.signal,
    "docker cannot be started",
  ).finally(() => process.off("SIGINT", wait).off("SIGTERM", end).off("SIGHUP", end));
}
