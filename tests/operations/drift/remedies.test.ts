import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { findingOf } from "../../../operations/drift/act.ts";
import { dangerWords, headlineOf } from "../../../operations/drift/harm.ts";
import { entryFor } from "../../../operations/database/rules.ts";
import { changedLines, withOptions } from "../../../operations/drift/write-options.ts";
import { adopt } from "../../../operations/drift/adopt.ts";
import { Secret } from "../../../operations/drift/held.ts";
import { type Finding, judge } from "../../../operations/drift/judge.ts";
import { places } from "../../../operations/drift/said-elsewhere.ts";
import { stackOptionsOf } from "../../../operations/drift/stack-options.ts";
import { restore } from "../../../operations/drift/remedies.ts";
import { held, look } from "./look.ts";

const finding = (type: string, path: string, actual: string, more: Partial<Finding> = {}): Finding => ({
  urn: `urn:pulumi:staging::shop::x$some:index:${type}::one`,
  type: type === "App" ? "digitalocean:index/app:App" : `some:index:${type}`,
  name: "one",
  id: "1",
  kind: "changed",
  properties: [{ path, expected: "1", actual, isAsked: true }],
  ...more,
});

const about = async (stack: string) => stackOptionsOf("template", stack, readFileSync(`Pulumi.${stack}.yaml`, "utf8"));
const staging = await about("staging");

test("how each kind of finding is brought back", () => {
  const commands = (one: Finding) => restore("staging", one, " --system shop").commands;
  const record = finding("DnsRecord", "ttl", "17");
  expect(commands(record)).toEqual([
    "npm run ops -- drift --stack staging --restore DnsRecord/one --system shop",
    `pulumi up --refresh --target '${record.urn}' --stack staging`,
  ]);
  expect(commands({ ...record, kind: "gone" }).at(-1)).toBe(
    `pulumi up --refresh --target '${record.urn}' --target-dependents --stack staging`,
  );
  expect(commands({ ...record, kind: "unread" })).toEqual([]);
  // The state of an App must never take its secrets encrypted.
  const app = finding("App", "spec.services[web].instanceCount", "3");
  expect(commands(app).at(-1)).toBe("GROUNDWORK_REDEPLOY=1 pulumi up --stack staging");
  expect(commands(app).join(" ")).not.toContain("refresh");
  const secret = finding("ActionsSecret", "value", "(secret)", { type: "github:index/actionsSecret:ActionsSecret" });
  expect(commands(secret).slice(1)).toEqual([
    `pulumi up --target-replace '${secret.urn}' --stack staging`,
    `pulumi up --refresh --target '${secret.urn}' --stack staging`,
  ]);
  // What the program does not say, no command sets.
  const own = finding("Vpc", "description", "x", { properties: [{ path: "description", expected: '""', actual: '"x"', isAsked: false }] });
  expect(restore("staging", own, "")).toEqual({
    commands: [],
    words: 'The program does not say what it is to be, so set it back by hand: description to "".',
    isOffered: false,
  });
});

test("what holds data is left to a person, whatever happened to it", () => {
  for (const type of ["DatabaseCluster", "DatabaseDb", "DatabaseUser", "SpacesBucket", "Volume", "Repository", "ContainerRegistry"]) {
    for (const kind of ["changed", "gone"] as const) {
      expect(restore("staging", finding(type, "size", '"x"', { kind }), "").isOffered).toBe(false);
      expect(adopt("staging", finding(type, "size", '"db-s-1vcpu-2gb"', { kind }), "", staging).isOffered).toBe(false);
    }
  }
});

const kept = (one: Finding, options = staging) => {
  const { options: all, reasons, words } = adopt("staging", one, "", options);
  if (all.length > 0) return all.map(({ path, value }) => `${path.join("/")}=${value}`);
  return reasons.length > 0 ? reasons.map(({ path, why }) => `${path}: ${why}`) : [words];
};
const inApp = (...changes: readonly (readonly [path: string, actual: string])[]) =>
  finding("App", "", "", { properties: changes.map(([path, actual]) => ({ path, expected: "1", actual, isAsked: true })) });

