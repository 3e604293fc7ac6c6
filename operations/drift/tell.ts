import { type IssueOutcome, isChangeOfState, putDriftIssue } from "../github/drift-issue.ts";
import type { GitHub } from "../github/client.ts";
import { scrubber, secretsOf } from "../scrub.ts";
import { tellSlack } from "../slack.ts";
import type { Drift } from "./drift.ts";
import { issueOf, markerOf, sinceIn } from "./issue.ts";

/** Brings the issue of a stack to what a look found, and tells Slack where it opened, closed or came back. Returns what became of it. */
export async function tellOfDrift(
  github: GitHub,
  { drift, secrets }: { readonly drift: Drift; readonly secrets: readonly string[] },
  { system, choice, environment, now }: { system: string; choice: string; environment: NodeJS.ProcessEnv; now: Date },
): Promise<IssueOutcome & { readonly problem?: string }> {
  const scrub = scrubber([...secrets, ...secretsOf(environment)]);
  const since = await sinceOf(github, markerOf(system, drift.stack));
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = environment;
  const run = server && repository && id ? `${server}/${repository}/actions/runs/${id}` : undefined;
  const finding = issueOf(drift, { system, choice, now, run, since, scrub });
  const outcome = await putDriftIssue(github, finding);
  if (!isChangeOfState(outcome.change)) return outcome;
  const what = outcome.change === "closed" ? (finding.gone ?? "") : finding.title;
  const { problem } = await tellSlack(scrub(`${what}${outcome.url === undefined ? "" : ` ${outcome.url}`}`), environment);
  return problem === undefined ? outcome : { ...outcome, problem };
}

/** Since when the findings that stand in the issue are known. */
async function sinceOf({ rest, paginate, owner, repo }: GitHub, marker: string): Promise<ReadonlyMap<string, string>> {
  const issues = await paginate(rest.issues.listForRepo, { owner, repo, labels: "drift", state: "open", per_page: 100 });
  return sinceIn(issues.find(({ body }) => body?.includes(marker))?.body ?? "");
}
