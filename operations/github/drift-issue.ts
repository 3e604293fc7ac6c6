import { createHash } from "node:crypto";
import type { RestEndpointMethodTypes } from "@octokit/rest";
import { type IsOwn, ownAuthor } from "./author.ts";
import type { GitHub } from "./client.ts";
import { GitHubError } from "./errors.ts";
import { ensureLabels, type Label } from "./labels.ts";
import { oldestFirst, postOnce } from "./once.ts";
import { keepComment, place } from "./sticky-comment.ts";

type Issue = RestEndpointMethodTypes["issues"]["listForRepo"]["response"]["data"][number];

/** What was found of one stack, or that nothing was. */
export interface DriftFinding {
  /** An HTML comment that names the stack: by it the issue is found again, whatever its title. */
  readonly marker: string;
  readonly title: string;
  readonly body: string;
  /** What the issue gets when it is opened. The first one limits the search. */
  readonly labels: readonly [Label, ...Label[]];
  readonly found: boolean;
  /** Anything that differs where the findings differ. Equal ones are the same finding: nothing is edited, and nobody told. */
  readonly digest: string;
  /** The comment with which it is closed. @default "The drift is gone." */
  readonly gone?: string;
  /** The comment with which it is opened again. @default "The drift is back." */
  readonly back?: string;
  /** A comment for where it is open and this is worse than what it says: a text that is written anew tells nobody. Without it nothing is. */
  readonly worse?: string;
}

/** What became of the issue. All but `updated` and `unchanged` are worth telling; of two runs at once, one says so. */
export type IssueChange = "opened" | "updated" | "unchanged" | "worsened" | "closed" | "reopened";

/** Whether people are to be told. */
export const isChangeOfState = (change: IssueChange): boolean => change !== "updated" && change !== "unchanged";

export interface IssueOutcome {
  readonly change: IssueChange;
  /** The issue's page, where there is one. */
  readonly url?: string;
}

type Step = "open" | "update" | "close" | "reopen" | "forget" | "leave";

/**
 * What to do with the issue as it stands. `digest` is what it holds: `none` once the drift was gone. Somebody who closes it by hand has seen
 * what it says, so it stays closed until something else is found. Pure.
 */
export function decide(issue: { readonly state: string; readonly digest: string } | undefined, found: string): Step {
  if (!issue) return found === none ? "leave" : "open";
  const isSame = issue.digest === found;
  if (issue.state === "open") return found === none ? "close" : isSame ? "leave" : "update";
  return isSame ? "leave" : found === none ? "forget" : "reopen";
}

const none = "none";

/**
 * Keeps one issue for a stack: opened where something is found, written anew where something else is, closed with a comment where it is gone, and
 * the same one opened again where it comes back. Two runs at once end with one issue. One that was deleted or moved away is followed by a new one.
 */
export async function putDriftIssue(github: GitHub, finding: DriftFinding): Promise<IssueOutcome> {
  const digest = finding.found ? createHash("sha256").update(finding.digest).digest("hex").slice(0, 16) : none;
  const isOwn = await ownAuthor(github);
  const standing = await listIssues(github, finding, isOwn);
  for (const issue of standing) {
    const outcome = await advance(github, issue, finding, digest);
    if (outcome) return outcome;
  }
  if (digest === none) return { change: "unchanged" };
  const isGone = ({ id }: Issue): boolean => standing.some((issue) => issue.id === id);
  return open(github, finding, digest, async () => (await listIssues(github, finding, isOwn)).filter((issue) => !isGone(issue)));
}

/** The issue of a stack as it stands. `isOver`: it says that everything is as it was deployed again. Undefined where there is none. */
export async function readDriftIssue(
  github: GitHub,
  by: Pick<DriftFinding, "marker" | "labels">,
): Promise<{ readonly state: string; readonly body: string; readonly url: string; readonly isOver: boolean } | undefined> {
  const [issue] = await listIssues(github, by, await ownAuthor(github));
  if (issue === undefined) return undefined;
  return { state: issue.state, body: issue.body ?? "", url: issue.html_url, isOver: digestOf(issue) === none };
}

