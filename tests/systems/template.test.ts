import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { plannedResources } from "../../operations/cost/planned.ts";
import { makeUp } from "../../sandbox/made-up.ts";
import { findSystem } from "../../sandbox/systems.ts";
import { importSystem } from "../../systems/import-system.ts";
import { record } from "../harness.ts";

/** Where a value comes from, in this program's words. */
type Origin =
  /** Written in the system file. */
  | "system"
  /** The stack's own name for itself. */
  | "environment"
  /** A key of the stack file. */
  | "stack file"
  /** A secret that somebody outside issues, encrypted in the stack file. */
  | "provided"
  /** What another part of the system is. */
  | "derived"
  /** Made up by the program. */
  | "generated";

interface Documented {
  /** The document's word for where it comes from, outside local. */
  readonly source: string;
  readonly origin: Origin;
  /** What it is in local, staging and production. Undefined: it is not there. */
  readonly values: readonly [string | undefined, string | undefined, string | undefined];
}

const same = (value: string): Documented["values"] => [value, value, value];
const dashboards = ["http://dashboard.template.localhost,http://localhost:5173", "https://dashboard.staging.example.com"];

/**
 * The three tables of the document, as one. What it keeps in GitHub Secrets without being secret stands in the stack file. SERVICE_NAME is
 * the service's name in logs. GIT_COMMIT and BUILD_TIME come with the image, and SENTRY_DSN is optional.
 */
const documented: Readonly<Record<string, Documented>> = {
  ENVIRONMENT: { source: "Hardcoded", origin: "environment", values: ["local", "staging", "production"] },
  SERVICE_NAME: { source: "GitHub Secret", origin: "system", values: same("backend") },
  SUPABASE_URL: { source: "GitHub Secret", origin: "provided", values: same("supabaseUrl") },
  SUPABASE_SERVICE_KEY: { source: "GitHub Secret", origin: "provided", values: same("supabaseServiceKey") },
  CLERK_SECRET_KEY: { source: "GitHub Secret", origin: "provided", values: same("clerkSecretKey") },
  LOG_LEVEL: { source: "GitHub Secret", origin: "stack file", values: ["INFO", "INFO", "WARNING"] },
  LOG_FORMAT: { source: "GitHub Secret", origin: "system", values: same("json") },
  BACKEND_CORS_ORIGINS: {
    source: "GitHub Secret",
    origin: "derived",
    values: [dashboards[0], dashboards[1], "https://dashboard.example.com"],
  },
  CLERK_AUTHORIZED_PARTIES: { source: "Default", origin: "stack file", values: same("[]") },
  SENTRY_DSN: { source: "GitHub Secret", origin: "provided", values: [undefined, "sentryDsn", "sentryDsn"] },
  HTTP_CLIENT_TIMEOUT: { source: "Default", origin: "stack file", values: same("30") },
  HTTP_CLIENT_MAX_RETRIES: { source: "Default", origin: "stack file", values: same("3") },
  GIT_COMMIT: { source: "GitHub Actions", origin: "system", values: [undefined, undefined, undefined] },
  BUILD_TIME: { source: "GitHub Actions", origin: "system", values: [undefined, undefined, undefined] },
};

/** What the document says outside of its tables: the database, no default secrets, the number of workers, no pages of the backend. */
const beside: Readonly<Record<string, Documented["values"]>> = {
  WITH_UI: same("false"),
  WEB_CONCURRENCY: [undefined, "2", "4"],
  DATABASE_URL: ["postgresql+psycopg://", "postgresql+psycopg://", "postgresql+psycopg://"],
};

const folder = mkdtempSync(join(tmpdir(), "groundwork-template-"));
const madeUp = await makeUp(findSystem("template"), folder);
rmSync(folder, { recursive: true });
const stacks = ["local", "staging", "production"] as const;
type Stack = (typeof stacks)[number];

interface Env {
  readonly key: string;
  readonly value: string;
}

interface Inputs {
  readonly spec?: { readonly services: readonly { readonly name: string; readonly envs: readonly Env[] }[] };
  readonly taskSpec?: { readonly containerSpec: { readonly env: Record<string, string> } };
}

