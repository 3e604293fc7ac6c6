import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname } from "node:path";
import { UsageError } from "../../sandbox/command-line.ts";
import { findSystem, repository, stacksOf } from "../../sandbox/systems.ts";
import { loadSystem } from "../../systems/load-system.ts";
import { MissingStack } from "../backend.ts";
import { choiceOf, withChoice } from "../commands.ts";
import { affectedStacks, meantStacks, removedStacks } from "../comment/affected.ts";
import { baseCommit, stackFileAt } from "../comment/base.ts";
import { failedPreview } from "../comment/failed.ts";
import { mergeComment, sectionOf, wholeComment } from "../comment/merge.ts";
import { orphaned } from "../comment/orphaned.ts";
import { appliedBy, lookAt } from "../comment/preview.ts";
import { publish, type PullRequest } from "../comment/publish.ts";
import { exitCodeOf, renderSection, type StackPreview } from "../comment/section.ts";
import { summarize } from "../comment/summary.ts";
import { forTerminal } from "../comment/terminal.ts";
import { digitalOceanQuote } from "../cost/quote.ts";
import { type GitHub, openGitHub } from "../github/client.ts";
import { paint } from "../paint.ts";
import { accept, acceptUsage, defineVerb, json, openPulumi, parseNumber, place, stacks } from "./verb.ts";

/** What is checked out is compared with this, where nothing else is named. */
const main = "origin/main";

const nothingThere = (base: string): UsageError =>
  new UsageError(`there is no "${base}" to compare with. Name one with --base, or the stacks with --stack`);

export default defineVerb({
  summary: "tells a pull request what it changes in each stack: what can hurt, what it costs, then all of it",
  usage: `(--pr <number> | --dry-run) [--stack <name>] (repeatable; those that the change can affect without) [--json]

  One comment for each pull request, written anew in place; each run owns the parts about its stacks. Needs GITHUB_TOKEN and GITHUB_REPOSITORY, as
  every workflow has them. No secret is shown. Exit code 1 where a preview failed, 2 where a
  stack file is wrong; the comment says why. 7 where a deploy would refuse what it says.
      --pr <number>            the pull request
      --dry-run                prints the comment, and needs no GitHub; on a terminal without Markdown's marks
      --base <commit>          with --dry-run: what the change is compared with (origin/main)
      ${acceptUsage}`,
  options: {
    ...place,
    ...stacks,
    ...accept,
    ...json,
    pr: { type: "string" },
    base: { type: "string" },
    "dry-run": { type: "boolean", default: false },
  },
  async run({ stack: given, pr, base, accept, json, "dry-run": dry, ...where }) {
    const number = parseNumber("--pr", pr, "the number of a pull request");
    if ((number === undefined) !== dry) throw new UsageError("where to? Add either --pr <number> or --dry-run");
    if (base !== undefined && !dry) throw new UsageError("--base belongs to --dry-run: a pull request says itself what it is merged into");
    const pull = number === undefined ? undefined : await openPull(await openGitHub(process.env), number);
    const system = findSystem(where.system);
    const names = given.length > 0 ? given : await affected(system, pull, base);
    const commit = pull && lookedAt(pull.head, process.env);
    const from = baseCommit(system.project, {
      base: pull ? pull.base : (base ?? main),
      isMerge: pull !== undefined && process.env["GITHUB_EVENT_NAME"] === "pull_request",
    });
    if (base !== undefined && from === undefined) throw nothingThere(base);
    const look = async (): Promise<StackPreview[]> => {
      // First: the sandbox asks the system too.
      const { delivery } = await loadSystem(system.file);
      const { pulumi, opened } = await openPulumi(where);
      for (const name of given)
        if (pulumi.stackFile(name) === "" && (await orphaned(pulumi, name)) === undefined) throw new MissingStack(name);
      for (const name of names) await opened?.ensureStack(name);
      return lookAt(names, {
        pulumi,
        commit,
        quote: opened ? undefined : digitalOceanQuote(process.env),
        accept,
        applied: (stack) => appliedBy(stack, delivery?.environments[stack]?.deploysOn),
        former: (stack) => (from === undefined ? undefined : stackFileAt(system.project, from, stack)),
        atOnce: availableParallelism(),
        say: (line) => console.error(line),
      });
    };
    // Whatever went wrong stands in the comment: what stood there before may not hold any more. What was typed wrongly is told to who typed it.
    const previews = await look().catch((error: unknown) => {
      if (error instanceof UsageError) throw error;
      return names.map((name) => failedPreview(name, commit, error));
    });
    const besides = pull && given.length > 0 ? await besidesOf(system, pull, names) : [];
    const choice = choiceOf(where);
    const more = { ...(besides.length > 0 ? { besides } : {}), ...(choice === "" ? {} : { choice }) };
    const sections = previews.map(sectionOf).map(({ meta, body }) => ({ meta: { ...meta, ...more }, body }));
    if (json) console.log(JSON.stringify(previews, null, 2));
    else if (dry && process.stdout.isTTY) console.log(withChoice(forTerminal(wholeComment(system.name, previews), paint), choice));
    else console.log(mergeComment(system.name, undefined, sections));
    // A dry run's output goes wherever whoever called it wants it.
    if (pull) summarize(previews.map((preview) => withChoice(renderSection(preview, "all", Number.POSITIVE_INFINITY), choice)));
    if (pull) {
      const change = await publish(pull, system.name, sections);
      console.error(
        change === "closed"
          ? `pull request ${pull.number} is closed: no comment is written`
          : `pull request ${pull.number}: comment ${change}`,
      );
    }
    return exitCodeOf(previews);
  },
});

