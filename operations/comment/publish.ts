import type { GitHub } from "../github/client.ts";
import { type CommentChange, readComment, stickyComment } from "../github/sticky-comment.ts";
import { markerOf, mergeComment, type Section, sectionsOf } from "./merge.ts";

/** Where a comment goes. */
export interface PullRequest {
  readonly github: GitHub;
  readonly number: number;
  /** The commit at its head. */
  readonly head: string;
}

/** How often a run that lost its sections to another one's edit writes them again. */
const tries = 6;

/** Seconds after which a run looks again: another one that had read the comment before this one wrote it has written by then. */
const settled = 3;

/**
 * Brings sections into the one comment of a pull request. Runs that look at other stacks write it too, and GitHub knows no conditional write: so
 * each looks afterwards, twice, whether its sections still stand there, and writes them again where another one's edit has taken them away.
 */
export async function publish({ github, number, head }: PullRequest, system: string, sections: readonly Section[]): Promise<CommentChange> {
  const marker = markerOf(system);
  const merge = (standing: string | undefined): string => mergeComment(system, standing, sections, head);
  const isThere = async (): Promise<boolean> => {
    const there = sectionsOf(await readComment(github, number, marker));
    return sections.every(({ meta }) => there.some((one) => JSON.stringify(one.meta) === JSON.stringify(meta)));
  };
  let done: CommentChange = "unchanged";
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const change = await stickyComment(github, number, marker, merge);
    if (attempt === 1 || change !== "unchanged") done = change;
    if (change === "closed" || (change === "unchanged" && attempt === 1)) return change;
    if (await isThere()) {
      await github.wait(settled);
      if (await isThere()) return done;
    }
    await github.wait(Math.random());
  }
  throw new Error(
    `the comment on pull request ${number} was written ${tries} times, and another run has taken our part out of it each time`,
  );
}
