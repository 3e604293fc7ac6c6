import { parse } from "yaml";
import type { Workflow } from "./actions/model.ts";
import { renderWorkflow } from "./actions/render.ts";

/** A workflow as it lies in a repository, ours or somebody's: read from its text, so that both are judged by what GitHub will read. */
export interface WorkflowFile {
  readonly path: string;
  readonly name: string;
  /** Event → its filters. */
  readonly on: Readonly<Record<string, Fields>>;
  readonly jobs: Readonly<Record<string, JobFields>>;
}

export type Fields = Readonly<Record<string, unknown>>;

/** A job, as far as it is judged. */
export interface JobFields {
  /** Name of its status check. */
  readonly check: string;
  readonly if: string | undefined;
  readonly environment: string | undefined;
  readonly concurrency: Fields;
  readonly permissions: Fields;
  readonly steps: readonly Fields[];
  /** Images of containers that run beside it. */
  readonly images: readonly string[];
  /** The reusable workflow that it is, where it is one. */
  readonly uses: string | undefined;
  /** Everything of it as text, to look for what it names. */
  readonly text: string;
}

/** Reads a workflow file. What is no workflow is one without events and jobs. */
export function readWorkflow(path: string, text: string): WorkflowFile {
  const content = fields(parse(text));
  const jobs = Object.entries(fields(content["jobs"])).map(([id, job]) => [id, jobFields(id, fields(job))] as const);
  return { path, name: textOf(content["name"]) ?? path, on: events(content["on"]), jobs: Object.fromEntries(jobs) };
}

/** One of ours as it will lie in the repository. */
export const fileOf = (path: string, workflow: Workflow): WorkflowFile => readWorkflow(path, renderWorkflow(workflow, ""));

function jobFields(id: string, job: Fields): JobFields {
  const environment = job["environment"];
  return {
    check: textOf(job["name"]) ?? id,
    if: textOf(job["if"]),
    environment: textOf(environment) ?? textOf(fields(environment)["name"]),
    concurrency: typeof job["concurrency"] === "string" ? { group: job["concurrency"] } : fields(job["concurrency"]),
    permissions: fields(job["permissions"]),
    steps: Array.isArray(job["steps"]) ? job["steps"].map(fields) : [],
    images: [job["container"], ...Object.values(fields(job["services"]))]
      .map((container) => textOf(container) ?? textOf(fields(container)["image"]))
      .filter((image) => image !== undefined),
    uses: textOf(job["uses"]),
    text: JSON.stringify(job),
  };
}

/** `on` may be one word, a list of them, or all of it. */
function events(on: unknown): Record<string, Fields> {
  if (typeof on === "string") return { [on]: {} };
  if (Array.isArray(on)) return Object.fromEntries(on.map((event) => [String(event), {}]));
  return Object.fromEntries(Object.entries(fields(on)).map(([event, filters]) => [event, fields(filters)]));
}

export const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const named = (context: "secrets" | "vars", text: string): string[] => [
  ...new Set([...text.matchAll(new RegExp(`\\b${context}\\.([A-Za-z_][A-Za-z0-9_]*)`, "g"))].map(([, name = ""]) => name.toUpperCase())),
];

/** Secrets that a job names. The run's own token is none: what it may do is said by permissions. */
export const secretsOf = ({ text }: JobFields): string[] => named("secrets", text).filter((name) => name !== "GITHUB_TOKEN");

export const variablesOf = ({ text }: JobFields): string[] => named("vars", text);

/** Whether a job takes secrets without naming them: all of them at once, or by a name that is put together. */
export const takesUnnamed = ({ text }: JobFields): boolean =>
  /"secrets":"inherit"/.test(text) || /toJSON\(\s*secrets\s*\)/i.test(text) || /\bsecrets\s*\[/.test(text);

/** GitHub's pattern of branches, tags and paths: `*` ends at a slash, `**` does not. */
export function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[.^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*\*|\*|\?/g, (star) => (star === "**" ? ".*" : star === "*" ? "[^/]*" : star));
  return new RegExp(`^${source}$`).test(name);
}

/** Whether a ref passes filters of the kind `branches` and `branches-ignore`. In `branches`, a later `!pattern` takes out again. */
export function passes(filters: Fields, kind: "branches" | "tags" | "paths", name: string): boolean {
  const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  if (list(filters[`${kind}-ignore`]).some((pattern) => matches(pattern, name))) return false;
  if (filters[kind] === undefined) return true;
  return list(filters[kind]).reduce(
    (taken, pattern) => (pattern.startsWith("!") ? taken && !matches(pattern.slice(1), name) : taken || matches(pattern, name)),
    false,
  );
}