/** The commit that this run looks at: the pull request's head when it began, or what was checked out by hand. */
function lookedAt(head: string, { GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: file, GITHUB_SHA: sha }: NodeJS.ProcessEnv): string {
  if (event === "workflow_dispatch") return sha ?? head;
  if (event !== "pull_request" || !file) return head;
  const { pull_request: pull } = JSON.parse(readFileSync(file, "utf8")) as { pull_request?: { head?: { sha?: string } } };
  return pull?.head?.sha ?? head;
}

async function openPull(github: GitHub, number: number): Promise<PullRequest & { readonly base: string }> {
  const { data } = await github.rest.pulls.get({ owner: github.owner, repo: github.repo, pull_number: number });
  return { github, number, head: data.head.sha, base: data.base.sha };
}

/** Stacks that a pull request is meant for, and that are looked at by nobody here. */
async function besidesOf(
  { project, file }: { project: string; file: string },
  pull: PullRequest,
  names: readonly string[],
): Promise<string[]> {
  const [all, paths, name] = [stacksOf(project).filter((stack) => stack !== "local"), await filesOf(pull), basename(dirname(file))];
  const meant = meantStacks(
    paths,
    all.filter((stack) => !names.includes(stack)),
    name,
  );
  return [...meant, ...removedStacks(paths, all, name).filter((stack) => !names.includes(stack))].sort();
}

/** The stacks that a change can affect: of a pull request, or of what is checked out. */
async function affected(
  { project, file }: { project: string; file: string },
  pull: PullRequest | undefined,
  base?: string,
): Promise<string[]> {
  const paths = pull ? await filesOf(pull) : localFiles(base ?? main);
  const stacks = stacksOf(project)
    .filter((stack) => stack !== "local")
    .sort();
  const name = basename(dirname(file));
  const found = [...removedStacks(paths, stacks, name), ...affectedStacks(paths, stacks, name)];
  console.error(found.length === 0 ? "no stack is affected" : `affected: ${found.join(", ")}`);
  return found;
}

/** GitHub names 3,000 files at most; beyond that everything may be affected. */
async function filesOf({ github, number }: PullRequest): Promise<string[]> {
  const { owner, repo } = github;
  const files = await github.paginate(github.rest.pulls.listFiles, { owner, repo, pull_number: number, per_page: 100 });
  if (files.length >= 3000) return ["index.ts"];
  return files.flatMap(({ filename, previous_filename: before }) => (before === undefined ? [filename] : [filename, before]));
}

function localFiles(base: string): string[] {
  const git = (...args: string[]): string[] => execFileSync("git", args, { cwd: repository, encoding: "utf8" }).split("\n");
  try {
    const [from = ""] = git("merge-base", base, "HEAD");
    return [...git("diff", "--name-only", "--no-renames", from), ...git("ls-files", "--others", "--exclude-standard")].filter(
      (path) => path !== "",
    );
  } catch {
    throw nothingThere(base);
  }
}
