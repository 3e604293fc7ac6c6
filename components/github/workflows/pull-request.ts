import { event, github, text, unequal } from "../actions/expression.ts";
import { read, type Workflow } from "../actions/model.ts";
import { backwardCompatibleMarker, type FlowRule } from "../definition.ts";
import type { RepositoryPlan } from "../plan.ts";
import { flowCheck, migrationCheck, onPullRequests } from "./checks.ts";
import { markPattern } from "./migrations.ts";
import { idOf, script, word } from "./shell.ts";
import { checkOut } from "./steps.ts";

/** Whether a branch may be merged into another. What a fork calls a branch says nothing. The check in a shell is rendered from the same rules. */
export function mayMerge(flow: readonly FlowRule[], base: string, head: string, isFork: boolean): boolean {
  const rule = flow.find(({ into }) => into === base);
  return rule === undefined || (!isFork && rule.from.some((pattern) => pattern === head || isBelow(pattern, head)));
}

/** `*` stands for at least one character, slashes too. */
function isBelow(pattern: string, head: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return parts.length > 1 && new RegExp(`^${parts.join(".+")}$`).test(head);
}

/** A red check on a pull request from a branch that this one does not take. Rulesets cannot say it. */
export function flowWorkflow(flow: readonly FlowRule[]): Workflow {
  const patterns = (from: readonly string[]): string =>
    from
      .map((pattern) =>
        pattern
          .split("*")
          .map((part) => (part === "" ? "" : word(part)))
          .join("?*"),
      )
      .join(" | ");
  return {
    name: flowCheck,
    on: onPullRequests,
    concurrency: { group: text`branch-flow-${event("pull_request.number")}`, cancelInProgress: true },
    jobs: {
      [idOf(flowCheck)]: {
        name: flowCheck,
        timeoutMinutes: 5,
        permissions: {},
        steps: [
          {
            name: "Look where it comes from",
            env: {
              BASE: event("pull_request.base.ref"),
              HEAD: event("pull_request.head.ref"),
              IS_FORK: unequal(event("pull_request.head.repo.full_name"), github("repository")),
            },
            run: script(
              'case "$BASE" in',
              ...flow.flatMap(({ into, from }) => [`  ${word(into)}) allowed=${word(from.join(", "))} ;;`]),
              "  *) exit 0 ;;",
              "esac",
              'if [ "$IS_FORK" = false ]; then',
              '  case "$BASE:$HEAD" in',
              ...flow.flatMap(({ into, from }) => from.map((pattern) => `    ${patterns([`${into}:${pattern}`])}) exit 0 ;;`)),
              "  esac",
              "fi",
              'echo "::error::$BASE takes pull requests from these branches of this repository only: $allowed"',
              "exit 1",
            ),
          },
        ],
      },
    },
  };
}

/** Says of each new migration what it means for a rollback, and refuses changes of those that have been merged. */
export function migrationWorkflow({ migrations }: RepositoryPlan): Workflow {
  const paths = migrations.map(({ folder, ending }) => word(`:(glob)${folder}/**${ending.startsWith("/") ? "" : "/*"}${ending}`)).join(" ");
  return {
    name: migrationCheck,
    on: onPullRequests,
    concurrency: { group: text`migrations-${event("pull_request.number")}`, cancelInProgress: true },
    jobs: {
      [idOf(migrationCheck)]: {
        name: migrationCheck,
        timeoutMinutes: 5,
        permissions: { contents: read("to check the pull request out") },
        steps: [
          // A pull request is checked out as the merge of it: its first parent is what it is merged into.
          checkOut({ "fetch-depth": 2 }),
          {
            name: "Look at new migrations",
            run: script(
              "status=0",
              "while IFS= read -r -d '' kind && IFS= read -r -d '' file; do",
              '  case "$kind" in',
              "    A)",
              `      if grep --quiet --extended-regexp '${markPattern}' "$file"; then`,
              '        echo "::notice file=$file::The version before can live with it, by its own word: it can be rolled back over."',
              "      else",
              `        echo "::warning file=$file::It is not marked '${backwardCompatibleMarker}', so a rollback over it is refused unless forced."`,
              "      fi ;;",
              "    *)",
              '      echo "::error file=$file::It has been merged, and may have run: a change of it reaches no database. Add another migration."',
              "      status=1 ;;",
              "  esac",
              `done < <(git diff --name-status --no-renames -z HEAD^1 HEAD -- ${paths} ':(exclude,glob)**/__init__.py')`,
              'exit "$status"',
            ),
          },
        ],
      },
    },
  };
}
