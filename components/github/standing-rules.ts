import { list, type Problem, quote } from "../../config/problems.ts";
import { branchProblem } from "./names.ts";
import type { GithubEnvironment, RepositoryPlan } from "./plan.ts";
import type { ResolvedSettings } from "./settings.ts";
import { fields } from "./workflow-file.ts";

/** Rules by which a branch takes nothing but what comes by a pull request, in the API's words. */
const refusing: ReadonlySet<string> = new Set([
  "pull_request",
  "required_status_checks",
  "update",
  "merge_queue",
  "required_deployments",
  "workflows",
  "code_scanning",
]);

/** A ruleset that stands and that we did not make, and what it has against a commit. */
export interface StandingRuleset {
  readonly name: string;
  readonly rules: readonly string[];
}

const objects = (value: unknown): Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? value.map(fields) : []);

/** Rulesets of a branch that refuse a commit, by their numbers: from the API's list of active rules. Those of this stack are left out. One that
 * does not stand yet has to be made as well. */
export function refusingRulesets(rules: unknown, ours: ReadonlySet<number>, stands: boolean): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (const { type, ruleset_id: id } of objects(rules)) {
    if (typeof type !== "string" || typeof id !== "number" || ours.has(id)) continue;
    if (!refusing.has(type) && (stands || type !== "creation")) continue;
    found.set(id, [...(found.get(id) ?? []), type]);
  }
  return found;
}

/** Whether a ruleset lets the token pass that this runs with, by the API's own answer. */
export const letsPass = (ruleset: unknown): boolean => ["always", "exempt"].includes(String(fields(ruleset)["current_user_can_bypass"]));

/** Whether a protection of the older kind refuses commits of administrators too. */
export function protectionRefuses(protection: unknown): boolean {
  const {
    enforce_admins: admins,
    required_pull_request_reviews: reviews,
    required_status_checks: checks,
    lock_branch: lock,
  } = fields(protection);
  return fields(admins)["enabled"] === true && (reviews !== undefined || checks !== undefined || fields(lock)["enabled"] === true);
}

/** What is said of a branch that would refuse our workflow files, before anything is written to the repository. */
export function commitProblem(path: string, branch: string, by: StandingRuleset | "protection"): Problem {
  const what =
    by === "protection" ? "a branch protection that holds administrators too" : `the ruleset ${quote(by.name)} (${by.rules.join(", ")})`;
  return {
    path,
    message:
      `${what} refuses commits to ${quote(branch)}, and this stack commits the workflows' files there. Let administrators of the repository pass by it ` +
      '(bypass list: Repository admin, always), or say workflowFiles: "kept" in the system\'s file and bring the files in by a pull request.',
  };
}

/** A repository that stands keeps its own ways of merging; where it has none that our ruleset takes, nothing could be merged. */
export function mergeProblems(
  path: string,
  fullName: string,
  { merges }: Pick<ResolvedSettings, "merges">,
  allowed: { readonly allowSquashMerge: boolean; readonly allowRebaseMerge: boolean; readonly allowMergeCommit: boolean },
): Problem[] {
  const its = (
    [
      ["squash", allowed.allowSquashMerge],
      ["rebase", allowed.allowRebaseMerge],
      ["merge", allowed.allowMergeCommit],
    ] as const
  ).flatMap(([name, is]) => (is ? [name] : []));
  if (its.some((name) => merges.includes(name))) return [];
  const message = `${quote(fullName)} merges by ${list(its)}, and the system's file by ${list(merges)}, so nothing could be merged. Change one of them.`;
  return [{ path, message }];
}

/** Refs that an environment is open to already and that nothing keeps: whoever pushes to one of them would read the secrets that come now. */
export function opennessProblems(
  path: string,
  { name, refs }: Pick<GithubEnvironment, "name" | "refs">,
  { protectedBranches, protectedTags }: Pick<RepositoryPlan, "protectedBranches" | "protectedTags">,
  policies: readonly { readonly type: string; readonly pattern: string }[],
): Problem[] {
  if (refs === "any") return [];
  const kept = {
    branch: [...refs.branches, ...protectedBranches.map((branch) => branch.name)],
    tag: [...refs.tags, ...protectedTags],
  };
  const found = policies.filter(({ type, pattern }) => !kept[type === "tag" ? "tag" : "branch"].includes(pattern));
  if (found.length === 0) return [];
  const loose = found.map(({ type, pattern }) => `${type === "tag" ? "tags" : "the branch"} ${quote(pattern)}`);
  const isBranch = found.every(({ type, pattern }) => type !== "tag" && branchProblem(pattern) === undefined);
  const message =
    `the environment ${quote(name)} is open to ${loose.join(" and ")} already, which anybody with push access can make, and would hand its new secrets ` +
    `to them. Delete that by hand (Settings, Environments, ${name})${isBranch ? ", or add the branch to branches in the system's file" : ""}.`;
  return [{ path, message }];
}
