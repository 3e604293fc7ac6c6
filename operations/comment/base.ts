import { execFileSync } from "node:child_process";

const git = (folder: string, ...args: string[]): string =>
  execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/** What a change is compared with. */
export interface Compared {
  /** A commit or a branch; undefined: that of the pull request. */
  readonly base: string | undefined;
  /** Whether the checkout may be GitHub's own merge of a pull request: its first parent is what it is merged into. */
  readonly isMerge: boolean;
}

/** The commit that a change begins at, by what is checked out in a folder; undefined where nobody can tell. */
export function baseCommit(folder: string, { base, isMerge }: Compared): string | undefined {
  try {
    if (isMerge && parentsOf(folder) > 1) return git(folder, "rev-parse", "HEAD^1").trim();
    return base === undefined ? undefined : git(folder, "merge-base", base, "HEAD").trim();
  } catch {
    return undefined;
  }
}

/** By the commit itself, which names parents that a shallow checkout lacks. */
const parentsOf = (folder: string): number =>
  git(folder, "cat-file", "-p", "HEAD")
    .split("\n\n", 1)[0]!
    .split("\n")
    .filter((line) => line.startsWith("parent ")).length;

/** The text of a stack file at a commit; undefined where there was none, or where the commit is not there. */
export function stackFileAt(folder: string, commit: string, stack: string): string | undefined {
  try {
    return git(folder, "show", `${commit}:./Pulumi.${stack}.yaml`);
  } catch {
    return undefined;
  }
}