/** The variables of a service, with secrets in the clear: each provided one has its own name as its value. */
async function variables(stack: Stack, service: string, backend: Record<string, unknown> = {}): Promise<Record<string, string>> {
  const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, object> };
  const names = ["clerkSecretKey", "supabaseUrl", "supabaseServiceKey", ...(stack === "local" ? [] : ["sentryDsn"])];
  const provided = Object.fromEntries(names.map((name) => [name, acceptable(stack, name)]));
  const values = { ...config, "groundwork:provided": provided, "groundwork:backend": { ...config["groundwork:backend"], ...backend } };
  vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", '["groundwork:provided"]');
  const image = `ghcr.io/acme/any@sha256:${"1".repeat(64)}`;
  vi.stubEnv("GROUNDWORK_IMAGES", JSON.stringify({ backend: image, dashboard: image }));
  const text = Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  const { resources } = await record(
    async () => {
      pulumi.runtime.setAllConfig(Object.fromEntries(text) as Record<string, string>);
      return (await importSystem("template", ".")).start();
    },
    { stack, proven: [image], lookups: { getRecords: { records: [] } }, reveal: true },
  );
  const found = resources.flatMap(({ name, inputs }): Record<string, string>[] => {
    const { spec, taskSpec } = inputs as Inputs;
    if (taskSpec !== undefined && name === service) return [taskSpec.containerSpec.env];
    return (spec?.services ?? [])
      .filter((one) => one.name === service)
      .map(({ envs }) => Object.fromEntries(envs.map(({ key, value }) => [key, value])));
  });
  expect(found).toHaveLength(1);
  const back = new Map(Object.entries(provided).map(([name, value]) => [value, name]));
  return Object.fromEntries(Object.entries(found[0] ?? {}).map(([key, value]) => [key, back.get(value) ?? value]));
}

/** A value that the rules of an environment accept for a secret. */
function acceptable(stack: Stack, name: string): string {
  const text = "4f1d07c2b9a8e6d3";
  if (name === "clerkSecretKey") return `sk_${stack === "production" ? "live" : "test"}_${text}`;
  if (name === "supabaseUrl") return "https://abcdefghijkl.supabase.co";
  return name === "sentryDsn" ? `https://${text}@o1.ingest.sentry.io/2` : `sb_secret_${text}`;
}

describe.each(stacks)("the backend in %s", (stack) => {
  const at = stacks.indexOf(stack);

  test("has the document's variables with the document's values, and what the document says beside its tables", async () => {
    const all = Object.entries({ ...Object.fromEntries(Object.entries(documented).map(([key, { values }]) => [key, values])), ...beside });
    const expected = Object.fromEntries(all.flatMap(([key, values]) => (values[at] === undefined ? [] : [[key, values[at]]])));
    const { DATABASE_URL = "", WEB_CONCURRENCY = "", SECRET_KEY = "", ...rest } = await variables(stack, "backend");
    expect(Buffer.from(SECRET_KEY, "base64")).toHaveLength(64);
    const workers = stack === "local" ? {} : { WEB_CONCURRENCY };
    expect({ ...rest, ...workers, DATABASE_URL: DATABASE_URL.replace(/(?<=:\/\/).*/, "") }).toEqual(expected);
  });

  test("takes from the stack file what the table says it takes from there", async () => {
    const before = await variables(stack, "backend");
    const after = await variables(stack, "backend", {
      logLevel: "ERROR",
      httpClientTimeout: 31,
      httpClientMaxRetries: 4,
      corsOrigins: ["https://other.example.com"],
      authorizedParties: ["https://dashboard.example.com"],
      clerkJwksUrl: "https://clerk.example.com/.well-known/jwks.json",
      workers: 4,
    });
    const changed = Object.keys(after).filter((key) => before[key] !== after[key]);
    const fromStackFile = Object.keys(documented).filter((key) => documented[key]?.origin === "stack file");
    // Not in the tables: the key set of Clerk, which the backend finds by itself, and the sites beside the dashboard.
    const always = ["BACKEND_CORS_ORIGINS", "CLERK_JWKS_URL"];
    const more = { local: [...always, "WEB_CONCURRENCY"], staging: [...always, "WEB_CONCURRENCY"], production: always };
    expect(after).toMatchObject({
      CLERK_JWKS_URL: "https://clerk.example.com/.well-known/jwks.json",
      CLERK_AUTHORIZED_PARTIES: '["https://dashboard.example.com"]',
    });
    expect(changed.sort()).toEqual([...fromStackFile, ...more[stack]].sort());
  });
});

