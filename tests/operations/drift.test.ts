import { expect, test } from "vitest";
import { renderDrift, withoutEncrypted } from "../../operations/drift.ts";
import { type PlannedStep, parseSteps } from "../../operations/plan.ts";
import { planned } from "./planned.ts";

const app = (...paths: string[]): PlannedStep => planned({ op: "update", type: "App", paths });
const record = planned({ op: "delete", type: "DnsRecord", name: "edge-api" });
const spec = { services: [{ envs: [{ type: "SECRET" }, { type: "GENERAL" }] }], static_sites: [{ envs: [{ type: "SECRET" }] }] };

test("what the API encrypts is no drift; a plain variable, and everything else, is", () => {
  const noise = ["spec.services[0].envs[0].value", "spec.services[0].image.registryCredentials", "spec.staticSites[0].envs[0].value"];
  expect(withoutEncrypted([app(...noise)], spec)).toEqual({ steps: [], unsure: [] });
  const found = [
    "spec.services[0].envs[1].value",
    "spec.services[0].envs[0].key",
    "spec.services[0].instanceCount",
    "spec.services[1].envs[0].value",
  ];
  expect(withoutEncrypted([app(...noise, ...found), record], spec)).toEqual({ steps: [app(...found), record], unsure: [] });
  // Something differs, and nothing says what: not ours to leave out.
  expect(withoutEncrypted([app()], spec).steps).toEqual([app()]);
  const unknown = withoutEncrypted([app(...noise)], undefined);
  expect(unknown).toEqual({ steps: [], unsure: [noise[0], noise[2]] });
  expect(renderDrift({ stack: "staging", ...unknown })).toContain("2 variables of the App were not compared");
  expect(renderDrift({ stack: "staging", steps: [app("spec.name"), record], unsure: [] })).toBe(
    "staging: differs from what was last deployed\n  changed: App app (spec.name)\n  gone: DnsRecord edge-api",
  );
});

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