test("what the stack file has to say", async () => {
  const backend = "spec.services[backend]";
  expect(kept(inApp([`${backend}.instanceCount`, "3"]))).toEqual(["groundwork:sizes/backend/replicas=3"]);
  expect(kept(inApp([`${backend}.instanceSizeSlug`, '"apps-d-1vcpu-2gb"']))).toEqual([
    "groundwork:sizes/backend/memory=2 GB",
    "groundwork:sizes/backend/cpu=1",
    "groundwork:sizes/backend/dedicated=true",
  ]);
  const range = `${backend}.autoscaling`;
  expect(
    kept(
      inApp(
        [`${range}.maxInstanceCount`, "4"],
        [`${range}.metrics.cpu.percent`, "60"],
        [`${range}.minInstanceCount`, "2"],
        [`${backend}.instanceCount`, "(nothing)"],
      ),
    ),
  ).toEqual([
    "groundwork:sizes/backend/replicas/max=4",
    "groundwork:sizes/backend/replicas/cpuPercent=60",
    "groundwork:sizes/backend/replicas/min=2",
  ]);
  expect(kept(inApp([`${range}.minInstanceCount`, "(nothing)"], [`${backend}.instanceCount`, "2"]))).toEqual([
    "groundwork:sizes/backend/replicas=2",
  ]);
  expect(kept(inApp([`${backend}.envs[LOG_LEVEL].value`, '"DEBUG"']))).toEqual(["groundwork:backend/logLevel=DEBUG"]);
  expect(kept(inApp([`${backend}.envs[HTTP_CLIENT_TIMEOUT].value`, '"60"']))).toEqual(["groundwork:backend/httpClientTimeout=60"]);
  const database = (path: string, actual: string) => finding("DatabaseCluster", path, actual, { name: "database" });
  expect(kept(database("nodeCount", "2"))).toEqual(["groundwork:sizes/database/standby=1"]);
  expect(kept(database("version", '"17"'))).toEqual(["groundwork:versions/database=17"]);
  expect(kept(finding("ContainerRegistry", "subscriptionTierSlug", '"professional"'), await about("shared"))).toEqual([
    "groundwork:registry/tier=professional",
  ]);
  expect(kept(finding("RepositoryEnvironment", "waitTimer", "30", { name: "application-production" }), await about("delivery"))).toEqual([
    "groundwork:environments/production/wait=30 min",
  ]);
  const service = (path: string, actual: string) => finding("Service", path, actual, { name: "backend" });
  expect(kept(service("mode.replicated.replicas", "2"))).toEqual(["groundwork:sizes/backend/replicas=2"]);
  expect(kept(service("taskSpec.resources.limits.memoryBytes", String(1024 ** 3)))).toEqual(["groundwork:sizes/backend/memory=1 GB"]);
  expect(kept(service("taskSpec.resources.limits.nanoCpus", "1500000000"))).toEqual(["groundwork:sizes/backend/cpu=1.5"]);
  expect(kept(service("taskSpec.containerSpec.env.LOG_LEVEL", '"DEBUG"'))).toEqual(["groundwork:backend/logLevel=DEBUG"]);
});

test("no reason sends to the real pulumi from the sandbox, where a provided secret that is set would be gone with the next command", () => {
  const { reasons } = adopt(
    "staging",
    inApp(["spec.services[backend].envs[CLERK_SECRET_KEY].value", "(secret, another value)"]),
    " --sandbox",
    staging,
  );
  expect(reasons.map(({ why }) => why)).toEqual([
    "a secret is never read back, and the sandbox makes up those that are provided: restore it",
  ]);
});

