import { UsageError } from "../../sandbox/command-line.ts";
import { driftOf, renderDrift } from "../drift/drift.ts";
import { defineVerb, json, openPulumi, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "finds what was changed in the cloud by hand",
  usage: `--stack <name> (repeatable) [--json]

  Reads only: neither the state nor the cloud changes. Exit code 7 where something differs, 1 where something could not be read. It tells
  each property with what was deployed and what is there; of secrets only that they were replaced.`,
  options: { ...place, ...stacks, ...json },
  async run({ stack, json, ...where }) {
    if (stack.length === 0) throw new UsageError("which stack? Add --stack <name>");
    const { pulumi } = await openPulumi(where);
    const drifts = [];
    for (const one of stack) drifts.push(await driftOf(pulumi, one));
    console.log(json ? JSON.stringify(drifts, null, 2) : drifts.map(renderDrift).join("\n"));
    const found = drifts.flatMap(({ findings }) => findings);
    return found.some(({ kind }) => kind !== "unread") ? 7 : found.length > 0 ? 1 : 0;
  },
});
