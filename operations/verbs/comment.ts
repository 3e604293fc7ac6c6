import { UsageError } from "../../sandbox/command-line.ts";
import { type Comments, marker, putComment, renderComment, type StackPreview } from "../comment.ts";
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
    const comments = number === undefined ? undefined : await commentsOf(number, process.env);
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
    if (comments) console.error(`${await putComment(comments, marker(where.system, names), body)} the comment on pull request ${number}`);
    return previews.some(({ failure }) => failure !== undefined) ? 1 : 0;
  },
});

/** The comments of a pull request of the repository that a workflow runs in. */
export async function commentsOf(
  number: number,
  { GITHUB_TOKEN, GITHUB_REPOSITORY = "", GITHUB_API_URL }: NodeJS.ProcessEnv,
): Promise<Comments> {
  const [owner = "", repo = ""] = GITHUB_REPOSITORY.split("/");
  if (!GITHUB_TOKEN || owner === "" || repo === "")
    throw new UsageError("--pr needs GITHUB_TOKEN and GITHUB_REPOSITORY (<owner>/<name>). Or add --dry-run");
  const { Octokit } = await import("@octokit/rest");
  const { rest, paginate } = new Octokit({ auth: GITHUB_TOKEN, ...(GITHUB_API_URL === undefined ? {} : { baseUrl: GITHUB_API_URL }) });
  const place = { owner, repo };
  return {
    async *list() {
      for await (const { data } of paginate.iterator(rest.issues.listComments, { ...place, issue_number: number, per_page: 100 }))
        yield* data;
    },
    create: (body) => rest.issues.createComment({ ...place, issue_number: number, body }),
    update: (id, body) => rest.issues.updateComment({ ...place, comment_id: id, body }),
  };
}
