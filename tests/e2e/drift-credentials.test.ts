import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adopt } from "../../operations/drift/adopt.ts";
import { findingOf, type Hands, restoreFinding } from "../../operations/drift/act.ts";
import { driftOf } from "../../operations/drift/drift.ts";
import { stackOptionsOf } from "../../operations/drift/stack-options.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import type { Properties } from "../../sandbox/cloud/store.ts";
import type { TestEngine } from "../engine.ts";
import { openOptions } from "./options/engine.ts";
import { cloud, objectOf, stepsOf } from "./template.ts";

const stack = "staging";
let engine: TestEngine;
let hands: Hands;
beforeAll(async () => {
  engine = await openOptions("options", stack);
  hands = {
    pulumi: Pulumi.sandbox(engine.sandbox),
    choice: " --system tests/systems/options --sandbox",
    say: () => undefined,
    progress: new PassThrough().resume(),
    confirm: () => Promise.resolve(true),
  };
}, 900_000);
afterAll(() => engine[Symbol.asyncDispose]());

const app = () => cloud(engine, (store) => store.list("digitalocean:index/app:App"))[0]!;

/** What stands for the credentials of each image. */
function credentialsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    name === "registryCredentials" && typeof field === "string" && field !== "" ? [field] : credentialsIn(field),
  );
}

test(
  "a stack with every option in use has no drift, and credentials that somebody replaced are sent again",
  { timeout: 900_000 },
  async () => {
    expect(await driftOf(hands.pulumi, stack)).toEqual({ stack, findings: [], notes: [], unmanaged: [] });
    const before = app();
    let count = 0;
    const replaced = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(replaced);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value).map(([name, field]) => [
          name,
          name === "registryCredentials" && Boolean(field) ? `EV[1:by:hand${count++}]` : replaced(field),
        ]),
      );
    };
    cloud(engine, (store) => store.put({ ...before, outputs: replaced(before.outputs) as Properties }));
    expect(count).toBe(2);

    const finding = findingOf(await driftOf(hands.pulumi, stack), "app");
    expect(finding.properties.map(({ path, actual }) => [path, actual])).toEqual([
      ["spec.jobs[web-migrate].image.registryCredentials", "(secret, another value)"],
      ["spec.services[web].image.registryCredentials", "(secret, another value)"],
    ]);
    const { reasons } = adopt(stack, finding, "", await stackOptionsOf("tests/systems/options", stack, ""));
    expect(new Set(reasons.map(({ why }) => why))).toEqual(new Set(["a secret is never read back: only the program can give a new one"]));
    expect(await restoreFinding(stack, finding, hands)).toBe(true);
    // The cloud has been given credentials anew, and none of those that somebody put there.
    for (const held of [app().inputs, app().outputs]) {
      expect(credentialsIn(held).length).toBe(2);
      expect(credentialsIn(held).filter((value) => !/^EV\[1:(?!by:hand)/.test(value))).toEqual([]);
    }
    expect(await driftOf(hands.pulumi, stack)).toEqual({ stack, findings: [], notes: [], unmanaged: [] });
    expect(await stepsOf(engine, stack)).toEqual([]);
    expect(objectOf(engine, "App").id).toBe(before.id);
  },
);
