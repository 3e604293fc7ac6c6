import { showPlan } from "../comment/summary.ts";
import { deploy, forMachines } from "../deploy.ts";
import { heldTo, planOf, planOfUsage } from "./held.ts";
import { accept, acceptUsage, defineVerb, json, oneStack, openPulumi, place, stacks, surroundings } from "./verb.ts";

export default defineVerb({
  summary: "pulumi up, after a look at what the plan would lose",
  usage: `--stack <name> [--yes | --plan] [--json]

  What pulumi up does, with the same guards as every deploy: where something would be lost that nobody accepted, it stops with exit code 7
  before anything is changed. Services keep what they run, unless GROUNDWORK_IMAGES says otherwise.
      ${acceptUsage}
      ${planOfUsage}
      --yes                    goes on without asking
      --plan                   shows what would change, and stops; in a workflow on the page of its run, with the output "plan" for --plan-of`,
  options: {
    ...place,
    ...stacks,
    ...json,
    ...accept,
    ...planOf,
    yes: { type: "boolean", default: false },
    plan: { type: "boolean", default: false },
  },
  async run({ stack: given, ...rest }) {
    const stack = oneStack(given);
    const opened = await openPulumi(rest);
    await opened.opened?.ensureStack(stack);
    const held = heldTo(rest["plan-of"], { ...opened, system: rest.system, stack, commit: undefined });
    const result = await deploy({ stack, images: {}, held }, surroundings(opened, rest));
    if (rest.plan) showPlan(result);
    if (rest.json) console.log(JSON.stringify(forMachines(result), null, 2));
    return 0;
  },
});
