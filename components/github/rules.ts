import { environmentName } from "../../config/environments.ts";
import { list, type Problem, quote } from "../../config/problems.ts";
import type { Workflow } from "./actions/model.ts";
import { pins } from "./actions/pins.ts";
import { hookProblems } from "./hooks.ts";
import type { DeliveryPlan, GithubEnvironment, RepositoryPlan } from "./plan.ts";
import { foreignTarget, targetOf } from "./targets.ts";
import {
  type Fields,
  fields,
  fileOf,
  type JobFields,
  passes,
  secretsOf,
  takesUnnamed,
  variablesOf,
  type WorkflowFile,
} from "./workflow-file.ts";
import { generatedWorkflows, workflowsOf } from "./workflows/index.ts";

/**
 * What is wrong with a system's delivery, over everything that it puts into repositories: the plan, our workflows and the system's own. Pure;
 * nothing stops at the first problem. `existing` are files that a repository has already: they are held to what keeps secrets safe.
 */
export function deliveryProblems(plan: DeliveryPlan, existing: Readonly<Record<string, readonly WorkflowFile[]>> = {}): Problem[] {
  return Object.values(plan.repositories).flatMap((repository) => {
    const rendered = Object.entries(workflowsOf(plan, repository)).map(([path, workflow]) => tryFile(path, workflow));
    const ours = rendered.filter((one) => "jobs" in one);
    const theirs = (existing[repository.key] ?? []).filter(({ path }) => !ours.some((file) => file.path === path));
    const unreadable = rendered.filter((one) => "message" in one);
    // Without one of the files, the rest would be said to miss what is in it.
    const problems =
      unreadable.length > 0
        ? unreadable
        : [
            ...ownerProblems(plan, repository),
            ...placeProblems(repository, ours),
            ...checkProblems(repository, [...ours, ...theirs]),
            ...secretProblems(repository, ours),
            ...gateProblems(repository),
            ...hookProblems(repository),
            ...ours.flatMap((file) => [...pinProblems(file), ...concurrencyProblems(repository, file)]),
            ...[...ours, ...theirs].flatMap(strangerProblems),
          ];
    return problems.map(({ path, message }) => ({ path: `${repository.key}/${path}`, message }));
  });
}

/** A workflow as its file, or why there can be none: an expression in a plain text, mostly. */
function tryFile(path: string, workflow: Workflow): WorkflowFile | Problem {
  try {
    return fileOf(path, workflow);
  } catch (error) {
    return { path, message: error instanceof Error ? error.message : String(error) };
  }
}

/** A path has one owner: what the system calls its own is not generated as well. */
function ownerProblems(plan: DeliveryPlan, repository: RepositoryPlan): Problem[] {
  const stem = (file: string): string => file.toLowerCase().replace(/\.ya?ml$/, "");
  const generated = Object.keys(generatedWorkflows(plan, repository));
  return Object.keys(repository.workflows).flatMap((file) => {
    const path = `workflows/${file}`;
    if (!/^[^/]+\.ya?ml$/.test(file)) return [{ path, message: "is no file name of a workflow. Call it <name>.yml, without a folder." }];
    const other = generated.find((name) => stem(name) === stem(file));
    return other === undefined ? [] : [{ path, message: `${quote(other)} is generated from the delivery. Give yours another name.` }];
  });
}

