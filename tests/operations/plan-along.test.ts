import { expect, test } from "vitest";
import { renderPlan } from "../../operations/deploy.ts";
import { comingAlong } from "../../operations/plan/lines.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { change, planned } from "./planned.ts";

const app = (...changes: PlannedStep["changes"]): PlannedStep =>
  planned({
    op: "update",
    type: "App",
    token: "digitalocean:index/app:App",
    name: "app",
    changes,
    after: { spec: { jobs: [{ name: "migrate" }] } },
  });
const digest = change("spec.services[0].image.digest", "sha256:a", "sha256:b");
const job = change("spec.jobs[0]", undefined, { name: "migrate" });
const level = change("spec.services[0].envs[0].value", "INFO", "DEBUG");
const record = (op: string): PlannedStep => planned({ op, type: "Container", token: "docker:index/container:Container", name: "migrate" });

const cost = {
  before: { usd: 0, most: 0, incomplete: false },
  after: { usd: 0, most: 0, incomplete: false },
  difference: { usd: 0, most: 0, incomplete: false },
  parts: [],
  unpriced: [],
};
const text = (steps: readonly PlannedStep[], others: readonly PlannedStep[]): string =>
  renderPlan("production", {
    before: { stack: "production", releases: [] },
    images: { backend: { from: "a", to: "b" } },
    steps,
    others,
    dangers: [],
    cost,
    names: [],
  });

test("a migration that comes with a version is told", () => {
  expect(text([app(digest, job)], [])).toBe(
    ["production: images", "  backend: a → b", "With the images:", "  update App app", '    migrate: nothing → {"name":"migrate"}'].join(
      "\n",
    ),
  );
  expect(text([app(digest, job, level)], [app(level)])).toMatch(
    /With the images:\n {2}update App app\n {4}.*migrate.*\nBeside the images:\n {2}update App app\n {4}.*DEBUG/,
  );
});

test("where images alone change, nothing else does", () => {
  expect(text([app(digest)], [])).toBe("production: images\n  backend: a → b\nNothing else changes.");
  expect(text([app(digest, level)], [app(level)])).not.toContain("With the images:");
});

test("what is made, replaced or goes with the images comes along; what would without them does not", () => {
  expect(comingAlong([record("replace"), app(digest)], []).map(({ op, name }) => `${op} ${name}`)).toEqual(["replace migrate"]);
  expect(comingAlong([record("replace")], [record("replace")])).toEqual([]);
});

test("that the last deployment failed is told, before what changes", () => {
  const plan = {
    before: { stack: "production", releases: [] },
    images: {},
    steps: [app(level)],
    others: [app(level)],
    dangers: [],
    cost,
    names: [],
  };
  const again = "The last deployment did not come to serve, so this run deploys again.";
  expect(renderPlan("production", { ...plan, again })).toBe(
    `production: no image changes\n${again}\nBeside the images:\n  update App app\n    envs[0].value: "INFO" → "DEBUG"`,
  );
});
