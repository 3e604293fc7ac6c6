import { UsageError } from "../../sandbox/command-line.ts";
import { choiceOf, withChoice } from "../commands.ts";
import { discreet, scrubOf } from "../logs/secrets.ts";
import { readExport } from "../stack-state.ts";
import { appType, renderVerification, runsServices, verify } from "../verify.ts";
import { cloudOf, defineVerb, json, oneStack, openPulumi, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "looks whether what serves is what was asked for, and whether the public hosts are well",
  usage: `--stack <name> [--json]

  Compares the state with the cloud's own deployments (with DIGITALOCEAN_TOKEN) and asks the live and ready paths of the public hosts.
  Exit code 1 where something is wrong, with the phase and the last log lines of a failed deployment.
      --seconds <n>            how long to wait for the hosts (default 120)`,
  options: { ...place, ...stacks, ...json, seconds: { type: "string", default: "120" } },
  async run({ stack: given, json, seconds, ...where }) {
    const stack = oneStack(given);
    if (!/^\d+$/.test(seconds)) throw new UsageError(`--seconds takes a whole number, got "${seconds}"`);
    const { pulumi, opened } = await openPulumi(where);
    const asked = cloudOf(opened);
    const state = await readExport(pulumi, stack);
    if (!runsServices(stack, state))
      throw new UsageError(
        `${stack} runs no services, so there is nothing to verify. Whether all of it is as it was deployed says: npm run ops -- drift --stack ${stack}`,
      );
    if (!asked && state.some(({ type }) => type === appType))
      console.error("warning: the App's deployments are not looked at. That needs DIGITALOCEAN_TOKEN, with app:read.");
    // The provider's words for a failure may hold what programs said, too.
    const secrets = await scrubOf(pulumi, stack, opened?.environment ?? process.env);
    const cloud = asked && discreet(asked, stack, () => Promise.resolve(secrets));
    const result = await verify(stack, state, {
      cloud,
      seconds: opened ? undefined : Number(seconds),
    });
    console.log(secrets.scrub(withChoice(json ? JSON.stringify(result, null, 2) : renderVerification(result), choiceOf(where))));
    return result.problems.length === 0 ? 0 : 1;
  },
});
