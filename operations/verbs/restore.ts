import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "../../sandbox/command-line.ts";
import { findSystem, stacksOf } from "../../sandbox/systems.ts";
import { noBackend, refuseMissing } from "../backend.ts";
import { choiceOf, withChoice, word } from "../commands.ts";
import { readHistory, renderHistory } from "../restore/history.ts";
import { restore } from "../restore/restore.ts";
import { target } from "../target.ts";
import { confirmation, defineVerb, json, oneStack, openPulumi, parseNumber, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "puts a former state of a stack back, after its state was lost or spoiled",
  usage: `--stack <name> [--to <number> | --from <file>] [--yes | --plan] [--json]

  Without --to and --from, lists what the backend remembers. The cloud is not touched; what was known until now is kept in a file.
      --to <number>            the state after that run; on a backend of files
      --from <file>            a file of the backend (.pulumi/history, .pulumi/stacks, a version in the bucket), or of pulumi stack export
      --keep <file>            where the present state is kept; it must not exist yet (<system>-<stack>-<time>.state.json without)
      --yes                    restores without asking
      --plan                   shows what would be known and forgotten, and stops`,
  options: {
    ...place,
    ...stacks,
    ...json,
    to: { type: "string" },
    from: { type: "string" },
    keep: { type: "string" },
    yes: { type: "boolean", default: false },
    plan: { type: "boolean", default: false },
  },
  async run({ stack: given, to, from, json, ...rest }) {
    const stack = oneStack(given);
    const number = parseNumber("--to", to, `the number of a run, as npm run ops -- restore --stack ${stack} lists them`);
    if (number !== undefined && from !== undefined) throw new UsageError("which state? Add either --to or --from");
    const { pulumi, opened } = await openPulumi(rest);
    const { holder, files } = await target({ system: rest.system, stack, opened });
    const { name, project } = findSystem(rest.system);
    const history = files === undefined ? [] : readHistory(files, name, stack);
    // A stack whose state is lost has its file still.
    if (history.length === 0 && !stacksOf(project).includes(stack)) await refuseMissing(pulumi, stack);
    if (number === undefined && from === undefined) {
      if (files === undefined)
        throw new UsageError(
          process.env["PULUMI_BACKEND_URL"]
            ? `this backend shows its files to nobody here. Download one from .pulumi/history/${name}/${stack}/, and add --from <file>`
            : noBackend,
        );
      console.log(json ? JSON.stringify(history, null, 2) : withChoice(renderHistory(stack, history), choiceOf(rest)));
      return 0;
    }
    const file = from ?? history.find((past) => past.number === number)?.file;
    if (file === undefined)
      throw new UsageError(
        `the backend does not remember run ${number} of ${stack}. Those that it does: npm run ops -- restore --stack ${stack}`,
      );
    const keep = rest.keep ?? `${name}-${stack}-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.state.json`;
    refuseKeep(keep);
    const { done, kept } = await restore(pulumi, {
      system: name,
      stack,
      text: read(file),
      source: number === undefined ? file : `the state after run ${number}`,
      keep,
      holder,
      say: (line) => console.error(line),
      confirm: confirmation("Restore this?", rest),
    });
    if (json) console.log(JSON.stringify({ stack, restored: done, ...(kept === undefined ? {} : { kept }) }));
    return 0;
  },
});

/** Before anything is asked or changed. A file that is there may be the only copy of a state, so it is never written over. */
function refuseKeep(file: string): void {
  if (existsSync(file))
    throw new UsageError(`--keep: "${file}" is there already, and is not written over. Name a file that does not exist yet`);
  const folder = dirname(resolve(file));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`--keep: there is no folder "${folder}". Make it first: mkdir -p ${word(folder)}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
