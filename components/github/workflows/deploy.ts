import {
  and,
  cancelled,
  equal,
  event,
  failure,
  github,
  input,
  needed,
  not,
  or,
  resultOf,
  text,
  type Value,
} from "../actions/expression.ts";
import { type Concurrency, type Job, type RunStep, type Triggers, type Workflow, write } from "../actions/model.ts";
import type { DeploysOn } from "../definition.ts";
import type { DeliveryPlan, EnvironmentPlan, RepositoryPlan } from "../plan.ts";
import { buildJobs, builtImages, checkJob, findJob, foundCommit, foundOrBuilt, lookingJob, lookJob, nothingFound } from "./build.ts";
import { type Chain, chainsOf } from "./chains.ts";
import { ciJobs } from "./ci.ts";
import { afterJobs, deployJob, deployJobName, planJob, planJobName } from "./deploy-job.ts";
import { handoverJob } from "./handover.ts";
import { migrationsJob, migrationsJobId } from "./migrations.ts";
import { idOf, script } from "./shell.ts";
import { logIn } from "./steps.ts";
import { tellJob } from "./tell.ts";

/** The workflows by which a repository's commits get to environments. */
export function deployWorkflows(plan: DeliveryPlan, repository: RepositoryPlan): Record<string, Workflow> {
  if (!repository.program && repository.builds.length === 0) return {};
  return Object.fromEntries(chainsOf(plan).map((chain) => [chain.file, deployWorkflow(plan, repository, chain)]));
}

function deployWorkflow(plan: DeliveryPlan, repository: RepositoryPlan, { on, stacks }: Chain): Workflow {
  const isTold = !repository.program && repository.migrations.length > 0;
  const first = {
    ...firstJobs(repository, { on, stacks }),
    ...(isTold ? { [migrationsJobId]: migrationsJob(repository) } : {}),
  };
  const jobs: Record<string, Job> = { ...first };
  const gates = Object.keys(first);
  const deploys: string[] = [];
  if (repository.program) Object.assign(jobs, deployJobs(plan, repository, { on, stacks }, gates, deploys));
  else Object.assign(jobs, handoverJobs(plan, repository, { on, stacks }, gates));
  const name = `Deploy to ${stacks.map((stack) => stack.name).join(" and ")}`;
  // What failed before a deploy is told of as well, so that no commit stays behind unseen.
  // Slack's address stays in the program's repository: another one, a public one perhaps, opens an issue of its own.
  jobs["tell"] = tellJob(
    { ...plan, tell: repository.program ? plan.tell : "issue" },
    { title: `${name} failed`, deploys, needs: Object.keys(jobs) },
  );
  return { name, on: triggersOf(on, stacks), concurrency: inOrder(name, on), jobs };
}

/** How a repository's images come about: built by each push, or looked for before anything is built. */
const sourceOf = (repository: RepositoryPlan, { on, stacks }: Pick<Chain, "on" | "stacks">): "none" | "build" | "look" | "find" =>
  repository.builds.length === 0 ? "none" : on.on !== "push" ? "find" : stacks[0]?.promotes === undefined ? "build" : "look";

/** What has to be well before anything is deployed. */
function firstJobs(repository: RepositoryPlan, chain: Pick<Chain, "on" | "stacks">): Record<string, Job> {
  const checks = checksOf(chain.on, chain.stacks);
  switch (sourceOf(repository, chain)) {
    case "none":
      return chain.on.on === "push" ? ciJobs(repository) : { [lookingJob]: checkJob(checks) };
    case "build":
      return { ...ciJobs(repository), ...buildJobs(repository) };
    case "look":
      return { ...ciJobs(repository), [lookingJob]: lookJob(repository), ...buildJobs(repository, nothingFound) };
    case "find":
      return { [lookingJob]: repository.program ? checkJob(checks) : findJob(repository, checks) };
  }
}

