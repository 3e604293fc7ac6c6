import { Expression, Text, type Value } from "./expression.ts";
import type { Concurrency, Job, Permissions, Step, Triggers, Workflow } from "./model.ts";
import { isAction } from "./model.ts";

/** A value with a remark beside it in the file. */
export class Remarked {
  public readonly value: string;
  public readonly remark: string;

  constructor(value: string, remark: string) {
    this.value = value;
    this.remark = remark;
  }
}

/** What a workflow is as data, in the order in which it is written. */
export type Node = string | number | boolean | Remarked | readonly Node[] | { readonly [key: string]: Node };

const defaultRunner = "ubuntu-24.04";

/** A workflow in GitHub's own words. Throws where a text would be evaluated that was not meant to be. */
export function documentOf({ name, on, concurrency, jobs }: Workflow): { readonly [key: string]: Node } {
  return defined({
    name: plain(name),
    on: triggers(on),
    // The token of a job that says nothing may do nothing.
    permissions: {},
    concurrency: concurrency && concurrencyOf(concurrency),
    // Without a name GitHub's bash has no `pipefail`, and a failed deploy whose lines go through `tee` would be green.
    defaults: { run: { shell: "bash" } },
    jobs: mapped(jobs, jobOf),
  });
}

function triggers(on: Triggers): Node {
  const dispatch = on.workflowDispatch;
  const push = on.push && {
    branches: on.push.branches?.map(plain),
    "branches-ignore": on.push.branchesIgnore?.map(plain),
    tags: on.push.tags?.map(plain),
    paths: on.push.paths?.map(plain),
  };
  const { pullRequest, release, schedule, repositoryDispatch } = on;
  return defined({
    push: push && defined(push),
    pull_request:
      pullRequest &&
      defined({ branches: pullRequest.branches?.map(plain), types: pullRequest.types?.map(plain), paths: pullRequest.paths?.map(plain) }),
    release: release && { types: release.types },
    schedule: schedule?.map(({ cron }) => ({ cron: plain(cron) })),
    workflow_dispatch: dispatch && defined({ inputs: dispatch.inputs && mapped(dispatch.inputs, inputOf) }),
    repository_dispatch: repositoryDispatch && { types: repositoryDispatch.types.map(plain) },
  });
}

function inputOf(given: {
  description: string;
  required?: boolean;
  default?: string | boolean;
  type: string;
  options?: readonly string[];
}): Node {
  return defined({
    description: plain(given.description),
    required: given.required,
    default: given.default,
    type: given.type,
    options: given.options?.map(plain),
  });
}

function concurrencyOf({ group, cancelInProgress, queue }: Concurrency): Node {
  return defined({ group: valueOf(group), "cancel-in-progress": valueOf(cancelInProgress), queue });
}

function jobOf(job: Job): Node {
  const { environment, strategy, outputs, env, services } = job;
  return defined({
    name: valueOf(job.name),
    needs: job.needs,
    if: job.if && conditionOf(job.if),
    "runs-on": plain(job.runsOn ?? defaultRunner),
    "timeout-minutes": job.timeoutMinutes,
    environment: environment && defined({ name: plain(environment.name), url: environment.url && valueOf(environment.url) }),
    permissions: permissionsOf(job.permissions),
    concurrency: job.concurrency && concurrencyOf(job.concurrency),
    strategy: strategy && defined({ "fail-fast": strategy.failFast, matrix: strategy.matrix }),
    outputs: outputs && mapped(outputs, valueOf),
    env: env && mapped(env, valueOf),
    services: services && mapped(services, (service) => defined({ ...service, env: service.env && mapped(service.env, plain) })),
    steps: job.steps.map(stepOf),
  });
}

function stepOf(step: Step): Node {
  const { name, id, if: condition, env, continueOnError } = step;
  return defined({
    name: plain(name),
    id,
    if: condition && conditionOf(condition),
    "continue-on-error": continueOnError,
    ...(isAction(step)
      ? {
          uses: new Remarked(`${step.uses.action}@${step.uses.commit}`, step.uses.tag),
          with: step.with && mapped(step.with, valueOf),
          env: env && mapped(env, valueOf),
        }
      : {
          "working-directory": step.workingDirectory === undefined ? undefined : plain(step.workingDirectory),
          env: env && mapped(env, valueOf),
          run: plain(step.run),
        }),
  });
}

const permissionsOf = (permissions: Permissions): Node => mapped(permissions, ({ access, why }) => new Remarked(access, plain(why)));

/** A condition needs no braces, except where it would begin with YAML's sign for a tag. */
const conditionOf = ({ source }: Expression): string => (source.startsWith("!") ? `\${{ ${source} }}` : source);

/** A value as it stands in the file. */
export function valueOf(value: Value): string | number | boolean {
  if (value instanceof Expression) return `\${{ ${value.source} }}`;
  if (value instanceof Text) return value.parts.map((part) => String(valueOf(part))).join("");
  return typeof value === "string" ? plain(value) : value;
}

/** Text that GitHub has to leave as it is. */
function plain(text: string): string {
  if (text.includes("${{")) {
    throw new TypeError(
      `${JSON.stringify(text.slice(Math.max(0, text.indexOf("${{") - 20), text.indexOf("${{") + 40))}: an expression in plain text. ` +
        "Hand its value to the shell by env, as an expression of actions/expression.ts.",
    );
  }
  return text;
}

const mapped = <T>(values: Readonly<Record<string, T>>, each: (value: NonNullable<T>) => Node): Record<string, Node> =>
  Object.fromEntries(
    Object.entries(values)
      .filter((entry): entry is [string, NonNullable<T>] => entry[1] !== undefined && entry[1] !== null)
      .map(([key, value]) => [key, each(value)]),
  );

const defined = (values: Readonly<Record<string, Node | undefined>>): Record<string, Node> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Node] => entry[1] !== undefined));
