import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { PlatformChoice } from "../../config/schema.ts";
import { renderCaddyfile } from "../../platforms/docker-host/caddyfile.ts";
import { resolveAttempt } from "../../platforms/docker-host/job-runs.ts";
import { probe } from "../../platforms/docker-host/probe.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { HostAnswer, Platform } from "../../platforms/platform.ts";
import type { PlatformService } from "../../platforms/workloads.ts";
import { type CloudOptions, record } from "../harness.ts";

const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
const scale = { memory: 256, cpu: 0.5, dedicated: false, replicas: 2 };
const web: PlatformService = {
  name: "web",
  image,
  port: 8000,
  scale,
  env: { A: "1" },
  health: { live: { path: "/live" }, ready: { path: "/ready" } },
};
type DockerHost = Extract<PlatformChoice, { type: "docker-host" }>;
const to = (service: string): HostAnswer => ({ routes: [{ path: "/", service }] });

async function run(
  program: (platform: Platform) => unknown,
  { port = 80, attempt = 0, more = {}, ...options }: CloudOptions & { port?: number; attempt?: number; more?: Partial<DockerHost> } = {},
) {
  const { resources, result } = await record(
    async () => {
      const choice = { type: "docker-host", host: "unix:///run/x.sock", port, ...more } as const;
      const platform = await loadPlatform(choice, {
        system: "shop",
        stack: "local",
        environment: "local",
        domain: "shop.localhost",
        attempt,
      });
      const result = program(platform);
      platform.complete();
      return result;
    },
    { project: "shop", stack: "local", ...options },
  );
  const of = (type: string, name: string) => resources.find((one) => one.type.endsWith(`:${type}`) && one.name === name);
  return { resources, result, of };
}

test("the engine is the stack file's, and everything is made with it", async () => {
  const { of } = await run((platform) => platform.addService(web));
  expect(of("docker", "docker")?.inputs).toEqual({ host: "unix:///run/x.sock" });
  expect(of("Network", "network")?.inputs).toEqual({ name: "shop-local", driver: "overlay", attachable: true });
});

test("a service: rolling, by digest, limited, found by its name, waited for", async () => {
  const { of } = await run((platform) => platform.addService(web));
  const change = { parallelism: 1, order: "start-first", delay: "0s", monitor: "60s", maxFailureRatio: "0.0" };
  expect(of("Service", "web")?.inputs).toEqual({
    name: "shop-local-web",
    mode: { replicated: { replicas: 2 } },
    endpointSpec: { mode: "dnsrr" },
    taskSpec: {
      containerSpec: {
        image: `ghcr.io/acme/web@${image.digest}`,
        env: { A: "1" },
        init: true,
        healthcheck: {
          tests: ["CMD-SHELL", probe(8000, web.health)],
          interval: "5s",
          timeout: "3s",
          retries: 3,
          startPeriod: "30s",
        },
        stopGracePeriod: "30s",
      },
      networksAdvanceds: [{ id: "network-id", aliases: ["web"] }],
      restartPolicy: { condition: "any", delay: "1s", window: "0s" },
      logDriver: { name: "json-file", options: { "max-file": "3", "max-size": "10m" } },
      resources: { limits: { memoryBytes: 268435456, nanoCpus: 500000000 } },
    },
    updateConfig: { ...change, failureAction: "rollback" },
    rollbackConfig: { ...change, failureAction: "pause" },
    convergeConfig: { delay: "5s", timeout: "5m0s" },
  });
});

test("after a failure it carries a mark, so that there is something to deploy", async () => {
  const { of } = await run((platform) => platform.addService(web), { attempt: 2 });
  expect(of("Service", "web")?.inputs["labels"]).toEqual([{ label: "groundwork.attempt", value: "2" }]);
});

test("a range of replicas is refused", async () => {
  const ranged = { ...web, scale: { ...scale, replicas: { min: 1, max: 2 } } };
  await expect(run((platform) => platform.addService(ranged))).rejects.toThrow(
    "web:\n  scale.replicas: a Docker host does not scale by itself. Ask for a number of replicas.",
  );
});

