import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Budget } from "../../config/guards.ts";
import { baseCommit, stackFileAt } from "../../operations/comment/base.ts";
import { among, budgetIn, looserBudget } from "../../operations/comment/budget.ts";
import { renderSection } from "../../operations/comment/section.ts";
import { costChange } from "../../operations/cost/change.ts";
import type { Danger } from "../../operations/dangers.ts";
import type { PlannedResource } from "../../operations/plan.ts";

const app = (count: number): PlannedResource => ({
  token: "digitalocean:index/app:App",
  name: "app",
  component: "app",
  inputs: { spec: { services: [{ name: "backend", instanceSizeSlug: "apps-s-1vcpu-1gb", instanceCount: count }] } },
});
const refused: Budget = { monthly: 20, over: "refuse" };
const warned: Budget = { monthly: 20, over: "warn" };

describe("a budget that goes together with what it would have held", () => {
  const told = (before: Budget | undefined, after: Budget | undefined, cost = costChange({ before: [app(1)], after: [app(4)] }, after)) =>
    looserBudget(before, after, cost).map(({ severity, effect, what, says }) => [severity, effect, what, says]);

  test("is told, with both limits and what it would have done", () => {
    expect(told(refused, undefined)).toEqual([
      [
        "warning",
        "protection removed",
        "groundwork:budget: 20 USD a month, refused beyond → none",
        "The stack costs 48.00 USD a month after this change, and the former budget refuses that. Whatever the stack costs from then on, nobody is warned of it.",
      ],
    ]);
    expect(told(refused, { monthly: 200, over: "refuse" })[0]?.slice(2)).toEqual([
      "groundwork:budget: 20 USD a month, refused beyond → 200 USD a month, refused beyond",
      "The stack costs 48.00 USD a month after this change, and the former budget refuses that. From then on more passes without a word, or without a refusal, than before.",
    ]);
    expect(told(refused, warned)[0]?.[2]).toBe("groundwork:budget: 20 USD a month, refused beyond → 20 USD a month, warned of beyond");
    expect(told(warned, undefined)[0]?.[3]).toContain("the former budget warns of that");
  });
  test("where the bill stays within it, only that it goes; a cheaper stack is one that it lets through", () => {
    const same = costChange({ before: [app(1)], after: [app(1)] });
    expect(told(refused, undefined, same)[0]?.[3]).toBe("Whatever the stack costs from then on, nobody is warned of it.");
    const less = costChange({ before: [app(4)], after: [app(3)] });
    expect(told(refused, undefined, less)[0]?.[3]).toContain("the former budget warns of that");
  });
  test("nothing is said of one that is new, the same, or tighter", () => {
    expect(told(undefined, warned)).toEqual([]);
    expect(told(refused, refused)).toEqual([]);
    expect(told(warned, refused)).toEqual([]);
    expect(told(refused, { monthly: 10, over: "refuse" })).toEqual([]);
  });
  test("stands in the comment before what is less bad, and stops nothing", () => {
    const danger = (severity: Danger["severity"], effect: Danger["effect"]): Danger => ({
      name: `${severity}:${effect}`,
      severity,
      effect,
      what: effect,
      says: effect,
      accepted: false,
    });
    const standing = [
      danger("refusal", "removal"),
      danger("warning", "exposure"),
      danger("warning", "downtime"),
      danger("note", "removal"),
    ];
    const cost = costChange({ before: [app(1)], after: [app(4)] });
    const all = among(standing, looserBudget(refused, undefined, cost));
    expect(all.map(({ name }) => name)).toEqual([
      "refusal:removal",
      "warning:exposure",
      "loosen:budget",
      "warning:downtime",
      "note:removal",
    ]);
    const text = renderSection({ stack: "production", steps: [], dangers: looserBudget(refused, undefined, cost), cost });
    expect(text).toContain(
      "- ⚠️ **protection removed**: `groundwork:budget: 20 USD a month, refused beyond → none`<br>The stack costs 48.00 USD",
    );
    expect(text).toContain("### `production`: its budget changes\n");
    const both = [...looserBudget(refused, undefined), danger("refusal", "protection removed")];
    expect(renderSection({ stack: "production", steps: [], dangers: both })).toContain("### `production`: protection changes\n");
  });
});

describe("the stack file before a change", () => {
  let folder: string;
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: folder, encoding: "utf8" }).trim();
  const file = (monthly: number): string => `config:\n  groundwork:budget: { monthly: ${monthly}, over: refuse }\n`;
  const commit = (monthly: number, name = "Pulumi.staging.yaml"): string => {
    mkdirSync(join(folder, "systems", "shop"), { recursive: true });
    writeFileSync(join(folder, "systems", "shop", name), file(monthly));
    git("add", "-A");
    git("commit", "-qm", String(monthly));
    return git("rev-parse", "HEAD");
  };
  let base: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    git("init", "-q", "-b", "main");
    commit(100);
    git("checkout", "-qb", "topic");
    commit(400);
    git("checkout", "-q", "main");
    base = commit(90, "Pulumi.production.yaml");
    git("checkout", "-q", "topic");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const system = (): string => join(folder, "systems", "shop");

  test("of a branch is that where it began, in the system's own folder", () => {
    const from = baseCommit(system(), { base: "main", isMerge: false });
    expect(from).toBe(git("rev-parse", "main~1"));
    expect(budgetIn(stackFileAt(system(), from!, "staging"))).toEqual({ monthly: 100, over: "refuse" });
    expect(stackFileAt(system(), from!, "production")).toBeUndefined();
  });
  test("of a pull request's merge is its first parent, in a checkout two commits deep too, that knows no branch", () => {
    git("checkout", "-qb", "merged", "main");
    git("merge", "-q", "--no-ff", "--no-edit", "topic");
    const shallow = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    const cloned = (depth: number): string => {
      const to = join(shallow, String(depth));
      execFileSync("git", ["clone", "-q", "--depth", String(depth), "--branch", "merged", `file://${folder}`, to]);
      return join(to, "systems", "shop");
    };
    try {
      const two = cloned(2);
      const from = baseCommit(two, { base: "0".repeat(40), isMerge: true });
      expect(from).toBe(base);
      expect(budgetIn(stackFileAt(two, from!, "staging"))).toEqual({ monthly: 100, over: "refuse" });
      expect(baseCommit(cloned(1), { base: "0".repeat(40), isMerge: true })).toBeUndefined();
    } finally {
      rmSync(shallow, { recursive: true, force: true });
      git("checkout", "-q", "topic");
    }
  });
  test("nobody can tell without a base, or outside of a repository", () => {
    expect(baseCommit(system(), { base: "nowhere", isMerge: false })).toBeUndefined();
    expect(baseCommit(system(), { base: undefined, isMerge: false })).toBeUndefined();
    expect(baseCommit(tmpdir(), { base: "main", isMerge: false })).toBeUndefined();
  });
  test("a text that is no YAML names no budget", () => {
    expect(budgetIn("config: [")).toBeUndefined();
    expect(budgetIn()).toBeUndefined();
  });
});
