import { expect, test } from "vitest";
import type { Held, Identity } from "../../config/held.ts";
import { heldBy, heldProblems } from "../../config/held.ts";

const held: Identity = { platform: "app-platform", domain: "staging.example.com", network: "10.42.0.0/20" };
const problems = (wanted: Identity, before: Held = held, keepData = false): string[] =>
  heldProblems("staging", wanted, before, keepData).map(({ path, message }) => `${path}: ${message}`);

test("the same, a new stack, and one change at a time pass", () => {
  expect(problems(held)).toEqual([]);
  expect(problems(held, {})).toEqual([]);
  expect(problems({ ...held, domain: "stage.example.com" })).toEqual([]);
});

test("domain and network at once are another stack's", () => {
  expect(problems({ ...held, domain: "example.com", network: "10.42.16.0/20" })).toEqual([
    'domain: is "example.com", and the network "10.42.16.0/20", but this stack holds "staging.example.com" and "10.42.0.0/20". Is this the file of another stack? If you want to move both, change one at a time.',
  ]);
});

test.each([
  ["region", { region: "fra" }, { region: "ams" }],
  ["network", { network: "10.42.0.0/20" }, { network: "10.43.0.0/20" }],
])("a stack's %s stays, and the way out depends on whether its data is kept", (key, before, wanted) => {
  const [from = "", to = ""] = [...Object.values(before), ...Object.values(wanted)];
  const refused = `platform/${key}: is "${to}", but this stack holds its data in "${from}", and moving would replace network and database.`;
  const networked = { ...before, hasNetwork: true };
  expect(problems(wanted, networked)).toEqual([
    `${refused} If the data may be lost, run pulumi destroy --stack staging first; else bring up a second stack there and move the data.`,
  ]);
  expect(problems(wanted, networked, true)).toEqual([`${refused} Bring up a second stack there and move the data.`]);
});

test("without a network, its range means nothing, and another region is told what would be lost", () => {
  expect(problems({ network: "10.43.0.0/20" }, { network: "10.42.0.0/20" })).toEqual([]);
  expect(problems({ region: "ams" }, { region: "fra" })).toEqual([
    'platform/region: is "ams", but what this stack holds was made in "fra", and moving it is not known to work: a bucket would be replaced without its contents. Bring up a second stack there, or run pulumi destroy --stack staging first.',
  ]);
});

test("a stack stays on its platform", () => {
  expect(problems({ ...held, platform: "docker-host" })).toEqual([
    'platform/type: is "docker-host", but what this stack holds runs on "app-platform". Give the other platform a stack of its own, or run pulumi destroy --stack staging first.',
  ]);
});

test("the shared stack keeps its zone", () => {
  expect(problems({ zone: "example.com" }, { zone: "example.org" })).toEqual([
    'zone: is "example.com", but this stack holds "example.org" with the records of every environment. pulumi destroy --stack staging --ignore-protect gives it up (it stays in the cloud), and the next up makes the other one.',
  ]);
});

test.each<[string, Identity, Identity, string]>([
  ["registry/name", { registryName: "a", registryRegion: "fra" }, { registryName: "b", registryRegion: "fra" }, "b"],
  ["registry/region", { registryName: "a", registryRegion: "ams" }, { registryName: "a", registryRegion: "fra" }, "fra"],
  ["existing/registry/import", { registryName: "a" }, { registryName: "b", registryRegion: "fra" }, "b"],
])("the shared stack keeps its registry: %s", (path, wanted, before, was) => {
  const is = path === "registry/region" ? "ams" : "a";
  const networked = { ...before, hasNetwork: true };
  expect(problems(wanted, networked)).toEqual([
    `${path}: is "${is}", but this stack holds a registry with "${was}", and the images do not move. pulumi destroy --stack staging --ignore-protect gives it up (it stays in the cloud), and the next up takes the other one.`,
  ]);
  expect(problems(wanted, wanted)).toEqual([]);
  expect(problems(wanted, { zone: "example.com" })).toEqual([]);
});

test("what is held stands in the outputs of the stack itself", () => {
  const stack = { type: "pulumi:pulumi:Stack", name: "template-staging", outputs: held as Record<string, unknown> };
  expect(heldBy([{ type: "digitalocean:index/vpc:Vpc", name: "network", outputs: { domain: "no" } }, stack])).toEqual(held);
  expect(heldBy([])).toEqual({});
});

test("a first run that failed leaves what its network says", () => {
  const network = { type: "groundwork:components:Network", name: "network", outputs: { id: "1", range: "10.9.0.0/20", region: "ams" } };
  expect(heldBy([network])).toEqual({ network: "10.9.0.0/20", region: "ams", hasNetwork: true });
  expect(heldBy([{ ...network, outputs: {} }])).toEqual({ hasNetwork: true });
  const stack = { type: "pulumi:pulumi:Stack", name: "template-staging", outputs: held as Record<string, unknown> };
  expect(heldBy([network, stack])).toEqual({ ...held, region: "ams", hasNetwork: true });
});
