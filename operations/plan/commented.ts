import { markerOf, namesOf, sectionsOf } from "../comment/merge.ts";
import type { GitHub } from "../github/client.ts";
import { GitHubError } from "../github/errors.ts";
import { readComment } from "../github/sticky-comment.ts";
import { type Plan, type PlannedStep, UnexpectedChanges } from "../plan.ts";
import { namedSteps, unseenOf } from "./fingerprint.ts";
import { stepLines } from "./lines.ts";

/** What somebody was shown for a stack: by the comment on a pull request, or by a plan before an approval. */
export interface Promised {
  /** Who showed it: `#7`, `the plan before`. */
  readonly by: string;
  /** Names of the steps; none where the change does not reach the stack. Undefined: there is no promise. */
  readonly plan: readonly string[] | undefined;
  /** Why there is none. */
  readonly why?: string;
}

/** Who showed a plan that no pull request did. */
export const shownBefore = "the plan before the approval";

/** So many commits are looked through for their pull requests, the newest ones. */
const mostCommits = 100;

/**
 * The pull requests that a deploy of a commit brings: those of the commit itself, and of all since what serves now, where both are known. A deploy
 * may do what all of them together promised.
 */
export async function mergedPulls(github: GitHub, commit: string, since: string | undefined): Promise<number[]> {
  const { owner, repo, rest } = github;
  const commits = [commit];
  if (since !== undefined && since !== commit) {
    const brought = await commitsSince(github, since, commit);
    commits.push(...brought.slice(-mostCommits).filter((sha) => sha !== commit));
  }
  const numbers = new Set<number>();
  for (const one of commits) {
    const { data } = await rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: one });
    for (const { number, merged_at: merged } of data) if (merged) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** Oldest first. A commit that GitHub does not know is no base: then the commit stands alone. */
async function commitsSince({ owner, repo, rest }: GitHub, since: string, commit: string): Promise<string[]> {
  const commits: string[] = [];
  try {
    for (let page = 1, all = 1; commits.length < all; page += 1) {
      const { data } = await rest.repos.compareCommitsWithBasehead({ owner, repo, basehead: `${since}...${commit}`, per_page: 100, page });
      if (data.commits.length === 0) break;
      commits.push(...data.commits.map(({ sha }) => sha));
      all = data.total_commits;
    }
  } catch (error) {
    if (!(error instanceof GitHubError && error.status === 404)) throw error;
  }
  return commits;
}

/** What was commented on these pull requests about a stack. */
export async function promisedBy(github: GitHub, system: string, stack: string, numbers: readonly number[]): Promise<Promised[]> {
  const promised: Promised[] = [];
  for (const number of numbers) {
    const { data } = await github.rest.pulls.get({ owner: github.owner, repo: github.repo, pull_number: number });
    promised.push({ by: `#${number}`, ...readPromise(await readComment(github, number, markerOf(system)), stack, data.head.sha) });
  }
  return promised;
}

/** The promise in a comment. Pure. */
export function readPromise(comment: string | undefined, stack: string, head: string): Omit<Promised, "by"> {
  if (comment === undefined) return { plan: undefined, why: "has no comment of ours" };
  const section = sectionsOf(comment).find(({ meta }) => meta.stack === stack);
  if (section === undefined) return { plan: [] };
  const { commit, plan, isPlanLeftOut } = section.meta;
  if (isPlanLeftOut) return { plan: undefined, why: "changes more than its comment has room for" };
  if (plan === undefined) return { plan: undefined, why: "has a comment that says that its preview failed" };
  if (commit !== head)
    return { plan: undefined, why: `was looked at as of commit ${commit?.slice(0, 7) ?? "unknown"}, and ${head.slice(0, 7)} was merged` };
  return { plan: namesOf(plan) };
}

/**
 * Refuses a plan that does anything which no comment has shown. Less is fine: then something of it has happened already. Returns what is to be
 * said of that. Pure.
 */
export function refuseUnseen(
  stack: string,
  plan: Pick<Plan, "steps" | "loosened">,
  promised: readonly Promised[],
  key: string | undefined,
): string | undefined {
  const seen = new Set(promised.flatMap(({ plan = [] }) => plan));
  const named = namedSteps(plan, key);
  const unseen = named.flatMap((one) => unseenOf(one, seen) ?? []);
  const who = promised.map(({ by }) => by).join(", ");
  if (unseen.length > 0) throw new UnexpectedChanges(unseenText(stack, unseen, promised));
  const own = new Set(named.flatMap(({ names }) => names));
  const isLess = [...seen].some((name) => !own.has(name));
  if (who === "") return undefined;
  return isLess
    ? `The plan is a part of what was shown by ${who}: the rest is done already, or another change has taken it back.`
    : `The plan is the one that was shown by ${who}.`;
}

function unseenText(stack: string, unseen: readonly PlannedStep[], promised: readonly Promised[]): string {
  const lines = stepLines(unseen);
  const why = promised.flatMap(({ by, why }) => (why === undefined ? [] : [`${by} ${why}.`]));
  const from =
    promised.length === 0 ? "the commit came by no pull request" : `${promised.map(({ by }) => by).join(", ")} did not show it like this`;
  return [
    `the plan for ${stack} went stale: it does what nobody was shown, since ${from}:`,
    ...lines,
    ...why,
    `Somebody changed the cloud, the state or another part meanwhile. Look at it (npm run ops -- up --stack ${stack} --plan), and ${ways(stack, promised)}.`,
  ].join("\n");
}

/** What shows it, and what does it without. */
const ways = (stack: string, promised: readonly Promised[]): string =>
  promised.some(({ by }) => by === shownBefore)
    ? `start the whole workflow again, which shows it and asks again, or without a workflow npm run ops -- up --stack ${stack}`
    : `let a pull request show it, or deploy it by hand with npm run ops -- up --stack ${stack}`;
