import type { Resolver } from "node:dns/promises";
import type { Finding, FindingId } from "./finding.ts";
import type { Probe } from "./probe.ts";

/** An address of somebody else's service, which the stack holds as a secret. */
export interface Endpoint {
  /** By its name below `groundwork:provided`. */
  readonly name: string;
  /** Secret: never shown, nor its host. */
  readonly url: string;
}

/**
 * Whether the services of others that a stack uses exist and answer, seen from this machine. Any answer is one: whether the key is taken is for
 * the service that has it.
 */
export async function endpointFindings(
  probe: Probe,
  names: Pick<Resolver, "resolve4" | "resolve6">,
  stack: string,
  endpoints: readonly Endpoint[],
): Promise<Finding[]> {
  const found = await Promise.all(
    endpoints.map(async ({ name, url }): Promise<Finding[]> => {
      const parsed = URL.canParse(url) ? new URL(url) : undefined;
      if (parsed === undefined) return []; // its form is the stack file's matter
      const set = `pulumi config set --stack ${stack} --secret --path 'groundwork:provided.${name}'`;
      const add = (id: FindingId, what: string, why: string, ...fix: string[]): Finding[] => [
        { id, stack, severity: "error", what, why, fix },
      ];
      const { hostname } = parsed;
      const isName = !/^[\d.]+$|:/.test(hostname) && hostname !== "localhost";
      if (isName && !(await resolves(names, hostname)))
        return add(
          "endpoint-unknown",
          `provided/${name}: its host does not exist (not shown)`,
          "The services that read it cannot reach it, either: it is misspelt, or the project behind it is gone.",
          set,
          `pulumi up --stack ${stack}`,
        );
      // Without what stands before the @: some addresses hold a key there.
      const { status, error } = await probe.ask(parsed.origin, { method: "HEAD" });
      if (status === 0)
        return add(
          "endpoint-silent",
          `provided/${name}: its host does not answer (${error ?? ""})`,
          "It is down or paused, or this network does not let you through; the services may be as cut off.",
          `npm run ops -- logs --stack ${stack} --tail 50   # what the services say of it`,
        );
      return [];
    }),
  );
  return found.flat();
}

async function resolves(names: Pick<Resolver, "resolve4" | "resolve6">, host: string): Promise<boolean> {
  for (const ask of [() => names.resolve4(host), () => names.resolve6(host)]) {
    try {
      if ((await ask()).length > 0) return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A server that is silent says nothing of the name.
      if (code !== "ENOTFOUND" && code !== "ENODATA") return true;
    }
  }
  return false;
}
