import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestEngine } from "../engine.ts";
import { runDocumented } from "./documents.ts";
import { Dockerd, whyNoEngine } from "./engine/dockerd.ts";
import { deriveImage, importImages } from "./engine/images.ts";
import { cloud, configure, objectOf, openEmpty, stepsOf } from "./template.ts";

const absent = whyNoEngine();
const stack = "local";
const repository = "ghcr.io/acme/backend";
const reference = (version: string): string => `${repository}@sha256:${version.repeat(64)}`;
const dashboard = `ghcr.io/acme/dashboard@sha256:${"d".repeat(64)}`;
const passed = (version: string): Record<string, string> => ({
  GROUNDWORK_IMAGES: JSON.stringify({ backend: reference(version), dashboard }),
});
const asks = join(import.meta.dirname, "engine", "ask.ts");

describe("local on a real Docker engine", () => {
  const disposables = new AsyncDisposableStack();
  let dockerd: Dockerd;
  let engine: TestEngine;

  beforeAll(async () => {
    if (absent !== undefined) return;
    dockerd = disposables.use(await Dockerd.start());
    engine = disposables.use(await openEmpty());
    await importImages(dockerd.docker);
    await deriveImage(dockerd.docker, "local/backend:1", "local/backend:2", ["ENV VERSION=2"]);
    await deriveImage(dockerd.docker, "local/backend:1", "local/backend:3", ["ENV VERSION=3 NEEDS=permits"]);
    await deriveImage(dockerd.docker, "local/backend:1", "local/backend:4", ["ENV VERSION=broken"]);
    await deriveImage(dockerd.docker, "local/backend:1", "local/dashboard:1", ["ENV VERSION=dashboard PORT=80"]);
    const versions = ["1", "2", "3", "4"].map((version) => [reference(version), `local/backend:${version}`] as const);
    Object.assign(engine.sandbox.environment, {
      SANDBOX_DOCKER: "engine",
      SANDBOX_DOCKER_HOST: dockerd.host,
      SANDBOX_DOCKER_IMAGES: JSON.stringify({
        ...Object.fromEntries(versions),
        [dashboard]: "local/dashboard:1",
        postgres: "local/postgres:1",
        caddy: "local/caddy:1",
      }),
    });
    delete engine.sandbox.environment["GROUNDWORK_IMAGES"]; // a run that passes none keeps what runs
    await engine.sandbox.ensureStack(stack);
    configure(engine, stack, ["groundwork:sizes", "backend", "replicas"], 2);
    // Node stands in for the Nginx of the real image, and is larger.
    configure(engine, stack, ["groundwork:sizes", "dashboard", "memory"], "256 MB");
  });
  afterAll(() => disposables.disposeAsync());

  const up = (version?: string) =>
    engine.run(["up", "--stack", stack, "--yes", "--skip-preview"], { env: version === undefined ? {} : passed(version) });
  /** What the proxy answers, asked where its port is. */
  const get = async (path: string, host = "api.template.localhost"): Promise<{ status: number; body: string }> =>
    JSON.parse(await output(dockerd.spawn(process.execPath, [asks, host, path]))) as { status: number; body: string };

  const load = (rate: number): (() => Promise<{ total: number; failed: string[]; bodies: Record<string, number> }>) => {
    const child = dockerd.spawn(process.execPath, [asks, "api.template.localhost", "/", String(rate)]);
    const text = output(child);
    return async () => {
      child.stdin?.end();
      return JSON.parse(await text) as { total: number; failed: string[]; bodies: Record<string, number> };
    };
  };
  const versions = (bodies: Record<string, number>): Record<string, string[]> => {
    const answers = Object.keys(bodies).map((body) => JSON.parse(body) as { version: string; instance: string });
    return Object.groupBy(
      answers.map(({ version, instance }) => ({ version, instance })),
      ({ version }) => version,
    ) as never;
  };
  const step = (title: string, run: () => Promise<void>) =>
    test(title, async ({ skip }) => {
      skip(absent !== undefined, absent);
      await run();
    });

  step("comes up, answers through the proxy from both instances, and a second preview is clean", async () => {
    const { code, stdout, stderr } = await up("1");
    expect(code, stdout + stderr).toBe(0);
    const stop = load(20);
    await sleep(1500);
    const { failed, bodies } = await stop();
    expect(failed).toEqual([]);
    expect(versions(bodies)["1"]).toHaveLength(2);
    expect(await get("/migrations")).toEqual({ status: 200, body: '"1"' });
    expect((await get("/", "dashboard.template.localhost")).body).toContain('"version":"dashboard"');
    expect((await get("/", "other.template.localhost")).status).toBe(404);
    await engine.expect(["preview", "--stack", stack, "--expect-no-changes"]);
    expect(await stepsOf(engine, stack, ["refresh", "--preview-only"])).toEqual([]);
    // The ids are the engine's.
    const [backend] = await dockerd.docker.listServices({ filters: { name: ["template-local-backend"] } });
    expect(objectOf(engine, "Service", "template-local-backend").id).toBe(backend?.ID);
  });

  step("a new version comes in one instance after the other, without a failed request", async () => {
    const stop = load(40);
    const { code, stdout, stderr } = await up("2");
    expect(code, stdout + stderr).toBe(0);
    await sleep(1000);
    const { total, failed, bodies } = await stop();
    expect(total).toBeGreaterThan(100);
    expect(failed).toEqual([]);
    expect(Object.keys(versions(bodies)).sort()).toEqual(["1", "2"]);
    expect((await get("/")).body).toContain('"version":"2"');
    expect(await get("/migrations")).toEqual({ status: 200, body: '"1,2"' });
  });

  step("a migration that fails changes no service, and runs again with the next up", async () => {
    const failed = await up("3");
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toContain("backend-migrate ended with exit code 1, so no service was changed");
    expect((await get("/")).body).toContain('"version":"2"');
    await inDatabase("create table permits ()");
    const { code, stdout, stderr } = await up("3");
    expect(code, stdout + stderr).toBe(0);
    expect((await get("/")).body).toContain('"version":"3"');
    expect(await get("/migrations")).toEqual({ status: 200, body: '"1,2,3"' });
  });

  step("a version that never gets well is taken back by the engine, and up says so", async () => {
    const stop = load(20);
    const broken = await up("4");
    expect(broken.code).not.toBe(0);
    expect(broken.stdout + broken.stderr).toContain("service template-local-backend: the engine has gone back to what ran before");
    const { failed, bodies } = await stop();
    expect(failed).toEqual([]);
    expect(Object.keys(versions(bodies))).toEqual(["3"]);
    const back = await up();
    expect(back.code, back.stdout + back.stderr).toBe(0);
    expect(back.stdout).toContain(`backend: ${reference("3")} instead of ${reference("4")}, which failed.`);
    await engine.expect(["preview", "--stack", stack, "--expect-no-changes"]);
  });

  step("an image that is neither there nor to be had is named, with the way out", async () => {
    const { code, stdout, stderr } = await up("9");
    expect(code).not.toBe(0);
    const text = (stdout + stderr).replaceAll(/\s+/g, " ");
    expect(text).toContain(`has no image ${reference("9")}, and pulling it failed`);
    expect(text).toContain(`SANDBOX_DOCKER_IMAGES='{"${repository}":"<image>"}'`);
  });

  step("db, logs and status speak to the stack's own engine", async () => {
    const file = join(engine.home.project("template"), `Pulumi.${stack}.yaml`);
    const text = readFileSync(file, "utf8");
    const ops = (command: string) => runDocumented(engine, { page: "", line: 0, command: `npm run ops -- ${command}`, codes: [] });
    const answer = await ops(
      `db --stack local --command "select current_user || ' ' || current_database()" --command 'select count(*) from migrations'`,
    );
    expect(answer, answer.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/app app[^]*\b[1-9]\d*\n\(1 row\)/) as string });
    expect(await ops("db --stack local --command 'select nothing'")).toMatchObject({ code: 1 });
    const logs = await ops("logs --stack local --service database --tail 200");
    expect(logs, logs.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("ready to accept connections") as string });
    const status = await ops("status --stack local");
    expect(status.stdout, status.stderr).toMatch(/^● local +healthy/);
    // The verbs lay the sandbox out anew.
    writeFileSync(file, text);
  });

  step("what somebody changed or removed by hand is found, and nothing real is touched without being told to", async () => {
    const services = await dockerd.docker.listServices();
    const of = (name: string): string => services.find(({ Spec }) => Spec?.Name === name)?.ID ?? "";
    await dockerd.docker.getService(of("template-local-proxy")).remove();
    const backend = dockerd.docker.getService(of("template-local-backend"));
    const { Version: version, Spec: spec } = (await backend.inspect()) as { Version: { Index: number }; Spec: object };
    await backend.update({ version: version.Index, ...spec, Mode: { Replicated: { Replicas: 1 } } });
    const found = await stepsOf(engine, stack, ["refresh", "--preview-only"]);
    expect(found.map(({ op, type, name }) => `${op} ${type} ${name}`).sort()).toEqual(["delete Service proxy", "update Service backend"]);

    const none = { SANDBOX_DOCKER: "", SANDBOX_DOCKER_HOST: "", SANDBOX_DOCKER_IMAGES: "" };
    const { code, stdout, stderr } = await engine.run(["destroy", "--stack", stack, "--yes", "--skip-preview"], { env: none });
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`is real, on the engine at ${dockerd.host}. Say SANDBOX_DOCKER=engine`);
    expect(await dockerd.docker.listServices()).toHaveLength(3);
  });

  step("destroy leaves nothing", async () => {
    await engine.expect(["destroy", "--stack", stack, "--yes", "--skip-preview"]);
    expect(cloud(engine, (store) => store.list())).toEqual([]);
    const { docker } = dockerd;
    const left = await Promise.all([
      docker.listServices(),
      docker.listContainers({ all: true }),
      docker.listSecrets(),
      docker.listConfigs(),
      docker.listVolumes().then(({ Volumes }) => Volumes ?? []),
      docker
        .listNetworks()
        .then((networks) => networks.filter(({ Name }) => !["host", "none", "ingress", "docker_gwbridge"].includes(Name))),
    ]);
    expect(left.flat()).toEqual([]);
  });

  /** Does something in the database by hand. */
  async function inDatabase(sql: string): Promise<void> {
    const [container] = await dockerd.docker.listContainers({
      filters: { label: ["com.docker.swarm.service.name=template-local-database"] },
    });
    const command = await dockerd.docker
      .getContainer(container?.Id ?? "")
      .exec({ Cmd: ["psql", "-h", "/tmp", "-U", "app", "-c", sql], AttachStdout: true });
    const stream = await command.start({});
    await new Promise((resolve) => stream.resume().once("end", resolve));
    expect(await command.inspect()).toMatchObject({ ExitCode: 0 });
  }
});

async function output(child: ReturnType<Dockerd["spawn"]>): Promise<string> {
  let text = "";
  child.stdout?.on("data", (data: Buffer) => (text += data.toString()));
  await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  return text;
}
