import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseDocument, type Document } from "yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatProblems } from "../../config/problems.ts";
import { textProblems } from "../../config/stack-file.ts";
import { repository } from "../../sandbox/home.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";
import { encrypt, type StackEncryption } from "../../sandbox/stack-secrets.ts";
import type { TestEngine } from "../engine.ts";
import { fail, types } from "./faults.ts";
import { cloud, configure, openEmpty, openTemplate, stateOf } from "./template.ts";

/** What must never be shown, wherever somebody put it. */
const planted = "sk-live-4f1d07planted";

/** How a case breaks the right file: its parsed form, or its text. */
type Break =
  { readonly file: (document: Document, secret: (value: string) => unknown) => void } | { readonly text: (text: string) => string };

const at = (path: readonly (string | number)[], value: unknown): Break => ({
  file: (document) => document.setIn(["config", ...path], document.createNode(value)),
});
const without = (...path: string[]): Break => ({ file: (document) => void document.deleteIn(["config", ...path]) });
const replace = (from: string | RegExp, to: string): Break => ({ text: (text) => text.replace(from, to) });
const issued = (name: string, value: string): Break => ({
  file: (document, secret) => document.setIn(["config", "groundwork:provided", name], secret(value)),
});
const token = (role: string): string => `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ role })).toString("base64url")}.${planted}`;
const image = `ghcr.io/acme/backend@sha256:${"a".repeat(64)}`;

/** One thing that somebody gets wrong in staging's file. */
const cases: readonly (readonly [string, Break, Record<string, string>?])[] = [
  ["misspelt key", replace("groundwork:domain", "groundwork:domian")],
  ["misspelt key inside", replace("replicas: 1", "replcias: 1")],
  ["duplicate key", replace("  groundwork:domain:", "  groundwork:zone: example.org\n  groundwork:domain:")],
  ["duplicate key inside", replace("memory: 1 GB, replicas: 1", "memory: 1 GB, memory: 2 GB")],
  ["YAML syntax: a bracket", replace("groundwork:domain: s", "groundwork:domain: [s")],
  ["YAML syntax: a tab", replace("  groundwork:domain", "\tgroundwork:domain")],
  ["empty file", { text: () => "" }],
  ["no config at the top", replace("config:", "confg:")],
  ["a key that is not indented", replace("  groundwork:domain", "groundwork:domain")],
  ["missing key", without("groundwork:domain")],
  ["wrong type", at(["groundwork:sizes"], "large")],
  ["wrong type inside", at(["groundwork:sizes", "backend", "memory"], 1024)],
  ["number in quotes", at(["groundwork:sizes", "backend", "replicas"], "1")],
  ["bad unit", at(["groundwork:sizes", "backend", "memory"], "1 Gb")],
  ["unknown size", at(["groundwork:sizes", "backend", "memory"], "3 GB")],
  ["unknown size of a database", at(["groundwork:sizes", "database", "memory"], "3 GB")],
  ["a product's slug as the region", at(["groundwork:platform", "region"], "fra1")],
  [
    "regions that do not match",
    at(["groundwork:platform"], { type: "app-platform", region: "fra", databaseRegion: "nyc3", network: "10.42.0.0/20" }),
  ],
  ["min above max", at(["groundwork:sizes", "backend"], { memory: "1 GB", dedicated: true, replicas: { min: 3, max: 2 } })],
  ["zero replicas", at(["groundwork:sizes", "backend", "replicas"], 0)],
  ["invalid domain", at(["groundwork:domain"], "https://staging.example.com")],
  ["domain outside the zone", at(["groundwork:domain"], "staging.example.org")],
  ["public network", at(["groundwork:platform", "network"], "8.8.0.0/20")],
  ["tag instead of digest", at(["groundwork:images"], { backend: "ghcr.io/acme/backend:latest" }), { GROUNDWORK_IMAGES: "" }],
  ["no image", without("groundwork:nothing"), { GROUNDWORK_IMAGES: "" }],
  ["image of an unknown service", without("groundwork:nothing"), { GROUNDWORK_IMAGES: JSON.stringify({ backend: image, backned: image }) }],
  [
    "image of a registry that is not known",
    without("groundwork:nothing"),
    { GROUNDWORK_IMAGES: JSON.stringify({ backend: image.replace("ghcr.io", "quay.io") }) },
  ],
  ["unknown platform", at(["groundwork:platform", "type"], "app")],
  ["option of another platform", at(["groundwork:platform", "host"], "ssh://root@example.com")],
  ["acknowledged, and does not occur", at(["groundwork:acknowledge"], ["no-rate-limit", "no-standby"])],
  ["missing secret", without("groundwork:provided", "clerkSecretKey")],
  ["plain-text secrets", at(["groundwork:provided"], { clerkSecretKey: planted, supabaseUrl: planted, supabaseServiceKey: planted })],
  ["secret under a wrong key", { file: (document, secret) => document.setIn(["config", "groundwork:clerkSecretKey"], secret(planted)) }],
  ["secret under a right key", { file: (document, secret) => document.setIn(["config", "groundwork:domain"], secret(planted)) }],
  [
    "secret with an unknown name",
    { file: (document, secret) => document.setIn(["config", "groundwork:provided", planted], secret(planted)) },
  ],
  [
    "placeholder left in",
    { file: (document, secret) => document.setIn(["config", "groundwork:provided", "clerkSecretKey"], secret("<changethis>")) },
  ],
  ["live key in staging", issued("clerkSecretKey", `sk_live_${"4f1d07planted"}`)],
  ["key of another form", issued("clerkSecretKey", planted)],
  ["anon key as the service key", issued("supabaseServiceKey", token("anon"))],
  ["URL that is not encrypted", issued("supabaseUrl", "http://planted.supabase.co")],
  ["misspelt namespace", replace("groundwork:domain", "groundwrok:domain")],
  ["namespace of nobody", at(["banana:domain"], "example.com")],
  ["http origin", at(["groundwork:backend", "corsOrigins"], ["http://dashboard.example.com"])],
  ["any origin", at(["groundwork:backend", "corsOrigins"], ["*"])],
  ["file of another environment", { text: () => readFileSync(join(repository, "Pulumi.production.yaml"), "utf8") }],
  ["file of the shared stack", { text: () => readFileSync(join(repository, "Pulumi.shared.yaml"), "utf8") }],
  [
    "three at once",
    {
      file: (document) => {
        document.deleteIn(["config", "groundwork:zone"]);
        document.setIn(["config", "groundwork:sizes", "backend", "replicas"], 0);
        document.setIn(["config", "groundwork:platfrom"], document.createNode({ type: "app-platform" }));
      },
    },
  ],
];

