import type { DeliveryPlan, GithubEnvironment, RepositoryPlan } from "./plan.ts";
import { isOpen } from "./rules.ts";
import { fields, fileOf, secretsOf, type WorkflowFile } from "./workflow-file.ts";
import { workflowsOf } from "./workflows/index.ts";

/** A row of a table: heading → cell. */
type Row = Readonly<Record<string, string>>;

/** Who can read and write what in one repository, and start which workflow. */
export interface Access {
  /** `acme/shop` */
  readonly repository: string;
  readonly visibility: string;
  readonly environments: readonly Row[];
  readonly people: readonly Row[];
  readonly jobs: readonly Row[];
}

/** Strangers, those with push access, those who release, and each workflow: from the same plan as the repositories, so that it is true. */
export function accessOf(plan: DeliveryPlan): Access[] {
  return Object.values(plan.repositories).map((repository) => {
    const files = Object.entries(workflowsOf(plan, repository)).map(([path, workflow]) => fileOf(path, workflow));
    const held = repository.secrets.map(({ name }) => name).join(", ");
    return {
      repository: repository.fullName,
      visibility: repository.visibility,
      environments: [
        ...repository.environments.map((environment) => place(environment.name, openTo(environment), names(environment))),
        ...(held === "" ? [] : [place("(the repository)", "every branch", held)]),
      ],
      people: [
        person("A fork's pull request", "nothing", "nothing", forksRun(files)),
        person("Somebody with push access", withPush(repository) || "nothing", changeable(repository), started(files)),
        ...releaserRows(repository, files),
        person("… once it is merged, approved or released", merged(repository) || "nothing more", "what the deploys write", "the deploys"),
      ],
      jobs: files.flatMap((file) => workflowRows(file)),
    };
  });
}

const place = (environment: string, open: string, holds: string): Row => ({ Environment: environment, "Open to": open, Holds: holds });
const person = (who: string, reads: string, writes: string, starts: string): Row => ({
  Who: who,
  "Can read": reads,
  "Can write": writes,
  "Can start": starts,
});

/** The same as a page in Markdown. */
export function renderAccess(plan: DeliveryPlan): string {
  const parts = accessOf(plan).flatMap(({ repository, visibility, environments, people, jobs }) => [
    `## ${repository} (${visibility})`,
    "",
    ...[environments, people, jobs].flatMap((rows) => (rows.length > 0 ? [...table(rows), ""] : [])),
  ]);
  const opens = "`PULUMI_CONFIG_PASSPHRASE` opens every secret in the stack's file and in its state, for whoever reads it.";
  return [`# Who can read, write and start what`, "", opens, "", ...parts].join("\n").trimEnd() + "\n";
}

function table(rows: readonly Row[]): string[] {
  const headings = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map((row) => line(Object.values(row)))];
}

const byHand = ["workflow_dispatch", "repository_dispatch"];

/** What everybody starts who may push: environments still let in no other refs than theirs. */
function started(files: readonly WorkflowFile[]): string {
  const released = startedBy(files, ["release"]);
  const both = [startedBy(files, byHand), released && `${released} for a tag that stands`];
  return both.filter((text) => text !== "").join("; ") || "nothing by hand";
}

/** Files that one of the events starts. */
const startedBy = (files: readonly WorkflowFile[], events: readonly string[]): string =>
  files
    .filter(({ on }) => events.some((event) => event in on))
    .map(({ path }) => fileName(path))
    .join(", ");

const fileName = (path: string): string => path.split("/").at(-1) ?? path;

/** Who makes the tags that deploy, where that is not everybody who may push. */
function releaserRows({ protectedTags, releasers }: RepositoryPlan, files: readonly WorkflowFile[]): Row[] {
  if (protectedTags.length === 0) return [];
  const who = releasers === "writers" ? "Somebody with push access, as releaser" : `A releaser (${releasers})`;
  return [person(who, "the same", `tags ${protectedTags.join(", ")}, once each`, startedBy(files, ["release"]) || "nothing")];
}

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
function changeable({ protectedBranches, protectedTags, releasers, builds }: RepositoryPlan): string {
  const but = (names: readonly string[]): string => (names.length > 0 ? ` but ${names.join(", ")}` : "");
  return [
    `branches${but(protectedBranches.map(({ name }) => name))}`,
    `tags${but(releasers === "writers" ? [] : protectedTags)}`,
    ...(builds.length > 0 ? [`every tag of ${builds.map(({ image }) => image).join(", ")} (no deploy takes an image by its tag)`] : []),
    "issues, pull requests",
  ].join("; ");
}

const merged = ({ environments }: RepositoryPlan): string => held(environments.filter((environment) => !isOpen(environment)));

function workflowRows({ path, on, jobs }: WorkflowFile): Row[] {
  return Object.entries(jobs).map(([id, job]) => {
    const token = Object.entries(fields(job.permissions));
    const scopes = (access: string): string[] => token.filter(([, given]) => given === access).map(([scope]) => scope);
    const reads = [...secretsOf(job), ...scopes("read")].join(", ") || "nothing";
    const where = job.environment === undefined ? "" : ` (${job.environment})`;
    return {
      Job: `${fileName(path)}: ${id}${where}`,
      Reads: reads,
      "Its token writes": scopes("write").join(", ") || "nothing",
      "Starts on": Object.keys(on).join(", "),
    };
  });
}
