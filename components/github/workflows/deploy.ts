import { and, cancelled, event, failure, github, input, needed, not, or, text, type Value } from "../actions/expression.ts";
import { type Concurrency, type Job, type RunStep, type Triggers, type Workflow, write } from "../actions/model.ts";
import type { DeploysOn } from "../definition.ts";
import type { DeliveryPlan, EnvironmentPlan, RepositoryPlan } from "../plan.ts";
import { buildJobs, builtImages, findJob, newImages } from "./build.ts";
import { ciJobs } from "./ci.ts";
import { afterJobs, deployJob, deployJobName } from "./deploy-job.ts";
import { handoverJob } from "./handover.ts";
import { migrationsJob, migrationsJobId } from "./migrations.ts";
import { idOf, script } from "./shell.ts";
import { logIn } from "./steps.ts";
import { tellJob } from "./tell.ts";

/** Environments that one event deploys, one after the other. */
export interface Chain {
  readonly file: string;
  readonly on: DeploysOn;
  readonly stacks: readonly EnvironmentPlan[];
}

const isSamePush = (a: DeploysOn, b: DeploysOn): boolean => a.on === "push" && b.on === "push" && a.branch === b.branch;

/** Environments that deploy on the same push stand in one workflow, so that each waits for the one that it promotes. */
export function chainsOf({ environments }: Pick<DeliveryPlan, "environments">): Chain[] {
  const chains: { file: string; on: DeploysOn; stacks: EnvironmentPlan[] }[] = [];
  for (const stack of environments) {
    const chain = chains.find(({ on }) => isSamePush(on, stack.deploysOn));
    if (chain === undefined) chains.push({ file: `deploy-${stack.name}.yml`, on: stack.deploysOn, stacks: [stack] });
    else {
      chain.stacks.push(stack);
      chain.file = "deploy.yml";
    }
  }
  return chains;
}

/** The workflows by which a repository's commits get to environments. */
export function deployWorkflows(plan: DeliveryPlan, repository: RepositoryPlan): Record<string, Workflow> {
  if (!repository.program && repository.builds.length === 0) return {};
  return Object.fromEntries(chainsOf(plan).map((chain) => [chain.file, deployWorkflow(plan, repository, chain)]));
}

function deployWorkflow(plan: DeliveryPlan, repository: RepositoryPlan, { on, stacks }: Chain): Workflow {
  const isBuilding = on.on === "push";
  const builds = repository.builds.length > 0;
  const isTold = !repository.program && repository.migrations.length > 0;
  const first = {
    ...(isBuilding ? { ...ciJobs(repository), ...buildJobs(repository) } : { images: findJob(repository, checksOf(on, stacks)) }),
    ...(isTold ? { [migrationsJobId]: migrationsJob(repository) } : {}),
  };
  const migrations = isTold ? needed(migrationsJobId, "migrations") : "{}";
  const images = !builds ? undefined : isBuilding ? builtImages(repository) : needed("images", "images");
  const jobs: Record<string, Job> = { ...first };
  const gates = Object.keys(first);
  let waitsFor: readonly string[] = gates;
  let condition = {};

  const rehearsal = repository.program && builds && isBuilding ? rehearsalOf(plan, stacks) : undefined;
  const deploys: string[] = [];
  if (rehearsal !== undefined && images !== undefined) {
    const id = deployJobName(rehearsal.name);
    jobs[id] = deployJob(plan, rehearsal, { needs: gates, images, if: or(...newImages(repository)) });
    deploys.push(id);
    waitsFor = [...gates, id];
    // A job that was skipped skips those that need it, unless they say that only failures count.
    condition = { if: and(not(failure()), not(cancelled())) };
  }
  for (const stack of stacks) {
    if (!repository.program) {
      jobs[`hand-over-${stack.name}`] = handoverJob(plan, stack, { needs: waitsFor, images: images ?? "{}", migrations });
      waitsFor = [...gates, `hand-over-${stack.name}`];
      continue;
    }
    const id = deployJobName(stack.name);
    const checks = afterJobs(plan, stack);
    jobs[id] = deployJob(plan, stack, { needs: waitsFor, ...condition, ...(images === undefined ? {} : { images }) });
    Object.assign(jobs, checks);
    if (images !== undefined) jobs[`tag-${stack.name}`] = tagJob(stack, on, [...gates, id], images);
    deploys.push(id);
    waitsFor = [...gates, id, ...Object.keys(checks).filter((check) => !check.startsWith("return-"))];
    condition = {};
  }
  const names = stacks.map((stack) => stack.name);
  // What failed before a deploy is told of as well, so that no commit stays behind unseen.
  if (repository.program) {
    const needs = Object.keys(jobs).filter((id) => !/^(return|tag)-/.test(id));
    jobs["tell"] = tellJob(plan, { title: `Deploy to ${names.join(" and ")} failed`, deploys, needs });
  }
  const name = `Deploy to ${names.join(" and ")}`;
  return { name, on: triggersOf(on, stacks), concurrency: inOrder(name, on), jobs };
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

/** Names for people, once the environment runs the image. Nothing is deployed by them: what runs is known by its digest. */
function tagJob(stack: EnvironmentPlan, on: DeploysOn, needs: readonly string[], images: Value): Job {
  const tags = on.on === "release" ? ['"$TAG"', "latest"] : [stack.name];
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
        env: { IMAGES: images, ...(on.on === "release" ? { TAG: event("release.tag_name") } : {}) },
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
