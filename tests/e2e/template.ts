import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { inject } from "vitest";
import { CloudStore, type CloudObject, type Properties } from "../../sandbox/cloud/store.ts";
import { encrypt, type StackEncryption } from "../../sandbox/stack-secrets.ts";
import { TestEngine } from "../engine.ts";
import { copyGolden } from "./golden-sandbox.ts";

/** A sandbox of its own in which shared and staging of the template system are up. */
export const openTemplate = (): Promise<TestEngine> => TestEngine.open("template", (root) => copyGolden(inject("goldenSandbox"), root));

/** The same with nothing up yet, but what takes long to make already there. */
export const openEmpty = (): Promise<TestEngine> => TestEngine.open("template", (root) => copyGolden(inject("goldenSandbox"), root, []));

/** Changes one value of a stack's file, in the sandbox's copy of it; null takes it away. */
export function configure(engine: TestEngine, stack: string, path: readonly (string | number)[], value: unknown): void {
  const file = join(engine.home.project(engine.sandbox.system), `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  if (value === null) document.deleteIn(["config", ...path]);
  else document.setIn(["config", ...path], value);
  writeFileSync(file, document.toString());
}

/** Gives a provided secret another value. */
export function provide(engine: TestEngine, stack: string, name: string, value: string): void {
  const encryption = JSON.parse(readFileSync(join(engine.home.root, "encryption.json"), "utf8")) as StackEncryption;
  configure(engine, stack, ["groundwork:provided", name, "secure"], encrypt(encryption, value));
}

/** One step of a preview that is not "same". */
export interface Step {
  readonly op: string;
  readonly type: string;
  readonly name: string;
  /** Changed paths with the kind of change. */
  readonly changes: Readonly<Record<string, string>>;
}

interface PreviewDigest {
  readonly steps?: readonly { op: string; urn: string; detailedDiff?: Record<string, { kind: string }> | null }[];
}

/** What `preview` or `refresh --preview-only` would do. */
export async function stepsOf(engine: TestEngine, stack: string, command: readonly string[] = ["preview"]): Promise<Step[]> {
  const text = await engine.expect([...command, "--stack", stack, "--json"]);
  const digest = JSON.parse(text.slice(text.indexOf("{"))) as PreviewDigest;
  return (digest.steps ?? [])
    .filter(({ op }) => op !== "same" && op !== "refresh") // "refresh" is a read that found nothing new
    .map(({ op, urn, detailedDiff }) => {
      const [, , types = "", name = ""] = urn.split("::");
      const changes = Object.fromEntries(Object.entries(detailedDiff ?? {}).map(([path, { kind }]) => [path, kind]));
      return { op, type: types.split(":").at(-1) ?? "", name, changes };
    });
}

/** Opens the stored cloud for as long as `use` takes. */
export function cloud<T>(engine: TestEngine, use: (store: CloudStore) => T): T {
  const store = new CloudStore(engine.home.cloud);
  let result: T | undefined;
  try {
    return (result = use(store));
  } finally {
    if (result instanceof Promise) void result.finally(() => store.close()).catch(() => undefined);
    else store.close();
  }
}

/** The one object of a type by the last part of its token, of the stack's own where several stacks have one. */
export function objectOf(engine: TestEngine, type: string, name?: string): CloudObject {
  const found = cloud(engine, (store) =>
    store.list().filter((object) => object.type.endsWith(`:${type}`) && (name === undefined || object.name === name)),
  );
  const [object] = found;
  if (!object || found.length > 1)
    throw new Error(`expected one ${type}${name === undefined ? "" : ` named ${name}`}, found ${found.length}`);
  return object;
}

/** Changes what an object reads back. */
export function tamper(engine: TestEngine, type: string, name: string, change: (outputs: Properties) => void): void {
  const object = objectOf(engine, type, name);
  const outputs = structuredClone(object.outputs);
  change(outputs);
  cloud(engine, (store) => store.put({ ...object, outputs }));
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly delete?: boolean;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Resources of a stack's state file, as it lies there. */
export function stateOf(engine: TestEngine, stack: string): { resources: StateResource[]; pending: unknown[]; text: string } {
  const text = readFileSync(engine.home.stateFile(engine.sandbox.system, stack), "utf8");
  const { checkpoint } = JSON.parse(text) as { checkpoint: { latest?: { resources?: StateResource[]; pending_operations?: unknown[] } } };
  return { resources: checkpoint.latest?.resources ?? [], pending: checkpoint.latest?.pending_operations ?? [], text };
}

/** What stands in one of state and cloud and not in the other, or twice. Empty: they match one to one. */
export function mismatches(engine: TestEngine, stacks: readonly string[]): string[] {
  const inState = stacks
    .flatMap((stack) => stateOf(engine, stack).resources)
    .filter(({ type, id }) => type.startsWith("digitalocean:") && id !== undefined)
    .map(({ type, id }) => `${type} ${id}`);
  const inCloud = cloud(engine, (store) => store.list().map(({ type, id }) => `${type} ${id}`));
  return [
    ...inState.filter((key, index) => inState.indexOf(key) !== index).map((key) => `twice in the state: ${key}`),
    ...inState.filter((key) => !inCloud.includes(key)).map((key) => `only in the state: ${key}`),
    ...inCloud.filter((key) => !inState.includes(key)).map((key) => `only in the cloud: ${key}`),
  ];
}

/** Processes that belong to a sandbox: engine, language host, program, plugins. Each of them has the sandbox's folder in its environment. */
export function processesOf(engine: TestEngine): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        const state = /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        if (!environment.includes(`PULUMI_HOME=${engine.home.pulumiHome}`) || state === "Z") return [];
        return [`${pid} ${readlinkSync(`/proc/${pid}/exe`)}`];
      } catch {
        return []; // ended meanwhile
      }
    });
}

/** Waits until none of a sandbox's processes runs; returns those that are left after the time. */
export async function leftProcesses(engine: TestEngine, milliseconds = 3000): Promise<string[]> {
  const end = Date.now() + milliseconds;
  while (processesOf(engine).length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 25));
  return processesOf(engine);
}
