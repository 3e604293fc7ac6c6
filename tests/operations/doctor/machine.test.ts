import { describe, expect, test } from "vitest";
import { clockFindings } from "../../../operations/doctor/credentials.ts";
import { machineFindings, providerFindings } from "../../../operations/doctor/machine.ts";
import { Probe } from "../../../operations/doctor/probe.ts";
import { server } from "../loopback/http.ts";

describe("the machine", () => {
  const fine = { node: "v24.1.0", pulumi: "v3.259.0", packages: { "@pulumi/random": { pinned: "4.21.2", found: "4.21.2" } } };
  test.each([
    ["node", { node: "v22.11.0" }, "nvm install 24 && nvm use 24"],
    ["node", { node: undefined }, "nvm install 24 && nvm use 24"],
    ["pulumi", { pulumi: "v3.258.9" }, "curl -fsSL https://get.pulumi.com | sh"],
    ["pulumi", { pulumi: undefined }, "curl -fsSL https://get.pulumi.com | sh"],
    ["packages", { packages: { zod: { pinned: "4.6.7", found: "4.0.0" } } }, "npm ci"],
    ["packages", { packages: { zod: { pinned: "4.6.7", found: undefined } } }, "npm ci"],
  ])("%s: %j", (id, broken, fix) => {
    expect(machineFindings({ ...fine, ...broken })).toMatchObject([{ id, fix: [fix] }]);
    expect(machineFindings(fine)).toEqual([]);
    expect(machineFindings({ ...fine, node: "v26.0.0", pulumi: "v4.0.0" })).toEqual([]);
  });
  test("a stack that a newer provider wrote", () => {
    const provider = (version: string) => [{ type: "pulumi:providers:random", name: "default", outputs: { version }, initErrors: [] }];
    expect(providerFindings("staging", provider("4.22.0"), fine.packages)).toMatchObject([
      { id: "older-checkout", what: "was last deployed with random 4.22.0, and this checkout has 4.21.2", fix: ["git pull && npm ci"] },
    ]);
    expect(providerFindings("staging", provider("4.21.2"), fine.packages)).toEqual([]);
    expect(providerFindings("staging", provider("4.9.9"), fine.packages)).toEqual([]);
  });
});

test("the clock, by the servers' own", async () => {
  expect(clockFindings([400, 3, -2])).toEqual([]);
  expect(clockFindings([])).toEqual([]);
  await using late = await server(() => ({ headers: { date: new Date(Date.now() - 1_200_000).toUTCString() }, body: {} }));
  const probe = new Probe();
  await probe.get(late.origin);
  expect(clockFindings(probe.ahead)).toMatchObject([
    { what: "the clock of this machine is 20 min ahead", fix: ["sudo timedatectl set-ntp true"] },
  ]);
});
