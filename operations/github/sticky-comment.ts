import { ownAuthor } from "./author.ts";
import { type GitHub, once, patience } from "./client.ts";
import { GitHubError } from "./errors.ts";
import { oldestFirst, postOnce } from "./once.ts";

/** A text, or what makes it of the one that stands there. */
export type Text = string | ((standing: string | undefined) => string);

/** What became of the comment. Nothing is written on a pull request that is closed. */
export type CommentChange = "created" | "updated" | "unchanged" | "closed";

/**
 * Keeps one comment of ours on a pull request: found by its hidden marker among what our account has written, on any page, and written anew in
 * place, which notifies nobody. Two runs at once end with one comment, the oldest, with the text that came last.
 *
 * @param marker an HTML comment; the body is put behind it where it does not begin with it
 * @param body the text, or what makes it of the one that stands there, where several runs share a comment
 */
export async function stickyComment(github: GitHub, number: number, marker: string, body: Text): Promise<CommentChange> {
  const { data: pull } = await github.rest.pulls.get({ ...place(github), pull_number: number });
  if (pull.state === "closed") return "closed";
  return keepComment(github, number, marker, body);
}

/** The same on any issue, whatever its state. */
export async function keepComment(github: GitHub, number: number, marker: string, text: Text): Promise<Exclude<CommentChange, "closed">> {
  const issue = { ...place(github), issue_number: number };
  const bodyFor = (standing: string | undefined): string => {
    const made = typeof text === "string" ? text : text(standing);
    return made.startsWith(marker) ? made : `${marker}\n${made}`;
  };
  const list = await listerOf(github, number, marker);
  // What others share is read again after each pause, since they may have written meanwhile.
  const isShared = typeof text !== "string";
  let standing = await list();
  for (let attempt = 1, index = 0; index < standing.length;) {
    const one = standing[index]!;
    const body = bodyFor(one.body);
    const became = one.body === body ? "unchanged" : await edit(github, one.id, body, isShared ? attempt : undefined);
    if (typeof became === "object") {
      await github.wait(became.pause);
      [standing, attempt, index] = [await list(), attempt + 1, 0];
    } else if (became === "gone") index += 1;
    else {
      await discard(github, standing.slice(index + 1));
      return became;
    }
  }
  const create = async () => (await github.rest.issues.createComment({ ...issue, body: bodyFor(undefined) })).data;
  const fresh = async () => (await list()).filter(({ id }) => standing.every((one) => one.id !== id));
  const { kept, newest, doubles, isMine } = await postOnce(github, { list: fresh, create });
  const last = typeof text === "string" ? (newest.body ?? bodyFor(undefined)) : bodyFor(kept.body);
  if (last !== kept.body) await edit(github, kept.id, last);
  await discard(github, doubles);
  return isMine ? "created" : "updated";
}

/** Our comment as it stands; undefined where there is none. */
export async function readComment(github: GitHub, number: number, marker: string): Promise<string | undefined> {
  return (await (await listerOf(github, number, marker))())[0]?.body;
}

/** Lists our comments behind a marker, the oldest first. */
async function listerOf(github: GitHub, number: number, marker: string) {
  const isOwn = await ownAuthor(github);
  return async () => {
    const all = await github.paginate(github.rest.issues.listComments, { ...place(github), issue_number: number, per_page: 100 });
    return oldestFirst(all.filter((one) => isOwn(one.user) && one.body?.startsWith(marker)));
  };
}

/** How often an edit is tried whose text is made anew each time, as often as the client tries others. */
const attempts = 4;

/**
 * Writes a comment anew. Gone is also another App's: without the permission, writing another one says so.
 *
 * @param attempt where the text is out of date after a pause: which one this is. The pause is then told, and whoever asks goes on.
 */
async function edit(
  github: GitHub,
  comment_id: number,
  body: string,
  attempt?: number,
): Promise<"updated" | "gone" | { readonly pause: number }> {
  try {
    await github.rest.issues.updateComment({ ...place(github), comment_id, body, ...(attempt === undefined ? {} : once) });
    return "updated";
  } catch (error) {
    if (isPassedOver(error)) return "gone";
    const pause = error instanceof GitHubError ? error.pause : undefined;
    if (pause === undefined || pause > patience || attempt === undefined || attempt >= attempts) throw error;
    return { pause: pause * attempt };
  }
}

/** A limit has the status of what is forbidden, and says nothing about what is there. */
const isPassedOver = (error: unknown): boolean =>
  error instanceof GitHubError && (error.status === 404 || error.status === 403) && error.pause === undefined;

/** Another run may have been faster. */
async function discard(github: GitHub, doubles: readonly { readonly id: number }[]): Promise<void> {
  for (const { id } of doubles) {
    try {
      await github.rest.issues.deleteComment({ ...place(github), comment_id: id });
    } catch (error) {
      if (!isPassedOver(error)) throw error;
    }
  }
}

export const place = ({ owner, repo }: Pick<GitHub, "owner" | "repo">) => ({ owner, repo });
