import { afterAll, beforeAll, expect, test } from "vitest";
import { lookAt } from "../../operations/drift/copy.ts";
import { differences } from "../../operations/drift/differences.ts";
import { driftOf } from "../../operations/drift/drift.ts";
import { bare, type Held } from "../../operations/drift/held.ts";
import { judge } from "../../operations/drift/judge.ts";
import { settledBy } from "../../operations/drift/settled.ts";
import type { Pulumi } from "../../operations/pulumi.ts";
import { kinds } from "../../sandbox/catalogue/index.ts";
import type { CloudStore, Properties } from "../../sandbox/cloud/store.ts";
import { Provider } from "../../sandbox/provider/provider.ts";
import { sealedValues } from "../../config/sealed.ts";
import type { TestEngine } from "../engine.ts";
import { allStacks, openAll } from "./drift-stacks.ts";
import { tamperings } from "./drift-tamper.ts";
import { cloud, stateOf } from "./template.ts";

let engine: TestEngine;
let pulumi: Pulumi;
beforeAll(async () => {
  ({ engine, pulumi } = await openAll());
}, 300_000);
afterAll(() => engine[Symbol.asyncDispose]());

const looks = Number(process.env["DRIFT_LOOKS"] ?? 2);

test(`${looks} looks at each untouched stack find nothing, and leave the state as it is`, { timeout: 600_000 }, async () => {
  for (const stack of allStacks) {
    const before = stateOf(engine, stack).text;
    for (let look = 0; look < looks; look++) expect(await driftOf(pulumi, stack)).toEqual({ stack, findings: [], notes: [] });
    expect(stateOf(engine, stack).text).toBe(before);
  }
});

interface Tried {
  readonly what: string;
  readonly found: boolean;
  /** Why it was not. */
  readonly why: string | undefined;
}

/** Each property that a stack's resources read back, changed by itself in the stored cloud, read by the provider and judged. */
async function sweep(store: CloudStore, expected: readonly Held[]): Promise<Tried[]> {
  const tried: Tried[] = [];
  const records = expected.filter(({ isComponent }) => isComponent);
  for (const before of expected.filter(({ isComponent, type }) => !isComponent && !type.startsWith("random:"))) {
    const [name = ""] = before.type.split(":");
    const provider = new Provider(name, store);
    const [repository] = store.list("github:index/repository:Repository");
    if (name === "github") provider.configure({ owner: String(repository?.outputs["fullName"]).split("/")[0] });
    const kind = kinds[name]?.[before.type];
    const shape = provider.shape(before.type);
    const resource = { urn: before.urn, type: before.type, name: before.name };
    const [inputs, outputs] = [bare(before.inputs) as Properties, bare(before.outputs) as Properties];
    const read = async () => (await provider.read(resource, before.id, inputs, outputs))?.outputs;
    const object = kind?.view ? undefined : store.get(before.type, before.id);
    const untouched = await read();
    if (untouched === undefined) throw new Error(`${before.type} ${before.name} cannot be read`);
    for (const { path, apply } of tamperings(shape, object?.outputs ?? untouched)) {
      if (object) store.put({ ...object, outputs: apply(object.outputs) });
      // A part of another object reads back as that object says; which part of it that is does not matter here.
      const now = object ? await read() : apply(untouched);
      if (object) store.put(object);
      if (now === undefined || JSON.stringify(now) === JSON.stringify(untouched)) continue; // nobody reads it back
      const after = { ...before, outputs: now };
      const named = [...provider.diff(resource, now, inputs, []).changes.keys()];
      const { findings } = judge({
        expected: [before, ...records],
        actual: new Map([[before.urn, after]]),
        named: new Map(named.length === 0 ? [] : [[before.urn, named]]),
        unread: new Map(),
      });
      const found = findings.length > 0;
      const place = { expected: before, actual: after, sealed: undefined, sealedNow: sealedValues(now["spec"]) };
      const own = differences(untouched, now).map((one) => settledBy(one, place)?.why);
      tried.push({
        what: `${before.type.split(":").at(-1)} ${path}`,
        found,
        why: found ? undefined : own.find((why) => why !== undefined),
      });
    }
  }
  return tried;
}

test("every property that is read back is found where it changes, but for what the list explains", { timeout: 600_000 }, async () => {
  const all: Tried[] = [];
  const lines: string[] = [];
  for (const stack of allStacks) {
    const { expected } = await lookAt(pulumi, stack);
    const tried = await cloud(engine, (store) => sweep(store, expected));
    all.push(...tried);
    lines.push(`${stack}: ${tried.filter(({ found }) => found).length} of ${tried.length} found`);
  }
  const silent = all.filter(({ found }) => !found);
  const unexplained = silent.filter(({ why }) => why === undefined).map(({ what }) => what);
  console.log([...lines, ...new Set(silent.map(({ what, why }) => `${what.replaceAll(/\[\d+\]/g, "[*]")}: ${why ?? "?"}`))].join("\n"));
  expect([...new Set(unexplained.map((what) => what.replaceAll(/\[\d+\]/g, "[*]")))]).toEqual([]);
  expect(all.length).toBeGreaterThan(1000);
});
