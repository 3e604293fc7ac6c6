import type { Docker } from "../docker.ts";
import type { Finding, FindingId } from "./finding.ts";

/** Whether the Docker engine of a stack answers, and is the swarm that it has to be. */
export async function engineFindings(docker: Docker, stack: string, host: string): Promise<Finding[]> {
  const add = (id: FindingId, what: string, ...fix: string[]): Finding[] => [
    { id, stack, severity: "error", what, why: "The stack's services run there, and no other engine is asked.", fix },
  ];
  const answer = await docker.capture(["info", "--format", "{{.Swarm.LocalNodeState}}"]).catch((error: Error) => error);
  if (answer instanceof Error)
    return add(
      "docker-missing",
      answer.message.split(",")[0] ?? "",
      "# install it as https://docs.docker.com/engine/install says, then:",
      "docker version",
    );
  if (answer.code !== 0) return add("docker-silent", `the Docker engine at ${host} does not answer`, "sudo systemctl start docker");
  if (answer.stdout.trim() !== "active") return add("docker-no-swarm", `the Docker engine at ${host} is no swarm`, "docker swarm init");
  return [];
}
