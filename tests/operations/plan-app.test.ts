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
  expect(said(goes)).toEqual([expect.stringMatching(new RegExp(`^(?:service|worker|static site) ${name}: variable A → nothing$`))]);
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

/** An App whose hosts lead to `api`, to `web`, or to a redirect elsewhere. */
const hosts = (of: Readonly<Record<string, string>>, services = ["api", "web"]) => ({
  services: services.map((name) => ({ name, instanceCount: 2 })),
  domainNames: [...new Set(Object.keys(of).map((address) => address.split("/")[0]))].map((name) => ({ name })),
  ingress: {
    rules: Object.entries(of).map(([address, to]) => {
      const [host = "", ...path] = address.split("/");
      const match = { authority: { exact: host }, path: { prefix: `/${path.join("/")}` } };
      const isPart = ["api", "web", "old"].includes(to);
      return { match, ...(isPart ? { component: { name: to } } : { redirect: { authority: to, redirectCode: 301 } }) };
    }),
  },
});
const [api, www] = ["api.example.net", "www.example.net"];
const both = hosts({ [api]: "api", [www]: "web" });

test.each<[string, object, object, string[], string[], string[][]]>([
  [
    "a host that becomes a redirect",
    both,
    hosts({ [api]: "api", [www]: api }),
    ["spec.ingress.rules[1].component", "spec.ingress.rules[1].redirect"],
    [`${www} component: {"name":"web"} → nothing`, `${www} redirect: nothing → {"authority":"${api}","redirectCode":301}`],
    [["warning", "route:App/app", `app (App): ${www} web → redirect to ${api}`]],
  ],
  [
    "a redirect that leads elsewhere",
    hosts({ [api]: "api", [www]: api }),
    hosts({ [api]: "api", [www]: "example.org" }),
    ["spec.ingress.rules[1].redirect.authority"],
    [`${www} redirect.authority: "${api}" → "example.org"`],
    [["warning", "route:App/app", `app (App): ${www} redirect to ${api} → redirect to example.org`]],
  ],
  [
    "a path taken from a service, in front of what was there",
    both,
    hosts({ [`${api}/v1`]: "web", [api]: "api", [www]: "web" }),
    ["spec.ingress.rules[0].match.path.prefix", "spec.ingress.rules[0].component.name", "spec.ingress.rules[1]", "spec.ingress.rules[2]"],
    [`${api}/v1: nothing → web`],
    [["warning", "route:App/app", `app (App): ${api}/v1 api → web`]],
  ],
  [
    "… and given back",
    hosts({ [`${api}/v1`]: "web", [api]: "api", [www]: "web" }),
    both,
    ["spec.ingress.rules[0].match.path.prefix", "spec.ingress.rules[0].component.name", "spec.ingress.rules[2]"],
    [`${api}/v1: web → nothing`],
    [["warning", "route:App/app", `app (App): ${api}/v1 web → api`]],
  ],
  [
    "two hosts that change places",
    both,
    hosts({ [api]: "web", [www]: "api" }),
    ["spec.ingress.rules[0].component.name", "spec.ingress.rules[1].component.name"],
    [`${api}: "api" → "web"`, `${www}: "web" → "api"`],
    [["warning", "route:App/app", `app (App): ${api} api → web; ${www} web → api`]],
  ],
  [
    "a host that goes, which is said by itself",
    both,
    hosts({ [api]: "api" }),
    ["spec.domainNames[1]", "spec.ingress.rules[1]"],
    [`domainNames[1]: {"name":"${www}"} → nothing`, "www.example.net: web → nothing"],
    [["warning", "unhost:App/app", `app (App): domainNames[1] {"name":"${www}"} → nothing`]],
  ],
  [
    "what a service leaves that is removed is said with it, by its path",
    hosts({ [`${api}/v1`]: "old", [api]: "api", [www]: "web" }, ["api", "web", "old"]),
    both,
    ["spec.services[2]", "spec.ingress.rules[0].component.name", "spec.ingress.rules[0].match.path.prefix", "spec.ingress.rules[2]"],
    ["api.example.net/v1: old → nothing", 'old: {"name":"old","instanceCount":2} → nothing'],
    [["refusal", "remove:App/old", `old (App) is removed; ${api}/v1 leads to api`]],
  ],
  [
    "a path of a new host, and a path that answers as before",
    hosts({ [api]: "api" }),
    hosts({ [`${api}/v1`]: "api", [api]: "api", [`${www}/v1`]: "web", [www]: "web" }),
    ["spec.domainNames[1]", "spec.ingress.rules[0].match.path.prefix", "spec.ingress.rules[1]", "spec.ingress.rules[2]"],
    expect.arrayContaining([expect.stringMatching(/^api\.example\.net\/v1: nothing → /)]),
    [["refusal", "host:App/app", `app (App): domainNames[1] nothing → {"name":"${www}"}`]],
  ],
])("%s is told by its address", (_, before, after, paths, lines, dangers) => {
  const found = appChanged(before, after, paths);
  expect(said(found)).toEqual(lines);
  expect(hurts(found)).toEqual(dangers);
});

test("routes that nobody here may look into are told where one goes", () => {
  const told = {
    op: "update",
    urn,
    oldState: { type, custom: true, inputs: { spec: { ingress: { rules: "[secret]" } } } },
    newState: { type, custom: true, inputs: { spec: {} } },
    detailedDiff: { "spec.ingress.rules": { kind: "delete" } },
  };
  expect(hurts(readPlan(JSON.stringify({ steps: [told] })).steps[0]!)).toEqual([
    ["warning", "route:App/app", "app (App): what its hosts lead to changes"],
  ]);
});
