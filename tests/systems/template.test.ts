import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Env {
  readonly key: string;
  readonly value: string;
  readonly type: string;
}

/** The backend's variables as the golden file of a stack shows them. */
function variables(stack: string): Record<string, string> {
  if (stack === "local") {
    const file = readFileSync("tests/program/golden/local/docker.Service.backend.json", "utf8");
    return (JSON.parse(file) as { inputs: { taskSpec: { containerSpec: { env: Record<string, string> } } } }).inputs.taskSpec.containerSpec
      .env;
  }
  const file = readFileSync(`tests/program/golden/${stack}/App.app.json`, "utf8");
  const { inputs } = JSON.parse(file) as { inputs: { spec: { services: { envs: Env[] }[] } } };
  return Object.fromEntries(
    inputs.spec.services.flatMap(({ envs }) => envs.map(({ key, value, type }) => [key, type === "SECRET" ? "[secret]" : value])),
  );
}

/** The document's tables; GIT_COMMIT and BUILD_TIME come with the image. */
const documented = {
  SERVICE_NAME: "backend",
  SUPABASE_URL: "[secret]",
  SUPABASE_SERVICE_KEY: "[secret]",
  CLERK_SECRET_KEY: "[secret]",
  LOG_FORMAT: "json",
  CLERK_AUTHORIZED_PARTIES: "[]",
  HTTP_CLIENT_TIMEOUT: "30",
  HTTP_CLIENT_MAX_RETRIES: "3",
  WITH_UI: "false",
};

/** What the document describes in words: the database, and no default secrets. */
const beside = { DATABASE_URL: "[secret]", SECRET_KEY: "[secret]" };

test.each([
  ["staging", { ENVIRONMENT: "staging", LOG_LEVEL: "INFO", BACKEND_CORS_ORIGINS: "https://dashboard.staging.example.com" }],
  ["local", { ENVIRONMENT: "local", LOG_LEVEL: "DEBUG", BACKEND_CORS_ORIGINS: "http://dashboard.template.localhost" }],
  ["production", { ENVIRONMENT: "production", LOG_LEVEL: "WARNING", BACKEND_CORS_ORIGINS: "https://dashboard.example.com" }],
])("the backend's variables in %s are the document's", (stack, own) => {
  expect(variables(stack)).toEqual({ ...documented, ...beside, ...own });
});
