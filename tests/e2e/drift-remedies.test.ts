import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { storedCloud } from "../../operations/cloud.ts";
import { deploy } from "../../operations/deploy.ts";
import { adoptFinding, type AdoptingHands, findingOf, type Hands, restoreFinding } from "../../operations/drift/act.ts";
import { lookAt } from "../../operations/drift/copy.ts";
import { driftOf } from "../../operations/drift/drift.ts";
import { bare } from "../../operations/drift/held.ts";
import { stackOptionsOf } from "../../operations/drift/stack-options.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import { readExport } from "../../operations/stack-state.ts";
import { appType, goneText, verify } from "../../operations/verify.ts";
import type { Properties } from "../../sandbox/cloud/store.ts";
import type { TestEngine } from "../engine.ts";
import { openAll } from "./drift-stacks.ts";
import { cloud, configure, objectOf, stepsOf, tamper } from "./template.ts";

let engine: TestEngine;
let hands: Hands;
const said: string[] = [];
beforeAll(async () => {
  ({ engine } = await openAll(["delivery"]));
  hands = {
    pulumi: Pulumi.sandbox(engine.sandbox),
    choice: " --sandbox",
    say: (line) => void said.push(line),
    progress: new PassThrough().resume(),
    confirm: () => Promise.resolve(true),
  };
}, 300_000);
afterAll(() => engine[Symbol.asyncDispose]());

interface Service {
  readonly name: string;
  image: Record<string, unknown>;
  instanceCount: number;
  envs: { key: string; value: string; type?: string; scope?: string }[];
}
const backend = (outputs: Properties): Service =>
  (outputs["spec"] as { services: Service[] }).services.find(({ name }) => name === "backend") as Service;

const find = async (stack: string, name: string) => findingOf(await driftOf(hands.pulumi, stack), name);

const adopting = async (stack: string): Promise<AdoptingHands> => ({
  ...hands,
  file: join(engine.home.project("template"), `Pulumi.${stack}.yaml`),
  options: await stackOptionsOf("template", stack, hands.pulumi.stackFile(stack)),
});

/** Nothing differs, and nothing is left to do. */
async function expectClean(stack: string): Promise<void> {
  expect(await driftOf(hands.pulumi, stack)).toEqual({ stack, findings: [], notes: [], unmanaged: [] });
  expect(await stepsOf(engine, stack)).toEqual([]);
}

test("an App is brought back whole by one more deployment: digest, count, variables and secrets", { timeout: 300_000 }, async () => {
  const before = objectOf(engine, "App", "template-staging").outputs;
  tamper(engine, "App", "template-staging", (outputs) => {
    const service = backend(outputs);
    service.image["digest"] = `sha256:${"e".repeat(64)}`;
    service.instanceCount = 3;
    service.envs = service.envs
      .filter(({ key }) => key !== "WITH_UI")
      .map((one) => (one.key === "SECRET_KEY" ? { ...one, value: "EV[1:by:hand]" } : one));
    service.envs.push({ key: "MORE", value: "1", type: "GENERAL", scope: "RUN_TIME" });
  });
  const finding = await find("staging", "app");
  expect(finding.properties.map(({ path }) => path.replace("spec.services[backend].", ""))).toEqual([
    "envs[MORE]",
    "envs[SECRET_KEY].value",
    "envs[WITH_UI]",
    "image.digest",
    "instanceCount",
  ]);
  expect(await restoreFinding("staging", finding, hands)).toBe(true);
  const plain = (outputs: Properties) => ({
    ...backend(outputs),
    envs: backend(outputs).envs.map(({ key, value }) => [key, value.replace(/^EV.*/, "EV")]),
  });
  const after = objectOf(engine, "App", "template-staging").outputs;
  expect(plain(after)).toEqual(plain(before));
  await expectClean("staging");
});

test("a record, a check that is gone, a loosened ruleset and a secret of GitHub are brought back", { timeout: 300_000 }, async () => {
  const record = objectOf(engine, "DnsRecord", "api.staging");
  tamper(engine, "DnsRecord", "api.staging", (outputs) => (outputs["ttl"] = 17));
  const check = objectOf(engine, "UptimeCheck", "template-staging-api");
  cloud(engine, (store) => store.remove(check.type, check.id));
  const drift = await driftOf(hands.pulumi, "staging");
  expect(drift.findings.map(({ name, kind }) => `${name} ${kind}`).filter((one) => !one.startsWith("monitoring-api-"))).toEqual([
    "monitoring-api gone",
    "edge-api changed",
  ]);
  for (const name of ["edge-api", "UptimeCheck/monitoring-api"])
    expect(await restoreFinding("staging", findingOf(drift, name), hands)).toBe(true);
  expect(objectOf(engine, "DnsRecord", "api.staging").outputs).toEqual(record.outputs);
  expect(objectOf(engine, "UptimeCheck", "template-staging-api").outputs["target"]).toBe(check.outputs["target"]);
  await expectClean("staging");

  const [secret] = cloud(engine, (store) => store.list("github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret"));
  cloud(engine, (store) => store.put({ ...secret!, outputs: { ...secret!.outputs, updatedAt: "later", remoteUpdatedAt: "later" } }));
  const [ruleset] = cloud(engine, (store) => store.list("github:index/repositoryRuleset:RepositoryRuleset"));
  cloud(engine, (store) => store.put({ ...ruleset!, outputs: { ...ruleset!.outputs, enforcement: "disabled" } }));
  for (const finding of (await driftOf(hands.pulumi, "delivery")).findings)
    expect(await restoreFinding("delivery", finding, hands)).toBe(true);
  await expectClean("delivery");
});

