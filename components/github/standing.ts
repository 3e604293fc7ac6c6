import { getActionsEnvironmentVariables } from "@pulumi/github/getActionsEnvironmentVariables.js";
import { getRepository, type GetRepositoryResult } from "@pulumi/github/getRepository.js";
import { getRepositoryBranches } from "@pulumi/github/getRepositoryBranches.js";
import { getRepositoryEnvironmentDeploymentPolicies } from "@pulumi/github/getRepositoryEnvironmentDeploymentPolicies.js";
import { getRepositoryEnvironments } from "@pulumi/github/getRepositoryEnvironments.js";
import { getTeam } from "@pulumi/github/getTeam.js";
import { getUser } from "@pulumi/github/getUser.js";
import type * as pulumi from "@pulumi/pulumi";
import type { RepositoryChoice } from "../../config/delivery.ts";
import type { Problem } from "../../config/errors.ts";
import { quote } from "../../config/errors.ts";
import { findResource, type StateResource } from "../../config/state.ts";
import { readApi } from "./api.ts";
import type { StandingEnvironment } from "./environment.ts";
import type { RepositoryPlan } from "./plan.ts";
import type { ResolvedSettings } from "./settings.ts";
import { heldFiles, keptBefore, readWorkflows, takenProblems, workflowPaths } from "./standing-files.ts";
import { commitProblem, letsPass, mergeProblems, opennessProblems, protectionRefuses, refusingRulesets } from "./standing-rules.ts";
import { fields, textOf, type WorkflowFile } from "./workflow-file.ts";

/** What a repository that stands has already, and what of it contradicts the system's file. */
export interface Standing {
  /** Its branches, where it is taken in. */
  readonly branches: readonly string[];
  readonly environments: Readonly<Record<string, StandingEnvironment>>;
  /** Its workflows, to be judged beside ours. */
  readonly workflows: readonly WorkflowFile[];
  readonly problems: readonly Problem[];
}

/** What is known of a repository before it is looked at. */
export interface Expected {
  readonly plan: RepositoryPlan;
  readonly settings: ResolvedSettings;
  readonly choice: RepositoryChoice;
  /** Paths of the files that are committed to it. */
  readonly files: readonly string[];
  /** Variables of its environments. */
  readonly values: Readonly<Record<string, string>>;
  /** What the stack held before this run. */
  readonly state: readonly StateResource[];
}

const environmentType = "groundwork:github:Environment";
const repositoryType = "github:index/repository:Repository";

/** Looks at what stands at GitHub, before anything is registered: an import's own refusal names no way out, and comes when half is done. */
export async function lookAtRepository(expected: Expected, opts: pulumi.InvokeOptions): Promise<Standing> {
  const { plan, choice, settings, state } = expected;
  const { key, fullName, visibility, branch } = plan;
  const path = `repositories/${key}`;
  const nothing = { branches: [], environments: {}, workflows: [] };
  if (choice.from === "create") {
    if (branch === "main") {
      const environments = standingByState(plan, choice.name, state);
      return { ...nothing, environments, problems: await alreadyThere(key, fullName, state, opts) };
    }
    const way = `Make it by hand and say from: "import", or leave branch out of the system's file.`;
    return {
      ...nothing,
      problems: [{ path, message: `would be made with the branch "main", and work is merged into ${quote(branch)}. ${way}` }],
    };
  }
  if (choice.from === "reference" && findResource(state, repositoryType, key) !== undefined) {
    const message =
      `is "reference", and this stack holds the repository, protected. Say from: "import", which changes nothing in it either; or take it out of the ` +
      `state: pulumi stack --show-urns, then pulumi state delete --force '<its URN>' (it stays at GitHub).`;
    return { ...nothing, problems: [{ path: `${path}/from`, message }] };
  }
  const found = await find(fullName, opts);
  if (typeof found === "string") {
    const message = `says that it stands, but there is no repository ${quote(fullName)} that the token sees${found}. Remove from, and it is made.`;
    return { ...nothing, problems: [{ path: `${path}/name`, message }] };
  }
  const differences = (
    [
      ["visibility", found.visibility, visibility],
      ["default branch", found.defaultBranch, branch],
    ] as const
  )
    .filter(([, is, wanted]) => is !== wanted)
    .map(([what, is, wanted]) => {
      const way = `Change one of them: the repository by hand, or the system's file.`;
      return { path, message: `${quote(fullName)} has the ${what} ${quote(is)}, and the system's file says ${quote(wanted)}. ${way}` };
    });
  if (differences.length > 0) return { ...nothing, problems: differences };
  const environments = await lookAtEnvironments(expected, opts);
  const workflows = await readWorkflows(fullName, branch, opts);
  const branches = (await getRepositoryBranches({ repository: choice.name }, opts)).branches.map((one) => one.name);
  return {
    branches,
    environments: environments.standing,
    workflows,
    problems: [
      ...mergeProblems(path, fullName, settings, found),
      ...environments.problems,
      ...(settings.workflowFiles === "kept" ? [] : await lookAtBranches(expected, branches, opts)),
    ],
  };
}

