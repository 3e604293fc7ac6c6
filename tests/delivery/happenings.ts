import type { CloudStore } from "../../sandbox/cloud/store.ts";
import type { TestEngine } from "../engine.ts";
import { cloud, objectOf } from "../e2e/template.ts";
import type { Event, JobRun } from "./runner/runner.ts";

// What can happen in a repository, and what is asked about it afterwards.

export const push = (commit: string): Event => ({ event: "push", ref: "refs/heads/main", commit });

export const release = (tag: string, commit: string): Event => ({
  event: "release",
  ref: `refs/tags/${tag}`,
  type: "released",
  payload: { release: { tag_name: tag, prerelease: false } },
  commit,
});

/** A pull request from the repository of this owner. */
export const pull = (owner: string, commit: string, repository = "template", number = 7): Event => ({
  event: "pull_request",
  ref: `refs/pull/${number}/merge`,
  base: "main",
  payload: { pull_request: { number, head: { repo: { full_name: `${owner}/${repository}` } }, user: { login: "ann" } } },
  commit,
});

/** Somebody starts a workflow. */
export const dispatch = (workflow: string, commit: string, inputs: Readonly<Record<string, string>> = {}, branch = "main"): Event => ({
  event: "workflow_dispatch",
  ref: `refs/heads/${branch}`,
  workflow,
  inputs,
  commit,
});

/** The hour has come. */
export const night = (commit: string): Event => ({ event: "schedule", ref: "refs/heads/main", commit });

export const results = (jobs: Readonly<Record<string, JobRun>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(jobs).map(([id, { result }]) => [id, result]));

/** What went wrong, for the report of a test that fails. */
export const said = (jobs: Readonly<Record<string, JobRun>> = {}): string =>
  Object.entries(jobs)
    .flatMap(([id, { steps, refused }]) => [
      ...(refused === undefined ? [] : [`${id}: ${refused}`]),
      ...steps.filter(({ outcome }) => outcome === "failure").map((one) => `${id}: ${one.name}\n${one.said}`),
    ])
    .join("\n");

/** What a step of a job printed. */
export const printed = (job: JobRun | undefined, step: string): string => job?.steps.find(({ name }) => name === step)?.said ?? "";

interface Spec {
  readonly services: readonly { readonly name: string; readonly image: { readonly digest: string } }[];
}

/** Service → digest that an App serves. */
export function serves(engine: TestEngine, app: string): Record<string, string> {
  const { services } = objectOf(engine, "App", app).outputs["spec"] as Spec;
  return Object.fromEntries(services.map(({ name, image }) => [name, image.digest]));
}

/** How often an App was deployed. */
export const deployments = (engine: TestEngine, app: string): number =>
  cloud(engine, (store: CloudStore) => store.deployments(objectOf(engine, "App", app).id).length);