/** A job that was skipped skips those that need it, unless they say that only failures count. */
const unlessBroken = and(not(failure()), not(cancelled()));

/** Deploys of the repository with the program, each after the one before it. What promotes takes what the environment before it ran for the commit. */
function deployJobs(
  plan: DeliveryPlan,
  repository: RepositoryPlan,
  { on, stacks }: Pick<Chain, "on" | "stacks">,
  gates: readonly string[],
  deploys: string[],
): Record<string, Job> {
  const source = sourceOf(repository, { on, stacks });
  const jobs: Record<string, Job> = {};
  let waitsFor = gates;
  const condition = source === "look" ? { if: unlessBroken } : {};
  const rehearsal = source === "look" ? rehearsalOf(plan, stacks) : undefined;
  if (rehearsal !== undefined) {
    const id = deployJobName(rehearsal.name);
    jobs[id] = deployJob(plan, rehearsal, { needs: gates, images: builtImages(repository), if: and(unlessBroken, nothingFound) });
    deploys.push(id);
    waitsFor = [...gates, id];
  }
  for (const stack of stacks) {
    const id = deployJobName(stack.name);
    const commit = source === "look" ? or(foundCommit, github("sha")) : github("sha");
    const what = source === "none" ? {} : stack.promotes === undefined ? { images: builtImages(repository) } : { promotes: commit };
    // Without a condition, a job is skipped where any job was that those it needs have needed, however far back.
    const afterwards = source === "look" ? { if: and(unlessBroken, equal(resultOf(id), "success")) } : {};
    const checks = afterJobs(plan, stack, afterwards);
    const deploy = { needs: waitsFor, ...condition, ...what };
    const looks = planJob(plan, stack, deploy);
    const shown = planJobName(stack.name);
    if (looks) jobs[shown] = looks;
    jobs[id] = deployJob(plan, stack, looks ? { ...deploy, needs: [...waitsFor, shown], shownBy: shown } : deploy);
    Object.assign(jobs, checks);
    // What is taken back bears no name of what runs.
    const deciding = Object.keys(checks).filter((check) => checks[`return-${stack.name}`]?.needs?.includes(check));
    if (source !== "none") jobs[`tag-${stack.name}`] = { ...tagJob(stack, [id, ...deciding], needed(id, "images")), ...afterwards };
    deploys.push(id, ...Object.keys(checks).filter((check) => check.startsWith("return-")));
    waitsFor = [...gates, id, ...Object.keys(checks).filter((check) => !check.startsWith("return-"))];
  }
  return jobs;
}

/** Digests go to the repository of the program. */
function handoverJobs(
  plan: DeliveryPlan,
  repository: RepositoryPlan,
  chain: Pick<Chain, "on" | "stacks">,
  gates: readonly string[],
): Record<string, Job> {
  const source = sourceOf(repository, chain);
  const images = source === "build" ? builtImages(repository) : source === "look" ? foundOrBuilt(repository) : needed(lookingJob, "images");
  const commit = source === "look" ? or(foundCommit, github("sha")) : github("sha");
  const migrations = gates.includes(migrationsJobId) ? needed(migrationsJobId, "migrations") : "{}";
  const jobs: Record<string, Job> = {};
  let waitsFor = gates;
  for (const stack of chain.stacks) {
    const id = `hand-over-${stack.name}`;
    jobs[id] = {
      ...handoverJob(plan, stack, { needs: waitsFor, images, migrations, commit }),
      ...(source === "look" ? { if: unlessBroken } : {}),
    };
    waitsFor = [...gates, id];
  }
  return jobs;
}

/**
 * Runs of one trigger one after the other, or a slow older one would deploy over a newer. Of pushes only the newest waits, since it holds
 * those before it; every release is deployed.
 */
const inOrder = (name: string, on: DeploysOn): Concurrency => ({
  group: idOf(name),
  cancelInProgress: false,
  ...(on.on === "push" ? {} : { queue: "max" }),
});

