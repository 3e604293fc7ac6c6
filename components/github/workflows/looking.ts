import { and, equal, event, github, secret, text, unequal } from "../actions/expression.ts";
import { type Job, read, type Workflow, write } from "../actions/model.ts";
import type { DeliveryPlan, EnvironmentPlan } from "../plan.ts";
import { onPullRequests } from "./checks.ts";
import { githubEnvironment, kept, oneAtATime, report, reported } from "./deploy-job.ts";
import { script, word } from "./shell.ts";
import { ops, prepare, stackVariables } from "./steps.ts";
import { tellJob } from "./tell.ts";

const onPullRequest = (stack: EnvironmentPlan): boolean => stack.previewOn === "pull-request";

/** Runs of forks and of Dependabot get no secret from GitHub, so there is nothing that they could be shown. */
const isOurs = and(
  equal(event("pull_request.head.repo.full_name"), github("repository")),
  unequal(event("pull_request.user.login"), "dependabot[bot]"),
);

/** What a pull request would change, as a comment on it. */
export function previewWorkflow(plan: DeliveryPlan): Workflow | undefined {
  const stacks = plan.environments.filter(onPullRequest);
  if (stacks.length === 0) return undefined;
  return {
    name: "Preview",
    on: onPullRequests,
    concurrency: { group: text`preview-${event("pull_request.number")}`, cancelInProgress: true },
    jobs: Object.fromEntries(
      stacks.map((stack): [string, Job] => {
        const environment = githubEnvironment(plan, stack.preview);
        return [
          `preview-${stack.name}`,
          {
            name: `Preview ${stack.name}`,
            if: isOurs,
            timeoutMinutes: 20,
            environment: { name: environment.name },
            permissions: { contents: read("to check the pull request out"), "pull-requests": write("to comment on it") },
            steps: [
              // A pull request is checked out as the merge of it: its first parent tells what the stack file said before.
              ...prepare(environment, { "fetch-depth": 2 }),
              {
                name: "Comment with the changes",
                env: { ...stackVariables(stack, environment), GITHUB_TOKEN: github("token"), NUMBER: event("pull_request.number") },
                run: ops(plan, `comment --pr "$NUMBER" --stack ${word(stack.name)}`),
              },
            ],
          },
        ];
      }),
    ),
  };
}

/**
 * The same by hand, where a pull request must not get the credentials: of what the protected branch holds by now. It comments on no pull request,
 * since it is not what that would change.
 */
export function previewByHandWorkflow(plan: DeliveryPlan, stack: EnvironmentPlan): Workflow {
  const environment = githubEnvironment(plan, stack.preview);
  return {
    name: `Preview ${stack.name}`,
    on: { workflowDispatch: {} },
    concurrency: { group: `preview-${stack.name}`, cancelInProgress: false },
    jobs: {
      preview: {
        name: `Preview ${stack.name}`,
        timeoutMinutes: 20,
        environment: { name: environment.name },
        permissions: { contents: read("to check the program out") },
        steps: [
          ...prepare(environment),
          {
            name: "Show the changes",
            env: { ...stackVariables(stack, environment), REF: github("ref_name"), COMMIT: github("sha") },
            run: script(
              'printf \'%s\\n\\n\' "What $REF holds at $COMMIT, and no pull request:" >> "$GITHUB_STEP_SUMMARY"',
              `${ops(plan, `comment --dry-run --stack ${word(stack.name)}`)} | tee -a "$GITHUB_STEP_SUMMARY"`,
            ),
          },
        ],
      },
    },
  };
}

/** Looks every night for what was changed by hand. What it finds is one issue for each stack; somebody is told beside that where it cannot look. */
export function driftWorkflow(plan: DeliveryPlan): Workflow {
  const jobs = plan.environments.map((stack): [string, Job] => {
    const environment = githubEnvironment(plan, stack.drift);
    return [
      `drift-${stack.name}`,
      {
        name: `Drift of ${stack.name}`,
        timeoutMinutes: 20,
        environment: { name: environment.name },
        permissions: { contents: read("to check the program out"), issues: write("to keep an issue about what differs") },
        // In the middle of a deploy there would be drift that is none.
        concurrency: oneAtATime(stack.name),
        outputs: reported,
        steps: [
          ...prepare(environment),
          {
            name: "Look for drift",
            env: {
              ...stackVariables(stack, environment),
              GITHUB_TOKEN: github("token"),
              ...(plan.tell === "slack" ? { SLACK_WEBHOOK_URL: secret("SLACK_WEBHOOK_URL") } : {}),
            },
            run: kept(ops(plan, `drift --issue --stack ${word(stack.name)}`)),
          },
          report(`looking at ${stack.name}`),
        ],
      },
    ];
  });
  const deploys = jobs.map(([id]) => id);
  return {
    name: "Drift",
    on: { schedule: [{ cron: plan.driftAt }], workflowDispatch: {} },
    concurrency: { group: "drift", cancelInProgress: false },
    jobs: {
      ...Object.fromEntries(jobs),
      tell: tellJob(plan, { title: "What was changed by hand could not be looked for", deploys, needs: deploys }),
    },
  };
}
