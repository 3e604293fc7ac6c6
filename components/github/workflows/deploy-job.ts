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

const deployPhase = choose(
  equal(outcome("verify"), "failure"),
  "looking at what answers",
  choose(equal(outcome("deploy"), "failure"), "deploying", "getting ready"),
);

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
  readonly needs: readonly string[];
  readonly if?: Expression;
}

/** The job that deploys to a stack: images and infrastructure of one commit, then a look at what answers; if that is bad, back. */
export function deployJob(plan: DeliveryPlan, stack: EnvironmentPlan, { images, promotes, commit, handed, needs, ...more }: Deploy): Job {
  const environment = githubEnvironment(plan, stack.name);
  const variables = stackVariables(stack, environment);
  const name = word(stack.name);
  const apply: RunStep = {
    name: `Apply to ${stack.name}`,
    id: "deploy",
    env: { ...variables, GROUNDWORK_RUN: runAddress, GROUNDWORK_COMMIT: github("sha") },
    run: kept(ops(plan, `up --stack ${name} --yes`)),
  };
  const promote: RunStep = {
    name: `Deploy to ${stack.name}`,
    id: "deploy",
    env: {
      ...variables,
      GROUNDWORK_RUN: runAddress,
      ...(images === undefined ? {} : { IMAGES: images }),
      COMMIT: promotes ?? commit ?? github("sha"),
      ...(handed ? { MIGRATIONS: handed.migrations } : {}),
    },
    run: kept(
      ops(
        plan,
        promotes === undefined
          ? `promote --to ${name} --images "$IMAGES" --commit "$COMMIT"${handed ? ' --migrations "$MIGRATIONS" --images-only' : migrationsOf(plan)} --yes`
          : `promote --to ${name} --from ${word(stack.promotes ?? "")} --commit "$COMMIT"${onlyBuilt(plan)} --yes`,
      ),
    ),
  };
  const back: RunStep = {
    name: "Return to the release before",
    if: and(failure(), equal(outcome("verify"), "failure")),
    env: { ...variables, GROUNDWORK_RUN: runAddress },
    run: kept(ops(plan, `rollback --stack ${name} --yes`), "return"),
  };
  const isApplied = images === undefined && promotes === undefined;
  return {
    name: isApplied ? apply.name : promote.name,
    needs,
    ...more,
    ...stackJob(stack),
    outputs: { ...reported, ...(isApplied || handed ? {} : { images: output("runs", "images") }) },
    steps: [
      ...prepare(environment),
      isApplied ? apply : promote,
      verify(plan, stack, environment),
      ...(isApplied || handed ? [] : [nameImages(plan, stack, variables)]),
      ...(isApplied ? [] : [back]),
      report(deployPhase),
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
