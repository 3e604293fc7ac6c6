import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { adoptFinding, type AdoptingHands, findingOf, restoreFinding } from "../../operations/drift/act.ts";
import { adopt } from "../../operations/drift/adopt.ts";
import { driftOf } from "../../operations/drift/drift.ts";
import { stackOptionsOf } from "../../operations/drift/stack-options.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import type { Properties } from "../../sandbox/cloud/store.ts";
import type { TestEngine } from "../engine.ts";
import { cloud, configure, objectOf, openTemplate, stepsOf, tamper } from "./template.ts";

let engine: TestEngine;
let pulumi: Pulumi;
const said: string[] = [];
beforeAll(async () => {
  engine = await openTemplate();
  pulumi = Pulumi.sandbox(engine.sandbox);
}, 900_000);
afterAll(() => engine[Symbol.asyncDispose]());

const fileOf = (stack: string): string => join(engine.home.project("template"), `Pulumi.${stack}.yaml`);
const optionsOf = (stack: string) => stackOptionsOf("template", stack, pulumi.stackFile(stack));
const hands = async (stack: string): Promise<AdoptingHands> => ({
  pulumi,
  choice: " --sandbox",
  say: (line) => void said.push(line),
  progress: new PassThrough().resume(),
  confirm: () => Promise.resolve(true),
  file: fileOf(stack),
  options: await optionsOf(stack),
});

async function bringUp(stack: string): Promise<void> {
  await engine.sandbox.ensureStack(stack);
  await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
}

interface Program {
  readonly name: string;
  instanceCount?: number;
  instanceSizeSlug: string;
  autoscaling?: unknown;
  readonly envs: { key: string; value: string }[];
}
const programOf = (outputs: Properties, name: string): Program =>
  (outputs["spec"] as { services: Program[] }).services.find((service) => service.name === name) as Program;

/** Nothing differs, and nothing is left to do. */
async function expectClean(stack: string): Promise<void> {
  expect(await driftOf(pulumi, stack)).toEqual({ stack, findings: [], notes: [], unmanaged: [] });
  expect(await stepsOf(engine, stack)).toEqual([]);
}

/** Adopts what was done to one resource, and returns the lines of the stack file that it wrote. */
async function keep(stack: string, name: string): Promise<string[]> {
  const finding = findingOf(await driftOf(pulumi, stack), name);
  said.length = 0;
  expect(await adoptFinding(stack, finding, await hands(stack)), said.join("\n")).toBe(true);
  return said.flatMap((line) => /^ {2}Pulumi\.\w+\.yaml: \+ +(.*)/.exec(line)?.[1] ?? []);
}

test("an App: counts, sizes, ranges and variables, in one deployment each time", { timeout: 900_000 }, async () => {
  tamper(engine, "App", "template-staging", (outputs) => {
    const backend = programOf(outputs, "backend");
    backend.instanceCount = 2;
    backend.instanceSizeSlug = "apps-d-1vcpu-2gb";
    for (const one of backend.envs) {
      if (one.key === "LOG_LEVEL") one.value = "DEBUG";
      if (one.key === "HTTP_CLIENT_TIMEOUT") one.value = "60";
      if (one.key === "WEB_CONCURRENCY") one.value = "4";
    }
    const dashboard = programOf(outputs, "dashboard");
    delete dashboard.instanceCount;
    dashboard.instanceSizeSlug = "apps-d-1vcpu-1gb";
    dashboard.autoscaling = { minInstanceCount: 1, maxInstanceCount: 3, metrics: { cpu: { percent: 60 } } };
  });
  expect(await keep("staging", "app")).toEqual([
    "backend: { memory: 2 GB, replicas: 2, cpu: 1, dedicated: true }",
    "dashboard: { memory: 1 GB, replicas: { max: 3, cpuPercent: 60, min: 1 }, cpu: 1, dedicated: true }",
    "groundwork:backend: { workers: 4, logLevel: DEBUG, httpClientTimeout: 60 }",
  ]);
  // A range with other ends, and back to a count.
  tamper(engine, "App", "template-staging", (outputs) => {
    programOf(outputs, "dashboard").autoscaling = { minInstanceCount: 2, maxInstanceCount: 4, metrics: { cpu: { percent: 70 } } };
  });
  expect(await keep("staging", "app")).toEqual([
    "dashboard: { memory: 1 GB, replicas: { max: 4, cpuPercent: 70, min: 2 }, cpu: 1, dedicated: true }",
  ]);
  tamper(engine, "App", "template-staging", (outputs) => {
    const dashboard = programOf(outputs, "dashboard");
    delete dashboard.autoscaling;
    dashboard.instanceCount = 3;
  });
  expect(await keep("staging", "app")).toEqual(["dashboard: { memory: 1 GB, replicas: 3, cpu: 1, dedicated: true }"]);
  await expectClean("staging");
});

