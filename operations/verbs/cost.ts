import { defineVerb, json, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "what stacks cost a month, by their stack files; what no source tells is unknown",
  usage: `[--stack <name>] (repeatable; all of them without) [--json]

  Needs no account and changes nothing.
      --json                   for machines, with source and date of each price`,
  options: { system: place.system, ...stacks, ...json },
  async run({ system, stack, json }) {
    // Loads the SDK, which other verbs do without.
    const { costOf, renderCost } = await import("../cost/cost.ts");
    const costs = await costOf(system, stack);
    console.log(json ? JSON.stringify(costs, null, 2) : renderCost(costs));
    return 0;
  },
});