test("why the stack file cannot say it, with the file and the option that do", async () => {
  const why = (one: Finding, options = staging) => kept(one, options)[0]?.replace(/^[^:]*: /, "");
  const backend = "spec.services[backend]";
  expect(why(inApp([`${backend}.instanceSizeSlug`, '"huge"']))).toBe("no size of the stack file is huge");
  expect(why(inApp([`${backend}.image.digest`, '"sha256:1"']))).toMatch(/^an image is deployed, not written down: pass its digest/);
  expect(why(inApp([`${backend}.envs[CLERK_SECRET_KEY].value`, "(secret, another value)"]))).toBe(
    "a secret is never read back: give the program the new one with pulumi config set --secret --path groundwork:provided.clerkSecretKey --stack staging",
  );
  expect(why(inApp([`${backend}.envs[SECRET_KEY].value`, "(secret, another value)"]))).toBe(
    "no option of Pulumi.staging.yaml is SECRET_KEY: the program makes it, in systems/template/system.ts or of a secret that it generates",
  );
  expect(why(inApp([`${backend}.envs[LOG_LEVEL].value`, '"LOUD"']))).toBe(
    'groundwork:backend/logLevel does not take "LOUD", only DEBUG, INFO, WARNING, ERROR',
  );
  expect(why(inApp([`${backend}.envs[LOG_LEVEL]`, "(nothing)"]))).toMatch(
    /say groundwork:backend\/logLevel in Pulumi.staging.yaml yourself/,
  );
  expect(why(inApp([`${backend}.httpPort`, "9000"]))).toBe(
    "port of the service backend says it, in systems/template/system.ts: change it there, or restore",
  );
  // Nobody asked for it, and the next deployment does not send it.
  expect(why(inApp(["spec.features", '["x"]']))).toMatch(/^nothing of the program says it, and each deployment/);
  const of = (component: string, type: string, path: string, actual: string) =>
    finding(type, path, actual, { urn: `urn:pulumi:staging::shop::groundwork:components:${component}$some:index:${type}::one` });
  expect(why(of("Database", "DatabaseCluster", "maintenanceWindows[0].hour", '"05:00:00"'))).toBe(
    "maintenance of the Database says it, in systems/template/system.ts: change it there, or restore",
  );
  expect(why(of("Monitoring", "MonitorAlert", "alerts.emails", '["a@example.com"]'))).toBe(
    "groundwork:alerts in Pulumi.staging.yaml says it for all of them at once: set it there, and deploy",
  );
  expect(why(of("Zone", "DnsRecord", "value", '"1.2.3.4"'))).toBe(
    "the Zone says it, in systems/template/system.ts: change it there, or restore",
  );
  expect(why(finding("Vpc", "ipRange", '"10.9.0.0/20"'))).toBe(
    "groundwork:platform says it, and another one makes it anew: no run moves it in place",
  );
  expect(why(finding("DatabaseFirewall", "rules[1]", '{"type":"ip_addr","value":"203.0.113.7"}'))).toBe(
    'it would need an end: put "203.0.113.7" under groundwork:databaseAccess with until, seven days at most',
  );
  expect(
    why(finding("RepositoryEnvironment", "waitTimer", "30", { name: "application-staging-preview" }), await about("delivery")),
  ).toMatch(/^only an environment that deploys waits/);
  // A size of a part that the stack file does not name stands in the system.
  expect(why(finding("DatabaseCluster", "nodeCount", "2", { name: "cache" }))).toMatch(/^size of the program says it, in systems/);
  const profile = await stackOptionsOf("template", "staging", "config:\n  groundwork:sizes: small\n");
  expect(why(inApp([`${backend}.instanceCount`, "3"]), profile)).toBe(
    'groundwork:sizes is the profile "small" in Pulumi.staging.yaml: write its sizes there in full first',
  );
  expect(kept(finding("DnsRecord", "ttl", "17", { kind: "gone" }))).toEqual([
    "If it is not to come back, take what makes one out of systems/template/system.ts; the next deployment then forgets it.",
  ]);
});