test("what the program refuses leaves the stack file and the cloud as they are", { timeout: 900_000 }, async () => {
  const before = readFileSync(fileOf("staging"), "utf8");
  tamper(engine, "App", "template-staging", (outputs) => (programOf(outputs, "dashboard").instanceCount = 251));
  const tampered = objectOf(engine, "App", "template-staging").outputs;
  const finding = findingOf(await driftOf(pulumi, "staging"), "app");
  await expect(adoptFinding("staging", finding, await hands("staging"))).rejects.toThrow(
    /must be at most 250, which is what App Platform runs of one service[^]*Pulumi.staging.yaml is as it was$/,
  );
  expect(readFileSync(fileOf("staging"), "utf8")).toBe(before);
  expect(objectOf(engine, "App", "template-staging").outputs).toEqual(tampered);
  tamper(engine, "App", "template-staging", (outputs) => (programOf(outputs, "dashboard").instanceCount = 3));
  await expectClean("staging");
});

test("what holds data: the commands that are named do what they say", { timeout: 900_000 }, async () => {
  tamper(engine, "DatabaseCluster", "template-staging-database", (outputs) => {
    outputs["size"] = "db-s-2vcpu-4gb";
    outputs["nodeCount"] = 2;
    outputs["version"] = "16";
  });
  configure(engine, "shared", ["groundwork:registry"], { tier: "basic", region: "fra" });
  await bringUp("shared");
  const [registry] = cloud(engine, (store) => store.list("digitalocean:index/containerRegistry:ContainerRegistry"));
  cloud(engine, (store) => store.put({ ...registry!, outputs: { ...registry!.outputs, subscriptionTierSlug: "professional" } }));
  for (const [stack, name] of [
    ["staging", "DatabaseCluster/database"],
    ["shared", "ContainerRegistry/registry"],
  ] as const) {
    const finding = findingOf(await driftOf(pulumi, stack), name);
    const { commands, isOffered } = adopt(stack, finding, "", await optionsOf(stack));
    expect(isOffered).toBe(false);
    for (const command of commands) {
      const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "").slice(1);
      await engine.expect(args[0] === "config" ? args : [...args, "--yes", "--skip-preview"]);
    }
    await expectClean(stack);
  }
  const { config } = parse(readFileSync(fileOf("staging"), "utf8")) as { config: Record<string, Record<string, unknown>> };
  expect([config["groundwork:sizes"]?.["database"], config["groundwork:versions"]]).toEqual([
    { memory: "4 GB", cpu: 2, standby: 1 },
    { database: "16" },
  ]);
});

