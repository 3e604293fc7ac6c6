import { execFile } from "node:child_process";

/** The commit that a program lies in. */
export interface Checkout {
  /** Whole name of the commit. */
  readonly commit: string;
  /** When it was committed, as ISO 8601 has it. */
  readonly time: string;
}

/** How a checkout stands to the one that a stack was last deployed from. */
export type Relation =
  /** It holds all of that. */
  | "holds"
  /** That came later. */
  | "older"
  /** Each has what the other has not. */
  | "beside"
  /** That commit is not known here. */
  | "unknown";

/** Answers as git's exit code and what it prints; code 128 where git does not know something, or is not there. */
export type Git = (...args: readonly string[]) => Promise<{ readonly code: number; readonly text: string }>;

/** The git of this machine, in the repository of a folder. @default that of the program */
export const gitIn =
  (folder = import.meta.dirname): Git =>
  (...args) =>
    new Promise((resolve) => {
      execFile("git", ["-C", folder, ...args], { timeout: 10_000 }, (error, stdout) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 128;
        resolve({ code, text: stdout.trim() });
      });
    });

/** What is checked out; undefined where that cannot be told: no git, no repository, no commit yet. */
export async function readCheckout(git: Git): Promise<Checkout | undefined> {
  const { code, text } = await git("log", "-1", "--format=%H %cI");
  const [commit = "", time = ""] = text.split(" ");
  return code === 0 && time !== "" ? { commit, time } : undefined;
}

/** How what is checked out stands to what was last deployed. A shallow clone knows no history: there the time decides. */
export async function compareCheckouts(here: Checkout, deployed: Checkout, git: Git): Promise<Relation> {
  if (here.commit === deployed.commit) return "holds";
  const isPart = async (ancestor: string, of: string): Promise<boolean | undefined> => {
    const { code } = await git("merge-base", "--is-ancestor", ancestor, of);
    return code === 0 ? true : code === 1 ? false : undefined;
  };
  const holds = await isPart(deployed.commit, here.commit);
  const isShallow = (await git("rev-parse", "--is-shallow-repository")).text === "true";
  if (holds === true) return "holds";
  if (isShallow) return Date.parse(here.time) < Date.parse(deployed.time) ? "older" : "holds";
  if (holds === undefined) return "unknown";
  return (await isPart(here.commit, deployed.commit)) === true ? "older" : "beside";
}

/** Why nothing is deployed from this checkout; undefined where it may be. Pure. */
export function checkoutProblem(stack: string, here: Checkout, deployed: Checkout, relation: Relation): string | undefined {
  const [mine, last] = [here, deployed].map(({ commit, time }) => `${commit.slice(0, 7)} of ${time.slice(0, 16).replace("T", " ")}`);
  const onPurpose = `To deploy it on purpose: ${olderVariable}=${deployed.commit} pulumi up --stack ${stack}`;
  switch (relation) {
    case "holds":
      return undefined;
    case "older":
      return `${mine} is older than ${last}, from which ${stack} was last deployed: what came since would be taken back. git pull. ${onPurpose}`;
    case "beside":
      return `${mine} lacks ${last}, from which ${stack} was last deployed: what it brought would be taken back. Merge it, or rebase on it. ${onPurpose}`;
    case "unknown":
      return `${mine} does not know ${last}, from which ${stack} was last deployed. git fetch, and bring this checkout up to it. ${onPurpose}`;
  }
}

/** Names the commit that may be taken back for one run; `any`, for stacks that are thrown away. */
export const olderVariable = "GROUNDWORK_OLDER_CHECKOUT";

/** Whether somebody said that this commit may be taken back. */
export function isAllowed(said: string | undefined, deployed: Checkout): boolean {
  return said === "any" || (said !== undefined && said.length >= 7 && deployed.commit.startsWith(said));
}
