import { environmentName } from "../../config/environments.ts";
import { didYouMean, list, type Problem, quote } from "../../config/problems.ts";
import type { DeliveryDefinition, EnvironmentDefinition, RepositoryDefinition } from "./definition.ts";
import { releaseTags } from "./definition.ts";
import { githubEnvironments, repositorySecrets } from "./github-environments.ts";
import { mergeFlowProblems, nameProblems } from "./names.ts";
import type { BuildPlan, DeliveryPlan, DeliverySettings, EnvironmentPlan, RepositoryPlan } from "./plan.ts";
import { resolveSettings } from "./settings.ts";
import { hasReadOnly, isTarget, platformProblems } from "./targets.ts";
import { migrationsJobId } from "./workflows/migrations.ts";
import { requiredChecks } from "./workflows/checks.ts";
import { idOf } from "./workflows/shell.ts";

/** A system's delivery and what is wrong with it. With problems, the plan holds what could be made of the rest. */
export interface Resolved {
  readonly plan: DeliveryPlan;
  readonly problems: readonly Problem[];
}

/** Puts together what the system file and the stack file say. Pure; every problem at once. */
export function resolveDelivery(definition: DeliveryDefinition, settings: DeliverySettings): Resolved {
  const problems = [
    ...keyProblems("repositories", Object.keys(definition.repositories), Object.keys(settings.repositories)),
    ...keyProblems("environments", Object.keys(definition.environments), Object.keys(settings.environments)),
    ...repositoryProblems(definition, settings),
    ...environmentProblems(definition, settings),
    ...nameProblems(definition),
    ...jobProblems(definition),
    ...flowProblems(definition),
    ...mergeFlowProblems(definition, (key) => permanentBranches(key, definition)),
  ];
  const program = Object.entries(definition.repositories).find(([, { program }]) => program)?.[0] ?? "";
  const environments = Object.entries(definition.environments).map(([name, given]) => environmentPlan(name, given, definition, settings));
  const base = {
    system: settings.system,
    owner: settings.owner,
    program,
    environments,
    flow: definition.flow ?? [],
    tell: definition.tell ?? "issue",
    driftAt: definition.driftAt ?? "17 4 * * *",
  } as const;
  const bare = Object.entries(definition.repositories).map(([key, given]) => repositoryPlan(key, given, settings));
  const repositories = bare.map((repository) => ({
    ...repository,
    workflowsOn: permanentBranches(repository.key, definition),
    environments: githubEnvironments(repository, base.environments, {
      program: bare.find(({ program }) => program) ?? repository,
      reviewers: (stack) => settings.environments[stack]?.reviewers ?? [],
      buckets: definition.buckets ?? false,
    }),
    secrets: repositorySecrets(base.tell, repository.program),
    protectedBranches: permanentBranches(repository.key, definition).map((name) => ({
      name,
      requiredChecks: requiredChecks(repository, base.flow, name),
    })),
    protectedTags: base.environments.some(({ deploysOn }) => deploysOn.on === "release") ? [releaseTags] : [],
  }));
  const plan = { ...base, repositories: Object.fromEntries(repositories.map((repository) => [repository.key, repository])) };
  return { plan, problems };
}

type BareRepository = Omit<RepositoryPlan, "environments" | "secrets" | "protectedBranches" | "protectedTags" | "workflowsOn">;

function repositoryPlan(key: string, given: RepositoryDefinition, { owner, repositories }: DeliverySettings): BareRepository {
  const name = repositories[key]?.name ?? key;
  const builds = Object.entries(given.builds ?? {}).map(([service, build]): BuildPlan => ({
    ...build,
    service,
    image: `ghcr.io/${owner}/${name}/${service}`.toLowerCase(),
    dockerfile: build.dockerfile ?? `${build.context === "." ? "" : `${build.context}/`}Dockerfile`,
  }));
  return {
    key,
    name,
    fullName: `${owner}/${name}`,
    visibility: given.visibility,
    program: given.program ?? false,
    branch: given.branch ?? "main",
    builds,
    ci: given.ci ?? [],
    ciOnEveryPush: given.ciOnEveryPush ?? false,
    migrations: (given.migrations ?? []).map((given) => ({ ending: ".sql", ...given })),
    ...(given.hooks === undefined ? {} : { hooks: given.hooks }),
    workflows: given.workflows ?? {},
    releasers: resolveSettings(given).releasers,
  };
}

