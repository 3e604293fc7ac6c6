import { and, choose, equal, type Expression, failure, github, needed, outcome, output, type Value } from "../actions/expression.ts";
import { type Job, read, type RunStep } from "../actions/model.ts";
import type { AfterJob } from "../definition.ts";
import type { DeliveryPlan, EnvironmentPlan, GithubEnvironment } from "../plan.ts";
import { migratingServices } from "./migrations.ts";
import { idOf, script, word } from "./shell.ts";
import { checkOut, ops, prepare, runAddress, stackVariables } from "./steps.ts";

/** The GitHub environment of the program's repository with this name. */
export function githubEnvironment(plan: DeliveryPlan, name: string): GithubEnvironment {
  const found = plan.repositories[plan.program]?.environments.find((environment) => environment.name === name);
  if (found === undefined) throw new Error(`the plan has no GitHub environment ${JSON.stringify(name)}`);
  return found;
}

export const deployJobName = (stack: string): string => `deploy-${stack}`;

/**
 * Whoever changes a stack, by whatever workflow, waits for the one before, and is never broken off: that would leave a lock and orphans. All
 * who wait get their turn, so that a deploy does not push a rollback out of the queue.
 */
export const oneAtATime = (stack: string): Job["concurrency"] => ({ group: stack, cancelInProgress: false, queue: "max" });

/** What every job that changes a stack may do and stands in. */
export const stackJob = (stack: EnvironmentPlan) =>
  ({
    timeoutMinutes: 90,
    environment: { name: stack.name },
    permissions: { contents: read("to check the program out") },
    concurrency: oneAtATime(stack.name),
  }) as const;

/** Lines that a step prints are kept, to be told where it fails; those of a return by themselves, so that they push nothing out. */
export const kept = (command: string, log: "deploy" | "return" = "deploy"): string => `${command} 2>&1 | tee -a "$RUNNER_TEMP/${log}.log"`;

/** Asks the public hosts, and whether what serves is what was asked for. */
export const verify = (plan: DeliveryPlan, stack: EnvironmentPlan, environment: GithubEnvironment): RunStep => ({
  name: "Look at what answers",
  id: "verify",
  env: stackVariables(stack, environment),
  run: kept(ops(plan, `verify --stack ${word(stack.name)}`)),
});

/** For who is told of a failure: what the job was at, and what was said last. GitHub drops an output in which it sees a secret. */
export const report = (phase: Value): RunStep => ({
  name: "Keep what was said last",
  id: "report",
  if: failure(),
  env: { PHASE: phase },
  run: script(
    "end=$(openssl rand -hex 16)",
    "{",
    '  echo "phase=$PHASE"',
    '  echo "log<<$end"',
    '  for log in deploy return; do tail -n 40 "$RUNNER_TEMP/$log.log" 2>/dev/null | cut -c 1-400 || true; done',
    '  echo "$end"',
    '} >> "$GITHUB_OUTPUT"',
  ),
});

/** Outputs of a job with such a step. */
export const reported = { phase: output("report", "phase"), log: output("report", "log") } as const;

/** What a job was at that changes a stack in one step, and then looks at what answers. */
export const phaseOf = (step: string, doing: string): Expression =>
  choose(equal(outcome("verify"), "failure"), "looking at what answers", choose(equal(outcome(step), "failure"), doing, "getting ready"));

/** Which files of the checkout are the migrations that images bring, for `promote`: one pattern for each service. */
function migrationsOf({ repositories, program }: DeliveryPlan): string {
  const migrations = repositories[program]?.migrations ?? [];
  return migratingServices({ migrations })
    .map((service) => {
      const patterns = migrations.filter((one) => one.service === service).map(({ folder, ending }) => `${folder}/*${ending}`);
      return ` --migrations ${word(`${service}=${patterns.length > 1 ? `{${patterns.join(",")}}` : (patterns[0] ?? "")}`)}`;
    })
    .join("");
}

/** Where other repositories build as well, the services whose images come from here: the others go their own way. */
function onlyBuilt({ repositories, program }: DeliveryPlan): string {
  const elsewhere = Object.values(repositories).some((repository) => !repository.program && repository.builds.length > 0);
  return elsewhere ? (repositories[program]?.builds ?? []).map(({ service }) => ` --only ${word(service)}`).join("") : "";
}

