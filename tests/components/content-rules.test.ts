import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { contentKnown, refuseContent } from "../../components/content-rules.ts";
import { derived, generated, renewedWithin, SecretSet, type SecretSource } from "../../components/secret-set.ts";
import type { Variable } from "../../components/service.ts";
import { Service } from "../../components/service.ts";
import type { Environment } from "../../config/environments.ts";
import { knownSecret } from "../../config/known-secrets.ts";
import type { Image } from "../../config/images.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Source } from "../../platforms/workloads.ts";
import { record } from "../harness.ts";

const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
const scale = { memory: 1024, dedicated: false, replicas: 1 };

type Env = Readonly<Record<string, Variable>>;

/** What is said of the variables of some services, and what they are told in the end. */
async function judge(
  environment: Environment,
  services: Readonly<Record<string, Env>>,
  secrets: Readonly<Record<string, SecretSource>> = {},
  { accepted = [], frontend = false }: { accepted?: readonly string[]; frontend?: boolean } = {},
) {
  const warnings: string[] = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation((message) => (warnings.push(message), Promise.resolve()));
  let refused = "";
  let unused: readonly string[] = [];
  let platform;
  const told: Record<string, unknown>[] = [];
  await record(async () => {
    const choice = { type: "app-platform", region: "nyc", network: "10.42.0.0/20" } as const;
    platform = await loadPlatform(choice, { system: "shop", stack: environment, environment });
    const watched = {
      ...platform,
      addService: (service: { env: Record<string, unknown> }) => (told.push(service.env), pulumi.output<Image | Source>(image)),
    };
    const set = Object.keys(secrets).length === 0 ? undefined : new SecretSet("s", { platform: watched, values: secrets });
    for (const [name, env] of Object.entries(services)) {
      new Service(name, {
        platform: watched,
        image,
        port: 80,
        scale,
        health: { live: "/", ready: "/" },
        env,
        frontend,
        ...(set ? { secrets: set } : {}),
      });
    }
    await contentKnown();
    unused = refuseContent(watched, accepted);
    refused = platform
      .refused()
      .filter((text) => text.startsWith("Variables"))
      .join("\n");
  });
  return { refused, warnings, told, unused };
}

afterEach(() => vi.restoreAllMocks());

const accept = (name: string): string =>
  `If a finding with its rule in brackets is wrong here, accept it by name: groundwork:acknowledge: ["${name}"].`;

const services = {
  backend: { BACKEND_CORS_ORIGINS: ["https://a.example.com", "*"], WITH_UI: true, API_URL: "http://search:7700" },
  dashboard: { VITE_JWT_SECRET: "x", LOG_LEVEL: "LOUD" },
};

test("everything that is wrong with any service is said at once, and stops the run", async () => {
  expect((await judge("production", services)).refused).toBe(
    [
      "Variables that production must not have:",
      '  backend/BACKEND_CORS_ORIGINS: "*" lets every site in. Name each origin, as in "https://dashboard.example.com".',
      "  backend/WITH_UI: shows the API's own pages to everybody. Set it to false in production. [ui-in-production]",
      "  dashboard/VITE_JWT_SECRET: has the name of a secret, and visitors can read it in their browsers. Keep it on the server, and give browsers a key that is made for them. [browser-secret]",
      '  dashboard/LOG_LEVEL: "LOUD" is no level. Use DEBUG, INFO, WARNING or ERROR. [log-level]',
      `  ${accept("ui-in-production:backend.WITH_UI")}`,
    ].join("\n"),
  );
});

test("in local the same is a warning, and only what leaves the machine stops the run", async () => {
  const { refused, warnings } = await judge("local", services);
  expect(refused).toMatch(
    /^Variables that local must not have:\n {2}dashboard\/VITE_JWT_SECRET: .*\n {2}If a finding with its rule in brackets .*$/,
  );
  expect(warnings).toEqual([
    [
      "Variables that local should not have:",
      '  backend/BACKEND_CORS_ORIGINS: "*" lets every site in. Name each origin, as in "https://dashboard.example.com". [open-origin]',
      '  dashboard/LOG_LEVEL: "LOUD" is no level. Use DEBUG, INFO, WARNING or ERROR. [log-level]',
      accept("open-origin:backend.BACKEND_CORS_ORIGINS"),
    ].join("\n"),
  ]);
});

test("secrets that somebody else issued are looked at under the name that a service reads them by", async () => {
  const planted = `sk_live_${"4f1d07planted".repeat(2)}`;
  const { refused } = await judge(
    "staging",
    { web: {} },
    { STRIPE: knownSecret(planted), VITE_KEY: knownSecret(planted), FINE: knownSecret("k") },
  );
  expect(
    refused
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(":")[0]),
  ).toEqual(["web/STRIPE", "web/VITE_KEY", "web/VITE_KEY"]);
  expect(refused).not.toContain("planted");
});

test("a generated secret that is too short is refused by what is asked for", async () => {
  const { refused } = await judge("staging", { web: {} }, { SECRET_KEY: generated({ bytes: 16 }), TOKEN: generated({ characters: 24 }) });
  expect(refused).toBe(
    "Variables that staging must not have:\n  web/SECRET_KEY: is generated with 128 bits, and 256 are the least. Ask for more bytes or characters. [short-secret]\n" +
      `  ${accept("short-secret:web.SECRET_KEY")}`,
  );
});

