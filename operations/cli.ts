// `npm run ops -- <verb>`: what people and workflows run around `pulumi`. Exit codes: 0 fine, 1 error, 2 bad usage or
// configuration.
import { parseCommandLine, runCommand, UsageError } from "../sandbox/command-line.ts";
import { Home } from "../sandbox/home.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { type ExportedResource } from "./settle.ts";
import { target } from "./target.ts";
import { unlock } from "./unlock.ts";

const usage = `usage: npm run ops -- <verb> --stack <name> (repeatable) [--system <name>] [--sandbox]

  cost     what stacks cost a month, by their stack files (all of them without --stack); what no source tells is unknown.
           Needs no account and changes nothing.
      --json                   for machines, with source and date of each price

  unlock   makes a stack usable after a run was killed: removes the lock (refuses while its holder lives) and settles
           what the run was creating. Changes nothing in the cloud.
      --created '<urn>=<id>'   says what an interrupted create made ('<urn>=' for nothing); repeatable
      --force                  the backend does not show the holder, and you know that nobody works on the stack

  --sandbox runs a verb against the sandbox. Exit codes: 0 fine, 1 error, 2 bad usage or configuration.`;

const options = {
  stack: { type: "string", multiple: true, default: [] as string[] },
  system: { type: "string", default: "template" },
  sandbox: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  created: { type: "string", multiple: true, default: [] as string[] },
  force: { type: "boolean", default: false },
  help: { type: "boolean", short: "h" },
} as const;

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseCommandLine(args, options);
  const [verb, ...rest] = positionals;
  if (values.help || verb === "help") return console.log(usage);
  if (verb === "cost") return cost(values, rest);
  if (verb !== "unlock") throw new UsageError(verb === undefined ? "no verb given" : `unknown verb "${verb}"`);
  if (rest.length > 0) throw new UsageError(`unlock takes no arguments, got ${rest.join(" ")}`);
  if (values.stack.length === 0) throw new UsageError("which stack? Add --stack <name>");
  const created = new Map(values.created.map(parseCreated));
  for (const stack of values.stack) {
    const opened = values.sandbox ? await Sandbox.open(new Home(), values.system) : undefined;
    const { runner, holder, find, clean } = target({ system: values.system, stack, opened });
    await unlock(runner, {
      stack,
      holder,
      clean,
      force: values.force,
      find: (resource: ExportedResource) => (created.has(resource.urn) ? (created.get(resource.urn) ?? null) : find(resource)),
      say: (line) => console.log(line),
    });
  }
}

async function cost({ system, stack, json }: { system: string; stack: string[]; json: boolean }, rest: string[]): Promise<void> {
  if (rest.length > 0) throw new UsageError(`cost takes no arguments, got ${rest.join(" ")}`);
  // Loads the SDK, which the other verbs do without.
  const { costOf, renderCost } = await import("./cost/cost.ts");
  const costs = await costOf(system, stack);
  console.log(json ? JSON.stringify(costs, null, 2) : renderCost(costs));
}

function parseCreated(text: string): [string, string | null] {
  const at = text.indexOf("=");
  if (at < 0 || !text.startsWith("urn:pulumi:")) throw new UsageError(`--created takes '<urn>=<id>', got '${text}'`);
  return [text.slice(0, at), text.slice(at + 1) || null];
}

await runCommand(main, usage);
