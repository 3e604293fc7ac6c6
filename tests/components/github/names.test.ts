import { isValidCron } from "@actions/workflow-parser/model/converter/cron";
import { expect, test } from "vitest";
import { branchProblem, scheduleProblem } from "../../../components/github/names.ts";

test.each(["main", "release/1.x", "dev_2", "Feature-3", "a.b"])("the branch %s", (name) => {
  expect(branchProblem(name)).toBeUndefined();
});

test.each(["", "*", "v?", "a b", "-x", ".x", "a/.b", "a//b", "a..b", "x.", "x/", "a.lock/b", "@{1}", "a~1", "a^", "a:b", "ü", "$(x)", "'"])(
  "no branch: %j",
  (name) => {
    expect(branchProblem(name)).toEqual(expect.any(String));
  },
);

test.each(["17 4 * * *", "*/15 0-6 1,15 JAN-MAR MON", "0 0 1 1 0", "5/10 * * * SUN,sat", "0-59/5 * * * *"])("a schedule: %s", (cron) => {
  expect(scheduleProblem(cron)).toBeUndefined();
  expect(isValidCron(cron)).toBe(true);
});

test.each([
  "abc",
  "",
  "@daily",
  "* * * *",
  "* * * * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 7",
  "5-1 * * * *",
  "*/0 * * * *",
  "1,,2 * * * *",
])("no schedule: %j", (cron) => {
  expect(scheduleProblem(cron)).toContain("is no schedule");
});
