import { expect, test } from "vitest";
import { parseSteps } from "../../operations/plan.ts";
import { brief } from "../../operations/plan/brief.ts";

test("steps are read from JSON behind other words; without any JSON nothing is taken for clean", () => {
  const steps = [
    { op: "same", urn: "urn:pulumi:s::p::a:b:C::x" },
    {
      op: "update",
      urn: "urn:pulumi:s::p::g:c:Service$digitalocean:index/app:App::app",
      detailedDiff: { "spec.b": { kind: "update" }, "spec.a": { kind: "add" } },
    },
  ];
  const [step] = parseSteps(`a plugin says\n${JSON.stringify({ steps })}`);
  expect(step).toMatchObject({ op: "update", type: "App", name: "app", paths: ["spec.a", "spec.b"] });
  expect(() => parseSteps("nothing")).toThrow("what it printed is not its JSON");
});

test("of two long values that begin alike, what differs is shown", () => {
  const head = "# Generated from systems/template, do not edit. ".repeat(4);
  const [from, to] = brief(`${head}one`, `${head}two, and more`);
  expect([from, to]).toEqual(
    ["…e, do not edit. one", "…e, do not edit. two, and more"].map((text) => expect.stringContaining(text.slice(1)) as string),
  );
  expect(Math.max(from.length, to.length)).toBeLessThanOrEqual(90);
  expect(brief('"INFO"', '"DEBUG"')).toEqual(['"INFO"', '"DEBUG"']);
  const [gone, nothing] = brief("x".repeat(500), "nothing");
  expect([gone.length, gone.at(-1), nothing]).toEqual([90, "…", "nothing"]);
});