/** Whether the branches that files are committed to take them: commits at all, and files at those paths. */
async function lookAtBranches(expected: Expected, branches: readonly string[], opts: pulumi.InvokeOptions): Promise<Problem[]> {
  const { plan, choice, files, state } = expected;
  const path = `repositories/${plan.key}`;
  const ours = new Set(
    state
      .filter(({ type }) => type === "github:index/repositoryRuleset:RepositoryRuleset")
      .map(({ outputs }) => Number(outputs["rulesetId"])),
  );
  // What this stack kept out of its hands the last time is its own.
  const mayOverwrite = choice.overwrite === true || keptBefore(plan.key, state);
  const held = heldFiles(state, choice.name);
  const problems: Problem[] = [];
  for (const branch of plan.workflowsOn) {
    const stands = branches.includes(branch);
    const at = encodeURIComponent(branch);
    const refusing = refusingRulesets(await readApi(plan.fullName, `rules/branches/${at}`, opts), ours, stands);
    for (const [id, rules] of refusing) {
      const ruleset = await readApi(plan.fullName, `rulesets/${id}`, opts);
      if (letsPass(ruleset)) continue;
      problems.push(commitProblem(path, branch, { name: textOf(fields(ruleset)["name"]) ?? String(id), rules }));
    }
    if (protectionRefuses(await readApi(plan.fullName, `branches/${at}/protection`, opts))) {
      problems.push(commitProblem(path, branch, "protection"));
    }
    if (mayOverwrite || !stands) continue;
    const there = await workflowPaths(plan.fullName, branch, opts);
    const taken = files.filter((file) => there.includes(file) && !held.some((one) => one.file === file && one.branch === branch));
    problems.push(...takenProblems(path, branch, taken));
  }
  return problems;
}

/** What stands of a repository's environments: who may use them, and variables that somebody may still need. */
async function lookAtEnvironments(
  { plan, choice, values, state }: Expected,
  opts: pulumi.InvokeOptions,
): Promise<{ readonly standing: Standing["environments"]; readonly problems: readonly Problem[] }> {
  const { key, fullName } = plan;
  const path = `repositories/${key}`;
  const repository = choice.name;
  const { environments: all } = await getRepositoryEnvironments({ repository }, opts);
  const names = new Set(all.map((environment) => environment.name));
  const standing: Record<string, StandingEnvironment> = {};
  const problems: Problem[] = [];
  for (const environment of plan.environments.filter((one) => names.has(one.name))) {
    if (!stoodBefore(`${key}-${environment.name}`, state)) continue;
    const { policies } = await getRepositoryEnvironmentDeploymentPolicies({ repository, environment: environment.name }, opts);
    problems.push(...opennessProblems(path, environment, plan, policies));
    const { variables } = await getActionsEnvironmentVariables({ fullName, environment: environment.name }, opts);
    const wanted = variables.filter((variable) => environment.variables.some((one) => one.name === variable.name));
    for (const variable of wanted.filter(
      ({ name, value }) => value !== values[name] && !inState(`${key}-${environment.name}-${name}`, state),
    )) {
      const message =
        `the environment ${quote(environment.name)} has a variable ${quote(variable.name)} with another value, which somebody may still need. ` +
        "Rename it or delete it by hand.";
      problems.push({ path, message });
    }
    standing[environment.name] = { repository, variables: wanted.map((variable) => variable.name) };
  }
  return { standing, problems };
}

