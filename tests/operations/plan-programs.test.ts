import { expect, test } from "vitest";
import type { PlannedStep } from "../../operations/plan.ts";
import { changeLine, changeLines } from "../../operations/plan/lines.ts";
import { Hidden } from "../../operations/plan/values.ts";
import { change, planned } from "./planned.ts";

const mailer = {
  name: "mailer",
  envs: [
    { key: "ENVIRONMENT", scope: "RUN_TIME", type: "GENERAL", value: "production" },
    { key: "PAYMENT_KEY", scope: "RUN_TIME", type: "SECRET", value: new Hidden("sk-1") },
  ],
  httpPort: 8080,
  image: { registryType: "GHCR", registry: "acme", repository: "mailer", digest: "sha256:0123456789abcdef0123" },
  instanceCount: 2,
  instanceSizeSlug: "apps-s-1vcpu-1gb",
  runCommand: "node mail.js",
};
const told = "2 × apps-s-1vcpu-1gb, mailer@sha256:0123456789ab, port 8080, runs node mail.js, variables ENVIRONMENT, PAYMENT_KEY (secret)";
const step = (from: object | undefined, to: object | undefined, path: string, ...values: [unknown, unknown]): PlannedStep =>
  planned({
    op: "update",
    type: "App",
    token: "digitalocean:index/app:App",
    name: "app",
    before: { spec: from ?? {} },
    after: { spec: to ?? {} },
    changes: [change(path, ...values)],
  });
const line = (one: PlannedStep): string => changeLine(one, one.changes[0]!);

test.each([
  [
    "a service that comes",
    step(undefined, { services: [mailer] }, "spec.services[0]", undefined, mailer),
    `service mailer: nothing → ${told}`,
  ],
  ["a worker that goes", step({ workers: [mailer] }, undefined, "spec.workers[0]", mailer, undefined), `worker mailer: ${told} → nothing`],
  [
    "a job",
    step(undefined, { jobs: [{ name: "migrate", kind: "PRE_DEPLOY" }] }, "spec.jobs[0]", undefined, {
      name: "migrate",
      kind: "PRE_DEPLOY",
      runCommand: "migrate up",
    }),
    "job migrate: nothing → runs migrate up, kind PRE_DEPLOY",
  ],
  [
    "what scales by itself",
    step(undefined, { workers: [{ name: "core" }] }, "spec.workers[0]", undefined, {
      name: "core",
      instanceSizeSlug: "apps-d-1vcpu-2gb",
      autoscaling: { minInstanceCount: 2, maxInstanceCount: 20 },
      envs: [{ key: "A", type: "GENERAL", value: "1" }],
    }),
    "worker core: nothing → 2–20 × apps-d-1vcpu-2gb, variable A",
  ],
  [
    "a static site",
    step(undefined, { staticSites: [{ name: "docs" }] }, "spec.staticSites[0]", undefined, {
      name: "docs",
      github: { repo: "acme/docs", branch: "main" },
      sourceDir: "site",
      buildCommand: "npm run build",
    }),
    "static site docs: nothing → built from acme/docs, folder site, builds by npm run build",
  ],
  [
    "a rule for a path",
    step(
      {},
      { ingress: { rules: [{ match: { authority: { exact: "api.example.net" }, path: { prefix: "/v1" } } }] } },
      "spec.ingress.rules[0]",
      undefined,
      {
        component: { name: "web", preservePathPrefix: true },
        match: { authority: { exact: "api.example.net" }, path: { prefix: "/v1" } },
      },
    ),
    "api.example.net/v1: nothing → web, which gets the whole path",
  ],
  [
    "a rule that sends elsewhere",
    step(
      { ingress: { rules: [{ match: { authority: { exact: "www.example.net" } } }] } },
      {},
      "spec.ingress.rules[0]",
      { match: { authority: { exact: "www.example.net" } }, redirect: { authority: "example.net", redirectCode: 301 } },
      undefined,
    ),
    "www.example.net: a redirect to example.net (301) → nothing",
  ],
])("%s is told on one line", (_, one, expected) => expect(line(one)).toBe(expected));

test("what is hidden or not known is not taken apart, and without values only the name stands there", () => {
  const hidden = step({}, {}, "spec.services[0]", undefined, new Hidden("x"));
  expect(line(hidden)).toBe(": nothing → [secret]");
  const made = step(undefined, { services: [mailer] }, "spec.services[0]", undefined, mailer);
  expect(changeLines(made, { hasValues: false })).toEqual(["    mailer"]);
  expect(JSON.stringify(changeLines(made))).not.toContain("sk-1");
});
