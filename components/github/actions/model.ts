import type { Expression, Text, Value } from "./expression.ts";

/** A workflow of GitHub Actions. Its token may do nothing: each job says what it needs. */
export interface Workflow {
  readonly name: string;
  readonly on: Triggers;
  /** How runs of one thing follow each other; see {@link Concurrency}. */
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What starts a workflow. `pull_request_target` is missing on purpose: it hands secrets to runs that strangers start. */
export interface Triggers {
  readonly push?: Refs & Paths;
  readonly pullRequest?: { readonly branches?: readonly string[]; readonly types?: readonly string[] } & Paths;
  readonly release?: { readonly types: readonly ("published" | "released" | "prereleased")[] };
  /** Sundays are 0; the time is UTC. */
  readonly schedule?: readonly { readonly cron: string }[];
  readonly workflowDispatch?: { readonly inputs?: Readonly<Record<string, DispatchInput>> };
  readonly repositoryDispatch?: { readonly types: readonly string[] };
}

interface Refs {
  readonly branches?: readonly string[];
  readonly branchesIgnore?: readonly string[];
  readonly tags?: readonly string[];
}

interface Paths {
  readonly paths?: readonly string[];
}

/** What somebody is asked for when starting a workflow by hand. */
export interface DispatchInput {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string | boolean;
  readonly type: "string" | "boolean" | "choice";
  /** For `choice` only. */
  readonly options?: readonly string[];
}

/**
 * One group has at most one run at a time. One that has begun ends, unless `cancelInProgress`. Without `queue` at most one waits, and a
 * newer one takes its place.
 */
export interface Concurrency {
  readonly group: string | Text;
  readonly cancelInProgress: boolean | Expression;
  /** All wait for their turn, up to 100 of them. */
  readonly queue?: "max";
}

/** What the job's token may do, each with its reason, which is written beside it. `{}` for nothing. */
export type Permissions = Readonly<Partial<Record<Scope, Permission>>>;

type Scope = "actions" | "attestations" | "contents" | "deployments" | "id-token" | "issues" | "packages" | "pull-requests";

interface Permission {
  readonly access: "read" | "write";
  readonly why: string;
}

export const read = (why: string): Permission => ({ access: "read", why });
export const write = (why: string): Permission => ({ access: "write", why });

/** One machine's work. */
export interface Job {
  /** Shown in lists, and the name of its status check. */
  readonly name: string | Text;
  readonly needs?: readonly string[];
  readonly if?: Expression;
  readonly permissions: Permissions;
  readonly concurrency?: Concurrency;
  readonly strategy?: { readonly failFast?: boolean; readonly matrix: Readonly<Record<string, readonly (string | number)[]>> };
  /** @default "ubuntu-24.04" */
  readonly runsOn?: string;
  /** GitHub's default of six hours is never meant. */
  readonly timeoutMinutes: number;
  /** The environment whose secrets it reads, and whose gate it waits at. */
  readonly environment?: { readonly name: string; readonly url?: Value };
  readonly outputs?: Readonly<Record<string, Expression>>;
  readonly env?: Readonly<Record<string, Value>>;
  /** Containers beside the steps: a database to test with. Images by digest. */
  readonly services?: Readonly<Record<string, ServiceContainer>>;
  readonly steps: readonly Step[];
}

export interface ServiceContainer {
  readonly image: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly options?: string;
}

interface StepBase {
  readonly name: string;
  /** By which later steps and the job's outputs refer to it. */
  readonly id?: string;
  readonly if?: Expression;
  /** The only way for a value of somebody else's into the shell. */
  readonly env?: Readonly<Record<string, Value>>;
  readonly continueOnError?: boolean;
}

/** A step that runs a program in bash, with `-e` and `-o pipefail`. */
export interface RunStep extends StepBase {
  /** Plain text: an expression has no place in it, and braces of one are refused. */
  readonly run: string;
  readonly workingDirectory?: string;
}

/** An action at a full commit, with the tag that it is said to be. See pins.ts. */
export interface Pin {
  readonly action: string;
  readonly commit: string;
  readonly tag: string;
}

/** A step that runs an action. */
export interface ActionStep extends StepBase {
  readonly uses: Pin;
  readonly with?: Readonly<Record<string, Value>>;
}

export type Step = RunStep | ActionStep;

export const isAction = (step: Step): step is ActionStep => "uses" in step;