describe("a stateful service", () => {
  const make = (keep: boolean, generation = 1) =>
    run((platform) => {
      platform.addStateful({
        name: "store",
        image: `store@sha256:${"b".repeat(64)}`,
        memory: 64,
        env: { USER: "app" },
        secretFiles: { STORE_KEY_FILE: { value: "hunter2", generation } },
        data: { path: "/data", keep },
        health: ["ping"],
      });
      platform.addService(web);
    });

  test("is one instance with a volume and a secret in a file; never two at once", async () => {
    const { of } = await make(false);
    const { taskSpec, updateConfig, mode } = of("Service", "store")?.inputs as Record<string, Record<string, unknown>>;
    expect(mode).toEqual({ replicated: { replicas: 1 } });
    expect(updateConfig?.["order"]).toBe("stop-first");
    expect(taskSpec?.["containerSpec"]).toMatchObject({
      env: { USER: "app", STORE_KEY_FILE: "/run/secrets/store_key_file" },
      mounts: [{ type: "volume", source: "shop-local-store-data", target: "/data" }],
      secrets: [{ secretId: "store-store-key-id", secretName: "shop-local-store-store-key-1", fileName: "/run/secrets/store_key_file" }],
      healthcheck: { tests: ["CMD", "ping"] },
    });
    expect(of("Secret", "store-store-key")?.inputs["data"]).toBe("[secret]");
  });

  test("a new generation of a secret is another secret under the same logical name", async () => {
    const { of } = await make(false, 2);
    expect(of("Secret", "store-store-key")?.inputs["name"]).toBe("shop-local-store-store-key-2");
  });

  test.each([true, false])("its data is protected and kept: %s", async (keep) => {
    const { of } = await make(keep);
    expect(of("Volume", "store-data")?.options).toEqual(keep ? { protect: true, retainOnDelete: true } : {});
  });
});

describe("the proxy", () => {
  const exposed = (platform: Platform) => {
    platform.addService(web);
    platform.expose("www.shop.localhost", to("web"));
    return [platform.origin("www.shop.localhost"), platform.cloud];
  };

  test("answers at ports of localhost and below other domains as well, and pages of all of these may call", async () => {
    const more = { ports: [{ host: "www", port: 5173 }], aliases: ["localhost.tiangolo.com"] };
    const { of, result } = await run((platform) => [exposed(platform), platform.origins("www.shop.localhost")], { port: 8080, more });
    expect(result).toEqual([
      ["http://www.shop.localhost:8080", undefined],
      ["http://www.shop.localhost:8080", "http://www.localhost.tiangolo.com:8080", "http://localhost:5173"],
    ]);
    const ports = [
      { protocol: "tcp", publishMode: "host", targetPort: 80, publishedPort: 8080 },
      { protocol: "tcp", publishMode: "host", targetPort: 5173, publishedPort: 5173 },
    ];
    expect(of("Service", "proxy")?.inputs).toMatchObject({ endpointSpec: { ports } });
    const { data } = of("ServiceConfig", "proxy")?.inputs as { data: string };
    const text = Buffer.from(data, "base64").toString();
    expect(text).toContain("\nhttp://www.shop.localhost, http://www.localhost.tiangolo.com, http://localhost:5173 {\n");
    expect(text).toContain("\nhttp://, http://:5173 {\n\trespond 404\n");
  });

  test("a port of a host that there is not is refused", async () => {
    await expect(run(exposed, { more: { ports: [{ host: "api", port: 8000 }] } })).rejects.toThrow(
      'platform/ports: there is no host "api". Hosts: "www".',
    );
  });

  test("counts requests only with an image that can", async () => {
    const limited = (platform: Platform) => {
      platform.addService(web);
      platform.expose("www.shop.localhost", { routes: [{ path: "/", service: "web" }], rateLimit: { requests: 100, seconds: 60 } });
    };
    await expect(run(limited)).rejects.toThrow("rateLimit: Caddy's own image has no module for it.");
    const proxyImage = `ghcr.io/acme/caddy@sha256:${"3".repeat(64)}`;
    const { of } = await run(limited, { more: { proxyImage } });
    expect(of("Service", "proxy")?.inputs).toMatchObject({ taskSpec: { containerSpec: { image: proxyImage } } });
    const { data } = of("ServiceConfig", "proxy")?.inputs as { data: string };
    expect(Buffer.from(data, "base64").toString()).toContain(
      "\t\trate_limit {\n\t\t\tzone www.shop.localhost {\n\t\t\t\tkey {remote_host}\n\t\t\t\tevents 100\n\t\t\t\twindow 60s\n",
    );
  });

  test("lines are kept as the stack file says", async () => {
    const { of } = await run(exposed, { more: { logs: { size: "50 MB", files: 7 } } });
    for (const name of ["web", "proxy"])
      expect(of("Service", name)?.inputs).toMatchObject({ taskSpec: { logDriver: { options: { "max-file": "7", "max-size": "50m" } } } });
  });

  test("is the only one with a port of the machine, and has one instance", async () => {
    const { of, resources, result } = await run(exposed, { port: 8080 });
    const ports = [{ protocol: "tcp", publishMode: "host", targetPort: 80, publishedPort: 8080 }];
    expect(of("Service", "proxy")?.inputs).toMatchObject({
      mode: { replicated: { replicas: 1 } },
      endpointSpec: { mode: "dnsrr", ports },
      updateConfig: { order: "stop-first" },
    });
    expect(resources.filter(({ inputs }) => JSON.stringify(inputs).includes("publishedPort"))).toHaveLength(1);
    expect(result).toEqual(["http://www.shop.localhost:8080", undefined]);
    expect((await run(exposed)).result).toEqual(["http://www.shop.localhost", undefined]);
  });

  test("another host is another configuration, with another name", async () => {
    const nameOf = async (host: string) =>
      (await run((platform) => [exposed(platform), platform.expose(host, to("web"))])).of("ServiceConfig", "proxy")?.inputs["name"];
    expect(await nameOf("a.shop.localhost")).toMatch(/^shop-local-proxy-[0-9a-f]{8}$/);
    expect(await nameOf("a.shop.localhost")).not.toBe(await nameOf("b.shop.localhost"));
  });

  test("there is none without hosts, and its name is taken", async () => {
    expect((await run((platform) => platform.addService(web))).of("Service", "proxy")).toBeUndefined();
    await expect(run((platform) => platform.addService({ ...web, name: "proxy" }))).rejects.toThrow(
      'There are two services named "proxy". Give one of them another name.',
    );
  });

  test("its configuration", async () => {
    const hosts = new Map([
      ["www.shop.localhost", to("web")],
      ["api.shop.localhost", to("api")],
    ]);
    await expect(
      renderCaddyfile(hosts, { portOf: (service) => (service === "web" ? 3000 : 8000), origin: (host) => `http://${host}` }),
    ).toMatchFileSnapshot("golden/Caddyfile");
  });
});

