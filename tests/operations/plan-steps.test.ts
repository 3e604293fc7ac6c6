import { expect, test } from "vitest";
import { parseSteps } from "../../operations/plan.ts";

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