test("what holds data is never touched: it is said what a person does", { timeout: 300_000 }, async () => {
  const before = objectOf(engine, "DatabaseCluster", "template-staging-database");
  tamper(engine, "DatabaseCluster", "template-staging-database", (outputs) => (outputs["nodeCount"] = 2));
  const finding = await find("staging", "DatabaseCluster/database");
  said.length = 0;
  expect(await restoreFinding("staging", finding, hands)).toBe(false);
  expect(said.at(-1)).toBe(`  npm run sandbox -- up --refresh --target '${finding.urn}' --stack staging`);
  expect(objectOf(engine, "DatabaseCluster", "template-staging-database").outputs["nodeCount"]).toBe(2);
  // The command that was named does what was said, on the real engine.
  await engine.expect(["up", "--refresh", "--target", finding.urn, "--stack", "staging", "--yes", "--skip-preview"]);
  expect(objectOf(engine, "DatabaseCluster", "template-staging-database").outputs).toEqual(before.outputs);
  await expectClean("staging");
});

test("an enlarged database is not restored, since that would end every deploy, and is adopted", { timeout: 300_000 }, async () => {
  const before = objectOf(engine, "DatabaseCluster", "template-staging-database");
  const state = await engine.expect(["stack", "export", "--stack", "staging"]);
  tamper(engine, "DatabaseCluster", "template-staging-database", (outputs) => (outputs["size"] = "db-s-2vcpu-4gb"));
  const tampered = objectOf(engine, "DatabaseCluster", "template-staging-database");
  const finding = await find("staging", "DatabaseCluster/database");
  said.length = 0;
  expect(await restoreFinding("staging", finding, hands)).toBe(false);
  expect(said).toEqual([
    'size was "db-s-1vcpu-1gb" and is "db-s-2vcpu-4gb": the cloud takes no disk away. So no command restores it, and it can only be adopted: npm run ops -- drift --stack staging --adopt DatabaseCluster/database --sandbox',
  ]);
  expect(await engine.expect(["stack", "export", "--stack", "staging"])).toBe(state);
  said.length = 0;
  expect(await adoptFinding("staging", finding, { ...(await adopting("staging")), choice: "" })).toBe(false);
  expect(said.slice(1)).toEqual([
    "  pulumi config set --path groundwork:sizes.database.memory '4 GB' --stack staging",
    "  pulumi config set --path groundwork:sizes.database.cpu 2 --stack staging",
    `  pulumi refresh --target '${finding.urn}' --stack staging`,
    "  pulumi up --stack staging",
  ]);
  expect(objectOf(engine, "DatabaseCluster", "template-staging-database")).toEqual(tampered);
  // The commands that were named do what was said, on the real engine.
  for (const [path, value] of [
    ["memory", "4 GB"],
    ["cpu", "2"],
  ])
    await engine.expect(["config", "set", "--path", `groundwork:sizes.database.${path}`, value!, "--stack", "staging"]);
  await engine.expect(["refresh", "--target", finding.urn, "--stack", "staging", "--yes", "--skip-preview"]);
  await expectClean("staging");
  cloud(engine, (store) => store.put(before));
  await engine.expect(["config", "set", "--path", "groundwork:sizes.database.memory", "1 GB", "--stack", "staging"]);
  await engine.expect(["config", "set", "--path", "groundwork:sizes.database.cpu", "1", "--stack", "staging"]);
  await engine.expect(["refresh", "--target", finding.urn, "--stack", "staging", "--yes", "--skip-preview"]);
  await expectClean("staging");
});