test("what only grows is never restored, and what the stack file cannot say of it is said first", () => {
  const sized = (type: string, path: string, expected: string, actual: string): Finding => ({
    ...finding(type, "", ""),
    name: "database",
    properties: [{ path, expected, actual, isAsked: true }],
  });
  const grown = sized("DatabaseCluster", "size", '"db-s-1vcpu-1gb"', '"db-s-2vcpu-4gb"');
  expect(restore("staging", grown, " --sandbox")).toEqual({
    commands: [],
    words:
      'size was "db-s-1vcpu-1gb" and is "db-s-2vcpu-4gb": the cloud takes no disk away. So no command restores it, and it can only be adopted: npm run ops -- drift --stack staging --adopt DatabaseCluster/database --sandbox',
    isOffered: false,
  });
  expect(restore("staging", sized("DatabaseCluster", "storageSizeMib", '"10240"', '"30720"'), "").commands).toEqual([]);
  expect(restore("staging", sized("DatabaseReplica", "size", '"db-s-1vcpu-1gb"', '"db-s-1vcpu-2gb"'), "").commands).toEqual([]);
  expect(restore("staging", sized("DatabaseCluster", "version", '"16"', '"17"'), "").words).toContain(
    "never goes back to an older version",
  );
  for (const [path, expected, actual] of [
    ["size", '"db-s-2vcpu-4gb"', '"db-s-1vcpu-2gb"'],
    ["storageSizeMib", '"30720"', '"10240"'],
    ["nodeCount", "1", "2"],
  ] as const)
    expect(restore("staging", sized("DatabaseCluster", path, expected, actual), "").commands[0]).toMatch(/^pulumi up --refresh/);
  // Nobody is told to restore what he was told cannot be.
  const cache = { ...grown, name: "cache" };
  const { commands, reasons, words } = adopt("staging", cache, "", staging);
  expect(reasons).toEqual([{ path: "size", why: "size of the program says it, in systems/template/system.ts: change it there" }]);
  expect(words).toMatch(/^What cannot go back has to be said there first/);
  expect(commands).toEqual([`pulumi refresh --target '${cache.urn}' --stack staging`]);
});

test("in the sandbox no command is named that would change what is real", () => {
  const sandbox = " --system shop --sandbox";
  const cluster = finding("DatabaseCluster", "size", '"db-s-1vcpu-2gb"', { name: "database" });
  const all = [
    finding("DnsRecord", "ttl", "17"),
    finding("DnsRecord", "ttl", "17", { kind: "gone" }),
    cluster,
    { ...cluster, kind: "gone" as const },
    inApp(["spec.services[backend].instanceCount", "3"], ["spec.services[backend].httpPort", "1"]),
    inApp(["spec.services[backend].instanceCount", "3"]),
  ].flatMap((one) => [...restore("staging", one, sandbox).commands, ...adopt("staging", one, sandbox, staging).commands]);
  expect(all.filter((command) => command.includes("pulumi "))).toEqual([]);
  expect(all).toContain(`npm run sandbox -- --system shop refresh --target '${cluster.urn}' --stack staging`);
  expect(all).toContain("GROUNDWORK_REDEPLOY=1 npm run sandbox -- --system shop up --stack staging");
  // Its stack files are made anew of the tracked ones, so no command writes into them.
  expect(all).toContain('# first in Pulumi.staging.yaml: groundwork:sizes/database/memory: "2 GB"');
});

test("what is kept in part is written down, and the rest is brought back with it", () => {
  const one = inApp(
    ["spec.services[backend].instanceCount", "3"],
    ["spec.services[backend].envs[SECRET_KEY].value", "(secret, another value)"],
  );
  const { commands, reasons, isOffered } = adopt("staging", one, "", staging);
  expect(isOffered).toBe(false);
  expect(reasons.map(({ path }) => path)).toEqual(["spec.services[backend].envs[SECRET_KEY].value"]);
  expect(commands).toEqual([
    "pulumi config set --path groundwork:sizes.backend.replicas 3 --stack staging",
    "GROUNDWORK_REDEPLOY=1 pulumi up --stack staging",
  ]);
});

test("every option that a reason names is one that a component or a repository has", () => {
  const sources = globSync("{components,components/*,platforms}/*.ts").map((file) => readFileSync(file, "utf8"));
  const missing = places
    .flatMap(({ option = "groundwork:" }) => (option.startsWith("groundwork:") ? [] : option))
    .filter((option) => !sources.some((text) => new RegExp(`readonly ${option}\\??:`).test(text)));
  expect(missing).toEqual([]);
});

