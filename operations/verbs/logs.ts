import { list, quote } from "../../config/problems.ts";
import { UsageError } from "../../sandbox/command-line.ts";
import { storedCloud } from "../cloud.ts";
import { dockerOn } from "../docker.ts";
import { type LogKind, readAppLogs, type Wish } from "../logs/app.ts";
import { readHostLogs, runningOn } from "../logs/host.ts";
import { programsOfApp, programsOfHost, refuseStrange } from "../logs/programs.ts";
import { hostOf } from "../logs/place.ts";
import { scrubOf } from "../logs/secrets.ts";
import { readExport } from "../stack-state.ts";
import { appType, goneText } from "../verify.ts";
import { defineVerb, json, oneStack, openPulumi, place, stacks } from "./verb.ts";

const kinds: readonly LogKind[] = ["run", "build", "deploy"];

export default defineVerb({
  summary: "what a stack's services and jobs say, and what its last build and deployment said",
  usage: `--stack <name> [--service <name>] [--type run|build|deploy] [--follow] [--tail <n>] [--json]

  Of App Platform through DigitalOcean's API (DIGITALOCEAN_TOKEN with app:read), of a Docker host through docker on the engine that the
  stack file names. Changes nothing. The stack's secrets are taken out where its passphrase is in the environment. In the sandbox: what the stored cloud has of deployments.
      --service <name>         of one service, worker or job only, by its name in the system
      --type <kind>            run (default): what runs; build; deploy: jobs and the deployment itself
      --deployment <id>        of an earlier deployment of the App, as npm run ops -- verify names it
      --follow                 goes on as lines come, until Ctrl-C
      --tail <n>               so many of the last lines (default 100)
      --json                   each line as an object of its own`,
  options: {
    ...place,
    ...stacks,
    ...json,
    service: { type: "string" },
    type: { type: "string", default: "run" },
    deployment: { type: "string" },
    follow: { type: "boolean", default: false },
    tail: { type: "string", default: "100" },
  },
  async run({ stack: given, json, service, type, deployment, follow, tail, ...where }) {
    const stack = oneStack(given);
    const kind = kinds.find((one) => one === type);
    if (kind === undefined) throw new UsageError(`--type takes ${kinds.join(", ")}, got "${type}"`);
    if (!/^[1-9]\d*$/.test(tail)) throw new UsageError(`--tail takes a whole number of lines, got "${tail}"`);
    const wish: Wish = { kind, service, tail: Number(tail), follow, deployment };
    const { pulumi, opened } = await openPulumi(where);
    const state = await readExport(pulumi, stack);
    const { scrub, knowsStack, resources } = await scrubOf(pulumi, stack, opened?.environment ?? process.env);
    const app = state.find(({ type }) => type === appType)?.id;
    // An earlier deployment may have had what the App has no more.
    const names = app === undefined ? programsOfHost(state) : deployment === undefined ? programsOfApp(resources) : undefined;
    if (service !== undefined && names !== undefined && names.length > 0) refuseStrange(stack, service, names);
    if (!knowsStack)
      console.error(
        `The passphrase of ${stack} is not here, so its secrets are not known and would be shown: PULUMI_CONFIG_PASSPHRASE takes them out.`,
      );
    const stop = new AbortController();
    const end = (): void => stop.abort();
    process.once("SIGINT", end).once("SIGTERM", end);
    const shown = (line: string): string => (json ? JSON.stringify({ stack, line: scrub(line) }) : scrub(line));
    const ears = { say: (line: string) => console.log(shown(line)), stop: stop.signal };
    try {
      if (app !== undefined && opened) await sayStored(app, wish, ears.say);
      else if (app !== undefined) await readAppLogs(process.env, app, wish, ears);
      else if (runningOn(state).length === 0) throw new UsageError(`${stack} runs nothing that could say something`);
      else if (opened && process.env["SANDBOX_DOCKER"] !== "engine")
        ears.say("The sandbox's Docker host has no containers, so nothing speaks. With SANDBOX_DOCKER=engine they are real.");
      else await readHostLogs(dockerOn(hostOf(where.system, stack, opened)), state, wish, ears);
    } finally {
      process.off("SIGINT", end).off("SIGTERM", end);
    }
    return 0;

    /** The stored cloud has what deployments said; nothing runs there. */
    async function sayStored(app: string, { kind, tail, deployment }: Wish, say: (line: string) => void): Promise<void> {
      if (opened === undefined) return;
      const all = await storedCloud(opened, tail).deployments(app);
      if (all === "gone") throw new Error(goneText(stack));
      const [newest, ...older] = all;
      const one = deployment === undefined ? newest : [newest, ...older].find((other) => other?.id === deployment);
      if (kind === "run") {
        // The command's own words, in which the sandbox's passphrase would be found.
        const line = "Nothing runs in the sandbox. What deployments said: --type deploy";
        return console.log(json ? JSON.stringify({ stack, line }) : line);
      }
      if (!one && deployment !== undefined)
        throw new UsageError(
          `the App has no deployment ${quote(deployment)}. Its last ones, newest first: ${list([newest, ...older].slice(0, 5).flatMap((one) => one?.id ?? []))}.`,
        );
      if (!one) return say("the App was never deployed");
      say(`deployment ${one.id}: ${one.phase}${one.failed.length === 0 ? "" : `, in ${one.failed.join("; ")}`}`);
      for (const line of one.log) say(line);
    }
  },
});
