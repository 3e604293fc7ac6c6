import { expect, test } from "vitest";
import { parseSteps } from "../../operations/plan.ts";
import { changeLines } from "../../operations/plan/lines.ts";
import { readPlan } from "../../operations/plan/steps.ts";
import { scrubbedSteps } from "../../operations/plan/scrubbed.ts";
import { scrubber } from "../../operations/scrub.ts";
import { Hidden, standing } from "../../operations/plan/values.ts";
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

test("what the program says of a deployment that failed is passed on, without colours and without secrets", () => {
  const said =
    "The last deployment did not come to serve, so this run deploys again.\n  api: x@sha256:a instead of x@sha256:b, which failed.";
  const text = (message: string, severity = "warning"): string =>
    JSON.stringify({
      steps: [],
      diagnostics: [
        { severity: "info", message: said },
        { severity, message },
      ],
    });
  expect(readPlan(text(`<{%fg 3%}>warning: ${said}<{%reset%}>\n`)).again).toBe(said);
  expect(readPlan(text("warning: The access of somebody has ended"))).not.toHaveProperty("again");
  expect(readPlan(text(said, "error"))).not.toHaveProperty("again");
});

test("after a change that failed, what it asked for is what stands there, and not what was asked for before", () => {
  const urn = "urn:pulumi:s::p::g:c:Service$digitalocean:index/app:App::app";
  const token = "digitalocean:index/app:App";
  const spec = (digest: string, more: object = {}) => ({
    spec: { services: [{ name: "api", image: { digest }, envs: [{ key: "LOG_LEVEL", type: "GENERAL", value: "INFO" }] }], ...more },
  });
  const envs = (attempt: string) => ({ envs: [{ key: "GROUNDWORK_ATTEMPT", type: "GENERAL", value: attempt }] });
  const state = { urn, type: token, custom: true, inputs: spec("sha256:a"), outputs: spec("sha256:b", envs("1")) };
  const digest = {
    steps: [
      {
        op: "update",
        urn,
        oldState: { type: token, custom: true, inputs: spec("sha256:a") },
        newState: { type: token, custom: true, inputs: spec("sha256:a", envs("2")) },
        detailedDiff: { "spec.services[0].image.digest": { kind: "update" }, "spec.envs[0].value": { kind: "update" } },
      },
    ],
  };
  const linesAfter = (initErrors: readonly string[]): string[] => {
    const [step] = readPlan(JSON.stringify(digest), { state: { deployment: { resources: [{ ...state, initErrors }] } } }).steps;
    return step === undefined ? [] : changeLines(step);
  };
  const again = "    deployed anew, since the last deployment failed";
  expect(linesAfter(["error deploying app"])).toEqual([again, '    api image.digest: "sha256:b" → "sha256:a"']);
  expect(linesAfter([])).toEqual([again, '    api image.digest: "sha256:a" → "sha256:a"']);
});

test("what stands after a failure is taken by name, without what a provider fills in, and shows no more than before", () => {
  const asked = {
    rules: ["a"],
    envs: [
      { key: "A", type: "GENERAL", value: "1" },
      { key: "B", value: new Hidden("2") },
      { key: "C", value: "3" },
    ],
  };
  const there = {
    rules: ["a", "b"],
    filled: true,
    envs: [
      { key: "B", value: new Hidden("22") },
      { key: "A", type: "", value: new Hidden("11") },
      { key: "D", value: new Hidden("4") },
    ],
  };
  expect(JSON.parse(JSON.stringify(standing(asked, there)))).toEqual({
    rules: ["a", "b"],
    envs: [
      { key: "B", value: "[secret]" },
      { key: "A", type: "", value: "11" },
      { key: "D", value: "[secret]" },
    ],
  });
  // It was made a secret with the change that failed.
  const sealed = standing({ key: "A", type: "GENERAL", value: "1" }, { key: "A", type: "SECRET", value: new Hidden("hunter2") });
  expect(JSON.stringify(sealed)).not.toContain("hunter2");
});

test("what a provider adds of its own, which neither side shows, is told only where nothing else is", () => {
  const urn = "urn:pulumi:local::template::docker:index/service:Service::web";
  const token = "docker:index/service:Service";
  const spec = (image: string) => ({ taskSpec: { containerSpec: { image } } });
  const linesOf = (...paths: string[]): string[] => {
    const step = {
      op: "update",
      urn,
      oldState: { type: token, custom: true, inputs: spec("a") },
      newState: { type: token, custom: true, inputs: spec("b") },
      detailedDiff: Object.fromEntries(paths.map((path) => [`taskSpec.containerSpec.${path}`, { kind: "update" }])),
    };
    const [found] = readPlan(JSON.stringify({ steps: [step] })).steps;
    return changeLines(found!);
  };
  expect(linesOf("env", "image", "sysctl")).toEqual(['    taskSpec.containerSpec.image: "a" → "b"']);
  expect(linesOf("sysctl")).toEqual(["    taskSpec.containerSpec.sysctl"]);
});

test("a copy of a secret in a plain text leaves with no step, on one line or many", () => {
  const secret = "sk_live_PlantedPlantedPlanted0123456789";
  const urn = "urn:pulumi:s::p::github:index/repositoryFile:RepositoryFile::deploy";
  const token = "github:index/repositoryFile:RepositoryFile";
  const state = (content: string) => ({ type: token, custom: true, inputs: { file: "deploy.yml", content } });
  const digest = {
    steps: [
      {
        op: "update",
        urn,
        oldState: state("on: push\n"),
        newState: state(`on: push\nurl: https://example.com/${secret}\n`),
        detailedDiff: { content: { kind: "update" } },
      },
    ],
  };
  const { steps } = readPlan(JSON.stringify(digest));
  expect(JSON.stringify(steps)).toContain(secret);
  const clean = scrubbedSteps(steps, scrubber([secret]));
  expect(JSON.stringify(clean)).not.toContain(secret);
  expect(clean.flatMap((step) => changeLines(step)).join("\n")).toContain("url: https://example.com/[secret]");
  // What has none is the same, with what it hides.
  const [hidden] = scrubbedSteps([{ ...steps[0]!, after: { value: new Hidden(secret) } }], scrubber(["another-secret-text"]));
  expect(hidden?.after?.["value"]).toBeInstanceOf(Hidden);
});
