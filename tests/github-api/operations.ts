/** What GitHub calls the operations that the server knows: path → method → name. */
export const operations = {
  "/user": { get: "users/get-authenticated" },
  "/repos/{owner}/{repo}": { get: "repos/get" },
  "/repos/{owner}/{repo}/pulls/{pull_number}": { get: "pulls/get" },
  "/repos/{owner}/{repo}/pulls/{pull_number}/files": { get: "pulls/list-files" },
  "/repos/{owner}/{repo}/commits/{commit_sha}/pulls": { get: "repos/list-pull-requests-associated-with-commit" },
  "/repos/{owner}/{repo}/compare/{basehead}": { get: "repos/compare-commits-with-basehead" },
  "/repos/{owner}/{repo}/issues": { get: "issues/list-for-repo", post: "issues/create" },
  "/repos/{owner}/{repo}/issues/{issue_number}": { get: "issues/get", patch: "issues/update" },
  "/repos/{owner}/{repo}/issues/{issue_number}/comments": { get: "issues/list-comments", post: "issues/create-comment" },
  "/repos/{owner}/{repo}/issues/comments/{comment_id}": {
    get: "issues/get-comment",
    patch: "issues/update-comment",
    delete: "issues/delete-comment",
  },
  "/repos/{owner}/{repo}/labels": { get: "issues/list-labels-for-repo", post: "issues/create-label" },
  "/repos/{owner}/{repo}/labels/{name}": { get: "issues/get-label" },
} as const;

type Named<Methods> = Methods extends Readonly<Record<string, infer Name>> ? Name : never;
/** By these a test says what fails, and the state answers. */
export type OperationName = { [Path in keyof typeof operations]: Named<(typeof operations)[Path]> }[keyof typeof operations];
