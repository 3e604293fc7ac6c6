import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { account } from "../../sandbox/catalogue/github/account.ts";
import { CloudStore } from "../../sandbox/cloud/store.ts";
import { Provider } from "../../sandbox/provider/provider.ts";
import { TestEngine } from "../engine.ts";
import { compareFields } from "./form.ts";
import { kept } from "./kept.ts";
import { Ledger } from "./ledger.ts";
import {
  applyChange,
  inOrder,
  mapReferences,
  readRecordings,
  readSecrets,
  type Recorded,
  type Step,
  unwrap,
  type Values,
} from "./recorded.ts";
import { absent } from "./shared.ts";
import { tamperings } from "./tamperings.ts";

interface State {
  readonly urn: string;
  readonly id: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

const owner = "acme";
const program = join(import.meta.dirname, "recorded-program.ts");

describe("the stand-ins do what the real plugins did", () => {
  beforeEach((context) => context.skip(absent !== undefined, absent));
  const recordings = readRecordings();
  const ledger = new Ledger();
  const states = new Map<string, State>();
  let engine: TestEngine;
  let folder: string;
  let store: CloudStore;
  let providers: Record<string, Provider>;

  const pulumi = async (args: readonly string[], entries?: readonly { name: string; type: string; program: Values }[]): Promise<string> => {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.json`);
    writeFileSync(file, JSON.stringify(entries ?? []));
    return engine.expect([...args, "--stack", "dev"], { folder, env: { RECORDED_PROGRAM: file } });
  };
  const entries = (changed?: Recorded, set?: Values) =>
    inOrder(recordings.resources).map(({ name, type, program }) => ({
      name,
      type,
      program: recordings.program(name === changed?.name && set ? applyChange(program, set) : program),
    }));
  const provider = (type: string): Provider => providers[type.slice(0, type.indexOf(":"))] as Provider;
  const state = (name: string): State => {
    const found = states.get(name);
    if (!found) throw new Error(`${name} is not in the state`);
    return found;
  };

  beforeAll(async () => {
    if (absent !== undefined) return;
    engine = await TestEngine.open();
    folder = await engine.project("recordings", program, "dev");
    await engine.expect(["config", "set", "github:owner", owner], { folder });
    store = new CloudStore(engine.home.cloud);
    // The recorded environment has reviewers and a private repository.
    store.put(account(owner, "enterprise"));
    await pulumi(["up", "--yes", "--skip-preview"], entries());
    const exported = JSON.parse(await pulumi(["stack", "export", "--show-secrets"])) as { deployment: { resources: State[] } };
    for (const one of exported.deployment.resources) states.set(nameOf(one.urn), one);
    providers = {
      digitalocean: new Provider("digitalocean", store),
      docker: new Provider("docker", store),
      github: new Provider("github", store),
      random: new Provider("random", store),
    };
    providers.github?.configure({ owner });
  }, 60_000);

  afterAll(async () => {
    store?.close();
    await engine?.[Symbol.asyncDispose]();
  });

  test("state after up", () => {
    for (const { name, id, inputs, outputs } of Object.values(recordings.resources)) {
      const { id: ownId, inputs: ownInputs, outputs: ownOutputs } = state(name);
      compareFields(ledger, name, "id", id, ownId);
      compareFields(ledger, name, "inputs", inputs ?? {}, readSecrets(ownInputs ?? {}));
      compareFields(ledger, name, "outputs", outputs, readSecrets(ownOutputs));
    }
  });

  /** What check and diff of the plugin say of new inputs, in the form of a preview's steps. */
  const plan = (type: string, name: string, news: Values): { steps: Step[]; diagnostics: string[] } => {
    const { urn, inputs, outputs } = state(name);
    const resource = { urn, type, name };
    const prior = unwrap(readSecrets(outputs)) as Values;
    const checked = provider(type).check(resource, news, unwrap(readSecrets(inputs)) as Values, new Uint8Array(32));
    if (checked.failures.length > 0) return { steps: [], diagnostics: checked.failures.map((text) => problem(type, name, text)) };
    return { steps: stepsOf(provider(type).diff(resource, prior, checked.inputs, [])), diagnostics: [] };
  };

  const resolved = (values: Values): Values =>
    unwrap(
      mapReferences(recordings.program(values), (name, property) =>
        property === "id" ? state(name).id : unwrap(readSecrets(state(name).outputs[property])),
      ),
    ) as Values;

  test("plan of each change", () => {
    for (const { name, type, program, changes } of Object.values(recordings.resources)) {
      for (const { set, steps, diagnostics } of changes) {
        const where = `${name} ${JSON.stringify(set)}`;
        const own = plan(type, name, resolved(applyChange(program, set)));
        compareSteps(ledger, where, steps, own.steps);
        ledger.same(`${where} diagnostics`, diagnostics ?? [], own.diagnostics);
      }
    }
  });

  test("a second preview has nothing to do", async () => {
    await pulumi(["preview", "--expect-no-changes"], entries());
  });

  test("effect of each change on the other resources", async () => {
    const isKnown = ({ name = "" }: Step): boolean => recordings.resources[name] !== undefined;
    const work = Object.values(recordings.resources).flatMap((resource) =>
      resource.changes.filter(({ others }) => others.some(isKnown)).map((change) => ({ resource, change })),
    );
    const next = async (): Promise<void> => {
      for (let item = work.shift(); item; item = work.shift()) {
        const { resource, change } = item;
        const where = `${resource.name} ${JSON.stringify(change.set)} on the engine`;
        const preview = JSON.parse(await pulumi(["preview", "--json"], entries(resource, change.set))) as {
          steps: (Step & { urn: string })[];
        };
        const planned = preview.steps.filter(({ op }) => ["create", "update", "replace", "delete"].includes(op));
        const of = (name: string): Step[] => planned.filter(({ urn }) => nameOf(urn) === name);
        compareSteps(ledger, where, change.steps, of(resource.name));
        for (const name of Object.keys(recordings.resources)) {
          if (name === resource.name) continue;
          compareSteps(
            ledger,
            `${where}, ${name}`,
            change.others.filter((other) => other.name === name),
            of(name),
          );
        }
      }
    };
    await Promise.all([next(), next()]);
  }, 600_000);

  test("what a refresh of the untouched stack finds", async () => {
    const preview = JSON.parse(await pulumi(["refresh", "--preview-only", "--json"])) as { steps: (Step & { urn: string })[] };
    const found = preview.steps.filter(({ op }) => op !== "refresh" && op !== "same");
    for (const name of Object.keys(recordings.resources)) {
      compareSteps(
        ledger,
        `refresh, ${name}`,
        recordings.refresh.filter((step) => step.name === name),
        found.filter(({ urn }) => nameOf(urn) === name),
      );
    }
  });

  /** What a preview-only refresh shows: the way back from what is there to the old inputs, turned round. */
  const refresh = async (name: string, type: string): Promise<Step[]> => {
    const { urn, id, inputs, outputs } = state(name);
    const [oldInputs, oldOutputs] = [unwrap(readSecrets(inputs)) as Values, unwrap(readSecrets(outputs)) as Values];
    const read = await provider(type)
      .read({ urn, type, name }, id, oldInputs, oldOutputs)
      .catch(() => "an error"); // a refresh that ends so finds nothing
    if (typeof read === "string") return [];
    if (!read) return [{ op: "delete", detailedDiff: null }];
    const [step] = stepsOf(provider(type).diff({ urn, type, name }, read.outputs, oldInputs, []));
    if (!step) return [];
    const inverse = (kind: string): string => kind.replace(/^(add|delete)/, (one) => (one === "add" ? "delete" : "add"));
    const turned = Object.entries(step.detailedDiff ?? {}).map(([path, { kind }]) => [path, { kind: inverse(kind) }] as const);
    return [{ op: "update", detailedDiff: Object.fromEntries(turned) }];
  };

  test("what a refresh finds after tampering", async () => {
    const before = store.list();
    const noise = await refresh("app", recordings.resources.app?.type ?? "");
    for (const { what, from, to, found } of recordings.tampered) {
      const tampering = tamperings(what, from, to);
      if (!tampering) continue;
      await tampering.apply(store, provider(tampering.type));
      // Each look at a CDN counts against what its API answers in a time, and time is not what is tested here.
      store.clearTurns();
      for (const { name, type } of Object.values(recordings.resources)) {
        const own = type.startsWith("random:") ? [] : await refresh(name, type);
        // The recording leaves out what an App always shows.
        const shown = name === "app" && JSON.stringify(own) === JSON.stringify(noise) ? [] : own;
        compareSteps(
          ledger,
          `${what}, ${name}`,
          found.filter((step) => step.name === name),
          shown,
        );
      }
      store.transaction(() => {
        for (const { type, id } of store.list())
          if (!before.some((object) => object.type === type && object.id === id)) store.remove(type, id);
        before.forEach((object) => store.put(object));
      });
    }
  });

  test("what is refused before it is planned, and with which words", () => {
    for (const { type, inputs, refused, messages } of recordings.refused) {
      const where = `refused ${type.split(":").at(-1)} ${JSON.stringify(inputs)}`;
      const urn = `urn:pulumi:dev::rec::${type}::candidate`;
      const own: string[] = [];
      const resource = { urn, type, name: "candidate" };
      const checked = provider(type).check(resource, inputs, {}, new Uint8Array(32));
      own.push(...checked.failures.map((text) => problem(type, "candidate", text)));
      try {
        if (own.length === 0) provider(type).previewCreate(resource, checked.inputs);
      } catch (error) {
        own.push(`Preview failed: ${(error as Error).message.trim()}`);
      }
      ledger.same(where, refused, own.length > 0);
      // The plugin's log lines repeat what the failed preview says.
      const words = messages.filter((message) => !message.startsWith("sdk-v2/"));
      ledger.same(`${where} in the words`, [...words].sort(), [...own].sort());
    }
  });

  test("nothing is left unexplained", () => {
    const { unexplained, stale } = ledger.close("recordings", kept);
    expect(unexplained).toEqual([]);
    expect(stale, "explanations that explain nothing").toEqual([]);
  });
});

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";
const problem = (type: string, name: string, text: string): string => `${type} resource '${name}' has a problem: ${text}`;

function stepsOf(plan: ReturnType<Provider["diff"]>): Step[] {
  if (plan.changes.size === 0) return [];
  const kinds = [...plan.changes].map(([path, { kind, replace }]) => [path, { kind: replace ? `${kind}-replace` : kind }] as const);
  return [
    {
      op: plan.replaces.length > 0 ? "replace" : "update",
      detailedDiff: plan.detailed ? Object.fromEntries(kinds) : null,
      diffReasons: plan.diffs,
      ...(plan.replaces.length > 0 ? { replaceReasons: plan.replaces } : {}),
    },
  ];
}

function compareSteps(ledger: Ledger, where: string, recorded: readonly Step[], standIn: readonly Step[]): void {
  ledger.same(
    `${where} operations`,
    recorded.map(({ op }) => op),
    standIn.map(({ op }) => op),
  );
  const [a, b] = [recorded[0], standIn[0]];
  if (!a || !b) return;
  // The engine keeps reasons in a set, so their order says nothing.
  ledger.same(`${where} reasons`, a.diffReasons?.toSorted() ?? [], b.diffReasons?.toSorted() ?? []);
  ledger.same(`${where} replace reasons`, a.replaceReasons?.toSorted() ?? [], b.replaceReasons?.toSorted() ?? []);
  const paths = new Set([...Object.keys(a.detailedDiff ?? {}), ...Object.keys(b.detailedDiff ?? {})]);
  for (const path of paths) ledger.same(`${where} at ${path}`, a.detailedDiff?.[path]?.kind, b.detailedDiff?.[path]?.kind);
}
