import { expect, test } from "vitest";
import { changeLines } from "../../operations/plan/lines.ts";
import { readPlan } from "../../operations/plan/steps.ts";
import { places } from "../../operations/plan/values.ts";

/** What is said of a change, of which the engine names the paths. */
function said(type: string, inputs: object, next: object, ...paths: string[]): string[] {
  const update = {
    op: "update",
    urn: `urn:pulumi:s::p::${type}::x`,
    oldState: { type, custom: true, inputs },
    newState: { type, custom: true, inputs: next },
    detailedDiff: Object.fromEntries(paths.map((path) => [path, { kind: "update" }])),
  };
  const [step] = readPlan(JSON.stringify({ steps: [update] })).steps;
  return step === undefined ? [] : changeLines(step).map((line) => line.trim());
}

test("rules of a lifecycle go by their id", () => {
  const rule = (id: string, prefix: string, days: number) => ({ id, prefix, enabled: true, expiration: { days } });
  expect(
    said(
      "digitalocean:index/spacesBucket:SpacesBucket",
      { lifecycleRules: [rule("tmp", "tmp/", 7)] },
      { lifecycleRules: [rule("all", "", 30), rule("tmp", "tmp/", 3)] },
      "lifecycleRules[0].expiration.days",
      "lifecycleRules[0].id",
      "lifecycleRules[0].prefix",
      "lifecycleRules[1]",
    ),
  ).toEqual([
    'lifecycleRules[0]: nothing → {"id":"all","prefix":"","enabled":true,"expiration":{"days":30}}',
    "lifecycleRules[1].expiration.days: 7 → 3",
  ]);
});

test("checks that GitHub asks for go by their context", () => {
  const checks = (...names: string[]) => ({
    rules: { requiredStatusChecks: { requiredChecks: names.map((context) => ({ context, integrationId: 15368 })) } },
  });
  const at = "rules.requiredStatusChecks.requiredChecks";
  expect(
    said(
      "github:index/repositoryRuleset:RepositoryRuleset",
      checks("build", "lint", "test"),
      checks("audit", "lint", "test (24)"),
      `${at}[0].context`,
      `${at}[2].context`,
    ),
  ).toEqual([
    `${at}[0]: nothing → {"context":"audit","integrationId":15368}`,
    `${at}[0]: {"context":"build","integrationId":15368} → nothing`,
    `${at}[2]: nothing → {"context":"test (24)","integrationId":15368}`,
    `${at}[2]: {"context":"test","integrationId":15368} → nothing`,
  ]);
});

test("an id that is all there is, or that two have, names nothing: they are paired in order", () => {
  expect(places([{ id: "a" }], [{ id: "b" }])).toEqual([[0, 0]]);
  const two = (a: number, b: number) => [
    { id: "x", days: a },
    { id: "x", days: b },
  ];
  expect(places(two(1, 2), two(3, 4))).toEqual([
    [0, 0],
    [1, 1],
  ]);
  // Half a list with names is none.
  expect(places([{ id: "x", days: 1 }, { days: 2 }], [{ id: "y", days: 3 }, { days: 2 }])).toEqual([
    [0, 0],
    [1, 1],
  ]);
  // A name of its own comes before an id.
  expect(
    places(
      [{ name: "a", id: "1" }],
      [
        { name: "b", id: "1" },
        { name: "a", id: "2" },
      ],
    ),
  ).toEqual([
    [undefined, 0],
    [0, 1],
  ]);
});
