import { beforeEach, expect, test } from "vitest";
import { mayMerge } from "../../../../components/github/workflows/pull-request.ts";
import { git, newFolder, plans, run, step, write } from "./step.ts";

beforeEach(newFolder);

test("branch flow: the check and the rules agree on every pair, and a fork never gets through", () => {
  const plan = plans["medusa-shop"];
  const look = step(plan, "backend", "branch-flow.yml", "branch-flow", "Look where it comes from");
  const heads = [
    "feature/a",
    "feature/",
    "feature",
    "fix/a/b",
    "chore/x",
    "hotfix/x",
    "hotfix",
    "dev",
    "staging",
    "main",
    "xfeature/a",
    "dev:x",
    "*",
    "$(id)",
  ];
  const allowed: string[] = [];
  for (const base of ["dev", "staging", "main", "feature/a"]) {
    for (const head of heads) {
      for (const isFork of [false, true]) {
        const expected = mayMerge(plan.flow, base, head, isFork);
        const { status } = run(look, { BASE: base, HEAD: head, IS_FORK: String(isFork) });
        expect({ base, head, isFork, may: status === 0 }).toEqual({ base, head, isFork, may: expected });
        if (expected && base !== "feature/a") allowed.push(`${head} → ${base}${isFork ? " (fork)" : ""}`);
      }
    }
  }
  expect(allowed).toEqual(["feature/a → dev", "fix/a/b → dev", "chore/x → dev", "dev → staging", "hotfix/x → main", "staging → main"]);
});

test("migrations: a new one is judged by its mark, and one that was merged is not changed", () => {
  const look = step(plans.template, "application", "migrations.yml", "migrations", "Look at new migrations");
  git("init", "-q");
  write("backend/alembic/versions/1.py", "# first\n");
  write("backend/app.py", "x\n");
  git("add", "-A");
  git("commit", "-qm", "one");
  write("backend/alembic/versions/2 new.py", "# groundwork: backward compatible\n");
  write("backend/alembic/versions/deep/3.py", "# nothing\n");
  write("supabase/migrations/4.sql", "-- groundwork: backward compatible\n");
  write("supabase/migrations/readme.txt", "no migration\n");
  write("backend/app.py", "y\n");
  git("add", "backend", "supabase");
  git("commit", "-qm", "two");
  const first = run(look, {});
  expect(first.status).toBe(0);
  expect(first.said.split("\n").map((line) => line.split("::").slice(1, 2).join(""))).toEqual([
    "notice file=backend/alembic/versions/2 new.py",
    "warning file=backend/alembic/versions/deep/3.py",
    "notice file=supabase/migrations/4.sql",
    "",
  ]);
  write("backend/alembic/versions/1.py", "# changed\n");
  git("rm", "-q", "supabase/migrations/4.sql");
  git("add", "backend");
  git("commit", "-qm", "three");
  const second = run(look, {});
  expect(second.status).toBe(1);
  expect(second.said).toContain("::error file=backend/alembic/versions/1.py::It has been merged");
  expect(second.said).toContain("::error file=supabase/migrations/4.sql::It has been merged");
});
