import * as z from "zod";
import type { Environment } from "./environments.ts";
import type { Problem } from "./problems.ts";
import { quote } from "./problems.ts";
import type { DatabaseSize, Scale } from "./sizes.ts";

/** How a stack file chooses a Docker host. */
export const dockerHostChoice = z.strictObject({
  type: z.literal("docker-host"),
  host: z
    .string()
    .regex(/^unix:\/\/\/[^\s]+$/, 'must be the socket of this machine\'s Docker engine, such as "unix:///var/run/docker.sock"')
    .default("unix:///var/run/docker.sock")
    .describe(
      "Socket of the Docker engine, which has to be a swarm manager (docker swarm init). Another engine knows nothing of what runs here.",
    ),
  port: z
    .int()
    .min(1)
    .max(65535)
    .default(80)
    .describe("Port of this machine at which the hosts answer. Another one restarts the proxy, and the services that are told its origin."),
});

/** An option of other platforms that would mean nothing here. */
const absent = (problem: string): z.ZodOptional<z.ZodNever> => z.never(problem).optional();

/** The sizes of a Docker host, given the schema of an amount of memory: limits, any amount, nothing that it cannot do. */
export function dockerHostSizes(memory: z.ZodType<number, string>): {
  readonly scale: z.ZodType<Scale>;
  readonly databaseSize: z.ZodType<DatabaseSize>;
} {
  const size = {
    memory: memory
      .refine((mebibytes) => mebibytes >= 6, "must be at least 6 MB, the least that Docker takes")
      .describe('Most memory that one instance gets, such as "512 MB"; above it, it is killed and started again.'),
    cpu: z.number().positive().optional().describe("Most CPUs that one instance gets. Without it, as many as are free."),
  };
  return {
    scale: z
      .strictObject({
        ...size,
        replicas: z
          .int("must be a number: a Docker host does not scale by itself")
          .min(1, "must be at least 1")
          .default(1)
          .describe("How many instances."),
        dedicated: absent("does not exist on a Docker host, whose CPUs are shared. Remove it."),
      })
      .transform(({ memory, cpu, replicas }) => ({ memory, cpu, replicas, dedicated: false })),
    databaseSize: z
      .strictObject({ ...size, standby: absent("does not exist on a Docker host: its PostgreSQL is one container. Remove it.") })
      .transform(({ memory, cpu }) => ({ memory, cpu, standby: 0 })),
  };
}

/** What fits together on a Docker host, and what only there. That a `hidden` key is missing was said otherwise. */
export function dockerHostProblems(
  values: {
    readonly environment?: unknown;
    readonly domain?: unknown;
    readonly zone?: unknown;
    readonly existing?: unknown;
    readonly platform?: unknown;
  },
  disabledProviders: unknown,
  hidden: ReadonlySet<string> = new Set(),
): Problem[] {
  const { environment, domain, zone, existing } = values;
  const local: Environment = "local";
  const isHere = (values.platform as { type?: unknown } | undefined)?.type === "docker-host";
  const isLocalhost = typeof domain === "string" && domain.endsWith(".localhost");
  const problems: Problem[] = [];
  const add = (path: string, message: string): void => void problems.push({ path, message });
  if (!isHere) {
    if (isLocalhost) add("domain", `${quote(domain)} leads to the visitor's own machine. Only platform type "docker-host" has such hosts.`);
    if (zone === undefined && !hidden.has("zone")) add("zone", "is required.");
    return problems;
  }
  if (environment !== local) {
    add(
      "platform/type",
      `is "docker-host", which serves this machine only, over plain http. Use it in "${local}", or "app-platform" here.`,
    );
  }
  if (typeof domain === "string" && !isLocalhost) {
    add("domain", `${quote(domain)} would need DNS and TLS, which a Docker host does not have yet. Use one that ends in ".localhost".`);
  }
  if (existing !== undefined) add("existing", "has no meaning on a Docker host, which has no projects. Remove it.");
  if (zone !== undefined) add("zone", "has no meaning on a Docker host, which needs no DNS records. Remove it.");
  if (!(Array.isArray(disabledProviders) && disabledProviders.some((name) => name === "docker" || name === "*"))) {
    const command = `pulumi:disable-default-providers: [docker]`;
    add(
      "pulumi:disable-default-providers",
      `must name "docker", so that nothing lands on another engine by mistake. Add ${command} to the stack file.`,
    );
  }
  return problems;
}
