import { expect, test } from "vitest";
import { marker, renderComment } from "../../operations/comment.ts";
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

test("the comment says first what goes, then what changes, and nothing breaks out of it", () => {
  const replaced = planned({ op: "replace", type: "Vpc", name: "network", paths: ["ipRange"] });
  const text = renderComment("template", [
    { stack: "quiet", steps: [] },
    { stack: "staging", steps: [app("spec.a")] },
    { stack: "production", steps: [app("spec.a"), replaced] },
    { stack: "broken", steps: [], failure: "error: ```\n# no" },
  ]);
  expect(marker("template", ["b", "a"])).toBe(marker("template", ["a", "b"]));
  expect(text.match(/^### .*$/gm)).toEqual([
    "### broken: no preview",
    "### production: 2 changes",
    "### staging: 1 change",
    "### quiet: nothing changes",
  ]);
  expect(text).toContain("**Goes or is replaced:**\n\n```\nreplace Vpc network: ipRange\n```\n\n```\nupdate  App app: spec.a\n```");
  expect(text).toContain("error: '''\n# no\n```");
  const long = renderComment("template", [
    { stack: "staging", steps: Array.from({ length: 5000 }, () => app("spec.services[0].image.digest")) },
  ]);
  expect(long.length).toBeLessThan(65_536);
  expect(long).toContain("The rest is left out");
});
