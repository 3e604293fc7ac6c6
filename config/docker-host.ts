import * as z from "zod";
import type { Environment } from "./environments.ts";
import type { Problem } from "./problems.ts";
import { quote } from "./problems.ts";
import type { DatabaseSize, Scale } from "./sizes.ts";

/** How much of an instance's lines a Docker host keeps. */
export const keptLogs = { size: "10 MB", files: 3 } as const;

const localDomains = '"localhost", or one that ends in ".localhost" or "localhost.tiangolo.com"';

/** A domain that leads to the machine that asks, and to nobody else: by its name, or, for `localhost.tiangolo.com`, by public records of 127.0.0.1. */
function isLocalDomain(domain: string): boolean {
  return /^(?:[a-z0-9.-]+\.)?localhost(?:\.tiangolo\.com)?$/.test(domain);
}

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
  ports: z
    .array(
      z.strictObject({
        host: z
          .string()
          .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a host relative to the domain, such as "dashboard"')
          .describe("The host, relative to the domain."),
        port: z.int().min(1).max(65535).describe("The port of localhost at which it answers as well: 5173 for http://localhost:5173."),
      }),
    )
    .optional()
    .describe("Hosts that answer at a port of localhost as well. A change restarts the proxy, and the services that are told the origin."),
  aliases: z
    .array(z.string().refine(isLocalDomain, `must be a domain of this machine: ${localDomains}`))
    .optional()
    .describe('Domains below which the hosts answer as well, such as "localhost.tiangolo.com". A change restarts the proxy.'),
  logs: z
    .strictObject({
      size: z
        .string()
        .regex(/^[1-9]\d* MB$/, 'must be an amount such as "10 MB"')
        .default(keptLogs.size)
        .describe("Most that one file holds."),
      files: z.int().min(1).max(100).default(keptLogs.files).describe("So many files are kept of each instance; the oldest goes first."),
    })
    .optional()
    .describe("How much of the lines of each instance is kept. 3 files of 10 MB where it is left out. A change restarts the services."),
  proxyImage: z
    .string()
    .regex(/^\S+@sha256:[0-9a-f]{64}$/, 'must be an image by its digest, such as "ghcr.io/acme/caddy@sha256:…"')
    .optional()
    .describe("Caddy with modules that its own image lacks: rateLimit needs http.handlers.rate_limit. Another one restarts the proxy."),
});

/** The least share of a CPU: the kernel counts in milliseconds of each tenth of a second, and Docker starts nothing with less. */
export const leastCpu = 0.01;

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
    cpu: z
      .number()
      .min(leastCpu, `must be at least ${leastCpu}, the least share of a CPU that the kernel gives`)
      .optional()
      .describe("Most CPUs that one instance gets. Without it, as many as are free."),
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
  const isLocalhost = typeof domain === "string" && isLocalDomain(domain);
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
    add("domain", `${quote(domain)} would need DNS and TLS, which a Docker host does not have yet. Use ${localDomains}.`);
  }
  problems.push(...portProblems(values.platform as { port?: unknown; ports?: unknown }));
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

/** One port of the machine has one holder. */
function portProblems({ port = 80, ports }: { readonly port?: unknown; readonly ports?: unknown }): Problem[] {
  const taken = new Map<unknown, string>([[port, "the port of all hosts"]]);
  return (Array.isArray(ports) ? ports : []).flatMap((one: { readonly host?: unknown; readonly port?: unknown } | null, index) => {
    if (one?.port === undefined) return [];
    const holder = taken.get(one.port);
    if (holder === undefined) taken.set(one.port, `the port of ${quote(one.host)}`);
    return holder === undefined
      ? []
      : [{ path: `platform/ports/${index}/port`, message: `${quote(one.port)} is ${holder} already. Choose another one.` }];
  });
}