test(
  "a password that somebody reset: nothing restores it, and what adopts it lets the services in again",
  { timeout: 300_000 },
  async () => {
    const [user] = cloud(engine, (store) =>
      store
        .list("digitalocean:index/databaseUser:DatabaseUser")
        .filter(({ id }) => objectOf(engine, "DatabaseCluster", "template-staging-database").id === id.split("/")[0]),
    );
    const password = "AVNS_resetByHand77";
    const old = String(user!.outputs["password"]);
    cloud(engine, (store) => store.put({ ...user!, outputs: { ...user!.outputs, password } }));
    const finding = await find("staging", "DatabaseUser/database-user");
    expect(finding.properties).toEqual([
      { path: "password", expected: "(secret)", actual: "(another value, not shown)", isAsked: false, heirs: ["App app (spec)"] },
    ]);
    said.length = 0;
    expect(await restoreFinding("staging", finding, hands)).toBe(false);
    expect(said).toEqual([expect.stringContaining("no command restores it. Adopt it")]);
    said.length = 0;
    expect(await adoptFinding("staging", finding, await adopting("staging"))).toBe(false);
    expect(said[0]).toContain("password: App app (spec) has the old value, so the next preview changes it.");
    expect(said.slice(1)).toEqual([
      `  npm run sandbox -- refresh --target '${finding.urn}' --stack staging`,
      "  npm run sandbox -- up --stack staging",
    ]);
    // The commands that were named do what was said, on the real engine: the preview is not clean after the first, and it is the App alone.
    await engine.expect(["refresh", "--target", finding.urn, "--stack", "staging", "--yes", "--skip-preview"]);
    expect((await stepsOf(engine, "staging")).map(({ op, name }) => `${op} ${name}`)).toEqual(["update app"]);
    await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
    const { outputs } = (await lookAt(hands.pulumi, "staging")).expected.find(({ type }) => type === appType)!;
    const given = JSON.stringify(bare(outputs["spec"]));
    expect([given.includes(password), given.includes(old)]).toEqual([true, false]);
    await expectClean("staging");
  },
);

test("what somebody changed is adopted: the stack file says it, and the preview is clean", { timeout: 300_000 }, async () => {
  tamper(engine, "App", "template-staging", (outputs) => (backend(outputs).instanceCount = 2));
  expect(await adoptFinding("staging", await find("staging", "app"), await adopting("staging"))).toBe(true);
  expect(backend(objectOf(engine, "App", "template-staging").outputs).instanceCount).toBe(2);
  await expectClean("staging");

  // The program does not say it, so the state alone takes it in; and by hand is the only way back.
  tamper(engine, "Vpc", "template-staging", (outputs) => (outputs["default"] = true));
  const finding = await find("staging", "Vpc/network");
  said.length = 0;
  expect(await restoreFinding("staging", finding, hands)).toBe(false);
  expect(said.join("\n")).toContain("default to false");
  expect(await adoptFinding("staging", finding, await adopting("staging"))).toBe(true);
  await expectClean("staging");

  tamper(engine, "DnsRecord", "api.staging", (outputs) => (outputs["ttl"] = 17));
  said.length = 0;
  const record = await find("staging", "edge-api");
  expect(await adoptFinding("staging", record, await adopting("staging"))).toBe(false);
  expect(said.join("\n")).toContain("ttl cannot be kept: timeToLiveSeconds of the EdgeProxy says it, in systems/template/system.ts");
  expect(await restoreFinding("staging", record, hands)).toBe(true);
});

test("an App that was deleted, with a change that is not deployed beside it: the one run that leads out is named wherever it ends", async () => {
  const { id } = objectOf(engine, "App", "template-staging");
  configure(engine, "staging", ["groundwork:sizes", "backend", "replicas"], 4);
  cloud(engine, (store) => store.remove(appType, id));
  const out = "npm run sandbox -- up --refresh --stack staging";
  const finding = await find("staging", "App/app");
  expect(finding.kind).toBe("gone");
  await expect(restoreFinding("staging", finding, hands)).rejects.toThrow(`make it anew together with them: ${out}`);
  const around = { ...hands, cloud: storedCloud(engine.sandbox) };
  await expect(deploy({ stack: "staging", images: {} }, around)).rejects.toThrow(
    new RegExp(`the App is gone from the cloud, so nothing serves\\..* ${out}\\n(?:.*\\n)*.*PUT .*/v2/apps/${id}: 404`),
  );
  const isWell = async () => verify("staging", await readExport(hands.pulumi, "staging"), { cloud: around.cloud, seconds: undefined });
  expect((await isWell()).problems).toContain(goneText("staging"));
  await engine.expect(["up", "--refresh", "--stack", "staging", "--yes", "--skip-preview"]);
  expect(backend(objectOf(engine, "App", "template-staging").outputs).instanceCount).toBe(4);
  expect((await isWell()).problems).toEqual([]);
  await expectClean("staging");
}, 180_000);

test("a deploy that begins and ends while the cloud is read is no drift", async () => {
  const { pulumi } = hands;
  const during = async (variables: Record<string, string | undefined>): Promise<unknown> => {
    const elsewhere = vi.spyOn(pulumi, "elsewhere").mockImplementationOnce((...place) => {
      const copy = Pulumi.sandbox(engine.sandbox).elsewhere(...place);
      const capture = copy.capture.bind(copy);
      vi.spyOn(copy, "capture").mockImplementation(async (args, ...rest) => {
        if (args[0] === "refresh")
          expect(await pulumi.capture(["up", "--stack", "staging", "--yes", "--skip-preview"], variables)).toMatchObject({ code: 0 });
        return capture(args, ...rest);
      });
      return copy;
    });
    return driftOf(pulumi, "staging").finally(() => elsewhere.mockRestore());
  };
  expect(await during({})).toMatchObject({ findings: [] });
  await expect(during({ GROUNDWORK_IMAGES: "none" })).rejects.toThrow("staging was deployed while it was compared");
  expect(await driftOf(pulumi, "staging")).toMatchObject({ findings: [] });
}, 180_000);
