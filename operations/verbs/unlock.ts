import { UsageError } from "../../sandbox/command-line.ts";
import { noBackend } from "../backend.ts";
import type { ExportedResource } from "../settle.ts";
import { target } from "../target.ts";
import { unlock } from "../unlock.ts";
import { defineVerb, json, openPulumi, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "makes a stack usable after a run was killed",
  usage: `--stack <name> (repeatable) [--json]

  Removes the lock (refuses while its holder lives) and settles what the run was creating. Changes nothing in the cloud.
      --created '<urn>=<id>'   says what an interrupted create made ('<urn>=' for nothing); repeatable
      --force                  the holder is on another machine or cannot be seen, and you know that nobody works on the stack`,
  options: {
    ...place,
    ...stacks,
    ...json,
    created: { type: "string", multiple: true, default: [] as string[] },
    force: { type: "boolean", default: false },
  },
  async run(values) {
    if (values.stack.length === 0) throw new UsageError("which stack? Add --stack <name>");
    const created = new Map(values.created.map(parseCreated));
    const { pulumi, opened } = await openPulumi(values);
    const done: { readonly stack: string; readonly said: string[] }[] = [];
    for (const stack of values.stack) {
      const said: string[] = [];
      const { holder, unseen, find, clean } = await target({ system: values.system, stack, opened });
      // Who is logged in to one by other means says so with --force.
      if (unseen === noBackend && !values.force) throw new UsageError(noBackend);
      await unlock(pulumi, {
        stack,
        holder,
        clean,
        force: values.force,
        find: (resource: ExportedResource) => (created.has(resource.urn) ? (created.get(resource.urn) ?? null) : find(resource)),
        say: (line) => (values.json ? said.push(line) : console.log(line)),
      });
      done.push({ stack, said });
    }
    if (values.json) console.log(JSON.stringify(done, null, 2));
    return 0;
  },
});

function parseCreated(text: string): [string, string | null] {
  const at = text.indexOf("=");
  if (at < 0 || !text.startsWith("urn:pulumi:")) throw new UsageError(`--created takes '<urn>=<id>', got '${text}'`);
  return [text.slice(0, at), text.slice(at + 1) || null];
}