/** A workflow lies on the branch that starts it, and those that are started by hand, by time or from elsewhere on the default branch. */
function placeProblems({ branch, protectedBranches, workflowsOn }: RepositoryPlan, files: readonly WorkflowFile[]): Problem[] {
  const has = (name: string): boolean => workflowsOn.includes(name);
  const way = "GitHub takes workflows from the commit that something happens to. Add it to branches.";
  const named = (filters: Fields | undefined): string[] =>
    Array.isArray(filters?.["branches"]) ? filters["branches"].map(String).filter((name) => !/[*?!+[]/.test(name)) : [];
  const fromDefault = ["schedule", "workflow_dispatch", "repository_dispatch"];
  return [
    ...files.flatMap(({ path, on }) => [
      ...named(on["push"])
        .filter((name) => !has(name))
        .map((name) => ({ path, message: `starts on pushes to ${quote(name)}, which does not hold it: ${way}` })),
      ...(!has(branch) && fromDefault.some((event) => event in on)
        ? [{ path, message: `starts from the default branch ${quote(branch)}, which does not hold it: ${way}` }]
        : []),
    ]),
    ...protectedBranches
      .filter(({ name, requiredChecks }) => requiredChecks.length > 0 && !has(name))
      .map(({ name }) => ({
        path: `branches/${name}`,
        message: `has required checks and does not hold the workflows that make them: ${way}`,
      })),
  ];
}

/** Without `types`, GitHub runs on these. */
const defaultTypes = ["opened", "synchronize", "reopened"];

/** Every required check comes about on every pull request to its branch, and comes from one job: or merging waits for ever, or for the wrong one. */
function checkProblems({ protectedBranches }: RepositoryPlan, files: readonly WorkflowFile[]): Problem[] {
  return protectedBranches.flatMap(({ name: branch, requiredChecks }) =>
    requiredChecks.flatMap((check) => {
      const path = `branches/${branch}/${check}`;
      const onPullRequests = files.filter(({ on }) => "pull_request" in on);
      const found = onPullRequests.flatMap((file) =>
        Object.values(file.jobs)
          .filter((job) => job.check === check)
          .map((job) => ({ file, job })),
      );
      const [first] = found;
      if (first === undefined) {
        return [
          { path, message: `is required, and no job of this name runs on pull requests, so nothing could ever be merged. Add it to ci.` },
        ];
      }
      if (found.length > 1) {
        const where = list(found.map(({ file }) => file.path));
        return [
          { path, message: `is the name of ${found.length} jobs (${where}): one of them green would do. Give each a name of its own.` },
        ];
      }
      const filters = fields(first.file.on["pull_request"]);
      const types = Array.isArray(filters["types"]) ? filters["types"].map(String) : defaultTypes;
      const missing = defaultTypes.filter((type) => !types.includes(type));
      const why =
        filters["paths"] !== undefined || filters["paths-ignore"] !== undefined
          ? "runs only where some paths change"
          : !passes(filters, "branches", branch)
            ? `does not run on pull requests to ${branch}`
            : missing.length > 0
              ? `does not run when a pull request is ${missing.join(" or ")}`
              : first.job.if !== undefined
                ? "has a condition, and a job that is skipped counts as green"
                : undefined;
      return why === undefined ? [] : [{ path, message: `is required, and its job in ${first.file.path} ${why}.` }];
    }),
  );
}

/** What workflows read is there, and what is there is read: per environment, and exactly one deploy target's. */
function secretProblems({ environments, secrets }: RepositoryPlan, files: readonly WorkflowFile[]): Problem[] {
  const problems: Problem[] = [];
  const read = new Map<string, Set<string>>();
  const use = (place: string, name: string): void => void read.set(place, (read.get(place) ?? new Set()).add(name));
  const repositoryNames = secrets.map(({ name }) => name);
  for (const { path, jobs } of files) {
    for (const [id, job] of Object.entries(jobs)) {
      const at = `${path}/${id}`;
      if (takesUnnamed(job)) problems.push({ path: at, message: "takes secrets without naming them. Name each one that it reads." });
      const environment = environments.find(({ name }) => name === job.environment);
      if (job.environment !== undefined && environment === undefined) {
        problems.push({
          path: at,
          message: `there is no environment ${quote(job.environment)}. There are: ${list(environments.map(({ name }) => name))}.`,
        });
        continue;
      }
      const names = environment?.secrets.map(({ name }) => name) ?? [];
      for (const name of secretsOf(job)) {
        const foreign = foreignTarget(name);
        if (names.includes(name)) use(environment?.name ?? "", name);
        else if (repositoryNames.includes(name)) use("", name);
        else if (foreign !== undefined)
          problems.push({ path: at, message: `reads ${name}, which belongs to ${foreign}, and there is no deploy there.` });
        else
          problems.push({
            path: at,
            message: `reads the secret ${name}, which ${environment ? `the environment ${environment.name}` : "the repository"} does not have.`,
          });
      }
      for (const name of variablesOf(job)) {
        if (environment?.variables.some((variable) => variable.name === name)) use(environment.name, name);
        else
          problems.push({
            path: at,
            message: `reads the variable ${name}, which ${environment ? `the environment ${environment.name}` : "the repository"} does not have.`,
          });
      }
    }
  }
  for (const environment of environments) {
    const names = [...environment.secrets, ...environment.variables].map(({ name }) => name);
    const unused = names.filter((name) => !read.get(environment.name)?.has(name));
    const at = `environments/${environment.name}`;
    if (unused.length > 0)
      problems.push({ path: at, message: `holds ${list(unused)}, which no workflow reads there. Leave it out: it could only be stolen.` });
    const targets = [...new Set(environment.secrets.map(({ name }) => targetOf(name)).filter((target) => target !== undefined))];
    if (environment.purpose !== "handover" && targets.length !== 1) {
      const found = targets.length === 0 ? "no deploy target" : `more than one deploy target (${list(targets)})`;
      problems.push({ path: at, message: `holds the credentials of ${found}. It has to be exactly one.` });
    }
  }
  const unused = repositoryNames.filter((name) => !read.get("")?.has(name));
  if (unused.length > 0) problems.push({ path: "secrets", message: `${list(unused)} is read by no workflow. Leave it out.` });
  return problems;
}

/** Whether jobs of any branch get at an environment's secrets without anybody's approval. */
export const isOpen = ({ refs, reviewers }: GithubEnvironment): boolean => refs === "any" && reviewers.length === 0;

/** What can deploy is closed to all refs but those that deploys start from, and those have to be protected; production cannot be looked at without a gate either. */
function gateProblems({ environments, protectedBranches, protectedTags, releasers }: RepositoryPlan): Problem[] {
  const kept = protectedBranches.map(({ name }) => name);
  return environments.flatMap((environment): Problem[] => {
    const { name, stack, purpose, refs } = environment;
    const path = `environments/${name}`;
    const isProduction = environmentName(stack) === "production";
    if (purpose === "deploy" || purpose === "handover") {
      if (refs === "any") return [{ path, message: "is open to every branch, and can deploy. Say which refs deploy." }];
    } else if (isProduction && isOpen(environment)) {
      return [
        { path, message: "holds credentials of production, and every branch reads them. Put them behind reviewers or a protected branch." },
      ];
    }
    if (refs === "any") return [];
    // A tag brings a commit and its workflows: who makes one runs what he likes with these secrets.
    if (refs.tags.length > 0 && releasers === "writers" && environment.reviewers.length === 0) {
      const way = purpose === "deploy" ? "Name reviewers in the stack file, or leave releasers out." : "Leave releasers out.";
      const tags = refs.tags.join(", ");
      return [
        {
          path,
          message: `is open to tags ${tags}, and with releasers: "writers" anybody with push access makes one of any commit. ${way}`,
        },
      ];
    }
    const loose = [
      ...refs.branches.filter((branch) => !kept.includes(branch)).map((branch) => `the branch ${branch}`),
      ...refs.tags.filter((tag) => !protectedTags.includes(tag)).map((tag) => `tags ${tag}`),
    ];
    return loose.length === 0 ? [] : [{ path, message: `is open to ${loose.join(" and ")}, which anybody with push access can make.` }];
  });
}

/** Every action at a full commit that pins.ts knows, and every image of a container by its digest: tags move. */
function pinProblems({ path, jobs }: WorkflowFile): Problem[] {
  const known = new Set(pins.map(({ action, commit }) => `${action}@${commit}`));
  const loose = Object.entries(jobs).flatMap(([id, { images }]) =>
    images
      .filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image))
      .map((image) => ({
        path: `${path}/${id}`,
        message: `runs ${quote(image)} by a tag, which moves. Name it by its digest: <image>@sha256:<64 digits>.`,
      })),
  );
  const actions = usesOf(jobs).flatMap(({ id, uses }) =>
    uses.startsWith("./") || known.has(uses)
      ? []
      : [
          {
            path: `${path}/${id}`,
            message: `uses ${quote(uses)}, which is not in actions/pins.ts. Add it there, with its full commit and tag.`,
          },
        ],
  );
  return [...loose, ...actions];
}

