import type { DeliveryPlan, GithubEnvironment, RepositoryPlan } from "./plan.ts";
import { isOpen } from "./rules.ts";
import { fields, fileOf, secretsOf, type WorkflowFile } from "./workflow-file.ts";
import { workflowsOf } from "./workflows/index.ts";

/**
 * Who can read which secret, and change what, as a page in Markdown: strangers, those with push access, and each workflow. Generated, so that it is
 * true.
 */
export function renderAccess(plan: DeliveryPlan): string {
  const parts = Object.values(plan.repositories).flatMap((repository) => {
    const files = Object.entries(workflowsOf(plan, repository)).map(([path, workflow]) => fileOf(path, workflow));
    return [
      `## ${repository.fullName} (${repository.visibility})`,
      "",
      "| Environment | Open to | Holds |",
      "| --- | --- | --- |",
      ...repository.environments.map((environment) => row(environment.name, openTo(environment), names(environment))),
      ...(repository.secrets.length > 0
        ? [row("(the repository)", "every branch", repository.secrets.map(({ name }) => name).join(", "))]
        : []),
      "",
      "| Who | Can read | By |",
      "| --- | --- | --- |",
      row("A fork's pull request", "nothing", forksRun(files)),
      row("Somebody with push access", withPush(repository) || "nothing", "a branch with a workflow of their own"),
      row("… once it is merged, approved or released", merged(repository) || "nothing more", "the gates above"),
      ...files.flatMap((file) => workflowRows(file)),
      "",
      "| Who | Can change | By |",
      "| --- | --- | --- |",
      row("A fork's pull request", "nothing", "a token that only reads"),
      row("Somebody with push access", changeable(repository), "git, or a branch with a workflow of their own and its token"),
      "",
    ];
  });
  const opens = "`PULUMI_CONFIG_PASSPHRASE` opens every secret in the stack's file and in its state, for whoever reads it.";
  return [`# Who can read and change what`, "", opens, "", ...parts].join("\n").trimEnd() + "\n";
}

const row = (...cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

const names = ({ secrets }: GithubEnvironment): string => secrets.map(({ name }) => name).join(", ") || "nothing";

function openTo({ refs, reviewers }: GithubEnvironment): string {
  const places =
    refs === "any" ? ["every branch"] : [...refs.branches.map((branch) => `branch ${branch}`), ...refs.tags.map((tag) => `tags ${tag}`)];
  return `${places.join(", ")}${reviewers.length > 0 ? `; approved by ${reviewers.join(" or ")}` : ""}`;
}

/** Jobs that run for a fork: of pull requests, in no environment, so with a token that can only read. */
function forksRun(files: readonly WorkflowFile[]): string {
  const jobs = files
    .filter(({ on }) => "pull_request" in on)
    .flatMap(({ jobs }) => Object.values(jobs).filter(({ environment }) => environment === undefined))
    .map(({ check }) => check);
  return jobs.length > 0 ? `runs ${jobs.join(", ")}` : "runs nothing";
}

const held = (environments: readonly GithubEnvironment[]): string =>
  environments
    .filter(({ secrets }) => secrets.length > 0)
    .map((environment) => `${environment.name}: ${names(environment)}`)
    .join("; ");

function withPush({ environments, secrets }: RepositoryPlan): string {
  return [secrets.map(({ name }) => name).join(", "), held(environments.filter(isOpen))].filter((text) => text !== "").join("; ");
}

/** A workflow on any branch gives its token what it likes: the registry is open to whoever can push. */
function changeable({ protectedBranches, protectedTags, builds }: RepositoryPlan): string {
  const but = (names: readonly string[]): string => (names.length > 0 ? ` but ${names.join(", ")}` : "");
  return [
    `branches${but(protectedBranches.map(({ name }) => name))}`,
    `tags${but(protectedTags)}`,
    ...(builds.length > 0 ? [`every tag of ${builds.map(({ image }) => image).join(", ")} (no deploy takes an image by its tag)`] : []),
    "issues, pull requests",
  ].join("; ");
}

const merged = ({ environments }: RepositoryPlan): string => held(environments.filter((environment) => !isOpen(environment)));

function workflowRows({ path, on, jobs }: WorkflowFile): string[] {
  const file = path.split("/").at(-1) ?? path;
  return Object.entries(jobs).map(([id, job]) => {
    const token = Object.entries(fields(job.permissions)).map(([scope, access]) => `${scope}: ${String(access)}`);
    const secrets = secretsOf(job).join(", ") || "nothing";
    const place = job.environment === undefined ? "" : ` (${job.environment})`;
    return row(`${file}: ${id}${place}`, `${secrets}; token: ${token.join(", ") || "nothing"}`, Object.keys(on).join(", "));
  });
}
