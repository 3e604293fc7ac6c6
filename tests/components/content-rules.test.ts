import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { refuseContent } from "../../components/content-rules.ts";
import { generated, SecretSet, type SecretSource } from "../../components/secret-set.ts";
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
) {
  const warnings: string[] = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation((message) => (warnings.push(message), Promise.resolve()));
  let refused = "";
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
        ...(set ? { secrets: set } : {}),
      });
    }
    refuseContent(watched);
    refused = platform
      .refused()
      .filter((text) => text.startsWith("Variables"))
      .join("\n");
  });
  return { refused, warnings, told };
}

afterEach(() => vi.restoreAllMocks());

const services = {
  backend: { BACKEND_CORS_ORIGINS: ["https://a.example.com", "*"], WITH_UI: true, API_URL: "http://search:7700" },
  dashboard: { VITE_JWT_SECRET: "x", LOG_LEVEL: "LOUD" },
};

test("everything that is wrong with any service is said at once, and stops the run", async () => {
  expect((await judge("production", services)).refused).toBe(
    [
      "Variables that production must not have:",
      '  backend/BACKEND_CORS_ORIGINS: "*" lets every site in. Name each origin, as in "https://dashboard.example.com".',
      "  backend/WITH_UI: shows the API's own pages to everybody. Set it to false in production.",
      "  dashboard/VITE_JWT_SECRET: has the name of a secret, and visitors can read it in their browsers. Keep it on the server, and give browsers a key that is made for them.",
      '  dashboard/LOG_LEVEL: "LOUD" is no level. Use DEBUG, INFO, WARNING or ERROR.',
    ].join("\n"),
  );
});

test("in local the same is a warning, and only what leaves the machine stops the run", async () => {
  const { refused, warnings } = await judge("local", services);
  expect(refused).toMatch(/^Variables that local must not have:\n {2}dashboard\/VITE_JWT_SECRET: .*$/);
  expect(warnings).toEqual([
    [
      "Variables that local should not have:",
      '  backend/BACKEND_CORS_ORIGINS: "*" lets every site in. Name each origin, as in "https://dashboard.example.com".',
      '  dashboard/LOG_LEVEL: "LOUD" is no level. Use DEBUG, INFO, WARNING or ERROR.',
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
    "Variables that staging must not have:\n  web/SECRET_KEY: is generated with 128 bits, and 256 are the least. Ask for more bytes or characters.",
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
