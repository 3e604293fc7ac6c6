import type { GitHub } from "./client.ts";
import { GitHubError } from "./errors.ts";

/** Who wrote something, as far as GitHub says so. */
export interface Author {
  readonly id: number;
  readonly type?: string;
}

/** Tells what this token's account has written from what others have. */
export type IsOwn = (author: Author | null | undefined) => boolean;

/**
 * A hidden marker proves nothing, since anybody may write it into a comment. A person's token says whose it is. A workflow's is refused that
 * question and no other tells it either; but only Apps write as `Bot`, which no contributor can. So another App's post that begins with our
 * marker would be taken for ours, and nothing worse: it is replaced by what we say anyway, or the edit is refused.
 */
export function ownAuthor(github: Pick<GitHub, "rest">): Promise<IsOwn> {
  let asked = known.get(github);
  if (!asked) known.set(github, (asked = ask(github)));
  return asked;
}

const known = new WeakMap<object, Promise<IsOwn>>();

async function ask({ rest }: Pick<GitHub, "rest">): Promise<IsOwn> {
  try {
    const { id } = (await rest.users.getAuthenticated()).data;
    return (author) => author?.id === id;
  } catch (error) {
    if (!(error instanceof GitHubError) || error.status !== 403) throw error;
    return (author) => author?.type === "Bot";
  }
}