test("what another resource produces reaches the service as it is, and stays secret", async () => {
  const env = { API_URL: pulumi.output("https://api.example.com"), DATABASE_URL: pulumi.secret("postgres://app:p@db.internal/app") };
  const { refused, told } = await judge("staging", { web: env });
  expect(refused).toBe("");
  const isSecret = (name: string): Promise<boolean> =>
    pulumi.isSecret((told[0] as Record<string, pulumi.Output<string>>)[name] ?? pulumi.output(""));
  expect([await isSecret("API_URL"), await isSecret("DATABASE_URL")]).toEqual([false, true]);
});

const lines = (refused: string): string[] =>
  refused
    .split("\n")
    .slice(1)
    .map((line) => line.trim());

test("what an Output holds is judged at once where it is known, and never shown", async () => {
  const planted = "planted7f3a";
  const { refused } = await judge("staging", {
    web: {
      API_URL: pulumi.output(`http://${planted}.example.com`),
      BACKEND_CORS_ORIGINS: pulumi.output(`https://${planted}.example.com/`),
      LOG_LEVEL: pulumi.output(planted),
      FINE: pulumi.output("https://api.example.com"),
      TOKEN: pulumi.secret("changethis"),
    },
  });
  expect(refused).not.toContain(planted);
  expect(lines(refused).map((line) => line.replace(/:.*\[/, " [").replace(/: still.*/, " placeholder"))).toEqual([
    "web/API_URL [plain-http]",
    "web/BACKEND_CORS_ORIGINS [origin-form]",
    "web/LOG_LEVEL [log-level]",
    "web/TOKEN placeholder",
    expect.stringContaining("If a finding"),
  ]);
});

test("what enters a set of secrets from elsewhere is judged too", async () => {
  const { refused } = await judge(
    "production",
    { web: {} },
    {
      WRITTEN: pulumi.secret("ChangeMe"),
      PUT_TOGETHER: derived((secret) => pulumi.interpolate`postgres://postgres:postgres@${secret("HOST")}/app`),
      HOST: pulumi.secret("db.example.com"),
      AGING: renewedWithin(30, pulumi.secret(`sk_test_${"4f1d07planted".repeat(2)}`)),
    },
  );
  expect(refused).not.toContain("planted");
  expect(lines(refused).map((line) => line.split(". ")[0])).toEqual([
    "web/WRITTEN: still holds the placeholder of a template",
    "web/AGING: holds a key of the issuer's test mode",
    "web/PUT_TOGETHER: holds the login that the product is delivered with",
  ]);
});

test("a frontend is handed no secret, by its kind, its name or its value", async () => {
  const env = {
    SUPABASE_SERVICE_KEY: "x",
    DATABASE_URL: "postgres://db/app",
    LATE: pulumi.secret("anything at all"),
    SUPABASE_ANON_KEY: "sb_publishable_4f1d07aBcDeF",
    API_URL: "https://api.example.com",
    CLERK_PUBLISHABLE_KEY: "pk_test_4f1d07aBcDeF",
  };
  const secrets = { CLERK_SECRET_KEY: pulumi.secret("k-91kd02"), MADE: generated({ bytes: 32 }) };
  const { refused } = await judge("staging", { pages: env }, secrets, { frontend: true });
  expect(lines(refused).map((line) => line.split(",")[0])).toEqual([
    "pages/SUPABASE_SERVICE_KEY: has the name of a secret",
    "pages/DATABASE_URL: has the name of a secret",
    "pages/CLERK_SECRET_KEY: is a secret",
    "pages/MADE: is a secret",
    "pages/LATE: is a secret",
    expect.stringContaining("If a finding"),
  ]);
  expect((await judge("staging", { api: { SUPABASE_ANON_KEY: "x" } }, secrets)).refused).toBe("");
});

describe("a finding that is wrong", () => {
  const told = { LOG_FORMAT: "console", API_URL: "http://api.example.com" };

  test("is accepted by rule and variable, for all components or for one", async () => {
    for (const name of ["log-format:LOG_FORMAT", "log-format:web.LOG_FORMAT"]) {
      const { refused, unused } = await judge("staging", { web: told }, {}, { accepted: [name] });
      expect(refused).not.toContain("LOG_FORMAT");
      expect(refused).toContain("web/API_URL");
      expect(unused).toEqual([]);
    }
    const { refused } = await judge(
      "staging",
      { web: told, api: told },
      {},
      { accepted: ["log-format:web.LOG_FORMAT", "plain-http:API_URL"] },
    );
    expect(lines(refused)[0]).toMatch(/^api\/LOG_FORMAT/);
  });

  test("is not, by another rule or variable, and what nothing was found for is told", async () => {
    const accepted = ["log-level:LOG_FORMAT", "log-format:OTHER", "log-format:api.LOG_FORMAT", "one-replica"];
    const { refused } = await judge("staging", { web: told }, {}, { accepted });
    expect(refused).toContain("web/LOG_FORMAT");
    const { unused } = await judge("staging", { web: { LOG_FORMAT: "json" } }, {}, { accepted });
    expect(unused).toEqual(accepted.slice(0, 3));
  });

  test("is never a secret's placeholder, a delivered login, or a secret that browsers get", async () => {
    const accepted = ["placeholder:KEY", "browser-secret:VITE_X"];
    const { refused } = await judge(
      "production",
      { web: { VITE_X: pulumi.secret("x-91kd02") } },
      { KEY: pulumi.secret("changeme") },
      { accepted },
    );
    expect(lines(refused).map((line) => line.split(":")[0])).toEqual(["web/VITE_X", "web/KEY"]);
  });
});
