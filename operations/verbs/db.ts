import { isIPv4 } from "node:net";
import { UsageError } from "../../sandbox/command-line.ts";
import { isSeen } from "../addresses.ts";
import { containerSession } from "../database/container.ts";
import { clusterOf, loginOf } from "../database/login.ts";
import { session, shut } from "../database/session.ts";
import { trustedAtDigitalOcean, trustedInSandbox } from "../database/trusted.ts";
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
    if (address !== undefined && !close && !isSeen(address))
      throw new UsageError(
        `--address: nobody on the internet is seen by "${address}", which is a private or reserved address. curl -4 https://ifconfig.me shows yours`,
      );
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
      return containerSession({
        host: hostOf(where.system, stack, opened),
        service: String(local.outputs["name"]),
        args,
        isTerminal: command.length === 0 && process.stdin.isTTY,
        environment: process.env,
      });

    const sources = opened ? trustedInSandbox(opened) : trustedAtDigitalOcean(process.env);
    if (close) {
      const gone = await shut(sources, clusterOf(stack, state, database).id, { all, ...(address === undefined ? {} : { address }) });
      say(gone.length === 0 ? "No session has left anything." : `Shut out: ${gone.join(", ")}`);
      return 0;
    }
    if (address === undefined)
      throw new UsageError("which address is to be let in? Add --address <your IPv4 address>: curl -4 https://ifconfig.me shows it");
    const login = loginOf(stack, await readOpenExport(pulumi, stack), { wish: database, admin });
    const choice = `${where.system === "template" ? "" : ` --system ${where.system}`}${where.sandbox ? " --sandbox" : ""}${database === undefined ? "" : ` --database ${database}`}`;
    const closeBy = `npm run ops -- db --stack ${stack}${choice} --close`;
    return session(sources, { login, address, args, environment: process.env, say, closeBy });
  },
});
