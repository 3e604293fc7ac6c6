import type { Docker } from "../docker.ts";
import { runningOn } from "../logs/host.ts";
import type { ExportedState } from "../stack-state.ts";

/** What of a stack's services does not run on its Docker host as asked for; undefined: there is none of it there. Throws where the engine does not answer. */
export async function containerProblems(docker: Docker, resources: readonly ExportedState[]): Promise<readonly string[] | undefined> {
  const services = runningOn(resources).filter(({ kind }) => kind === "service");
  if (services.length === 0) return undefined;
  const { code, stdout, stderr } = await docker.capture(["service", "ls", "--format", "{{.Name}} {{.Replicas}}"]);
  if (code !== 0) throw new Error(stderr.trim().split("\n")[0] ?? "docker failed");
  const running = new Map(stdout.split("\n").map((line) => line.split(" ") as [string, string | undefined]));
  return services.flatMap(({ name, physical }) => {
    const replicas = running.get(physical);
    if (replicas === undefined) return [`${name} is not on the engine any more`];
    const [now = "", wanted = ""] = replicas.split("/");
    return now === wanted ? [] : [`${name} runs ${now} of ${wanted} instances`];
  });
}
