import { and, cancelled, choose, equal, github, input, needed, not, or, outcome, text, output } from "../actions/expression.ts";
import { type DispatchInput, type Job, type Workflow, write } from "../actions/model.ts";
import type { DeliveryPlan, EnvironmentPlan } from "../plan.ts";
import { githubEnvironment, kept, nameImages, phaseOf, report, reported, stackJob, verify } from "./deploy-job.ts";
import { perRun, tagJob } from "./deploy.ts";
import { script, word } from "./shell.ts";
import { ops, prepare, runAddress, stackVariables } from "./steps.ts";
import { tellJob } from "./tell.ts";

const stackInput = ({ environments }: DeliveryPlan): DispatchInput => ({
  description: "Environment",
  required: true,
  type: "choice",
  options: environments.map(({ name }) => name),
});

/** Jobs are by environment, and not one with the environment as a value, so that each is seen to name what it can read. */
const forStack = (stack: EnvironmentPlan) => equal(input("stack"), stack.name);

/** What an environment refuses, since it was started on a branch of somebody's own, is nobody's failure. */
const onBranch = ({ repositories, program }: DeliveryPlan) => equal(github("ref"), `refs/heads/${repositories[program]?.branch ?? "main"}`);

/** Back to an earlier release that was healthy, and the file in which is written down what happened. */
export function rollbackWorkflow(plan: DeliveryPlan): Workflow {
  const builds = plan.repositories[plan.program]?.builds ?? [];
  const jobOf = (stack: EnvironmentPlan): [string, Job] => {
    const environment = githubEnvironment(plan, stack.name);
    const variables = stackVariables(stack, environment);
    const name = word(stack.name);
    return [
      `roll-back-${stack.name}`,
      {
        name: `Roll back ${stack.name}`,
        if: forStack(stack),
        ...stackJob(stack),
        // A job that its environment refuses has failed as well, without having begun.
        outputs: {
          ...reported,
          began: outcome("list"),
          known: output("known", "known"),
          ...(builds.length > 0 ? { images: output("runs", "images") } : {}),
        },
        steps: [
          ...prepare(environment),
          {
            name: "List the releases",
            id: "list",
            env: variables,
            run: `${ops(plan, `releases --stack ${name}`)} | tee -a "$GITHUB_STEP_SUMMARY"`,
          },
          {
            name: "Roll back",
            id: "back",
            env: { ...variables, GROUNDWORK_RUN: runAddress, RELEASE: input("release") },
            run: kept(ops(plan, `rollback --stack ${name} \${RELEASE:+--to "$RELEASE"} --yes`)),
          },
          {
            name: "Keep what the post-mortem wants to know",
            id: "known",
            run: script(
              "end=$(openssl rand -hex 16)",
              "{",
              '  echo "known<<$end"',
              `  sed '1,/^For the post-mortem:$/d' "$RUNNER_TEMP/deploy.log"`,
              '  echo "$end"',
              '} >> "$GITHUB_OUTPUT"',
            ),
          },
          verify(plan, stack, environment),
          ...(builds.length > 0 ? [nameImages(plan, stack, variables)] : []),
          report(phaseOf("back", "rolling back")),
        ],
      },
    ];
  };
  const jobs = Object.fromEntries(plan.environments.map(jobOf));
  // The names go back with the images.
  const tags = Object.fromEntries(
    builds.length === 0
      ? []
      : plan.environments.map((stack): [string, Job] => {
          const id = `roll-back-${stack.name}`;
          return [`tag-${stack.name}`, tagJob(stack, [id], needed(id, "images"), true)];
        }),
  );
  const ids = Object.keys(jobs);
  const ran = ids.map((id) => equal(needed(id, "began"), "success"));
  return {
    name: "Roll back",
    on: {
      workflowDispatch: {
        inputs: {
          stack: stackInput(plan),
          release: { description: "Number of the release (empty: the one before)", type: "string" },
          reason: { description: "What happened, in a line", required: true, type: "string" },
        },
      },
    },
    concurrency: perRun("Roll back"),
    jobs: {
      ...jobs,
      ...tags,
      tell: tellJob(plan, { title: "A rollback failed", deploys: ids, needs: [...ids, ...Object.keys(tags)], where: onBranch(plan) }),
      "post-mortem": {
        name: "Open the post-mortem",
        needs: ids,
        if: and(not(cancelled()), or(...ran)),
        timeoutMinutes: 5,
        permissions: {
          contents: write("to write the file to a branch of its own"),
          issues: write("to ask for it"),
        },
        steps: [
          {
            name: "Propose the file",
            env: {
              GH_TOKEN: github("token"),
              GH_REPO: github("repository"),
              BASE: github("sha"),
              RUN: runAddress,
              RUN_ID: github("run_id"),
              ACTOR: github("actor"),
              STACK: input("stack"),
              RELEASE: input("release"),
              REASON: input("reason"),
              COMPARE: text`${github("server_url")}/${github("repository")}/compare/${plan.repositories[plan.program]?.branch ?? "main"}...`,
              // Of the one job that ran. Empty where nothing was rolled back.
              KNOWN: or(...ids.map((id) => needed(id, "known"))),
            },
            run: postMortem,
          },
        ],
      },
    },
  };
}

