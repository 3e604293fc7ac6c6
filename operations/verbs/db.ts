import { isIPv4 } from "node:net";
import { spawn } from "node:child_process";
import { UsageError } from "../../sandbox/command-line.ts";
import { clusterOf, loginOf } from "../database/login.ts";
import { session, shut } from "../database/session.ts";
import { trustedAtDigitalOcean, trustedInSandbox } from "../database/trusted.ts";
import { dockerOn } from "../docker.ts";
import { hostOf } from "../logs/place.ts";
import { readExport, readOpenExport } from "../stack-state.ts";
import { defineVerb, oneStack, openPulumi, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "a psql session with a stack's database; your address is let in for as long as it lasts",
  usage: `--stack <name> --address <IPv4 address> [--command <sql>] [--database <name>] [--admin]

  Adds your address to the database's trusted sources, starts psql, and takes the address away again, whatever ends the session; what a
  SIGKILL leaves goes with the next session, --close, or as npm run ops -- doctor says. The password is handed over in the environment.
  Needs psql, PULUMI_CONFIG_PASSPHRASE of the stack, and DIGITALOCEAN_TOKEN with database:read and database:update.
  On a Docker host psql runs in the database's container, and no address is needed.
      --address <address>      the IPv4 address that you are seen by (curl -4 https://ifconfig.me)
      --command <sql>          runs this and ends, with psql's exit code; repeatable
      --database <name>        which one, by its name in the system, where there are several
      --admin                  as the cluster's administrator (doadmin) instead of the services' user
      --close                  starts nothing: takes away what killed sessions left; with --all of running ones too, with --address that entry`,
  options: {
    ...place,
    ...stacks,
    address: { type: "string" },
    command: { type: "string", multiple: true, default: [] as string[] },
    database: { type: "string" },
    admin: { type: "boolean", default: false },
    close: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
  },
  async run({ stack: given, address, command, database, admin, close, all, ...where }) {
    const stack = oneStack(given);
    if (address !== undefined && !isIPv4(address))
      throw new UsageError(`--address takes one IPv4 address such as 203.0.113.7, got "${address}". The cloud takes no others`);
    if (all && !close) throw new UsageError("--all belongs to --close");
    if (close && (command.length > 0 || admin))
      throw new UsageError("--close starts no session, so --command and --admin mean nothing beside it");
    const { pulumi, opened } = await openPulumi(where);
    const say = (line: string): void => console.error(line);
    const args = ["--no-psqlrc", ...command.flatMap((sql) => ["--command", sql])];

    const state = await readExport(pulumi, stack);
    const local = state.find(
      ({ type, name, outputs }) =>
        type === "docker:index/service:Service" && name === (database ?? "database") && typeof outputs["name"] === "string",
    );
    if (local)
      return inContainer(hostOf(where.system, stack, opened), String(local.outputs["name"]), { args, isTerminal: command.length === 0 });

    const sources = opened ? trustedInSandbox(opened) : trustedAtDigitalOcean(process.env);
    if (close) {
      const gone = await shut(sources, clusterOf(stack, state, database).id, { all, ...(address === undefined ? {} : { address }) });
      say(gone.length === 0 ? "No session has left anything." : `Shut out: ${gone.join(", ")}`);
      return 0;
    }
    if (address === undefined)
      throw new UsageError("which address is to be let in? Add --address <your IPv4 address>: curl -4 https://ifconfig.me shows it");
    const login = loginOf(stack, await readOpenExport(pulumi, stack), { wish: database, admin });
    return session(sources, { login, address, args, environment: process.env, say });
  },
});

/** psql in the container of a stack's database, as the user of its image's own settings. */
async function inContainer(
  host: string,
  service: string,
  { args, isTerminal }: { args: readonly string[]; isTerminal: boolean },
): Promise<number> {
  const docker = dockerOn(host);
  const { stdout } = await docker.capture(["ps", "--quiet", "--filter", `label=com.docker.swarm.service.name=${service}`]);
  const [container] = stdout.trim().split("\n");
  if (!container) throw new Error(`no container of ${service} runs on ${host}`);
  // The shell of the container knows user and database; nothing of them is on a command line here.
  const inside = 'exec psql --username="$POSTGRES_USER" --dbname="${POSTGRES_DB:-$POSTGRES_USER}" "$@"';
  const child = spawn(
    "docker",
    ["exec", isTerminal && process.stdin.isTTY ? "-it" : "-i", container, "sh", "-c", inside, "psql", ...args],
    {
      env: { ...process.env, DOCKER_HOST: host, DOCKER_CONTEXT: undefined },
      stdio: "inherit",
    },
  );
  const wait = (): void => undefined;
  process.on("SIGINT", wait);
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 130));
  }).finally(() => process.off("SIGINT", wait));
}
