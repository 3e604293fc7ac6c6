import { getActionsEnvironmentVariables } from "@pulumi/github/getActionsEnvironmentVariables.js";
import { getRepository, type GetRepositoryResult } from "@pulumi/github/getRepository.js";
import { getRepositoryBranches } from "@pulumi/github/getRepositoryBranches.js";
import { getRepositoryEnvironments } from "@pulumi/github/getRepositoryEnvironments.js";
import { getTeam } from "@pulumi/github/getTeam.js";
import { getUser } from "@pulumi/github/getUser.js";
import type * as pulumi from "@pulumi/pulumi";
import type { RepositoryChoice } from "../../config/delivery.ts";
import type { Problem } from "../../config/errors.ts";
import { quote } from "../../config/errors.ts";
import { findResource, type StateResource } from "../../config/state.ts";
import type { StandingEnvironment } from "./environment.ts";
import type { RepositoryPlan } from "./plan.ts";

/** What a repository that stands has already, and what of it contradicts the system's file. */
export interface Standing {
  /** Its branches, where it is taken in. */
  readonly branches: readonly string[];
  readonly environments: Readonly<Record<string, StandingEnvironment>>;
  readonly problems: readonly Problem[];
}

const nothing = { branches: [], environments: {} };

const environmentType = "groundwork:github:Environment";

/** Looks at what stands at GitHub, before anything is registered: an import's own refusal names no way out. */
export async function lookAtRepository(
  { key, fullName, visibility, branch, environments }: RepositoryPlan,
  { from, name }: RepositoryChoice,
  values: Readonly<Record<string, string>>,
  state: readonly StateResource[],
  opts: pulumi.InvokeOptions,
): Promise<Standing> {
  const path = `repositories/${key}`;
  if (from === "create") {
    if (branch === "main")
      return {
        ...nothing,
        environments: standingByState({ key, environments }, name, state),
        problems: await alreadyThere(key, fullName, state, opts),
      };
    const way = `Make it by hand and say from: "import", or leave branch out of the system's file.`;
    return {
      ...nothing,
      problems: [{ path, message: `would be made with the branch "main", and work is merged into ${quote(branch)}. ${way}` }],
    };
  }
  const found = await find(fullName, opts);
  if (typeof found === "string") {
    const message = `says that it stands, but there is no repository ${quote(fullName)} that the token sees${found}. Remove from, and it is made.`;
    return { ...nothing, problems: [{ path: `${path}/name`, message }] };
  }
  const problems: Problem[] = [];
  const differs = (what: string, is: string, wanted: string): void => {
    if (is === wanted) return;
    const way = `Change one of them: the repository by hand, or the system's file.`;
    problems.push({
      path,
      message: `${quote(fullName)} has the ${what} ${quote(is)}, and the system's file says ${quote(wanted)}. ${way}`,
    });
  };
  differs("visibility", found.visibility, visibility);
  differs("default branch", found.defaultBranch, branch);
  if (problems.length > 0) return { ...nothing, problems };
  const { environments: all } = await getRepositoryEnvironments({ repository: name }, opts);
  const names = new Set(all.map((environment) => environment.name));
  const standing: Record<string, StandingEnvironment> = {};
  for (const environment of environments.filter((one) => names.has(one.name))) {
    if (!stoodBefore(`${key}-${environment.name}`, state)) continue;
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
    standing[environment.name] = { repository: name, variables: wanted.map((variable) => variable.name) };
  }
  const { branches } = await getRepositoryBranches({ repository: name }, opts);
  return { branches: branches.map((one) => one.name), environments: standing, problems };
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
  if (findResource(state, "github:index/repository:Repository", key) !== undefined) return [];
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
