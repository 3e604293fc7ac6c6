import type { GithubEnvironment, RepositoryPlan } from "../../../components/github/plan.ts";
import { fields, matches, passes, type WorkflowFile } from "../../../components/github/workflow-file.ts";
import { asksStatus, holds } from "../../delivery/runner/expressions.ts";

/** Something that happens in a repository. */
export interface Happening {
  readonly event: string;
  readonly ref: string;
  /** Of a pull request: where it goes. */
  readonly base?: string;
  readonly paths?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
  /** Type of a `repository_dispatch`, of a release, or of what happens to a pull request. */
  readonly type?: string;
  /** The workflow that somebody starts by hand. */
  readonly workflow?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Whether nobody has built these files, as far as somebody looks. */
  readonly isNew?: boolean;
}

/**
 * The branch whose files count for what happens: GitHub takes workflows from the commit, of a pull request from its merge. Tags and branches
 * of one's own are cut off the default branch.
 */
export function branchOf({ ref, base }: Happening, permanent: readonly string[], defaultBranch: string): string {
  const name = base ?? ref.replace(/^refs\/heads\//, "");
  return permanent.includes(name) ? name : defaultBranch;
}

/** Jobs that run when everything goes well: `workflow.yml: job (environment)`. An environment that refuses the ref says so. */
export function runsOf(repository: RepositoryPlan, files: readonly WorkflowFile[], happening: Happening): string[] {
  return files.filter((file) => starts(file, happening)).flatMap((file) => jobsOf(repository, file, happening));
}

/** Whether something that happens starts a workflow. */
export function starts({ path, on }: WorkflowFile, { event, ref, base, paths, type, workflow }: Happening): boolean {
  const filters = on[event];
  if (filters === undefined) return false;
  const [, kind, name = ""] = /^refs\/(heads|tags)\/(.*)$/.exec(ref) ?? [];
  const touches = filters["paths"] === undefined || (paths ?? []).some((changed) => passes(filters, "paths", changed));
  switch (event) {
    case "push": {
      const hasBranches = "branches" in filters || "branches-ignore" in filters;
      if (kind === "tags") return ("tags" in filters || !hasBranches) && passes(filters, "tags", name) && touches;
      return (hasBranches || !("tags" in filters)) && passes(filters, "branches", name) && touches;
    }
    case "pull_request": {
      const types = (filters["types"] as string[] | undefined) ?? ["opened", "synchronize", "reopened"];
      return types.includes(type ?? "opened") && passes(filters, "branches", base ?? "") && touches;
    }
    case "release":
    case "repository_dispatch":
      return (filters["types"] as string[]).includes(type ?? "");
    case "workflow_dispatch":
      return path.endsWith(`/${workflow}`);
    default:
      return true;
  }
}

/** What became of a job that another one needs. */
interface Result {
  readonly result: string;
  readonly outputs: Readonly<Record<string, string>>;
}

function jobsOf(repository: RepositoryPlan, { path, jobs }: WorkflowFile, happening: Happening): string[] {
  const ran: string[] = [];
  const environmentOf = (id: string) => repository.environments.find(({ name }) => name === jobs[id]?.environment);
  /** A job that its environment refuses has failed, without having begun. */
  const resultOf = (id: string): Result => {
    if (!ran.includes(id)) return { result: "skipped", outputs: {} };
    const environment = environmentOf(id);
    if (environment !== undefined && !allows(environment, happening.ref)) return { result: "failure", outputs: {} };
    return { result: "success", outputs: { commit: happening.isNew ? "" : "0123456", phase: "", began: "success" } };
  };
  const needsOf = (id: string): string[] => {
    const { needs } = fields(JSON.parse(jobs[id]?.text ?? "{}"));
    return Array.isArray(needs) ? needs.map(String) : [];
  };
  for (const [id, job] of Object.entries(jobs)) {
    const needs = needsOf(id);
    const condition = job.if?.replace(/^\$\{\{|\}\}$/g, "").trim() ?? "success()";
    const asks = asksStatus(condition);
    // Without a condition of its own, GitHub looks at all that it needs, however far back.
    const before = (one: string): string[] => needsOf(one).flatMap((need) => [need, ...before(need)]);
    const skipped = (asks ? needs : before(id)).some((need) => !ran.includes(need));
    if (skipped && !asks) continue;
    if (skipped && /^success\(\)$/.test(condition)) continue;
    if (!holds(condition, contextOf(happening, Object.fromEntries(needs.map((need) => [need, resultOf(need)]))), { failed: false }))
      continue;
    ran.push(id);
  }
  const file = path.split("/").at(-1);
  return ran.map((id) => {
    const environment = environmentOf(id);
    if (environment === undefined) return `${file}: ${id}`;
    const approved = environment.reviewers.length > 0 ? ", approved" : "";
    return `${file}: ${id} (${environment.name}${allows(environment, happening.ref) ? approved : ", REFUSED"})`;
  });
}

/** Whether an environment takes jobs that run for a ref. */
function allows({ refs }: GithubEnvironment, ref: string): boolean {
  if (refs === "any") return true;
  const [, kind, name = ""] = /^refs\/(heads|tags)\/(.*)$/.exec(ref) ?? [];
  if (kind === undefined) return false;
  return (kind === "tags" ? refs.tags : refs.branches).some((pattern) => matches(pattern, name));
}

const contextOf = ({ event, ref, inputs = {}, payload = {} }: Happening, needs: Readonly<Record<string, Result>>) => ({
  github: { event_name: event, ref, repository: "Acme/ours", actor: "ann", event: payload },
  inputs,
  needs,
});