/** Brings an issue to what was found; nothing where it is not there any more. */
async function advance(github: GitHub, issue: Issue, finding: DriftFinding, digest: string): Promise<IssueOutcome | undefined> {
  const step = decide({ state: issue.state, digest: digestOf(issue) }, digest);
  const written = { title: finding.title, body: render(finding, digest) };
  const forgotten = { body: [finding.marker, digestLine(none), wordsOf(issue, finding)].join("\n") };
  const says = async (marker: string, words: string, change: IssueChange): Promise<IssueOutcome> => {
    const comment = await keepComment(github, issue.number, `<!-- groundwork: ${marker} -->`, words);
    return { change: comment === "created" ? change : "unchanged", url: issue.html_url };
  };
  switch (step) {
    case "open":
    case "leave":
      return { change: "unchanged", url: issue.html_url };
    case "update": {
      if (!(await edit(github, issue, written))) return undefined;
      // Two runs that write it anew have both seen when it was written last.
      const { change } = finding.worse === undefined ? {} : await says(`worse, ${issue.updated_at} ${digest}`, finding.worse, "worsened");
      return { change: change === "worsened" ? change : "updated", url: issue.html_url };
    }
    case "forget":
      return (await edit(github, issue, forgotten)) && { change: "unchanged", url: issue.html_url };
    case "close": {
      const closed = await edit(github, issue, { ...forgotten, state: "closed", state_reason: "completed" });
      return closed && says(`gone, ${closed.closed_at}`, finding.gone ?? "The drift is gone.", "closed");
    }
    case "reopen": {
      const opened = await edit(github, issue, { ...written, state: "open", state_reason: "reopened" });
      // Two runs that open it again have both seen when it was closed.
      return opened && says(`back, ${issue.closed_at}`, finding.back ?? "The drift is back.", "reopened");
    }
  }
}

async function open(github: GitHub, finding: DriftFinding, digest: string, list: () => Promise<Issue[]>): Promise<IssueOutcome> {
  await ensureLabels(github, finding.labels);
  const issue = { title: finding.title, body: render(finding, digest), labels: finding.labels.map(({ name }) => name) };
  const create = async () => (await github.rest.issues.create({ ...place(github), ...issue })).data;
  const { kept, newest, doubles, isMine } = await postOnce<Issue>(github, { list, create });
  if (digestOf(newest) !== digestOf(kept)) await edit(github, kept, { title: newest.title, body: newest.body ?? "" });
  // Only administrators can delete an issue. Without the marker it is never found again.
  for (const double of doubles)
    await edit(github, double, { state: "closed", state_reason: "not_planned", body: `Opened twice at once: see #${kept.number}.` });
  return { change: isMine ? "opened" : "unchanged", url: kept.html_url };
}

/**
 * The issues of a stack, those that are open first, then by age. Who may not label issues cannot bring one in here, but a template of the
 * repository may label what a stranger writes: so it is also asked who wrote it. A colleague may have, by running the verb himself.
 */
async function listIssues(
  { rest, paginate, owner, repo }: GitHub,
  { marker, labels: [label] }: Pick<DriftFinding, "marker" | "labels">,
  isOwn: IsOwn,
) {
  const search = { owner, repo, labels: label.name, state: "all", sort: "created", direction: "asc", per_page: 100 } as const;
  const isTrusted = (issue: Issue): boolean =>
    isOwn(issue.user) || issue.user?.type === "Bot" || ["OWNER", "MEMBER", "COLLABORATOR"].includes(issue.author_association ?? "");
  const ours = (await paginate(rest.issues.listForRepo, search)).filter(
    (issue) => issue.pull_request === undefined && issue.body?.includes(marker) && isTrusted(issue),
  );
  return oldestFirst(ours).sort((a, b) => Number(a.state === "closed") - Number(b.state === "closed"));
}

type Edit = Omit<NonNullable<RestEndpointMethodTypes["issues"]["update"]["parameters"]>, "owner" | "repo" | "issue_number">;

/** Nothing where the issue was deleted or moved to another repository. */
async function edit(github: GitHub, { number }: Pick<Issue, "number">, change: Edit) {
  try {
    return (await github.rest.issues.update({ ...place(github), issue_number: number, ...change })).data;
  } catch (error) {
    if (error instanceof GitHubError && isGone(error)) return undefined;
    throw error;
  }
}

const isGone = ({ status, message }: GitHubError): boolean => status === 404 || (status === 410 && /was deleted/.test(message));

const digestLine = (digest: string): string => `<!-- groundwork: findings ${digest} -->`;
const digestPattern = /<!-- groundwork: findings (\w+) -->/;
/** What people read of an issue. */
const wordsOf = ({ body }: Issue, { marker }: DriftFinding): string => (body ?? "").replace(marker, "").replace(digestPattern, "").trim();
const digestOf = ({ body }: Pick<Issue, "body">): string => digestPattern.exec(body ?? "")?.[1] ?? "";
const render = ({ marker, body }: DriftFinding, digest: string): string => [marker, digestLine(digest), body].join("\n");
