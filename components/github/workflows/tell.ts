import { always, and, equal, failure, github, needed, or, resultOf, secret, toJson } from "../actions/expression.ts";
import { Expression } from "../actions/expression.ts";
import { type Job, write } from "../actions/model.ts";
import type { DeliveryPlan } from "../plan.ts";
import { script } from "./shell.ts";
import { runAddress } from "./steps.ts";

/** Where it failed, and what was said last, as a text in Markdown. The log is indented, so that nothing in it is markup. */
const compose = [
  `failed=$(jq --raw-output '[to_entries[] | select(.value.result | IN("failure", "cancelled")) | .key] | join(", ")' <<<"$NEEDS")`,
  "{",
  `  printf '%s\\n\\n' "$TITLE: $failed\${PHASE:+, while $PHASE}. Commit $COMMIT, $RUN"`,
  `  printf '%s\\n' "$LOG" | sed 's/^/    /'`,
  '} > "$RUNNER_TEMP/message.md"',
];

interface Told {
  readonly title: string;
  /** Jobs that say in which phase they failed, and what was said last. */
  readonly deploys: readonly string[];
  /** All whose failure is told of. */
  readonly needs: readonly string[];
  /** Where it is told at all. @default everywhere */
  readonly where?: Expression;
}

/** The job that tells somebody that a deploy has failed, or that there is drift. It holds none of the stack's secrets, and the deploy none of its rights. */
export function tellJob({ tell }: DeliveryPlan, { title, deploys, needs, where }: Told): Job {
  const said = (name: string) => (deploys.length === 0 ? "" : or(...deploys.map((deploy) => needed(deploy, name))));
  const common = {
    TITLE: title,
    NEEDS: toJson(new Expression("needs")),
    PHASE: said("phase"),
    LOG: said("log"),
    COMMIT: github("sha"),
    RUN: runAddress,
  } as const;
  // A deploy that was broken off is told of as well: it may have left a lock.
  const isBroken = or(failure(), ...deploys.map((deploy) => equal(resultOf(deploy), "cancelled")));
  const job = { name: "Tell somebody", needs, if: and(always(), ...(where ? [where] : []), isBroken), timeoutMinutes: 5 } as const;
  if (tell === "slack") {
    return {
      ...job,
      permissions: {},
      steps: [
        {
          name: "Write to Slack",
          env: { ...common, SLACK_WEBHOOK_URL: secret("SLACK_WEBHOOK_URL") },
          run: script(
            ...compose,
            "jq --null-input --rawfile text \"$RUNNER_TEMP/message.md\" '{text: $text}' |",
            '  curl --fail --silent --show-error --json @- "$SLACK_WEBHOOK_URL"',
          ),
        },
      ],
    };
  }
  return {
    ...job,
    permissions: { issues: write("to open an issue, or add to the one that is open") },
    steps: [
      {
        name: "Open an issue",
        env: { ...common, GH_TOKEN: github("token"), GH_REPO: github("repository") },
        run: script(
          ...compose,
          "number=$(gh issue list --state open --limit 200 --json number,title --jq 'map(select(.title == env.TITLE))[0].number // empty')",
          'if [ -n "$number" ]; then',
          '  gh issue comment "$number" --body-file "$RUNNER_TEMP/message.md"',
          "else",
          '  gh issue create --title "$TITLE" --body-file "$RUNNER_TEMP/message.md"',
          "fi",
        ),
      },
    ],
  };
}
