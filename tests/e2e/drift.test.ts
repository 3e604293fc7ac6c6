import { afterAll, beforeAll, expect, test } from "vitest";
import { lookAt } from "../../operations/drift/copy.ts";
import { differences } from "../../operations/drift/differences.ts";
import { storedAccount } from "../../operations/drift/account.ts";
import { driftOf, seen } from "../../operations/drift/drift.ts";
import { besideOf, domainIn, managedBy, thingText } from "../../operations/drift/unmanaged.ts";
import { bare, type Held } from "../../operations/drift/held.ts";
import { judge } from "../../operations/drift/judge.ts";
import { settledBy } from "../../operations/drift/settled.ts";
import type { Pulumi } from "../../operations/pulumi.ts";
import { kinds } from "../../sandbox/catalogue/index.ts";
import type { CloudStore, Properties } from "../../sandbox/cloud/store.ts";
import { Provider } from "../../sandbox/provider/provider.ts";
import { findSystem, stacksOf, systemNames } from "../../sandbox/systems.ts";
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

test("every stack of every system of the repository is looked at", () => {
  expect(
    systemNames()
      .flatMap((name) => stacksOf(findSystem(name).project).map((stack) => `${name}/${stack}`))
      .sort(),
  ).toEqual(allStacks.map((stack) => `template/${stack}`).sort());
});

test(`${looks} looks at each untouched stack find nothing, and leave the state as it is`, { timeout: 600_000 }, async () => {
  for (const stack of allStacks) {
    const before = stateOf(engine, stack).text;
    for (let look = 0; look < looks; look++)
      expect(await driftOf(pulumi, stack)).toEqual({ stack, findings: [], notes: [], unmanaged: [] });
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

test(
  "on the real engine, one property of each resource of a stack at once: each is found, and it alone",
  { timeout: 300_000 },
  async () => {
    const { expected } = await lookAt(pulumi, "staging");
    const before = cloud(engine, (store) => store.list());
    const changed: string[] = [];
    cloud(engine, (store) => {
      for (const { type, id, name, inputs } of expected) {
        const object = store.get(type, id);
        const provider = type.split(":")[0] ?? "";
        if (!object || provider === "random") continue;
        const asked = tamperings(new Provider(provider, store).shape(type), object.outputs).filter(({ path }) => path in inputs);
        const [one] =
          asked.length > 0
            ? asked
            : tamperings(new Provider(provider, store).shape(type), object.outputs).filter(
                ({ path }) => path.startsWith("spec.name") || path.startsWith("rules[0].value"),
              );
        if (!one) continue;
        store.put({ ...object, outputs: one.apply(object.outputs) });
        changed.push(`${type} ${name}`);
      }
    });
    const { findings } = await driftOf(pulumi, "staging");
    cloud(engine, (store) => before.forEach((object) => store.put(object)));
    expect(findings.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(changed.sort());
    expect(findings.filter(({ properties }) => properties.length !== 1).map(({ name }) => name)).toEqual([]);
    expect(changed.length).toBeGreaterThan(20);
    expect((await driftOf(pulumi, "staging")).findings).toEqual([]);
  },
);

test("what is gone, what cannot be read, and what is in the project and in no state are told apart", { timeout: 300_000 }, async () => {
  const [check] = cloud(engine, (store) =>
    store.list("digitalocean:index/uptimeCheck:UptimeCheck").filter(({ name }) => name.includes("staging")),
  );
  const [project] = cloud(engine, (store) =>
    store.list("digitalocean:index/project:Project").filter(({ name }) => name.includes("staging")),
  );
  const alert = "digitalocean:index/monitorAlert:MonitorAlert";
  cloud(engine, (store) => {
    store.remove(check!.type, check!.id);
    store.put({
      ...project!,
      outputs: { ...project!.outputs, resources: [...(project!.outputs["resources"] as string[]), "do:droplet:4711"] },
    });
    store.addFault({ type: alert, operation: "read", kind: "500", after: false, details: {} }, 1, 1000);
  });
  const { findings, unmanaged } = await driftOf(pulumi, "staging");
  cloud(engine, (store) => {
    store.clearFaults();
    store.put(check!);
    store.put(project!);
  });
  expect(unmanaged).toEqual([{ kind: "droplet", id: "4711", name: "", where: "project" }]);
  const kinds = new Map(findings.map(({ type, name, kind }) => [`${type.split(":").at(-1)} ${name}`, kind]));
  expect(
    [...kinds]
      .filter(([, kind]) => kind === "unread")
      .map(([name]) => name)
      .sort(),
  ).toEqual(["MonitorAlert monitoring-database-cpu", "MonitorAlert monitoring-database-disk", "MonitorAlert monitoring-database-memory"]);
  expect([...kinds].filter(([, kind]) => kind === "gone").map(([name]) => name)).toContain(
    `UptimeCheck ${check!.name.replace("template-staging", "monitoring")}`,
  );
  expect([...kinds.values()]).not.toContain("changed");
});

test("what no stack manages is told of the whole account, and is no drift", { timeout: 300_000 }, async () => {
  const account = storedAccount(engine.sandbox);
  const managed = await managedBy(pulumi, "template", (name) => domainIn(pulumi.stackFile(name)));
  const told = async (stack: string, isAll = false) => {
    const { drift } = await seen(pulumi, stack, (look) => besideOf(look, { stack, managed, account, isAll }));
    expect([drift.findings, drift.notes]).toEqual([[], []]);
    return drift.unmanaged.map((one) => `${one.where}: ${thingText(one)}`);
  };
  // All that the stacks have made is some stack's own; nothing is left in the account either.
  expect(await told("shared", true)).toEqual([]);
  expect(await told("staging")).toEqual([]);
  const made = cloud(engine, (store) => {
    const copy = (type: string, from: string, id: string, name: string, changed: Properties = {}) => {
      const object = store.list(`digitalocean:index/${type}`).find((one) => one.name === from)!;
      const other = { ...object, id, name, outputs: { ...object.outputs, ...changed } };
      store.put(other);
      return other;
    };
    return [
      copy("app:App", "template-staging", "a-1", "template-staging-try"),
      copy("vpc:Vpc", "template-staging", "v-1", "somebody-else"),
      copy("dnsRecord:DnsRecord", "api.staging", "4711", "old.staging", { fqdn: "old.staging.example.com" }),
    ];
  });
  const own = ["name: app template-staging-try (a-1)", "host: CNAME record old.staging.example.com (4711)"];
  expect(await told("staging")).toEqual(own);
  expect(await told("production")).toEqual([]);
  expect(await told("production", true)).toEqual([
    "account: CNAME record old.staging.example.com (4711)",
    "account: VPC somebody-else (v-1)",
    "account: app template-staging-try (a-1)",
  ]);
  cloud(engine, (store) => made.forEach(({ type, id }) => store.remove(type, id)));
});
