import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sectionOf } from "../../operations/comment/merge.ts";
import { lookAt } from "../../operations/comment/preview.ts";
import type { StackPreview } from "../../operations/comment/section.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import type { TestEngine } from "../engine.ts";
import { plainly } from "./previews.ts";
import { configure, openTemplate, stateOf } from "./template.ts";

let engine: TestEngine;
let pulumi: Pulumi;
beforeAll(async () => {
  engine = await openTemplate();
  pulumi = Pulumi.sandbox(engine.sandbox);
});
afterAll(() => engine[Symbol.asyncDispose]());

const look = async (stack: string, by = pulumi): Promise<StackPreview> => {
  const [preview] = await lookAt([stack], { ...plainly, pulumi: by, atOnce: 1 });
  return preview!;
};
const folder = (): string => engine.home.project(engine.sandbox.system);

test("a key that may push is refused where it is made, and the fold says what it is", { timeout: 120_000 }, async () => {
  await engine.sandbox.ensureStack("delivery");
  const file = join(folder(), "Pulumi.delivery.yaml");
  const before = readFileSync(file, "utf8");
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJDIYqG1yQJrbXEXUcbzBmcVWgmJrYbeyJHkJcNrRFTN somebody";
  configure(engine, "delivery", ["groundwork:repositories", "application", "deployKeys"], { robot: { key, write: true } });
  const preview = await look("delivery");
  writeFileSync(file, before);
  expect(preview.failure).toBeUndefined();
  expect(preview.dangers).toMatchObject([
    {
      severity: "refusal",
      effect: "exposure",
      name: "write:RepositoryDeployKey/application-robot",
      what: "application-robot (deploy key) is made: readOnly false",
    },
    // Everything else of a delivery that is made for the first time hurts nobody.
    { severity: "note", name: "ungated:RepositoryEnvironment/application-staging-preview" },
  ]);
  expect(sectionOf(preview).body).toMatch(/\+ create RepositoryDeployKey application-robot\n {4}readOnly: false\n/);
});

test("22 alerts that go are one thing to read, and components are none", { timeout: 120_000 }, async () => {
  configure(engine, "staging", ["groundwork:alerts"], null);
  const file = join(folder(), "Pulumi.staging.yaml");
  const { dangers, steps } = await look("staging");
  const { body } = sectionOf({ stack: "staging", dangers, steps });
  expect(dangers.length).toBeGreaterThan(15);
  expect(body.match(/Nobody is told any more/g)).toHaveLength(1);
  expect(body).toMatch(/`\d+ alerts are deleted: /);
  expect(body).not.toContain("groundwork:components");
  expect(dangers.map(({ name }) => name).join()).not.toContain("Monitoring/");
  configure(engine, "staging", ["groundwork:alerts"], { emails: ["ops@example.com"] });
  expect(readFileSync(file, "utf8")).toContain("ops@example.com");
});

test("what a protection stops is told with all that the change would do", { timeout: 120_000 }, async () => {
  const { urn = "" } = stateOf(engine, "staging").resources.find(({ urn }) => urn.endsWith("::edge-api")) ?? {};
  await engine.expect(["state", "protect", urn, "--stack", "staging", "--yes"]);
  const preview = await look("staging", pulumi.elsewhere(folder(), { GROUNDWORK_IMAGES: "none" }));
  await engine.expect(["state", "unprotect", urn, "--stack", "staging", "--yes"]);
  expect(preview.failure).toMatchObject({ isBlocked: true, phase: "planning: the engine refuses it" });
  expect(preview.failure?.text).toContain("staging would delete what is protected: DnsRecord edge-api");
  expect(preview.failure?.text).not.toContain("unprotect");
  expect(preview.dangers.map(({ name, severity }) => [name, severity])).toEqual(
    expect.arrayContaining([
      ["delete:DnsRecord/edge-api", "warning"],
      ["delete:App/app", "warning"],
    ]),
  );
  // The App stands before alerts, whose loss only may hurt later.
  expect(preview.dangers[0]?.name).toBe("delete:App/app");
});

test(
  "what a blocked change does to an App is told with its values, which no saved plan of that preview has",
  { timeout: 120_000 },
  async () => {
    const { urn = "" } = stateOf(engine, "staging").resources.find(({ type }) => type.endsWith(":UptimeAlert")) ?? {};
    await engine.expect(["state", "protect", urn, "--stack", "staging", "--yes"]);
    const before = stateOf(engine, "staging").text;
    configure(engine, "staging", ["groundwork:alerts"], null);
    configure(engine, "staging", ["groundwork:backend", "logLevel"], "ERROR");
    const preview = await look("staging");
    configure(engine, "staging", ["groundwork:alerts"], { emails: ["ops@example.com"] });
    configure(engine, "staging", ["groundwork:backend", "logLevel"], null);
    expect(stateOf(engine, "staging").text, "looking past the protection changes nothing").toBe(before);
    await engine.expect(["state", "unprotect", urn, "--stack", "staging", "--yes"]);
    expect(preview.failure).toMatchObject({ isBlocked: true });
    expect(preview.failure?.text).toContain("staging would delete what is protected: UptimeAlert ");
    const { changes } = preview.steps.find(({ type }) => type === "App")!;
    expect(changes).toContainEqual(expect.objectContaining({ from: "INFO", to: "ERROR" }));
    // An alert of the App's that goes is a part of a list that is hidden as a whole.
    expect(preview.dangers.map(({ name }) => name)).toContain("unalert:App/backend");
  },
);

test("the stack file of a living environment that goes is seen", { timeout: 120_000 }, async () => {
  const file = join(folder(), "Pulumi.staging.yaml");
  const before = readFileSync(file, "utf8");
  rmSync(file);
  const preview = await look("staging").finally(() => writeFileSync(file, before));
  expect(preview).toMatchObject({ isOrphaned: true });
  expect(preview.dangers[0]?.what).toMatch(/^Pulumi\.staging\.yaml is removed, and \d\d resources stay in the cloud$/);
});

test(
  "whoever is shut out of the database is named, and lets nobody in, in whatever order the provider has them",
  { timeout: 120_000 },
  async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const addresses = ["203.0.113.7", "198.51.100.4", "192.0.2.9"];
    const allow = (...some: (string | undefined)[]): void =>
      configure(engine, "staging", ["groundwork:databaseAccess"], some.length === 0 ? null : some.map((address) => ({ address, until })));
    const changed = async () => {
      const { dangers, steps } = await look("staging");
      const firewall = steps.find(({ type }) => type === "DatabaseFirewall");
      return { dangers: dangers.map(({ name }) => name), changes: firewall?.changes.map(({ from, to }) => [valueOf(from), valueOf(to)]) };
    };
    const valueOf = (rule: unknown): unknown => (rule as { value?: unknown } | undefined)?.value ?? rule;
    allow(...addresses);
    await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
    try {
      for (const kept of addresses) {
        allow(kept);
        const gone = addresses.filter((one) => one !== kept).map((one) => [one, undefined]);
        const { dangers, changes } = await changed();
        expect(dangers, `${kept} is kept`).toEqual([]);
        expect(changes?.sort()).toEqual(gone.sort());
      }
      allow(...addresses.slice(0, 2), "192.0.2.10");
      expect(await changed()).toEqual({ dangers: ["open:DatabaseFirewall/database-firewall"], changes: [["192.0.2.9", "192.0.2.10"]] });
    } finally {
      allow();
      await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
    }
  },
);