function usesOf(jobs: WorkflowFile["jobs"]): { id: string; uses: string }[] {
  return Object.entries(jobs).flatMap(([id, job]) =>
    [job.uses, ...job.steps.map(({ uses }) => uses)].filter((uses) => typeof uses === "string").map((uses) => ({ id, uses })),
  );
}

/** One at a time for each stack, and never broken off. */
function concurrencyProblems({ environments }: RepositoryPlan, { path, jobs }: WorkflowFile): Problem[] {
  return Object.entries(jobs).flatMap(([id, job]): Problem[] => {
    const environment = environments.find(({ name }) => name === job.environment);
    if (environment?.purpose !== "deploy" || !changes(job)) return [];
    const { group, "cancel-in-progress": cancel } = job.concurrency;
    if (group !== environment.stack) {
      const message = `can change ${environment.stack} and is not in the concurrency group ${quote(environment.stack)}, so two could work on its state at once.`;
      return [{ path: `${path}/${id}`, message }];
    }
    return cancel === false
      ? []
      : [{ path: `${path}/${id}`, message: "can be broken off in the middle of an up. Set cancelInProgress: false." }];
  });
}

/** Whether a job holds what is needed to write the state. Checks after a deploy are in the environment for secrets of their own. */
const changes = (job: JobFields): boolean => secretsOf(job).includes("STATE_SECRET_ACCESS_KEY");

/** What a step does that brings a stranger's files into the job. */
const checksOut = (step: Readonly<Record<string, unknown>>): boolean =>
  /^actions\/checkout@/.test(String(step["uses"])) || /\bgh pr checkout\b|\bgit (fetch|clone|checkout|pull)\b/.test(String(step["run"]));

/** Runs that strangers start with the repository's secrets must not touch the strangers' files; and nobody's text is pasted into a program. */
function strangerProblems({ path, on, jobs }: WorkflowFile): Problem[] {
  const privileged = ["pull_request_target", "workflow_run", "issue_comment"].filter((event) => event in on);
  return Object.entries(jobs).flatMap(([id, job]) => {
    const at = `${path}/${id}`;
    const problems: Problem[] = [];
    if (privileged.length > 0 && job.steps.some(checksOut)) {
      const message = `runs on ${list(privileged)} with this repository's secrets, and checks files out: those of a pull request would run. Use pull_request, which has no secrets.`;
      problems.push({ path: at, message });
    }
    for (const step of job.steps) {
      if (typeof step["run"] === "string" && step["run"].includes("${{")) {
        problems.push({
          path: at,
          message: `pastes an expression into the text of ${quote(step["name"] ?? "a step")}. Hand its value over by env.`,
        });
      }
    }
    return problems;
  });
}