function environmentPlan(
  name: string,
  given: EnvironmentDefinition,
  { repositories }: DeliveryDefinition,
  settings: DeliverySettings,
): EnvironmentPlan {
  const { platform = "", reviewers = [] } = settings.environments[name] ?? {};
  const target = isTarget(platform) ? platform : "app-platform";
  const program = Object.values(repositories).find(({ program }) => program);
  const gated = reviewers.length > 0 && program !== undefined && canHaveReviewers(program, settings.plan);
  // A pull request's code is not reviewed yet when it is previewed. So only credentials that cannot change anything are handed to it, and
  // production's only once somebody has approved it.
  const onPullRequests = hasReadOnly(target) && (environmentName(name) !== "production" || gated);
  return {
    name,
    deploysOn: given.deploysOn,
    ...(given.promotes === undefined ? {} : { promotes: given.promotes }),
    target,
    after: given.after ?? [],
    preview: `${name}-preview`,
    previewOn: onPullRequests ? "pull-request" : "dispatch",
    // A nightly run must not wait for anybody's approval.
    drift: onPullRequests && gated ? `${name}-drift` : `${name}-preview`,
  };
}

/** Public repositories on every plan, private ones with Enterprise only. */
const canHaveReviewers = ({ visibility }: RepositoryDefinition, plan: DeliverySettings["plan"]): boolean =>
  visibility === "public" || plan === "enterprise";

/** Branches that stay: where work is merged, what is deployed from, and what the system names beside. */
function permanentBranches(key: string, { repositories, environments }: DeliveryDefinition): string[] {
  const deploying = Object.values(environments).flatMap(({ deploysOn }) => (deploysOn.on === "push" ? [deploysOn.branch] : []));
  const { branch = "main", branches = [] } = repositories[key] ?? {};
  return [...new Set([branch, ...deploying, ...branches])];
}

function keyProblems(path: string, wanted: readonly string[], given: readonly string[]): Problem[] {
  return [
    ...wanted
      .filter((name) => !given.includes(name))
      .map((name) => ({ path: `${path}/${name}`, message: "is missing: the system file has it in its delivery." })),
    ...given
      .filter((name) => !wanted.includes(name))
      .map((name) => ({
        path: `${path}/${name}`,
        message: `the system file's delivery has no ${quote(name)}.${didYouMean(name, wanted) || ` It has: ${list(wanted)}.`}`,
      })),
  ];
}

function repositoryProblems({ repositories }: DeliveryDefinition, { plan, system }: DeliverySettings): Problem[] {
  const problems: Problem[] = [];
  const programs = Object.keys(repositories).filter((key) => repositories[key]?.program);
  if (programs.length !== 1) {
    const found = programs.length === 0 ? "none does" : `${list(programs)} do`;
    problems.push({ path: "repositories", message: `exactly one holds the program (program: true), and ${found}.` });
  }
  const built = new Map<string, string>();
  for (const [key, { visibility, builds = {}, migrations = [] }] of Object.entries(repositories)) {
    if (visibility === "private" && plan === "free") {
      problems.push({
        path: "github/plan",
        message:
          `is "free", where private repositories have no environments and no rulesets, and ${quote(key)} is private: every branch could read ` +
          'production\'s secrets. Make it public in the system file, or use "team".',
      });
    }
    for (const service of Object.keys(builds)) {
      const path = `repositories/${key}/builds/${service}`;
      const other = built.get(service);
      if (other !== undefined) problems.push({ path, message: `${quote(other)} builds it already. An image has one repository.` });
      if (!system.services.includes(service)) {
        const way = didYouMean(service, system.services) || ` It has: ${list(system.services)}.`;
        problems.push({ path, message: `the system has no service ${quote(service)}.${way}` });
      }
      built.set(service, key);
    }
    for (const { service, folder } of migrations) {
      if (Object.hasOwn(builds, service)) continue;
      const way = didYouMean(service, Object.keys(builds)) || ` It builds: ${list(Object.keys(builds))}.`;
      problems.push({ path: `repositories/${key}/migrations/${folder}`, message: `the repository builds no ${quote(service)}.${way}` });
    }
  }
  return problems;
}