/** Says which images a stack runs of those that are built here, for their names. */
export const nameImages = (plan: DeliveryPlan, { name }: EnvironmentPlan, variables: Readonly<Record<string, Expression>>): RunStep => ({
  name: "Say which images run",
  id: "runs",
  env: { ...variables, SERVICES: JSON.stringify((plan.repositories[plan.program]?.builds ?? []).map(({ service }) => service)) },
  run: script(
    `${ops(plan, `releases --stack ${word(name)} --json`)} > "$RUNNER_TEMP/releases.json"`,
    `images=$(jq --compact-output --argjson services "$SERVICES" '.serving.images // {} | with_entries(select(.key | IN($services[])))' "$RUNNER_TEMP/releases.json")`,
    'echo "images=$images" >> "$GITHUB_OUTPUT"',
  ),
});

/** What a deploy is handed; without images it is the infrastructure alone, and every service keeps what it runs. */
export interface Deploy {
  readonly images?: Value;
  /** In place of images: the commit for which the environment before ran what is taken. */
  readonly promotes?: Value;
  /** What the images were built from. */
  readonly commit?: Value;
  /** The images come from another repository. They bring no change of the program; which migrations they bring is handed along, as JSON. */
  readonly handed?: { readonly migrations: Value };
  /** The job that has shown the plan before the approval. */
  readonly shownBy?: string;
  readonly needs: readonly string[];
  readonly if?: Expression;
}

/** A verb that changes a stack, without what lets it do so, and what it reads. */
function changing(
  plan: DeliveryPlan,
  stack: EnvironmentPlan,
  { images, promotes, commit, handed }: Deploy,
): { readonly verb: string; readonly env: Readonly<Record<string, Value>> } {
  const name = word(stack.name);
  if (isApplied({ images, promotes })) return { verb: `up --stack ${name}`, env: { GROUNDWORK_COMMIT: github("sha") } };
  const env = {
    ...(images === undefined ? {} : { IMAGES: images }),
    COMMIT: promotes ?? commit ?? github("sha"),
    ...(handed ? { MIGRATIONS: handed.migrations } : {}),
  };
  const given = `--images "$IMAGES" --commit "$COMMIT"${handed ? ' --migrations "$MIGRATIONS" --images-only' : migrationsOf(plan)}`;
  const taken = `--from ${word(stack.promotes ?? "")} --commit "$COMMIT"${onlyBuilt(plan)}`;
  return { verb: `promote --to ${name} ${promotes === undefined ? given : taken}`, env };
}

/** No image is brought. */
const isApplied = ({ images, promotes }: Pick<Deploy, "images" | "promotes">): boolean => images === undefined && promotes === undefined;

export const planJobName = (stack: string): string => `plan-${stack}`;

/**
 * The GitHub environment in which a deploy can be looked at before somebody approves it; undefined where nobody does, or nothing may look. It has
 * to take the ref that deploys; the nightly one asks for no approval of its own, but takes the protected branch alone.
 */
function lookingOf(plan: DeliveryPlan, stack: EnvironmentPlan): GithubEnvironment | undefined {
  if (githubEnvironment(plan, stack.name).reviewers.length === 0) return undefined;
  const { deploysOn } = stack;
  const { branch } = plan.repositories[plan.program] ?? {};
  if (deploysOn.on === "manual" || (deploysOn.on === "push" && deploysOn.branch === branch)) return githubEnvironment(plan, stack.drift);
  const preview = githubEnvironment(plan, stack.preview);
  return preview.refs === "any" ? preview : undefined;
}

/** Shows on the run's page what a deploy would do, so that whoever approves it knows; the deploy does that, or refuses. */
export function planJob(plan: DeliveryPlan, stack: EnvironmentPlan, deploy: Deploy): Job | undefined {
  const environment = lookingOf(plan, stack);
  if (environment === undefined) return undefined;
  const { verb, env } = changing(plan, stack, deploy);
  return {
    name: `Plan ${stack.name}`,
    needs: deploy.needs,
    ...(deploy.if ? { if: deploy.if } : {}),
    timeoutMinutes: 20,
    environment: { name: environment.name },
    permissions: { contents: read("to check the program out") },
    outputs: { plan: output("plan", "plan") },
    steps: [
      ...prepare(environment),
      {
        name: "Show what it would do",
        id: "plan",
        env: { ...stackVariables(stack, environment), ...env },
        run: ops(plan, `${verb} --plan`),
      },
    ],
  };
}

