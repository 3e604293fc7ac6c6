import { forMachines } from "../deploy.ts";
import { renderPostMortem, rollback } from "../rollback.ts";
import { accept, acceptUsage, defineVerb, json, oneStack, openPulumi, parseNumber, place, stacks, surroundings } from "./verb.ts";

export default defineVerb({
  summary: "returns to a former healthy release, and says what belongs into a post-mortem",
  usage: `--stack <name> [--to <release>] [--yes | --plan] [--json]

  Takes the last healthy release from before the images that serve, deploys its digests through the program, and looks at what
  serves afterwards. Refuses (exit code 7) where a migration since then is not marked as backward compatible. Its own migrations are not run.
      --to <release>           another healthy release, by its number
      --force <name>           goes back over this migration (or unknown:<service>) all the same; repeatable
      --images-only            refuses (exit code 7) where anything but the images would change, and says what
      ${acceptUsage}
      --yes                    deploys without asking
      --plan                   shows what would change, and stops`,
  options: {
    ...place,
    ...stacks,
    ...json,
    ...accept,
    to: { type: "string" },
    force: { type: "string", multiple: true, default: [] as string[] },
    "images-only": { type: "boolean", default: false },
    yes: { type: "boolean", default: false },
    plan: { type: "boolean", default: false },
  },
  async run({ stack: given, to, force, ...rest }) {
    const stack = oneStack(given);
    const around = surroundings(await openPulumi(rest), rest);
    const result = await rollback({ stack, to: parseNumber("--to", to), force, imagesOnly: rest["images-only"] }, around);
    const { from, to: target, forced, failure } = result;
    if (rest.json) console.log(JSON.stringify({ ...forMachines(result), from, to: target, forced, failure }, null, 2));
    else if (result.release) around.say(`${stack} runs release ${result.release.number}.\n\n${renderPostMortem(result)}`);
    return 0;
  },
});