/** Jobs are known by their names in small letters; two of one workflow must not come to the same, or one of them would be gone. */
function jobProblems({ repositories, environments }: DeliveryDefinition): Problem[] {
  const stacks = Object.keys(environments);
  return Object.entries(repositories).flatMap(([key, { ci = [], builds = {}, migrations = [], program = false }]) => {
    const taken = new Set([
      "images",
      "tell",
      ...(migrations.length > 0 && !program ? [migrationsJobId] : []),
      ...Object.keys(builds).map((service) => `build-${service}`),
      ...stacks.flatMap((stack) => ["deploy", "tag", "return", "hand-over"].map((what) => `${what}-${stack}`)),
      ...Object.entries(environments).flatMap(([stack, { after = [] }]) => after.map(({ name }) => `${idOf(name)}-${stack}`)),
    ]);
    return ci.flatMap(({ name }): Problem[] => {
      const id = idOf(name);
      const path = `repositories/${key}/ci/${name}`;
      if (!/^[a-z]/.test(id)) return [{ path, message: `${quote(name)} is no name of a job: it begins with a letter.` }];
      if (taken.has(id)) return [{ path, message: `another job of the deploy is ${quote(id)} already. Give it another name.` }];
      taken.add(id);
      return [];
    });
  });
}

/** A flow is about branches that stay: a check that is required nowhere would stop nobody. */
function flowProblems({ flow = [], repositories, environments }: DeliveryDefinition): Problem[] {
  const deployed = Object.values(environments).flatMap(({ deploysOn }) => (deploysOn.on === "push" ? [deploysOn.branch] : []));
  const kept = [
    ...new Set([...Object.values(repositories).flatMap(({ branch = "main", branches = [] }) => [branch, ...branches]), ...deployed]),
  ];
  return flow.flatMap(({ into }, i): Problem[] => {
    const path = `flow/${into}`;
    if (flow.findIndex((rule) => rule.into === into) !== i)
      return [{ path, message: "is said twice. Put all of its branches into one rule." }];
    if (kept.includes(into)) return [];
    return [{ path, message: `is no branch that stays.${didYouMean(into, kept) || ` There are: ${list(kept)}.`} Add it to branches.` }];
  });
}

function environmentProblems({ environments, repositories }: DeliveryDefinition, settings: DeliverySettings): Problem[] {
  const problems: Problem[] = [];
  const names = Object.keys(environments);
  const program = Object.values(repositories).find((repository) => repository.program);
  for (const [i, [name, { deploysOn, promotes }]] of Object.entries(environments).entries()) {
    const path = `environments/${name}`;
    const earlier = names.slice(0, i);
    const { platform, reviewers = [] } = settings.environments[name] ?? {};
    if (environmentName(name) === "local") problems.push({ path, message: "is on somebody's own machine, where no workflow reaches it." });
    if (promotes === undefined && environmentName(name) === "production") {
      problems.push({
        path,
        message: `has to promote what another environment has run. Add promotes: ${list(earlier) || '"staging", and staging before it'}.`,
      });
    }
    if (promotes !== undefined && !earlier.includes(promotes)) {
      const way = earlier.length > 0 ? ` Earlier ones: ${list(earlier)}.` : "";
      problems.push({ path: `${path}/promotes`, message: `${quote(promotes)} is no environment before it.${way}` });
    }
    const same = earlier.find((other) => {
      const trigger = environments[other]?.deploysOn;
      return deploysOn.on === "push" && trigger?.on === "push" && trigger.branch === deploysOn.branch;
    });
    if (same !== undefined && promotes !== same) {
      problems.push({
        path,
        message: `deploys on the same push as ${quote(same)}, so it has to promote what that has run: promotes: ${quote(same)}.`,
      });
    }
    if (deploysOn.on !== "push" && promotes === undefined) {
      problems.push({ path, message: "builds nothing by itself, so it has to promote another environment's images. Add promotes." });
    }
    if (platform !== undefined) problems.push(...platformProblems(path, platform));
    if (reviewers.length > 0 && program !== undefined && !canHaveReviewers(program, settings.plan)) {
      problems.push({
        path: `${path}/reviewers`,
        message: `a private repository's environments have reviewers with plan "enterprise" only, and this is ${quote(settings.plan)}. Leave them out: refs and dispatch gate it then.`,
      });
    }
    if (reviewers.length > 6)
      problems.push({ path: `${path}/reviewers`, message: `at most 6 can be named, and these are ${reviewers.length}.` });
  }
  return problems;
}
