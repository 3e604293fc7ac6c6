import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { parse } from "yaml";
import { importSystem } from "../../systems/import-system.ts";
import type { CloudOptions, Registration } from "../harness.ts";
import { record } from "../harness.ts";

const stacks = ["shared", "staging", "production", "local"];
const golden = `${import.meta.dirname}/golden`;
const digest = (of: string): string => `sha256:${of.repeat(64)}`;
const image = JSON.stringify({ backend: `ghcr.io/acme/backend@${digest("1")}`, dashboard: `ghcr.io/acme/dashboard@${digest("3")}` });
const provided = (stack: string) => ({
  clerkSecretKey: stack === "production" ? "sk_live_1" : "sk_test_1",
  supabaseUrl: "https://p.supabase.co",
  supabaseServiceKey: "sb_secret_1",
});

/** How a run departs from the tracked stack file. */
interface Departure {
  readonly preview?: boolean;
  readonly images?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly state?: CloudOptions["state"];
}

/** Runs the tracked stack file of a stack, with fake secrets and an image. */
async function run(stack: string, { preview = false, images = image, config = {}, state = {} }: Departure = {}) {
  const file = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, unknown> };
  const isEnvironment = stack !== "shared";
  const values = { ...file.config, ...(isEnvironment ? { "groundwork:provided": provided(stack) } : {}), ...config };
  vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", isEnvironment ? '["groundwork:provided"]' : "");
  vi.stubEnv("GROUNDWORK_IMAGES", images);
  const text = Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return record(
    async () => {
      pulumi.runtime.setAllConfig(Object.fromEntries(text) as Record<string, string>);
      const started = (await importSystem("template", ".")).start();
      return started.catch((error: unknown) => ({ error }));
    },
    { stack, preview, state, proven: Object.values(JSON.parse(image) as Record<string, string>), lookups: { getRecords: { records: [] } } },
  );
}

/** Docker's types have names that components have as well. */
const fileName = ({ type, name }: Registration) => `${type.startsWith("docker:") ? "docker." : ""}${type.split(":").at(-1)}.${name}.json`;

test.each(stacks)("%s registers exactly its golden files, and nothing is warned of", async (stack) => {
  const warn = vi.spyOn(pulumi.log, "warn");
  const { resources, result } = await run(stack);
  expect(result).not.toHaveProperty("error");
  expect(warn.mock.calls).toEqual([]);
  const rendered = new Map(resources.map((resource) => [fileName(resource), `${JSON.stringify(resource, null, 2)}\n`]));
  rendered.set("outputs.json", `${JSON.stringify(result, null, 2)}\n`);
  const folder = `${golden}/${stack}`;
  if (process.env["UPDATE_GOLDEN"] === "1") {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of rendered) writeFileSync(`${folder}/${name}`, text);
  }
  const stored = existsSync(folder) ? readdirSync(folder).sort() : [];
  expect(stored).toEqual([...rendered.keys()].sort());
  for (const [name, text] of rendered) expect(text, `${stack}/${name}`).toBe(readFileSync(`${folder}/${name}`, "utf8"));
});

test.each(stacks)("%s registers the same resources in a first preview", async (stack) => {
  const names = async (preview: boolean) => (await run(stack, { preview })).resources.map(fileName);
  expect(await names(true)).toEqual(await names(false));
});

test.each(stacks)("%s registers nothing when its file is wrong", async (stack) => {
  const { resources, result } = await run(stack, { config: { "groundwork:zone": "no zone" } });
  expect(resources).toEqual([]);
  expect(result).toMatchObject({ error: { name: "ConfigError" } });
});

test("staging registers nothing when an image is missing", async () => {
  const { resources, result } = await run("staging", { images: "" });
  expect(resources).toEqual([]);
  expect(result).toMatchObject({ error: { problems: [{ path: "images/backend" }, { path: "images/dashboard" }] } });
});

test("staging keeps the image that its state says it runs", async () => {
  const running = `ghcr.io/acme/backend@sha256:${"2".repeat(64)}`;
  const urn = "urn:pulumi:staging::template::groundwork:components:Service::backend";
  const state = { [urn]: { type: "groundwork:components:Service", outputs: { image: running } } };
  const { resources } = await run("staging", { images: JSON.stringify({ dashboard: `ghcr.io/acme/dashboard@${digest("3")}` }), state });
  expect(JSON.stringify(resources.find(({ type }) => type.endsWith(":App"))?.inputs)).toContain(`sha256:${"2".repeat(64)}`);
});

test("a small production is a word, and what it does without is acknowledged by name", async () => {
  const small = { "groundwork:sizes": "small", "groundwork:acknowledge": ["no-rate-limit"] };
  const { result } = await run("production", { config: small });
  const { problems } = (result as { error: { problems: { path: string; message: string }[] } }).error;
  expect(problems.map(({ path }) => path)).toEqual(["sizes/backend/replicas", "sizes/dashboard/replicas", "sizes/database/standby"]);
  const { resources } = await run("production", {
    config: { ...small, "groundwork:acknowledge": ["no-rate-limit", "one-replica", "no-standby"] },
  });
  const sizes = resources.flatMap(({ inputs }) => [...JSON.stringify(inputs).matchAll(/"(apps|db)-s-[^"]+"/g)].map(([slug]) => slug));
  expect(new Set(sizes)).toEqual(new Set(['"apps-s-1vcpu-0.5gb"', '"db-s-1vcpu-1gb"']));
});

test("images: none leaves out the services, and nothing else", async () => {
  const all = (await run("staging")).resources.map(fileName);
  const without = (await run("staging", { images: "none" })).resources.map(fileName);
  const gone = all.filter((name) => !without.includes(name));
  // What looks at the hosts goes with them.
  expect(gone.filter((name) => !name.startsWith("Uptime"))).toEqual([
    "App.app.json",
    "DnsRecord.edge-api.json",
    "DnsRecord.edge-dashboard.json",
    "SealedSecrets.app-secrets.json",
  ]);
  expect(without.filter((name) => name.startsWith("Uptime"))).toEqual([]);
});
