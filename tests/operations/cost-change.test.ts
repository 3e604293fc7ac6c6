import { describe, expect, test } from "vitest";
import type { Budget } from "../../config/guards.ts";
import { costLine, renderSection } from "../../operations/comment/section.ts";
import { costChange } from "../../operations/cost/change.ts";
import type { PlannedResource } from "../../operations/plan.ts";
import { planned } from "./planned.ts";

const resource = (kind: string, name: string, inputs: Record<string, unknown>): PlannedResource => ({
  token: `digitalocean:index/x:${kind}`,
  name,
  component: name,
  inputs,
});
const database = (size: string, nodeCount = 1, engine = "pg") => resource("DatabaseCluster", "database", { engine, size, nodeCount });
const service = (size: string, instanceCount = 1) =>
  resource("App", "app", { spec: { services: [{ name: "backend", instanceSizeSlug: size, instanceCount }] } });
const check = (name: string) => resource("UptimeCheck", name, {});
const line = (before: PlannedResource[], after: PlannedResource[]): string => costLine({ cost: costChange({ before, after }) });

describe("what a plan does to the bill", () => {
  const app = service("apps-s-1vcpu-1gb");
  test.each<[string, PlannedResource[], PlannedResource[], string]>([
    [
      "a size without a price costs no less than the one before",
      [app, database("db-s-1vcpu-1gb")],
      [app, database("db-s-1vcpu-2gb")],
      "at least 27.15 USD a month, before 27.15; no price is known here for `pg db-s-1vcpu-2gb`, so it may cost more",
    ],
    [
      "… beside something that is known to go",
      [app, database("db-s-1vcpu-1gb"), check("a"), check("b")],
      [app, database("db-s-1vcpu-2gb")],
      "at least 27.15 USD a month, before 29.15 (−2.00 known); no price is known here for `pg db-s-1vcpu-2gb`, so it may cost more",
    ],
    [
      "an engine without any price makes no sum that looks smaller",
      [app, database("db-s-1vcpu-1gb")],
      [app, database("db-s-1vcpu-2gb", 1, "kafka")],
      "unknown, with 12.00 USD a month of it known, before 27.15; no price is known here for `kafka db-s-1vcpu-2gb`",
    ],
    [
      "so does a service of a size without a price",
      [app, service("apps-s-1vcpu-1gb")].slice(0, 1),
      [service("apps-new")],
      "unknown, before 12.00; no price is known here for `apps-new`",
    ],
    [
      "two sizes without a price do not look like no change",
      [app, database("db-s-2vcpu-4gb")],
      [app, database("db-s-6vcpu-16gb", 2)],
      "at least 27.15 USD a month, before at least 27.15; no price is known here for `pg db-s-2vcpu-4gb` and `pg db-s-6vcpu-16gb`, so it may cost more",
    ],
    [
      "what has no price and goes",
      [app, database("db-s-1vcpu-2gb")],
      [app],
      "12.00 USD a month, before at least 27.15; no price is known here for `pg db-s-1vcpu-2gb`, so it may have cost more before",
    ],
    ["what is known is a plain difference", [app], [service("apps-s-1vcpu-1gb", 2)], "12.00 → 24.00 USD a month (+12.00)"],
  ])("%s", (_, before, after, expected) => expect(line(before, after)).toBe(expected));
});

test("of components only those stand there whose price changes, or is not known", () => {
  const of = (before: PlannedResource[], after: PlannedResource[]): string =>
    renderSection({
      stack: "production",
      steps: [planned({ op: "update", type: "UptimeCheck" })],
      dangers: [],
      cost: costChange({ before, after }),
    })
      .split("\n")
      .find((one) => one.startsWith("**Cost:**")) ?? "";
  const watch = (kind: string) => ({ ...resource(kind, "watch", {}), component: "watch" });
  expect(of([watch("UptimeCheck")], [watch("UptimeAlert"), check("watch")])).toBe("**Cost:** 1.00 USD a month.");
  expect(of([database("db-s-2vcpu-4gb")], [database("db-s-6vcpu-16gb")])).toMatch(
    /so it may cost more\. `database` at least 15\.15 before and after\.$/,
  );
  expect(of([database("db-s-1vcpu-1gb")], [database("db-s-6vcpu-16gb"), check("a")])).toMatch(
    / `a` 0\.00 → 1\.00; `database` at least 15\.15, before 15\.15\.$/,
  );
});

describe("a budget", () => {
  const budget: Budget = { monthly: 20, over: "refuse" };
  const [small, large] = [service("apps-s-1vcpu-1gb"), service("apps-s-1vcpu-2gb")];
  const of = (before: PlannedResource[], after: PlannedResource[]) => costChange({ before, after }, budget);
  const section = (cost: ReturnType<typeof costChange>, steps = 0): string =>
    renderSection({ stack: "production", steps: [], dangers: [], cost }, steps === 0 ? "all" : "none");

  test("refuses what goes beyond it", () => expect(of([small], [large]).over).toEqual(budget));

  test("that was exceeded before is told, and refuses nothing that makes it no worse: neither a rollback nor nothing at all", () => {
    expect(of([large], [large]).over).toEqual({ monthly: 20, over: "warn" });
    expect(of([service("apps-s-1vcpu-2gb", 3)], [large]).over?.over).toBe("warn");
    expect(of([large], [service("apps-s-1vcpu-2gb", 2)]).over?.over).toBe("refuse");
    expect(section(of([large], [large]))).toContain("⚠️ It goes beyond the budget of 20 USD a month. Raise `groundwork:budget`");
  });

  test("that nobody can check is said", () => {
    expect(of([database("db-s-1vcpu-1gb")], [database("db-s-4vcpu-16gb", 3)])).toMatchObject({ unchecked: budget });
    expect(of([small], [small])).not.toHaveProperty("unchecked");
  });
});