test.each(stacks)("the dashboard in %s is told where the backend is, and no secret", async (stack) => {
  const hosts = {
    local: "http://api.template.localhost",
    staging: "https://api.staging.example.com",
    production: "https://api.example.com",
  };
  const cache = { CACHE_CONTROL_ASSETS: "public, max-age=31536000, immutable", CACHE_CONTROL_PAGES: "no-cache" };
  expect(await variables(stack, "dashboard")).toEqual({ ENVIRONMENT: stack, API_URL: hosts[stack], ...cache });
});

test.each([
  ["17", "/var/lib/postgresql/data"],
  ["18", "/var/lib/postgresql"],
])("local runs PostgreSQL %s, with its data where that version keeps it", async (database, target) => {
  const resources = await plannedResources(findSystem("template"), "local", madeUp, { "groundwork:versions": { database } });
  const service = resources.find(({ type, name }) => type.endsWith(":Service") && name === "database");
  expect(service?.inputs).toMatchObject({
    taskSpec: { containerSpec: { image: expect.stringMatching(`^postgres:${database}@sha256:`) as string, mounts: [{ target }] } },
  });
});

test("an address that is let in from outside is in the firewall until its time has passed, and only then is there a URL for psql", async () => {
  const access = (minutes: number): object => ({
    "groundwork:databaseAccess": [{ address: "203.0.113.7", until: new Date(Date.now() + minutes * 60_000).toISOString() }],
  });
  const rules = async (more: object): Promise<unknown> =>
    (await plannedResources(findSystem("template"), "staging", madeUp, more as Record<string, unknown>)).find(({ type }) =>
      type.endsWith(":DatabaseFirewall"),
    )?.inputs["rules"];
  const [network] = (await rules({})) as unknown[];
  expect(await rules(access(60))).toEqual([network, { type: "ip_addr", value: "203.0.113.7" }]);
  expect(await rules(access(-1))).toEqual([network]);
});

test("a channel of Slack hears all that the addresses hear, and lines go where the stack file says", async () => {
  const more = {
    "groundwork:alerts": { emails: ["ops@example.com"], slack: "#ops" },
    "groundwork:logs": { to: "papertrail", endpoint: "logs.example.com:1" },
  };
  const resources = await plannedResources(findSystem("template"), "staging", madeUp, more);
  const channels = (value: unknown): number => JSON.stringify(value).split('"channel":"#ops"').length - 1;
  expect(resources.filter(({ type }) => /:(?:Uptime|Monitor)Alert$/.test(type)).every(({ inputs }) => channels(inputs) === 1)).toBe(true);
  const { services } = resources.find(({ type }) => type.endsWith(":App"))?.inputs["spec"] as {
    services: { alerts: object[]; logDestinations: object[] }[];
  };
  for (const { alerts, logDestinations } of services) {
    expect(alerts.map(channels)).toEqual([1, 1, 1]);
    expect(logDestinations).toEqual([{ name: "logs", papertrail: { endpoint: "logs.example.com:1" } }]);
  }
});

const seeds = resolve(import.meta.dirname, "..", "..", "..", "shared", "seeds");
const seed = existsSync(seeds) ? readdirSync(seeds).find((name) => name.startsWith("002_")) : undefined;

test.skipIf(seed === undefined)("the table above is the document's (skipped where the document is not there)", () => {
  const text = readFileSync(join(seeds, seed ?? ""), "utf8");
  const rows = [...text.matchAll(/^\| `(?<name>[A-Z_]+)` \| (?<second>[^|]+) \| (?<third>[^|]+) \|$/gm)].map(({ groups = {} }) => groups);
  const tables = rows.filter(({ second = "" }) => /^(Hardcoded|GitHub (Secret|Actions)|Default)$/.test(second.trim()));
  expect(new Set(tables.map(({ name }) => name))).toEqual(new Set(Object.keys(documented)));
  for (const { name = "", second = "" } of tables) expect(documented[name]?.source, name).toBe(second.trim());
  const examples = (name: string): string[] => tables.filter((row) => row["name"] === name).map(({ third = "" }) => third.trim());
  for (const name of [
    "ENVIRONMENT",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "BACKEND_CORS_ORIGINS",
    "CLERK_AUTHORIZED_PARTIES",
    "HTTP_CLIENT_TIMEOUT",
  ]) {
    expect(examples(name), name).toEqual(documented[name]?.values.slice(1));
  }
});