describe("a job", () => {
  const program = (platform: Platform) => {
    const service = platform.addService(web);
    platform.addJob({
      name: "web-migrate",
      when: "before",
      image,
      command: ["migrate", "up"],
      scale: { ...scale, replicas: 1 },
      env: { B: "2", A: pulumi.secret("1") },
    });
    return service;
  };
  const urn = "urn:pulumi:local::shop::docker:index/container:Container::web-migrate";

  test("is a container that runs to its end", async () => {
    const { of } = await run(program);
    expect(of("Container", "web-migrate")?.inputs).toEqual({
      name: "shop-local-web-migrate-1",
      image: `ghcr.io/acme/web@${image.digest}`,
      command: ["migrate", "up"],
      envs: ["[secret]", "B=2"],
      networksAdvanced: [{ name: "network-id" }],
      attach: true,
      mustRun: false,
      restart: "no",
    });
  });

  test.each([
    [undefined, 1],
    [{ name: "shop-local-web-migrate-1", exitCode: 0 }, 1],
    [{ name: "shop-local-web-migrate-4", exitCode: 0 }, 4],
    [{ name: "shop-local-web-migrate-4", exitCode: 1 }, 5],
  ])("after %j the attempt is %i", (last, attempt) => {
    expect(resolveAttempt(last)).toBe(attempt);
  });

  test("one that ended badly is asked for again, and one that ended well is not", async () => {
    const nameAfter = async (exitCode: number) =>
      (
        await run(program, {
          state: { [urn]: { type: "docker:index/container:Container", outputs: { name: "shop-local-web-migrate-2", exitCode } } },
        })
      ).of("Container", "web-migrate")?.inputs["name"];
    expect(await nameAfter(1)).toBe("shop-local-web-migrate-3");
    expect(await nameAfter(0)).toBe("shop-local-web-migrate-2");
  });
});

describe("the probe, run by a shell", () => {
  /** What a service answers at each path. */
  const answers: Record<string, number> = {};
  const asked: string[] = [];

  async function probed(tool: string, memory: string): Promise<number> {
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(answers[request.url ?? ""] ?? 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    // A PATH with one tool only, as images have it.
    const bin = mkdtempSync(join(tmpdir(), "groundwork-probe-"));
    for (const name of [tool, "touch"]) symlinkSync(which(name) ?? "", join(bin, name));
    try {
      const child = spawn("/bin/sh", ["-c", probe(port, { live: { path: "/li've" }, ready: { path: "/ready" } }, { memory })], {
        env: { PATH: bin },
      });
      return await new Promise((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
    } finally {
      rmSync(bin, { recursive: true });
      server.close();
    }
  }

  const tools = ["wget", "curl", "python3", "node"];
  test.each(tools)("with %s: ready until it is answered once, then live", async (tool) => {
    if (which(tool) === undefined) return expect(tool).not.toBe("node"); // not on this machine
    const folder = mkdtempSync(join(tmpdir(), "groundwork-probe-"));
    const memory = join(folder, "ready");
    const step = async (now: Record<string, number>) => {
      Object.assign(answers, now);
      asked.length = 0;
      return [await probed(tool, memory), asked.join(), existsSync(memory)];
    };
    expect(await step({ "/ready": 503, "/li've": 200 })).toEqual([1, "/ready", false]);
    expect(await step({ "/ready": 200 })).toEqual([0, "/ready", true]);
    expect(await step({ "/ready": 503 })).toEqual([0, "/li've", true]);
    expect(await step({ "/li've": 500 })).toEqual([1, "/li've", true]);
    expect(readdirSync(folder)).toEqual(["ready"]);
    rmSync(folder, { recursive: true });
  });
});

function which(name: string): string | undefined {
  // The machine's own first: a version manager's stand-in is a script that needs the whole PATH.
  const folders = ["/usr/bin", "/bin", ...(process.env["PATH"] ?? "").split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