/**
 * To what a deploy is held: what was shown before its approval, or else what pull requests were told. Handed images change nothing else, and of
 * what is previewed by hand nobody knows which run counts.
 */
function heldOf(
  { previewOn }: EnvironmentPlan,
  { handed, shownBy }: Deploy,
): { readonly option: string; readonly env: Record<string, Value> } {
  if (shownBy !== undefined) return { option: ' --plan-of "$PLAN"', env: { PLAN: needed(shownBy, "plan") } };
  if (handed || previewOn !== "pull-request") return { option: "", env: {} };
  return { option: " --plan-of merged", env: { GITHUB_TOKEN: github("token") } };
}

/** The job that deploys to a stack: images and infrastructure of one commit, then a look at what answers; if that is bad, back. */
export function deployJob(plan: DeliveryPlan, stack: EnvironmentPlan, deploy: Deploy): Job {
  const { handed, needs, if: condition } = deploy;
  const environment = githubEnvironment(plan, stack.name);
  const variables = stackVariables(stack, environment);
  const { verb, env } = changing(plan, stack, deploy);
  const held = heldOf(stack, deploy);
  const step: RunStep = {
    name: isApplied(deploy) ? `Apply to ${stack.name}` : `Deploy to ${stack.name}`,
    id: "deploy",
    env: { ...variables, GROUNDWORK_RUN: runAddress, ...env, ...held.env },
    run: kept(ops(plan, `${verb}${held.option} --yes`)),
  };
  const back: RunStep = {
    name: "Return to the release before",
    if: and(failure(), equal(outcome("verify"), "failure")),
    env: { ...variables, GROUNDWORK_RUN: runAddress },
    run: kept(ops(plan, `rollback --stack ${word(stack.name)} --yes`), "return"),
  };
  const job = stackJob(stack);
  const names = isApplied(deploy) || handed ? [] : [nameImages(plan, stack, variables)];
  return {
    name: step.name,
    needs,
    ...(condition ? { if: condition } : {}),
    ...job,
    ...("GITHUB_TOKEN" in held.env
      ? { permissions: { ...job.permissions, "pull-requests": read("to do only what their comments have shown") } }
      : {}),
    outputs: { ...reported, ...(names.length === 0 ? {} : { images: output("runs", "images") }) },
    steps: [
      ...prepare(environment),
      step,
      verify(plan, stack, environment),
      ...names,
      ...(isApplied(deploy) ? [] : [back]),
      report(phaseOf("deploy", "deploying")),
    ],
  };
}

const afterId = (stack: EnvironmentPlan, { name }: AfterJob): string => `${idOf(name)}-${stack.name}`;

/** Jobs that look at what has been deployed, and the way back where one of them is red. */
export function afterJobs(plan: DeliveryPlan, stack: EnvironmentPlan, condition: Pick<Job, "if"> = {}): Record<string, Job> {
  const deployed = deployJobName(stack.name);
  const jobs = stack.after.map((after): [string, Job] => [
    afterId(stack, after),
    {
      name: after.name,
      needs: [deployed],
      ...condition,
      timeoutMinutes: after.timeoutMinutes ?? 20,
      permissions: { contents: read("to check the tests out") },
      ...(after.secrets ? { environment: { name: stack.name } } : {}),
      steps: [checkOut(), ...after.steps],
    },
  ]);
  const deciding = stack.after.filter(({ onFailure }) => onFailure === "rollback").map((after) => afterId(stack, after));
  if (deciding.length === 0) return Object.fromEntries(jobs);
  const environment = githubEnvironment(plan, stack.name);
  const back: Job = {
    name: `Return ${stack.name} to the release before`,
    needs: [deployed, ...deciding],
    if: and(failure(), equal(needed(deployed, "phase"), "")),
    ...stackJob(stack),
    outputs: reported,
    steps: [
      ...prepare(environment),
      {
        name: "Roll back",
        env: { ...stackVariables(stack, environment), GROUNDWORK_RUN: runAddress },
        run: kept(ops(plan, `rollback --stack ${word(stack.name)} --yes`)),
      },
      verify(plan, stack, environment),
      report("returning to the release before"),
    ],
  };
  return Object.fromEntries([...jobs, [`return-${stack.name}`, back]]);
}
