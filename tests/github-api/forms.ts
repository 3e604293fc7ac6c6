// What is kept, in the published form.
import { description } from "./description.ts";
import { type Account, type Comment, type Issue, type Label, repository } from "./records.ts";

const name = `${repository.owner}/${repository.name}`;
const address = (path: string): string => `https://api.github.com/repos/${name}${path}`;

export const user = ({ login, id, type }: Account) =>
  description.form("simple-user", { login, id, type, html_url: `https://github.com/${login.replace(/(.*)\[bot\]$/, "apps/$1")}` });

export const account = (who: Account) => description.form("private-user", { ...user(who), user_view_type: "private" });

export const fullRepository = (hasIssues: boolean) =>
  description.form("full-repository", {
    id: repository.id,
    name: repository.name,
    full_name: name,
    owner: user({ login: repository.owner, id: 1, type: "User" }),
    has_issues: hasIssues,
  });

export const label = ({ id, name, color, description: words }: Label) =>
  description.form("label", { id, name, color, description: words, url: address(`/labels/${encodeURIComponent(name)}`) });

const common = (one: Issue | Comment) => ({
  id: one.id,
  body: one.body,
  user: user(one.user),
  created_at: one.createdAt,
  updated_at: one.updatedAt,
  author_association: one.user.association ?? "NONE",
});

export const comment = (one: Comment) =>
  description.form("issue-comment", {
    ...common(one),
    html_url: `https://github.com/${name}/issues/${one.issue}#issuecomment-${one.id}`,
    issue_url: address(`/issues/${one.issue}`),
  });

/** What an issue has in the forms of others. */
export interface Around {
  readonly labels: readonly Label[];
  readonly comments: number;
}

const issueValues = (one: Issue, { labels, comments }: Around) => ({
  ...common(one),
  number: one.number,
  title: one.title,
  state: one.state,
  locked: one.locked,
  closed_at: one.closedAt,
  comments,
  html_url: `https://github.com/${name}/${one.isPull ? "pull" : "issues"}/${one.number}`,
  labels: labels.map(label),
});

export const issue = (one: Issue, around: Around) =>
  description.form("issue", {
    ...issueValues(one, around),
    state_reason: one.reason,
    closed_by: one.closedBy && user(one.closedBy),
    ...(one.isPull ? { pull_request: { url: null, html_url: null, diff_url: null, patch_url: null } } : {}),
  });

export const pull = (one: Issue, around: Around, head = one.head) => {
  const made = description.form("pull-request", issueValues(one, around));
  return { ...made, head: { ...(made["head"] as object), sha: head } };
};

export const mergedPull = (one: Issue, around: Around) =>
  description.form("pull-request-simple", { ...issueValues(one, around), merged_at: one.createdAt });

export const changedFile = (filename: string) => description.form("diff-entry", { filename, sha: "0".repeat(40), status: "modified" });

export const comparison = (commits: readonly string[], total_commits: number) =>
  description.form("commit-comparison", {
    status: "ahead",
    total_commits,
    commits: commits.map((sha) => description.form("commit", { sha })),
  });
