import { expect, test } from "vitest";
import { TestEngine } from "../engine.ts";
import { cloud, configure, stateOf } from "./template.ts";

const planted = `sk_live_${"4f1d07planted".repeat(2)}`;

async function openSecretive(): Promise<TestEngine> {
  const engine = await TestEngine.open("tests/systems/secretive");
  await engine.sandbox.ensureStack("staging");
  return engine;
}

/** A run that is refused: what it says, without what stands around it. Nothing but the stack may be left of it. */
async function refused(engine: TestEngine, command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await engine.run([...command, "--stack", "staging"]);
  const said = `${stdout}\n${stderr}`;
  expect(code, said).toBe(1);
  expect(said).not.toContain("planted");
  expect(said).not.toMatch(/^\s+at .*[:(]\d+/m);
  const [, own = said] = /Diagnostics:\n.*\n([\s\S]*?)\n\n(?:Resources:|Duration:)/.exec(said) ?? [];
  return own.replaceAll(/^ {4}/gm, "").trim();
}

test("every broken rule of every service is said at once, at preview and at up, and nothing is registered", async () => {
  await using engine = await openSecretive();
  configure(engine, "staging", ["groundwork:variables"], {
    BACKEND_CORS_ORIGINS: "https://a.example.com, *",
    LOG_FORMAT: "console",
    UVICORN_WORKERS: "1",
    STRIPE: planted,
  });
  const said = await refused(engine, ["preview"]);
  const lines = ["api", "worker"].flatMap((service) => [
    `  ${service}/BACKEND_CORS_ORIGINS: "*" lets every site in. Name each origin, as in "https://dashboard.example.com". [open-origin]`,
    `  ${service}/LOG_FORMAT: "console" cannot be searched. Use json outside local. [log-format]`,
    `  ${service}/STRIPE: holds a secret key of Stripe or Clerk, in the open. Provide it (groundwork:provided) and hand it over in a SecretSet.`,
    `  ${service}/STRIPE: holds a key of the issuer's live mode, in staging. Use one of its test mode.`,
    `  ${service}/UVICORN_WORKERS: "1" does not fit staging: it takes 2 to 4 processes. [workers]`,
  ]);
  expect(said).toContain(["error: Variables that staging must not have:", ...lines].join("\n"));
  await refused(engine, ["up", "--yes", "--skip-preview"]);
  expect(
    stateOf(engine, "staging")
      .resources.map(({ type }) => type)
      .filter((type) => !type.startsWith("pulumi:")),
  ).toEqual([]);
  expect(cloud(engine, (store) => store.list())).toEqual([]);
});

test("what another resource gives is refused once it is known, before the App is made", async () => {
  await using engine = await openSecretive();
  configure(engine, "staging", ["groundwork:late"], "http");
  const http = await refused(engine, ["up", "--yes", "--skip-preview"]);
  expect(http).toMatch(/error: Variables that staging must not have:\n {2}api\/API_URL: a URL is not encrypted\./);
  configure(engine, "staging", ["groundwork:late"], "secret");
  const secret = await refused(engine, ["up", "--yes", "--skip-preview"]);
  expect(secret).toContain(
    "error: Variables that staging must not have:\n  api/VITE_TOKEN: is a secret, and visitors can read it in their browsers.",
  );
  expect(cloud(engine, (store) => store.list()).map(({ type }) => type.split(":").at(-1))).not.toContain("App");
});

test("a finding that is wrong is accepted by name, and no longer once there is none", async () => {
  await using engine = await openSecretive();
  configure(engine, "staging", ["groundwork:variables"], { LOG_FORMAT: "console", UVICORN_WORKERS: "1" });
  configure(engine, "staging", ["groundwork:acknowledge"], ["log-format:LOG_FORMAT", "workers:api.UVICORN_WORKERS"]);
  const said = await refused(engine, ["preview"]);
  expect(said).toContain(
    [
      "error: Variables that staging must not have:",
      '  worker/UVICORN_WORKERS: "1" does not fit staging: it takes 2 to 4 processes. [workers]',
      "  If a finding with its rule in brackets is wrong here, accept it by name: " +
        'groundwork:acknowledge: ["workers:worker.UVICORN_WORKERS"].',
    ].join("\n"),
  );
  configure(engine, "staging", ["groundwork:acknowledge"], ["log-format:LOG_FORMAT", "workers:UVICORN_WORKERS"]);
  await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
  configure(engine, "staging", ["groundwork:variables"], { LOG_FORMAT: "json", UVICORN_WORKERS: "1" });
  const { code, stdout, stderr } = await engine.run(["preview", "--stack", "staging"]);
  expect(code).not.toBe(0);
  expect(`${stdout}${stderr}`).toContain('acknowledge: "log-format:LOG_FORMAT" does not occur here. Remove it,');
});
