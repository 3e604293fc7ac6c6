import { expect, test } from "vitest";
import {
  commitProblem,
  letsPass,
  mergeProblems,
  opennessProblems,
  protectionRefuses,
  refusingRulesets,
} from "../../../components/github/standing-rules.ts";

test("rules that refuse a commit are found by their ruleset; ours, and rules that let commits through, are not", () => {
  const rules = [
    { type: "pull_request", ruleset_id: 1 },
    { type: "required_status_checks", ruleset_id: 1 },
    { type: "deletion", ruleset_id: 2 },
    { type: "non_fast_forward", ruleset_id: 2 },
    { type: "pull_request", ruleset_id: 3 },
    { type: "update", ruleset_id: 4, ruleset_source_type: "Organization" },
  ];
  expect([...refusingRulesets(rules, new Set([3]), true)]).toEqual([
    [1, ["pull_request", "required_status_checks"]],
    [4, ["update"]],
  ]);
  expect([...refusingRulesets(undefined, new Set(), true)]).toEqual([]);
  const creation = [{ type: "creation", ruleset_id: 1 }];
  expect([...refusingRulesets(creation, new Set(), true)]).toEqual([]);
  expect([...refusingRulesets(creation, new Set(), false)]).toEqual([[1, ["creation"]]]);
});

test.each([
  ["always", true],
  ["exempt", true],
  ["pull_requests_only", false],
  ["never", false],
  [undefined, false],
])("who may pass: %s", (answer, passes) => {
  expect(letsPass({ current_user_can_bypass: answer })).toBe(passes);
});

test.each<[string, unknown, boolean]>([
  ["none", undefined, false],
  ["of reviews, but not for administrators", { enforce_admins: { enabled: false }, required_pull_request_reviews: {} }, false],
  ["of reviews, for everybody", { enforce_admins: { enabled: true }, required_pull_request_reviews: {} }, true],
  ["of checks, for everybody", { enforce_admins: { enabled: true }, required_status_checks: { contexts: [] } }, true],
  [
    "of nothing but the history",
    { enforce_admins: { enabled: true }, required_linear_history: { enabled: true }, lock_branch: { enabled: false } },
    false,
  ],
  ["locked", { enforce_admins: { enabled: true }, lock_branch: { enabled: true } }, true],
])("an older protection: %s", (_, protection, refuses) => {
  expect(protectionRefuses(protection)).toBe(refuses);
});

test("a protection that refuses is said with the way out", () => {
  expect(commitProblem("repositories/a", "main", "protection")).toEqual({
    path: "repositories/a",
    message:
      'a branch protection that holds administrators too refuses commits to "main", and this stack commits the workflows\' files there. Let administrators ' +
      'of the repository pass by it (bypass list: Repository admin, always), or say workflowFiles: "kept" in the system\'s file and bring the files in by a pull request.',
  });
});

test("a repository has to merge in one of the ways that are asked for", () => {
  const only = { allowSquashMerge: false, allowRebaseMerge: true, allowMergeCommit: false };
  expect(mergeProblems("x", "acme/x", { merges: ["squash", "rebase"] }, only)).toEqual([]);
  expect(mergeProblems("x", "acme/x", { merges: ["squash"] }, only)).toHaveLength(1);
});

test("an environment may stand open to what is protected, and to nothing else", () => {
  const repository = { protectedBranches: [{ name: "next", requiredChecks: [] }], protectedTags: ["v*"] };
  const production = { name: "production", refs: { branches: ["main"], tags: [] } };
  const branch = (pattern: string) => ({ type: "branch", pattern });
  const right = [branch("main"), branch("next"), { type: "tag", pattern: "v*" }];
  expect(opennessProblems("x", production, repository, right)).toEqual([]);
  const [problem] = opennessProblems("x", production, repository, [...right, branch("old"), { type: "tag", pattern: "w*" }]);
  expect(problem?.message).toContain('is open to the branch "old" and tags "w*" already');
  const [one] = opennessProblems("x", production, repository, [branch("old")]);
  expect(one?.message).toContain("or add the branch to branches in the system's file.");
  expect(opennessProblems("x", { name: "staging-preview", refs: "any" }, repository, [branch("*")])).toEqual([]);
});