test("on a Docker host: instances, limits and variables", { timeout: 900_000 }, async () => {
  await bringUp("local");
  tamper(engine, "Service", "template-local-backend", (outputs) => {
    outputs["mode"] = { ...(outputs["mode"] as object), replicated: { replicas: 3 } };
    const task = outputs["taskSpec"] as { resources: { limits: Record<string, number> }; containerSpec: { env: Record<string, string> } };
    task.resources.limits = { ...task.resources.limits, memoryBytes: 768 * 1024 ** 2, nanoCpus: 1_500_000_000 };
    task.containerSpec.env["LOG_LEVEL"] = "ERROR";
  });
  expect(await keep("local", "Service/backend")).toEqual([
    "backend: { memory: 768 MB, replicas: 3, cpu: 1.5 }",
    "groundwork:backend: { logLevel: ERROR }",
  ]);
  await expectClean("local");
});

test("on a Docker host: a service is brought back whole, also where it is gone", { timeout: 900_000 }, async () => {
  const before = objectOf(engine, "Service", "template-local-backend").outputs;
  const plain = (outputs: Properties) => ({ ...outputs, labels: [] });
  tamper(engine, "Service", "template-local-backend", (outputs) => {
    outputs["mode"] = { ...(outputs["mode"] as object), replicated: { replicas: 7 } };
    (outputs["taskSpec"] as { containerSpec: { env: Record<string, string> } }).containerSpec.env["WITH_UI"] = "true";
  });
  expect(await restoreFinding("local", findingOf(await driftOf(pulumi, "local"), "Service/backend"), await hands("local"))).toBe(true);
  expect(plain(objectOf(engine, "Service", "template-local-backend").outputs)).toEqual(plain(before));
  await expectClean("local");
  const gone = objectOf(engine, "Service", "template-local-dashboard");
  cloud(engine, (store) => store.remove(gone.type, gone.id));
  expect(await restoreFinding("local", findingOf(await driftOf(pulumi, "local"), "Service/dashboard"), await hands("local"))).toBe(true);
  expect(objectOf(engine, "Service", "template-local-dashboard").outputs["mode"]).toEqual(gone.outputs["mode"]);
  await expectClean("local");
});

test("at GitHub: how long a deploy waits", { timeout: 900_000 }, async () => {
  configure(engine, "delivery", ["groundwork:github", "plan"], "enterprise");
  await bringUp("delivery");
  const type = "github:index/repositoryEnvironment:RepositoryEnvironment";
  const environment = cloud(engine, (store) => store.list(type)).find(({ outputs }) => outputs["environment"] === "production");
  cloud(engine, (store) => store.put({ ...environment!, outputs: { ...environment!.outputs, waitTimer: 30 } }));
  const { name } = (await driftOf(pulumi, "delivery")).findings[0]!;
  expect(await keep("delivery", name)).toEqual(["groundwork:environments: { production: { wait: 30 min } }"]);
  await expectClean("delivery");
});

test("the sandbox says what to write, and leaves a tracked file as it is", { timeout: 900_000 }, async () => {
  const before = readFileSync(fileOf("staging"), "utf8");
  tamper(engine, "App", "template-staging", (outputs) => (programOf(outputs, "backend").instanceCount = 4));
  const finding = findingOf(await driftOf(pulumi, "staging"), "app");
  said.length = 0;
  expect(await adoptFinding("staging", finding, { ...(await hands("staging")), isReadOnly: true })).toBe(false);
  expect(said.join("\n")).toMatch(/^ {2}Pulumi\.staging\.yaml: \+ .*replicas: 4/m);
  expect(said.slice(-2)).toEqual([
    `Nothing is written, since the sandbox leaves tracked files alone. Write this into ${fileOf("staging")} yourself, and then run:`,
    "  npm run sandbox -- up --stack staging",
  ]);
  expect(readFileSync(fileOf("staging"), "utf8")).toBe(before);
  expect(programOf(objectOf(engine, "App", "template-staging").outputs, "backend").instanceCount).toBe(4);
  // Somebody writes it, and runs what was said.
  configure(engine, "staging", ["groundwork:sizes", "backend", "replicas"], 4);
  await bringUp("staging");
  await expectClean("staging");
});
