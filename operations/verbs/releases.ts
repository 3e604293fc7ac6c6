import { listReleases, renderReleases } from "../releases.ts";
import { readExport } from "../stack-state.ts";
import { defineVerb, json, openPulumi, oneStack, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "what a stack has deployed: number, verdict, digests, commit, time and run, and which one serves",
  usage: `--stack <name> [--json]

  Reads the state and changes nothing. Needs the backend and no passphrase: no secret is read.`,
  options: { ...place, ...stacks, ...json },
  async run({ stack: given, json, ...where }) {
    const stack = oneStack(given);
    const { pulumi } = await openPulumi(where);
    const releases = listReleases(stack, await readExport(pulumi, stack));
    console.log(json ? JSON.stringify(releases, null, 2) : renderReleases(releases));
    return 0;
  },
});
