import type { GitHub } from "./client.ts";
import { GitHubError } from "./errors.ts";

/** Something that is posted once, by however many runs at the same time. */
export interface Posts<Post extends { readonly id: number }> {
  /** Those of ours that are there. */
  readonly list: () => Promise<readonly Post[]>;
  readonly create: () => Promise<Post>;
}

export interface Posted<Post> {
  /** The oldest, which stays. */
  readonly kept: Post;
  /** The one whose text is the newest. */
  readonly newest: Post;
  /** What has to go: each run that sees them takes them away. */
  readonly doubles: readonly Post[];
  /** Whether it is this run that has posted what stays. */
  readonly isMine: boolean;
}

/**
 * Posts what is not there yet. GitHub knows no "create if missing", so two runs may post at once. Whoever has posted looks again: the oldest
 * stays, and takes over the newest text. Where the answer is lost, it looks first whether the post is there.
 */
export async function postOnce<Post extends { readonly id: number }>(
  { wait }: Pick<GitHub, "wait">,
  posts: Posts<Post>,
): Promise<Posted<Post>> {
  let mine: Post | undefined;
  let there: readonly Post[] = [];
  for (let attempt = 1; there.length === 0 && mine === undefined; attempt++) {
    try {
      mine = await posts.create();
    } catch (error) {
      if (!(error instanceof GitHubError) || !error.mayBeDone || attempt === 3) throw error;
      await wait(attempt * attempt);
      there = await posts.list();
    }
  }
  if (mine !== undefined) there = await posts.list();
  // A list may be a moment behind what was written.
  const [kept, ...doubles] = oldestFirst(there.length === 0 && mine !== undefined ? [mine] : there);
  // Nobody can tell whose a post is whose answer was lost; only one run loses it.
  return { kept: kept!, newest: doubles.at(-1) ?? kept!, doubles, isMine: mine === undefined || mine.id === kept!.id };
}

/** Ids only grow. */
export const oldestFirst = <Post extends { readonly id: number }>(posts: readonly Post[]): Post[] => posts.toSorted((a, b) => a.id - b.id);
