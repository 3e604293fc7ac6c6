import { UsageError } from "../../sandbox/command-line.ts";
import { driftOf, renderDrift } from "../drift.ts";
import { cloudOf, defineVerb, json, openPulumi, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "finds what was changed in the cloud by hand",
  usage: `--stack <name> (repeatable) [--json]

  Reads only: neither the state nor the cloud changes. Exit code 7 where something differs. Secrets of an App are not compared, since
  the cloud gives them back encrypted.`,
  options: { ...place, ...stacks, ...json },
  async run({ stack, json, ...where }) {
    if (stack.length === 0) throw new UsageError("which stack? Add --stack <name>");
    const { pulumi, opened } = await openPulumi(where);
    const drifts = [];
    for (const one of stack) drifts.push(await driftOf(pulumi, one, cloudOf(opened)));
    console.log(json ? JSON.stringify(drifts, null, 2) : drifts.map(renderDrift).join("\n"));
    return drifts.every(({ steps }) => steps.length === 0) ? 0 : 7;
  },
});