/** Every run goes to its end: what must not happen at once, its jobs say. */
export const perRun = (name: string): Concurrency => ({ group: text`${idOf(name)}-${github("run_id")}`, cancelInProgress: false });

/**
 * The environment that runs an image first, where its own branch was passed by: a fix that is merged straight into production's branch. What
 * came by way of its branch it has run already, and then this changes nothing.
 */
function rehearsalOf({ environments }: DeliveryPlan, stacks: readonly EnvironmentPlan[]): EnvironmentPlan | undefined {
  const before = environments.find(({ name }) => name === stacks[0]?.promotes);
  return before?.deploysOn.on === "push" && !stacks.includes(before) ? before : undefined;
}

function triggersOf(on: DeploysOn, stacks: readonly EnvironmentPlan[]): Triggers {
  switch (on.on) {
    case "push":
      return { push: { branches: [on.branch] } };
    case "release":
      // Also where a pre-release becomes one; "published" is not said of it again.
      return { release: { types: ["released"] } };
    case "manual": {
      const description = `To deploy this branch, write: ${confirmation(stacks)}`;
      return { workflowDispatch: { inputs: { confirm: { description, required: true, type: "string" } } } };
    }
  }
}

const confirmation = (stacks: readonly EnvironmentPlan[]): string => stacks.map(({ name }) => name).join(" ");

/** What is looked at before anything else, where somebody starts a deploy. */
function checksOf(on: DeploysOn, stacks: readonly EnvironmentPlan[]): RunStep[] {
  switch (on.on) {
    case "push":
      return [];
    case "release":
      return [
        {
          name: "Look at the release",
          env: { TAG: event("release.tag_name"), PRERELEASE: event("release.prerelease") },
          run: script(
            'if [ "$PRERELEASE" = true ]; then',
            '  echo "::error::A pre-release is not deployed. Set it as a release."',
            "  exit 1",
            "fi",
            "if ! [[ $TAG =~ ^v(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)$ ]]; then",
            '  echo "::error::The tag of a release is v1.2.3: three numbers, none with a zero before it."',
            "  exit 1",
            "fi",
          ),
        },
      ];
    case "manual":
      return [
        {
          name: "Look at the confirmation",
          env: { CONFIRM: input("confirm"), WANTED: confirmation(stacks) },
          run: script(
            'if [ "$CONFIRM" != "$WANTED" ]; then',
            '  echo "::error::Not confirmed. To deploy, write: $WANTED"',
            "  exit 1",
            "fi",
          ),
        },
      ];
  }
}

/** The names that follow what an environment runs. */
const tagsOf = ({ name, deploysOn }: EnvironmentPlan): string[] => (deploysOn.on === "release" ? ["latest"] : [name]);

/** Names for people, once the environment runs the image. Nothing is deployed by them: what runs is known by its digest. */
export function tagJob(stack: EnvironmentPlan, needs: readonly string[], images: Value, isReturn = false): Job {
  const tagged = stack.deploysOn.on === "release" && !isReturn;
  const tags = [...(tagged ? ['"$TAG"'] : []), ...tagsOf(stack)];
  return {
    name: `Tag what ${stack.name} runs`,
    needs,
    timeoutMinutes: 10,
    permissions: { packages: write("to tag the images") },
    concurrency: { group: `tag-${stack.name}`, cancelInProgress: false },
    steps: [
      logIn,
      {
        name: "Tag the images",
        env: { IMAGES: images, ...(tagged ? { TAG: event("release.tag_name") } : {}) },
        run: script(
          `for image in $(jq --raw-output '.[]' <<<"$IMAGES"); do`,
          `  for tag in ${tags.join(" ")}; do`,
          '    docker buildx imagetools create --tag "${image%@*}:$tag" "$image"',
          "  done",
          "done",
        ),
      },
    ],
  };
}
