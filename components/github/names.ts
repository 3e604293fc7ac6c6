import { list, type Problem, quote } from "../../config/problems.ts";
import type { DeliveryDefinition } from "./definition.ts";
import { mayMerge } from "./workflows/pull-request.ts";
import { resolveSettings } from "./settings.ts";

/**
 * What a branch may be called here: what git takes, without the characters that are patterns in a workflow's filters or words to a shell. GitHub
 * itself only refuses it once half of the repository stands.
 */
export function branchProblem(name: string): string | undefined {
  if (name === "") return 'is empty. Name a branch, such as "main".';
  if (/[*?[\]!+]/.test(name)) return `${quote(name)} is a pattern, and a branch that stays has one name. Name each of them.`;
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(name) && !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(name) && name.length <= 200;
  if (!isPlain)
    return `${quote(name)} is no name of a branch here: letters, digits, dots, slashes, hyphens and underscores, such as "release/1.x".`;
  return /^refs\/|^HEAD$|^[0-9a-f]{40}$/.test(name) ? `${quote(name)} is a name that git itself uses. Take another.` : undefined;
}

/** Fields of a schedule: their least, their greatest, and the names that stand for numbers from the least on. */
const fields: readonly (readonly [least: number, greatest: number, names: readonly string[]])[] = [
  [0, 59, []],
  [0, 23, []],
  [1, 31, []],
  [1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]],
  [0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]],
];

/** Whether GitHub starts anything at these times: one that it cannot read, it passes over in silence. */
export function scheduleProblem(cron: string): string | undefined {
  const parts = cron.split(" ");
  const isRight = parts.length === fields.length && parts.every((part, i) => part.split(",").every((one) => isField(one, fields[i])));
  return isRight ? undefined : `${quote(cron)} is no schedule: minute, hour, day, month and weekday in UTC, such as "17 4 * * *".`;
}

/** One number or name, a range of them, or all; with a step where they are several. */
function isField(text: string, field: (typeof fields)[number] | undefined): boolean {
  const [least, greatest, names] = field ?? [0, 0, []];
  const [range = "", step, ...more] = text.split("/");
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return false;
  if (range === "*") return true;
  const numbers = range
    .split("-")
    .map((one) =>
      /^\d{1,2}$/.test(one) ? Number(one) : names.includes(one.toLowerCase()) ? least + names.indexOf(one.toLowerCase()) : -1,
    );
  const [from = -1, to = from] = numbers;
  return numbers.length <= 2 && from >= least && to <= greatest && from <= to;
}

/** Endings of the GitHub environments that a stack gets beside its own. */
const taken = /-(preview|drift|handover)$/;

/** What an environment may be called: its stack, its GitHub environment, jobs and files bear the name. */
export function environmentNameProblem(name: string): string | undefined {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name) || name.endsWith("-")) {
    return 'is no name of an environment: it is that of a stack, in small letters, digits and hyphens, such as "staging-eu".';
  }
  return taken.test(name)
    ? `ends like the environments that come beside a stack's own (${list(["preview", "drift", "handover"])}). Take another name.`
    : undefined;
}

/** A job's name is shown, and compared with that of a required check: as it is written, or not at all. */
export function jobNameProblem(name: string): string | undefined {
  if (name.trim() === "" || name !== name.trim() || /[\n\r]/.test(name))
    return `${quote(name)} is no name of a job: one line, without spaces around it.`;
  return name.includes("${{")
    ? `${quote(name)} holds an expression, and a required check has to have the name that it is required by. Write it out.`
    : undefined;
}

/** Every name of the delivery that GitHub, git or a shell would stumble over. */
export function nameProblems({ repositories, environments, flow = [], driftAt }: DeliveryDefinition): Problem[] {
  const at = (path: string, message: string | undefined): Problem[] => (message === undefined ? [] : [{ path, message }]);
  return [
    ...Object.entries(repositories).flatMap(([key, { branch, branches = [], ci = [] }]) => [
      ...(branch === undefined ? [] : at(`repositories/${key}/branch`, branchProblem(branch))),
      ...branches.flatMap((name, i) => at(`repositories/${key}/branches/${i}`, branchProblem(name))),
      ...ci.flatMap(({ name }, i) => at(`repositories/${key}/ci/${i}`, jobNameProblem(name))),
    ]),
    ...Object.entries(environments).flatMap(([name, { deploysOn, after = [] }]) => [
      ...at(`environments/${name}`, environmentNameProblem(name)),
      ...(deploysOn.on === "push" ? at(`environments/${name}/deploysOn`, branchProblem(deploysOn.branch)) : []),
      ...after.flatMap((job, i) => at(`environments/${name}/after/${i}`, jobNameProblem(job.name))),
    ]),
    ...flow.flatMap(({ into, from }) =>
      from.flatMap((pattern) => at(`flow/${into}`, pattern === "" ? branchProblem("") : branchProblem(pattern.replaceAll("*", "x")))),
    ),
    ...(driftAt === undefined ? [] : at("driftAt", scheduleProblem(driftAt))),
  ];
}

/**
 * Branches that stay and are merged into each other need merge commits. A squash leaves the branch it came from behind for good: it never holds what it
 * was merged as, so the next pull request is out of date, or in conflict, and the flow lets nobody bring it up to date.
 */
export function mergeFlowProblems(
  { flow = [], repositories }: DeliveryDefinition,
  permanent: (key: string) => readonly string[],
): Problem[] {
  return Object.entries(repositories).flatMap(([key, given]): Problem[] => {
    const { merges, upToDate } = resolveSettings(given);
    const stay = permanent(key);
    const pair = flow
      .filter(({ into }) => stay.includes(into))
      .flatMap(({ into }) =>
        stay.filter((head) => head !== into && mayMerge(flow, into, head, false)).map((head) => [head, into] as const),
      )[0];
    if (pair === undefined || (merges.every((one) => one === "merge") && !upToDate)) return [];
    const message =
      `the flow merges ${quote(pair[0])} into ${quote(pair[1])}, and both stay. Squashed or rebased, the first never holds what the second got, so after one ` +
      'merge it is behind for good, and nothing may bring it up to date. Say merges: ["merge"] and upToDate: false.';
    return [{ path: `repositories/${key}/merges`, message }];
  });
}