test("a number gives way to a range; what changed is told line by line", () => {
  const before = "config:\n  groundwork:sizes:\n    web: { memory: 1 GB, replicas: 1 }\n  groundwork:domain: example.com\n";
  const after = withOptions(before, [
    { path: ["groundwork:sizes", "web", "replicas", "min"], value: 1 },
    { path: ["groundwork:sizes", "web", "replicas", "max"], value: 3 },
    { path: ["groundwork:backend", "logLevel"], value: "DEBUG" },
  ]);
  expect(changedLines(before, after)).toEqual([
    "-     web: { memory: 1 GB, replicas: 1 }",
    "+     web: { memory: 1 GB, replicas: { min: 1, max: 3 } }",
    "+   groundwork:backend: { logLevel: DEBUG }",
  ]);
});

test("a stack file stays as it was written but for what is set, wherever that stands", () => {
  const text = [
    "# ours",
    "config:",
    "  groundwork:alerts: {emails: [ops@example.com]}   # who is told",
    "  groundwork:sizes:",
    "      web: {memory: 1 GB}",
    "      api:",
    '        memory: "2 GB"  # enough',
    "        replicas: 2",
    "",
    "      # the database",
    "      database: {}",
    "  groundwork:backend:",
    "",
    "encryptionsalt: v1:x",
  ].join("\n");
  const set = (path: readonly string[], value: string | number): string[] => changedLines(text, withOptions(text, [{ path, value }]));
  expect(set(["groundwork:sizes", "web", "replicas"], 2)).toEqual([
    "-       web: {memory: 1 GB}",
    "+       web: {memory: 1 GB, replicas: 2 }",
  ]);
  expect(set(["groundwork:sizes", "api", "memory"], "4 GB")).toEqual([
    '-         memory: "2 GB"  # enough',
    "+         memory: 4 GB  # enough",
  ]);
  expect(set(["groundwork:sizes", "api", "cpu"], 2)).toEqual(["+         cpu: 2"]);
  expect(set(["groundwork:sizes", "database", "memory"], "1 GB")).toEqual(["-       database: {}", "+       database: { memory: 1 GB }"]);
  expect(set(["groundwork:versions", "database"], "16")).toEqual(['+   groundwork:versions: { database: "16" }']);
  expect(set(["groundwork:backend", "logLevel"], "a, b: c")).toEqual([
    "-   groundwork:backend:",
    '+   groundwork:backend: { logLevel: "a, b: c" }',
  ]);
  for (const path of [
    ["groundwork:sizes", "api", "cpu"],
    ["groundwork:sizes", "web", "replicas", "min"],
    ["groundwork:new", "x", "y"],
    ["groundwork:backend", "logLevel"],
  ]) {
    const { config } = parse(withOptions(text, [{ path, value: 7 }])) as { config: unknown };
    expect(path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], config)).toBe(7);
  }
});

test("a finding is chosen by its name where only one has it", () => {
  const drift = { stack: "staging", findings: [finding("DnsRecord", "ttl", "1"), finding("Vpc", "name", "x")], notes: [], unmanaged: [] };
  expect(findingOf(drift, "Vpc/one").type).toBe("some:index:Vpc");
  expect(() => findingOf(drift, "one")).toThrow('"one" is DnsRecord/one and Vpc/one: which?');
  expect(() => findingOf(drift, "Vpc/on")).toThrow('Did you mean "Vpc/one"?');
  expect(() => findingOf({ ...drift, findings: [] }, "one")).toThrow("nothing in staging differs");
});

