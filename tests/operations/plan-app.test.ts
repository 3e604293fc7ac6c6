import { expect, test } from "vitest";
import { dangersOf } from "../../operations/dangers.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { changeLine } from "../../operations/plan/lines.ts";
import { readPlan } from "../../operations/plan/steps.ts";

const type = "digitalocean:index/app:App";
const urn = `urn:pulumi:production::template::${type}::app`;

/** The change of an App as it is read out of what the engine says: the paths that it names, and the clear texts beside it. */
function appChanged(before: object, after: object, paths: readonly string[]): PlannedStep {
  const [was, is] = [{ spec: before }, { spec: after }];
  const told = {
    op: "update",
    urn,
    oldState: { type, custom: true, inputs: was },
    newState: { type, custom: true, inputs: is },
    detailedDiff: Object.fromEntries(paths.map((path) => [path, { kind: "update" }])),
  };
  const [found] = readPlan(JSON.stringify({ steps: [told] }), {
    state: { deployment: { resources: [{ urn, type, custom: true, inputs: was }] } },
    plan: { resourcePlans: { [urn]: { goal: { inputDiff: { updates: is } } } } },
  }).steps;
  return found!;
}

const said = (found: PlannedStep): string[] => found.changes.map((change) => changeLine(found, change));
const hurts = (found: PlannedStep): string[][] =>
  dangersOf("production", { steps: [found], loosened: [] }).map(({ severity, name, what }) => [severity, name, what]);

test.each([
  ["workers", "mails"],
  ["staticSites", "docs"],
  ["services", "web"],
])("the last one of %s goes by its name, though the engine names the whole list", (list, name) => {
  const others = { jobs: [{ name: "migrate" }] };
  const last = { ...others, [list]: [{ name, envs: [{ key: "A", type: "GENERAL", value: "1" }] }] };
  const goes = appChanged(last, others, [`spec.${list}`]);
  expect(said(goes)).toEqual([`${name}: {"name":"${name}","envs":[{"key":"A","type":"GENERAL","value":"1"}]} → nothing`]);
  expect(hurts(goes)).toEqual([["refusal", `remove:App/${name}`, `${name} (App) is removed`]]);
  // The first one that comes is told in the same way, and hurts nobody.
  const comes = appChanged(others, last, [`spec.${list}`]);
  expect(comes.changes.map(({ path, kind }) => [path, kind])).toEqual([[`spec.${list}[0]`, "add"]]);
  expect(hurts(comes)).toEqual([]);
});

test("a whole list that goes and is hidden is refused too", () => {
  const told = {
    op: "update",
    urn,
    oldState: { type, custom: true, inputs: { spec: { workers: "[secret]" } } },
    newState: { type, custom: true, inputs: { spec: {} } },
    detailedDiff: { "spec.workers": { kind: "delete" } },
  };
  expect(hurts(readPlan(JSON.stringify({ steps: [told] })).steps[0]!)).toEqual([
    ["refusal", "remove:App/app", "app (App): all of its workers are removed"],
  ]);
});