/**
 * Written by the API, so that no token stays in a checkout. A second one on the same day gets a number. The pull request is somebody's to open: GitHub
 * lets workflows open them only where they may also approve them, and starts no checks for those.
 */
const postMortem = script(
  "day=$(date -u +%F)",
  'name="$day-$STACK"',
  "count=1",
  'while gh api "repos/{owner}/{repo}/contents/docs/ops/incidents/$name.md?ref=$BASE" --silent 2>/dev/null; do',
  "  count=$((count + 1))",
  '  name="$day-$STACK-$count"',
  "done",
  'file="docs/ops/incidents/$name.md"',
  'what="$STACK rolled back"',
  'if [ -z "$KNOWN" ]; then',
  '  what="a rollback of $STACK that failed"',
  '  KNOWN="- Asked for: \${RELEASE:+release }\${RELEASE:-the release before}"',
  "fi",
  "{",
  `  printf '# %s: %s\\n\\n' "$day" "$what"`,
  `  printf '%s\\n' "- What happened: $REASON" "- By: $ACTOR" "- Run: $RUN" "$KNOWN"`,
  `  printf '\\n## %s\\n' 'Who noticed, and when' 'What users saw' 'Why it happened' 'What we change'`,
  '} > "$RUNNER_TEMP/post-mortem.md"',
  'new="post-mortem-$name-$RUN_ID"',
  'gh api --method POST "repos/{owner}/{repo}/git/refs" --raw-field "ref=refs/heads/$new" --raw-field "sha=$BASE" --silent',
  'base64 --wrap=0 "$RUNNER_TEMP/post-mortem.md" |',
  `  jq --raw-input --arg branch "$new" --arg message "Post-mortem of $name" '{branch: $branch, message: $message, content: .}' |`,
  '  gh api --method PUT "repos/{owner}/{repo}/contents/$file" --input - --silent',
  `printf '%s\\n' "Fill in $file on the branch $new, and propose it: $COMPARE$new?expand=1" "" "Run: $RUN" > "$RUNNER_TEMP/issue.md"`,
  'cat "$RUNNER_TEMP/issue.md" >> "$GITHUB_STEP_SUMMARY"',
  'gh issue create --title "Post-mortem of $name" --body-file "$RUNNER_TEMP/issue.md"',
);

/** The same images with the secrets that the stack file holds by now. */
export function rotateWorkflow(plan: DeliveryPlan): Workflow {
  const jobOf = (stack: EnvironmentPlan): [string, Job] => {
    const environment = githubEnvironment(plan, stack.name);
    const variables = stackVariables(stack, environment);
    const up = `up --stack ${word(stack.name)}`;
    return [
      `rotate-${stack.name}`,
      {
        name: `Rotate ${stack.name}`,
        if: forStack(stack),
        ...stackJob(stack),
        outputs: reported,
        steps: [
          ...prepare(environment),
          {
            name: "Show what changes",
            id: "look",
            env: variables,
            run: kept(ops(plan, `${up} --plan`)),
          },
          {
            name: "Redeploy what runs",
            id: "redeploy",
            // No image is named, so every service keeps the digest that it runs; and no commit: nothing is built.
            env: { ...variables, GROUNDWORK_RUN: runAddress, PLAN: output("look", "plan") },
            run: kept(ops(plan, `${up} --plan-of "$PLAN" --yes`)),
          },
          verify(plan, stack, environment),
          // Where a guard refuses the rotation, it is here.
          report(choose(equal(outcome("look"), "failure"), "looking at what would change", phaseOf("redeploy", "redeploying"))),
        ],
      },
    ];
  };
  const jobs = Object.fromEntries(plan.environments.map(jobOf));
  const ids = Object.keys(jobs);
  return {
    name: "Rotate secrets",
    on: { workflowDispatch: { inputs: { stack: stackInput(plan) } } },
    concurrency: perRun("Rotate secrets"),
    jobs: { ...jobs, tell: tellJob(plan, { title: "A rotation of secrets failed", deploys: ids, needs: ids, where: onBranch(plan) }) },
  };
}
