// `npm run ops -- <verb>`: what people and workflows run around `pulumi`. Each verb has a file in `verbs/`, loaded only when it is used.
import { relative } from "node:path";
import { list, didYouMean } from "../config/problems.ts";
import { parseCommandLine, runCommand, UsageError } from "../sandbox/command-line.ts";
import { findSystem, repository, stacksOf } from "../sandbox/systems.ts";
import { lacksSetting, listStacks, MissingStack, missingText } from "./backend.ts";
import { choiceOf, withChoice } from "./commands.ts";
import { UnexpectedChanges } from "./plan.ts";
import { scrubber, secretsOf } from "./scrub.ts";
import type { Place, Verb } from "./verbs/verb.ts";

const verbs: Readonly<Record<string, () => Promise<{ readonly default: Verb }>>> = {
  status: () => import("./verbs/status.ts"),
  doctor: () => import("./verbs/doctor.ts"),
  logs: () => import("./verbs/logs.ts"),
  db: () => import("./verbs/db.ts"),
  releases: () => import("./verbs/releases.ts"),
  promote: () => import("./verbs/promote.ts"),
  rollback: () => import("./verbs/rollback.ts"),
  up: () => import("./verbs/up.ts"),
  verify: () => import("./verbs/verify.ts"),
  drift: () => import("./verbs/drift.ts"),
  comment: () => import("./verbs/comment.ts"),
  access: () => import("./verbs/access.ts"),
  cost: () => import("./verbs/cost.ts"),
  unlock: () => import("./verbs/unlock.ts"),
  bootstrap: () => import("./verbs/bootstrap.ts"),
  restore: () => import("./verbs/restore.ts"),
};

const sandboxed = "  --sandbox                  runs a verb against the sandbox\n";

const common = (hasSandbox: boolean): string => `  --system <name or path>    which system (the template without)
${hasSandbox ? sandboxed : ""}  --help                     of a verb, with its options

Exit codes: 0 fine, 1 error, 2 bad usage or configuration, 7 findings: changes where none were expected.`;

async function overview(): Promise<string> {
  const rows = await Promise.all(
    Object.entries(verbs).map(async ([name, load]) => `  ${name.padEnd(10)} ${(await load()).default.summary}`),
  );
  return `usage: npm run ops -- <verb> [options]\n\n${rows.join("\n")}\n\n${common(true)}`;
}

/** What the program or a tool threw may have this shell's secrets in it, whichever verb met it. */
const scrub = (text: string): string => scrubber(secretsOf(process.env))(text);

/** What there is instead of a stack that is not there. That its state was lost is nobody's wrong word. */
async function missing({ wanted }: MissingStack, where: Place): Promise<Error> {
  const { openPulumi } = await import("./verbs/verb.ts");
  const { lostText, remembers } = await import("./remembered.ts");
  const opened = await openPulumi(where);
  const remembered = await remembers({ system: where.system, stack: wanted, opened: opened.opened });
  if (remembered) return new Error(lostText(wanted, remembered));
  const { name, project } = findSystem(where.system);
  const listed = await listStacks(opened.pulumi).catch(() => []);
  const lists = { files: stacksOf(project), known: listed.map((one) => one.name) };
  return new UsageError(missingText({ system: name, choice: choiceOf(where), folder: relative(repository, project) }, wanted, lists));
}

async function main([name, ...rest]: readonly string[]): Promise<void> {
  if (name === undefined) throw new UsageError(`no verb given\n\n${await overview()}`);
  if (name === "--help" || name === "-h" || name === "help") return console.log(await overview());
  const load = verbs[name];
  if (!load) throw new UsageError(`unknown verb "${name}".${didYouMean(name, Object.keys(verbs))} Verbs: ${list(Object.keys(verbs))}`);
  const { default: verb } = await load();
  const help = `usage: npm run ops -- ${name} ${verb.usage}\n\n${common("sandbox" in verb.options)}`;
  let where: Place = { system: "template", sandbox: false };
  try {
    const { values, positionals } = parseCommandLine(rest, { ...verb.options, help: { type: "boolean", short: "h" } });
    if (values["help"]) return console.log(help);
    if (positionals.length > 0) throw new UsageError(`${name} takes no arguments, got ${positionals.join(" ")}`);
    where = { ...where, ...(values as Partial<Place>) };
    process.exitCode = await verb.run(values as never);
  } catch (thrown) {
    const error = thrown instanceof MissingStack ? await missing(thrown, where) : thrown;
    if (error instanceof Error) error.message = withChoice(error.message, choiceOf(where));
    // The whole help would push the error off the screen.
    if (error instanceof UsageError)
      throw new UsageError(
        `${error.message}\n\nusage: npm run ops -- ${name} ${verb.usage.split("\n")[0] ?? ""}\n(--help says what each option is for)`,
      );
    // Whatever met it: what this shell lacks is the same in every verb, and no fault of the stack.
    if (error instanceof Error && lacksSetting(error.message)) throw Object.assign(error, { name: "ConfigError" });
    if (!(error instanceof UnexpectedChanges)) throw error;
    console.error(`error: ${scrub(error.message)}`);
    process.exitCode = 7;
  }
}

await runCommand(main, "", scrub);
