import { UsageError } from "../../sandbox/command-line.ts";
import { marker, renderComment, type StackPreview } from "../comment.ts";
import { openGitHub } from "../github/client.ts";
import { stickyComment } from "../github/sticky-comment.ts";
import { PlanError, planOf } from "../plan.ts";
import { defineVerb, openPulumi, parseNumber, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "tells a pull request what it changes in each stack",
  usage: `(--pr <number> | --dry-run) --stack <name> (repeatable)

  One comment for these stacks, written anew each time. Needs GITHUB_TOKEN and GITHUB_REPOSITORY, as every workflow has them. No value is shown.
  Exit code 1 where a preview failed; the comment says why.
      --pr <number>            the pull request
      --dry-run                prints the comment, and needs no GitHub`,
  options: { ...place, ...stacks, pr: { type: "string" }, "dry-run": { type: "boolean", default: false } },
  async run({ stack: names, pr, "dry-run": dry, ...where }) {
    if (names.length === 0) throw new UsageError("which stacks? Add --stack <name>");
    const number = parseNumber("--pr", pr);
    if ((number === undefined) !== dry) throw new UsageError("where to? Add either --pr <number> or --dry-run");
    const github = number === undefined ? undefined : await openGitHub(process.env);
    const { pulumi } = await openPulumi(where);
    const previews: StackPreview[] = [];
    for (const stack of names) {
      try {
        previews.push({ stack, steps: await planOf(pulumi, stack, {}) });
      } catch (error) {
        if (!(error instanceof PlanError)) throw error;
        previews.push({ stack, steps: [], failure: error.message });
      }
    }
    const body = renderComment(where.system, previews);
    console.log(body);
    if (github && number !== undefined) {
      const change = await stickyComment(github, number, marker(where.system, names), body);
      console.error(
        change === "closed" ? `pull request ${number} is closed: no comment is written` : `pull request ${number}: comment ${change}`,
      );
    }
    return previews.some(({ failure }) => failure !== undefined) ? 1 : 0;
  },
});