/**
 * Environments of a repository that was imported before, and is called our own since: what stood in them is kept all the same, above all who has to
 * agree. Their variables are in the state already. Pure.
 */
export function standingByState(
  { key, environments }: Pick<RepositoryPlan, "key" | "environments">,
  repository: string,
  state: readonly StateResource[],
): Record<string, StandingEnvironment> {
  const kept = environments.filter(({ name }) => recordedAsStanding(`${key}-${name}`, state) === true);
  return Object.fromEntries(kept.map(({ name }) => [name, { repository, variables: [] }]));
}

/** What the component said of its environment in the run before. */
function recordedAsStanding(name: string, state: readonly StateResource[]): boolean | undefined {
  const known = findResource(state, environmentType, name)?.outputs["stood"];
  return typeof known === "boolean" ? known : undefined;
}

/** Whether an environment that is there now was there before this stack: the component says so from its first run on. */
function stoodBefore(name: string, state: readonly StateResource[]): boolean {
  const known = recordedAsStanding(name, state);
  if (known !== undefined) return known;
  return findResource(state, "github:index/repositoryEnvironment:RepositoryEnvironment", name) === undefined;
}

const inState = (name: string, state: readonly StateResource[]): boolean =>
  findResource(state, "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable", name) !== undefined;

/** A name that is taken is said with the way out; what this stack made itself is no problem. */
async function alreadyThere(
  key: string,
  fullName: string,
  state: readonly StateResource[],
  opts: pulumi.InvokeOptions,
): Promise<Problem[]> {
  if (findResource(state, repositoryType, key) !== undefined) return [];
  if (typeof (await find(fullName, opts)) === "string") return [];
  const message = `there is a repository ${quote(fullName)} already. Say from: "import" or "reference" to take it in as it is, or choose another name.`;
  return [{ path: `repositories/${key}/name`, message }];
}

/** A repository, or why there is none. The look-up answers nothing for one that does not exist, and an error where the token may not look. */
async function find(fullName: string, opts: pulumi.InvokeOptions): Promise<GetRepositoryResult | string> {
  try {
    const found = await getRepository({ fullName }, opts);
    return found.fullName === "" || !found.repoId ? "" : found;
  } catch (error) {
    return ` (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** The numbers of people and teams, by which the API knows them. */
export async function findReviewers(
  names: Readonly<Record<string, readonly string[]>>,
  opts: pulumi.InvokeOptions,
): Promise<{ readonly ids: Readonly<Record<string, number>>; readonly problems: readonly Problem[] }> {
  const ids: Record<string, number> = {};
  const problems: Problem[] = [];
  for (const [environment, reviewers] of Object.entries(names)) {
    for (const reviewer of reviewers) {
      const [, slug] = reviewer.split("/");
      try {
        const { id } = slug === undefined ? await getUser({ username: reviewer }, opts) : await getTeam({ slug, summaryOnly: true }, opts);
        ids[reviewer] = Number(id);
      } catch (error) {
        const what = slug === undefined ? "nobody is called" : "there is no team";
        const message = `${what} ${quote(reviewer)} (${error instanceof Error ? error.message : String(error)}). Correct it, or take it out.`;
        problems.push({ path: `environments/${environment}/reviewers`, message });
      }
    }
  }
  return { ids, problems };
}
