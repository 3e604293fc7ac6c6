import { type IssueOutcome, isChangeOfState, putDriftIssue, readDriftIssue } from "../github/drift-issue.ts";
import type { GitHub } from "../github/client.ts";
import { scrubber, secretsOf } from "../scrub.ts";
import { tellSlack } from "../slack.ts";
import type { Drift } from "./drift.ts";
import { driftLabel, issueOf, markerOf, type Telling } from "./issue.ts";
import { isKnown, marksIn } from "./standing.ts";

/**
 * Brings the issue of a stack to what a look found, and tells Slack where it opened, closed, came back or got worse. A look that could not read
 * everything closes nothing, and leaves an issue alone that says already what it found. Returns what became of it.
 */
export async function tellOfDrift(
  github: GitHub,
  { drift, secrets }: { readonly drift: Drift; readonly secrets: readonly string[] },
  { environment, ...about }: Pick<Telling, "system" | "choice" | "now" | "options"> & { readonly environment: NodeJS.ProcessEnv },
): Promise<IssueOutcome & { readonly problem?: string }> {
  const scrub = scrubber([...secrets, ...secretsOf(environment)]);
  const issue = await readDriftIssue(github, { marker: markerOf(about.system, drift.stack), labels: [driftLabel] });
  const standing = issue === undefined || issue.isOver ? new Map() : marksIn(issue.body);
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = environment;
  const run = server && repository && id ? `${server}/${repository}/actions/runs/${id}` : undefined;
  const { marks, ...finding } = issueOf(drift, { ...about, run, standing, scrub });
  const isWhole = drift.findings.every(({ kind }) => kind !== "unread");
  // Somebody who closes it has seen all that it says, and so also a part of that.
  const isSeen = issue?.state === "closed" && finding.found;
  if ((!isWhole || isSeen) && isKnown(marks, standing)) return { change: "unchanged", ...(issue === undefined ? {} : { url: issue.url }) };
  const outcome = await putDriftIssue(github, finding);
  if (!isChangeOfState(outcome.change)) return outcome;
  const what = outcome.change === "closed" ? finding.gone : outcome.change === "worsened" ? finding.worse : finding.title;
  const { problem } = await tellSlack(scrub(`${what ?? ""}${outcome.url === undefined ? "" : ` ${outcome.url}`}`), environment);
  return problem === undefined ? outcome : { ...outcome, problem };
}