test("who has the old value of what is adopted is said by property, and follows with the next up", () => {
  const password = {
    path: "password",
    expected: "(secret)",
    actual: "(another value, not shown)",
    isAsked: false,
    heirs: ["App app (spec)"],
  };
  const user = finding("DatabaseUser", "password", "", { properties: [password] });
  const { commands, words, isOffered } = adopt("staging", user, "", staging);
  expect(isOffered).toBe(false);
  expect(commands).toEqual([`pulumi refresh --target '${user.urn}' --stack staging`, "pulumi up --stack staging"]);
  expect(words).toContain("password: App app (spec) has the old value, so the next preview changes it.");
  expect(restore("staging", user, "")).toMatchObject({
    commands: [],
    isOffered: false,
    words: expect.stringContaining("no command restores it") as unknown,
  });
  // What nobody was given changes nobody.
  const alone = finding("DatabaseUser", "role", "", {
    properties: [{ path: "role", expected: '"normal"', actual: '"primary"', isAsked: false }],
  });
  expect(adopt("staging", alone, "", staging).words).toContain("nothing in the cloud changes");
  expect(restore("staging", alone, "")).toEqual({
    commands: [],
    words: 'The program does not say what it is to be, so set it back by hand: role to "normal".',
    isOffered: false,
  });
  // A person who restores the rest is told what stays.
  const cluster = finding("DatabaseCluster", "size", '"x"');
  const mixed = { ...cluster, properties: [...cluster.properties, { path: "tags", expected: "a", actual: "b", isAsked: false }] };
  expect(restore("staging", mixed, "").words).toBe(
    "By hand: tags to a. It holds data, so a person runs this, and reads the preview first:",
  );
});

test("whoever has a value is found by the value, in any form of it, and not by a short one", () => {
  const password = "AVNS_pass/word";
  const user = { ...held("DatabaseUser", { name: "app" }, { name: "app", password, port: "25060" }), name: "database-user" };
  const app = held("App", { spec: { envs: [{ key: "URL", value: new Secret(`postgres://app:${encodeURIComponent(password)}@db`) }] } });
  const record = held("DnsRecord", { value: "db", port: "25060" });
  const after = { name: "app", password: "AVNS_other-word", port: "25061" };
  const [found] = judge(look(user, after, [], [app, record])).findings.map(({ properties }) =>
    properties.map(({ path, heirs }) => [path, heirs]),
  );
  expect(found).toEqual([
    ["password", ["App app (spec)"]],
    ["port", undefined],
  ]);
});

test("a user and a read replica that are gone held no data, and nobody is sent for a backup", () => {
  const gone = (type: string): Finding => finding(type, "", "", { kind: "gone", properties: [] });
  expect(restore("staging", gone("DatabaseUser"), "").words).toMatch(
    /^The data is there: .* another password, which the same command gives to the services/,
  );
  expect(restore("staging", gone("DatabaseReplica"), "").words).toMatch(/^It held a copy only/);
  expect(restore("staging", gone("DatabaseCluster"), "").words).toMatch(/^It held data, which no command brings back/);
  expect(dangerWords(gone("DatabaseUser"))).toBe("who may reach the data is not what was deployed");
  expect(dangerWords(gone("DatabaseReplica"))).toBe("");
  expect(dangerWords(gone("DatabaseDb"))).toBe("data is gone");
  // What is not there was replaced by nobody.
  expect(dangerWords(gone("ActionsEnvironmentSecret"))).toBe("a secret is gone");
  expect(headlineOf(gone("ActionsEnvironmentSecret"))).toBe("ActionsEnvironmentSecret one gone");
});

test("what a killed session of db has left goes with --close, and not with everybody's address", () => {
  const { type, value, description } = entryFor("203.0.113.7", {
    username: "ann",
    hostname: "laptop",
    pid: 7,
    timestamp: "2026-01-02T03:04:05Z",
  });
  const rule = JSON.stringify({ type, value, description });
  const left = finding("DatabaseFirewall", "", "", {
    properties: [{ path: "rules[1]", expected: "(nothing)", actual: rule, isAsked: true }],
  });
  expect(restore("staging", left, " --sandbox")).toMatchObject({
    commands: ["npm run ops -- db --stack staging --close --sandbox"],
    isOffered: false,
  });
  // Somebody else's entry beside it is taken back as ever.
  const both = {
    ...left,
    properties: [...left.properties, { path: "rules[2]", expected: "(nothing)", actual: '{"type":"ip_addr"}', isAsked: true }],
  };
  expect(restore("staging", both, "").isOffered).toBe(true);
});
