import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { Scale } from "../../config/sizes.ts";
import { fingerprint } from "../../config/fingerprint.ts";
import { readLastDeployment } from "../../platforms/app-platform/last-deployment.ts";
import { imageText } from "../../config/images.ts";
import { readImage, renderImage } from "../../platforms/app-platform/image.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Platform } from "../../platforms/platform.ts";
import { record } from "../harness.ts";

const image = { registry: "ghcr.io", repository: "acme/team/web", digest: `sha256:${"a".repeat(64)}` } as const;
const scale: Scale = { memory: 1024, dedicated: false, replicas: 2 };
const health = { live: { path: "/live" }, ready: { path: "/ready" } };

interface Spec {
  readonly services: readonly Record<string, unknown>[];
  readonly jobs: readonly Record<string, unknown>[];
  readonly domainNames: unknown;
  readonly ingress: unknown;
  readonly envs?: unknown;
}

async function specOf(program: (platform: Platform) => void, attempt?: number): Promise<Spec> {
  const { resources } = await record(async () => {
    const platform = await loadPlatform(
      { type: "app-platform", region: "nyc", network: "10.42.0.0/20" },
      { system: "shop", stack: "staging", environment: "staging", ...(attempt === undefined ? {} : { attempt }) },
    );
    program(platform);
    platform.complete();
  });
  return resources.find(({ type }) => type === "digitalocean:index/app:App")?.inputs["spec"] as Spec;
}

test("a service", async () => {
  const { services } = await specOf((platform) => {
    platform.addService({
      name: "web",
      image,
      port: 8000,
      scale,
      health,
      env: { TOKEN: pulumi.secret("t"), PLAIN: "p", DERIVED: pulumi.output("d") },
    });
  });
  expect(services).toEqual([
    {
      name: "web",
      image: { registryType: "GHCR", registry: "acme", repository: "team/web", digest: image.digest },
      httpPort: 8000,
      instanceSizeSlug: "apps-s-1vcpu-1gb",
      instanceCount: 2,
      healthCheck: { httpPath: "/ready" },
      livenessHealthCheck: { httpPath: "/live" },
      envs: [
        { key: "DERIVED", value: "d", type: "GENERAL", scope: "RUN_TIME" },
        { key: "PLAIN", value: "p", type: "GENERAL", scope: "RUN_TIME" },
        { key: "TOKEN", value: "[secret]", type: "SECRET", scope: "RUN_TIME" },
      ],
    },
  ]);
});

describe("images", () => {
  const digest = image.digest;
  test.each([
    [
      { registry: "ghcr.io", repository: "acme/team/web" } as const,
      { registryType: "GHCR", registry: "acme", repository: "team/web", digest },
    ],
    [
      { registry: "docker.io", repository: "acme/web" } as const,
      { registryType: "DOCKER_HUB", registry: "acme", repository: "web", digest },
    ],
    [
      { registry: "registry.digitalocean.com", repository: "house/team/web" } as const,
      { registryType: "DOCR", repository: "team/web", digest },
    ],
  ])("of %o are written and read back", (source, spec) => {
    const own = { ...source, digest };
    expect(renderImage(own)).toEqual(spec);
    expect(readImage(spec, "house")).toBe(imageText(own));
  });

  test("that do not say all of it are not known", () => {
    expect(readImage({ registryType: "DOCR", repository: "web", digest }, undefined)).toBeUndefined();
    expect(readImage({ registryType: "GHCR", registry: "acme", repository: "web" }, "house")).toBeUndefined();
    expect(readImage({ registryType: "OTHER", registry: "acme", repository: "web", digest }, "house")).toBeUndefined();
  });
});

test("a range of replicas", async () => {
  const range: Scale = { memory: 4096, cpu: 2, dedicated: true, replicas: { min: 2, max: 5 } };
  const { services } = await specOf((platform) => {
    platform.addService({ name: "web", image, port: 8000, scale: range, health, env: {} });
  });
  expect(services[0]).toMatchObject({
    instanceSizeSlug: "apps-d-2vcpu-4gb",
    autoscaling: { minInstanceCount: 2, maxInstanceCount: 5, metrics: { cpu: { percent: 75 } } },
  });
  expect(services[0]).not.toHaveProperty("instanceCount");
});

test("a job runs before the new version gets traffic; its words stay words", async () => {
  const { jobs } = await specOf((platform) => {
    platform.addService({ name: "web", image, port: 8000, scale, health, env: {} });
    platform.addJob({
      name: "migrate",
      when: "before",
      image,
      command: ["sh", "-c", "echo 'a b' && x=$Y"],
      scale: { ...scale, replicas: 1 },
      env: {},
    });
  });
  expect(jobs).toMatchObject([{ kind: "PRE_DEPLOY", runCommand: `sh -c 'echo '\\''a b'\\'' && x=$Y'`, instanceCount: 1 }]);
});

test("hosts lead to services, and one of them is the primary", async () => {
  const { domainNames, ingress } = await specOf((platform) => {
    platform.addService({ name: "web", image, port: 8000, scale, health, env: {} });
    platform.expose("www.example.com", { routes: [{ path: "/", service: "web" }] });
    platform.expose("app.example.com", { routes: [{ path: "/", service: "web" }] });
  });
  expect(domainNames).toEqual([
    { name: "app.example.com", type: "PRIMARY" },
    { name: "www.example.com", type: "ALIAS" },
  ]);
  const rule = (host: string) => ({ match: { authority: { exact: host }, path: { prefix: "/" } }, component: { name: "web" } });
  expect(ingress).toEqual({ rules: [rule("app.example.com"), rule("www.example.com")] });
});

describe("after a failed deployment", () => {
  const program = (platform: Platform) => void platform.addService({ name: "web", image, port: 8000, scale, health, env: {} });

  test("the spec carries a mark, and none before", async () => {
    expect((await specOf(program, 2)).envs).toEqual([{ key: "GROUNDWORK_ATTEMPT", value: "2", type: "GENERAL", scope: "RUN_TIME" }]);
    expect(await specOf(program)).not.toHaveProperty("envs");
  });

  test("the state tells what was asked for and what serves", async () => {
    const spec = await specOf(program, 2);
    const app = (outputs: Record<string, unknown>) => readLastDeployment([{ type: "digitalocean:index/app:App", name: "app", outputs }]);
    expect(app({ activeDeploymentId: "d1", spec })).toEqual({
      serving: "d1",
      asked: fingerprint(spec),
      images: { web: `ghcr.io/acme/team/web@${image.digest}` },
      attempt: 2,
    });
    expect(app({ activeDeploymentId: "", spec: await specOf(program) })).toMatchObject({ serving: "", attempt: 0 });
    expect(readLastDeployment([])).toBeUndefined();
  });

  test("a fingerprint looks at values only", () => {
    const wrapped = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: ["s"] };
    expect(fingerprint({ a: 1, b: ["s"], c: null })).toBe(fingerprint({ b: wrapped, a: 1 }));
    expect(fingerprint({ a: 1, b: ["s"] })).not.toBe(fingerprint({ a: 1, b: ["t"] }));
  });
});