let engine: TestEngine;
let plugins: string;
const report: string[] = [];

beforeAll(async () => {
  engine = await openEmpty();
  plugins = join(engine.home.root, "plugin-started");
  watchPlugins(engine, plugins);
  await engine.sandbox.ensureStack("shared");
  await engine.sandbox.ensureStack("staging");
});

afterAll(() => engine[Symbol.asyncDispose]());

/** Makes every plugin leave a mark when the engine starts it. */
function watchPlugins(engine: TestEngine, mark: string): void {
  for (const script of globSync(join(engine.home.pulumiHome, "plugins", "*", "pulumi-resource-*"))) {
    if (script.endsWith(".real")) continue;
    const real = `${script}.real`;
    renameSync(script, real);
    writeFileSync(script, `#!/bin/sh\necho ${basename(script)} >> '${mark}'\nexec '${real}' "$@"\n`, { mode: 0o755 });
  }
}

/** A preview that must end refused, with nothing registered and no plugin started. Returns what was said. */
async function refused(folder: string, stack: string, env: Record<string, string> = {}): Promise<string> {
  rmSync(plugins, { force: true });
  const { code, stdout, stderr } = await engine.run(["preview", "--stack", stack], { folder, env });
  const said = `${stdout}\n${stderr}`;
  expect(code, said).toBe(1);
  expect(said).not.toContain(planted);
  expect(said).not.toMatch(/^\s+at .*[:(]\d+/m);
  const registered = [...said.matchAll(/^ [-+~ ]+ (\w+:\S*:\w+) \S+/gm)].map(([, type]) => type);
  expect(registered.filter((type) => type !== "pulumi:pulumi:Stack")).toEqual([]);
  expect(existsSync(plugins)).toBe(false);
  expect(cloud(engine, (store) => store.list())).toEqual([]);
  return messageOf(said);
}

/** The diagnostics of a run, without what stands around them; what the engine says before the program starts as it is. */
function messageOf(said: string): string {
  const [, own] = /Diagnostics:\n.*\n([\s\S]*?)\n\nResources:/.exec(said) ?? [];
  return own === undefined ? said.trim() : own.replaceAll(/^ {4}/gm, "").trim();
}

function broken(text: string, change: Break): string {
  if ("text" in change) return change.text(text);
  const encryption = JSON.parse(readFileSync(join(engine.home.root, "encryption.json"), "utf8")) as StackEncryption;
  const document = parseDocument(text);
  change.file(document, (value) => document.createNode({ secure: encrypt(encryption, value) }));
  return document.toString();
}

function write(name: string, ...texts: string[]): void {
  report.push(`── ${name}`, ...texts, "");
}

test("a right file starts plugins and is planned, so that the cases below can fail", async () => {
  await engine.expect(["preview", "--stack", "staging"]);
  expect(readFileSync(plugins, "utf8")).toContain("pulumi-resource-digitalocean");
});

test.for(cases)("%s is refused", async ([name, change, env]) => {
  const folder = engine.home.project("template");
  const file = join(folder, "Pulumi.staging.yaml");
  const right = readFileSync(file, "utf8");
  try {
    const text = broken(right, change);
    writeFileSync(file, text);
    const said = await refused(folder, "staging", env);
    const checked = textProblems(text);
    const isOurs = said.includes("Pulumi.staging.yaml:");
    // What the engine says by itself names neither file nor way out, so that the check and the sandbox say it first.
    if (!isOurs) expect(checked).not.toEqual([]);
    write(
      name,
      said,
      ...(checked.length === 0 || "file" in change
        ? []
        : [`npm run check, npm run sandbox: ${formatProblems("Pulumi.staging.yaml", checked)}`]),
    );
  } finally {
    writeFileSync(file, right);
  }
});

test("a refused up leaves nothing in the state but the stack itself", async () => {
  const folder = engine.home.project("template");
  const file = join(folder, "Pulumi.staging.yaml");
  const right = readFileSync(file, "utf8");
  try {
    configure(engine, "staging", ["groundwork:domian"], "x");
    expect((await engine.run(["up", "--stack", "staging", "--yes", "--skip-preview"])).code).toBe(1);
  } finally {
    writeFileSync(file, right);
  }
  expect(stateOf(engine, "staging").resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
});

test("unknown system is refused", async () => {
  const folder = await engine.project("templat", join(repository, "index.ts"), "staging");
  write("unknown system", await refused(folder, "staging"));
});

test("same host twice is refused", async () => {
  const { home } = engine;
  const tiny = await Sandbox.open(home, "tests/systems/tiny");
  watchPlugins(engine, plugins);
  await tiny.ensureStack("staging");
  const file = join(home.project("tiny"), "Pulumi.staging.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/\[ ?www ?\]/, "[www, shop, www]"));
  write("same host twice", await refused(home.project("tiny"), "staging", { GROUNDWORK_IMAGES: tiny.environment.GROUNDWORK_IMAGES ?? "" }));
});

const registry = { tier: "basic", region: "fra" };

test.for<readonly [string, Readonly<Record<string, unknown>>]>([
  ["regions that do not match: a registry where there are none", { registry: { ...registry, region: "lon" } }],
  ["registry with a bad tier", { registry: { ...registry, tier: "pro" } }],
  ["registry with a bad name", { registry: { ...registry, name: "House_Images" } }],
  ["registry that is made, and that stands already", { registry, existing: { registry: { import: "house" } } }],
  ["registry that is made of nothing", { existing: { registry: "create" } }],
])("%s is refused", async ([name, keys]) => {
  const file = join(engine.home.project("template"), "Pulumi.shared.yaml");
  const right = readFileSync(file, "utf8");
  try {
    for (const [key, value] of Object.entries(keys)) configure(engine, "shared", [`groundwork:${key}`], value);
    write(name, await refused(engine.home.project("template"), "shared"));
  } finally {
    writeFileSync(file, right);
  }
});

/** One thing that somebody gets wrong in the file of a delivery stack. */
const delivery: readonly (readonly [string, Break])[] = [
  ["delivery: unknown environment", at(["groundwork:environments", "prodution"], {})],
  ["delivery: unknown repository", at(["groundwork:repositories", "backend"], { name: "backend" })],
  ["delivery: reviewers on a plan that has none", at(["groundwork:github", "plan"], "team")],
  ["delivery: private repositories on the free plan", at(["groundwork:github", "plan"], "free")],
  ["delivery: a deploy target that has no deploy", at(["groundwork:environments", "staging"], { target: "railway" })],
  [
    "delivery: credentials of two deploy targets",
    {
      file: (document, secret) => {
        document.setIn(["config", "groundwork:environments", "staging"], document.createNode({ target: "docker-host" }));
        const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${planted}\n-----END OPENSSH PRIVATE KEY-----\n`;
        document.setIn(["config", "groundwork:provided", "staging", "deploySshKey"], secret(key));
      },
    },
  ],
  ["delivery: missing secret", without("groundwork:provided", "staging", "passphrase")],
  [
    "delivery: secret that no workflow reads",
    { file: (document, secret) => document.setIn(["config", "groundwork:provided", "staging", planted], secret(planted)) },
  ],
  [
    "delivery: one passphrase for two environments",
    {
      file: (document) => {
        const passphrase = ["config", "groundwork:provided", "staging", "passphrase"];
        document.setIn(["config", "groundwork:provided", "production", "passphrase"], document.getIn(passphrase, true));
      },
    },
  ],
  ["delivery: plain-text secrets", at(["groundwork:provided"], { staging: { digitaloceanToken: planted } })],
  ["delivery: repository named twice", at(["groundwork:repositories", "storefront", "name"], "Delivered")],
  ["delivery: overwrite in a repository that is made", at(["groundwork:repositories", "storefront", "overwrite"], true)],
  ["delivery: state on one machine", at(["groundwork:state"], "file:///var/state")],
  ["delivery: credentials in the state's address", at(["groundwork:state"], `s3://key:${planted}@acme-state`)],
  ["delivery: private half of a deploy key", at(["groundwork:repositories", "storefront", "deployKeys"], { mirror: { key: planted } })],
];

test.for(delivery)("%s is refused", async ([name, change]) => {
  const { home } = engine;
  const delivered = await Sandbox.open(home, "tests/systems/delivered");
  watchPlugins(engine, plugins);
  await delivered.ensureStack("delivery");
  const file = join(home.project("delivered"), "Pulumi.delivery.yaml");
  const right = readFileSync(file, "utf8");
  try {
    writeFileSync(file, broken(right, change));
    write(name, await refused(home.project("delivered"), "delivery"));
  } finally {
    writeFileSync(file, right);
  }
});

test("deviation not acknowledged is refused", async () => {
  await engine.sandbox.ensureStack("production");
  configure(engine, "production", ["groundwork:sizes", "backend", "replicas"], 1);
  configure(engine, "production", ["groundwork:sizes", "database", "standby"], 0);
  write("deviation not acknowledged", await refused(engine.home.project("template"), "production"));
});

test("what the stack last held is not overrun by another stack's file", async () => {
  await using up = await openTemplate();
  configure(up, "staging", ["groundwork:domain"], "other.example.com");
  configure(up, "staging", ["groundwork:platform", "network"], "10.44.0.0/20");
  const staging = await up.run(["preview", "--stack", "staging"]);
  configure(up, "shared", ["groundwork:zone"], "example.org");
  const shared = await up.run(["preview", "--stack", "shared"]);
  expect([staging.code, shared.code]).toEqual([1, 1]);
  write("file of another stack", messageOf(staging.stdout));
  write("zone of another system", messageOf(shared.stdout));
});

test("a first up that failed is known by the network that it made, and only by that", async () => {
  await using first = await openEmpty();
  for (const stack of ["shared", "staging"]) await first.sandbox.ensureStack(stack);
  await first.expect(["up", "--stack", "shared", "--yes", "--skip-preview"]);
  fail(first, { type: types.vpc, operation: "create", kind: "500", times: 20 });
  expect((await first.run(["up", "--stack", "staging", "--yes", "--skip-preview"])).code).not.toBe(0);
  cloud(first, (store) => store.clearFaults());
  configure(first, "staging", ["groundwork:platform", "network"], "10.44.0.0/20");
  fail(first, { type: types.app, operation: "create", kind: "deployment", details: { phase: "deploy" } });
  expect((await first.run(["up", "--stack", "staging", "--yes", "--skip-preview"])).stdout).not.toContain("Pulumi.staging.yaml");
  configure(first, "staging", ["groundwork:platform", "region"], "ams");
  const { code, stdout } = await first.run(["preview", "--stack", "staging"]);
  expect(code).toBe(1);
  write("another region after a first up that failed", messageOf(stdout));
});

test("every text is as reviewed", async () => {
  await expect(report.join("\n")).toMatchFileSnapshot("golden/refused.txt");
  console.log(`refused: ${report.filter((line) => line.startsWith("── ")).length} cases`);
});
