import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repository } from "../../sandbox/home.ts";
import { cacheDirectory } from "../../sandbox/toolchain/common.mjs";

/** A clone of what is here now, with a home folder of its own. */
let folder: string;
let clone: string;
let home: string;
/** Where every inherited credential points. Whoever connects is counted. */
let trap: Server;
let sprung = 0;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-clone-")));
  clone = join(folder, "clone");
  home = join(folder, "home");
  mkdirSync(home);
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: repository, encoding: "utf8" }).split("\n");
  for (const file of files.filter((one) => one !== "" && existsSync(join(repository, one)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(repository, file), join(clone, file));
  }
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: clone, encoding: "utf8" });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "as it is");
  symlinkSync(join(repository, "node_modules"), join(clone, "node_modules"));

  trap = createServer((socket) => {
    sprung++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
  trap.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** The environment of somebody who works with the real clouds all day. */
function trapped(): NodeJS.ProcessEnv {
  const { port } = trap.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    ...process.env,
    HOME: home,
    GROUNDWORK_CACHE: cacheDirectory(),
    DIGITALOCEAN_TOKEN: "trap",
    DIGITALOCEAN_API_URL: url,
    GITHUB_TOKEN: "trap",
    GITHUB_BASE_URL: url,
    PULUMI_ACCESS_TOKEN: "trap",
    PULUMI_BACKEND_URL: url,
    PULUMI_STACK: "trap",
    PULUMI_HOME: join(home, ".pulumi"),
    PULUMI_CONFIG_PASSPHRASE: "trap",
    DOCKER_HOST: `tcp://127.0.0.1:${port}`,
    GROUNDWORK_IMAGES: undefined,
  };
}

/** Runs a command of the README in the clone. */
function npm(args: readonly string[], wrapper: readonly string[] = []): Promise<{ code: number | null; output: string }> {
  const [command = "", ...rest] = [...wrapper, "npm", "run", "--silent", ...args];
  const child = spawn(command, rest, { cwd: clone, env: trapped(), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

const processes = (): string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder);
    } catch {
      return false;
    }
  });

test("npm run sandbox uses nothing inherited, leaves tree, home and process table as they were", async () => {
  const { code, output } = await npm(["sandbox"]);
  expect(code, output).toBe(0);
  expect(output).toContain("up, and a second preview is clean");
  expect(sprung).toBe(0);
  expect(execFileSync("git", ["status", "--porcelain"], { cwd: clone, encoding: "utf8" })).toBe("");
  expect(readdirSync(home).filter((name) => name !== ".npm")).toEqual([]);
  expect(processes()).toEqual([]);
});

test("plain pulumi with the exports of the README gives the same steps", async () => {
  const wrapped = await npm(["sandbox", "--", "preview", "--stack", "staging", "--json"]);
  const plain = spawnSync("sh", ["-c", ". .sandbox/env.sh && pulumi -C .sandbox/projects/template preview --stack staging --json"], {
    cwd: clone,
    env: { ...trapped(), PULUMI_STACK: undefined },
    encoding: "utf8",
  });
  expect(plain.status, plain.stderr).toBe(0);
  const steps = (text: string): unknown =>
    (JSON.parse(text.slice(text.indexOf("{"))) as { steps: { op: string; urn: string }[] }).steps
      .map(({ op, urn }) => `${op} ${urn}`)
      .sort();
  expect(steps(plain.stdout)).toEqual(steps(wrapped.output));
});

test("a proxy that the machine uses for the network has no part in it", async () => {
  const proxies = ["env", "HTTPS_PROXY=http://127.0.0.1:1", "http_proxy=http://127.0.0.1:1", "grpc_proxy=http://127.0.0.1:1"];
  const { code, output } = await npm(["sandbox", "--", "preview", "--stack", "staging"], proxies);
  expect(code, output).toBe(0);
});

test("a warm run passes with no network at all", async (context) => {
  const alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  if (spawnSync(alone[0] ?? "", [...alone.slice(1), "true"]).status !== 0)
    context.skip("this machine lets nobody make a network of his own (unshare --net, ip)");
  const { code, output } = await npm(["sandbox"], alone);
  expect(code, output).toBe(0);
  expect(output).toContain("up, and a second preview is clean");
});

interface Listed {
  readonly id: string;
  readonly provider: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

const cloud = (...args: string[]): Promise<{ code: number | null; output: string }> => npm(["sandbox:cloud", "--", ...args]);
const list = async (): Promise<Listed[]> => JSON.parse((await cloud("list", "--json")).output) as Listed[];
const only = (objects: readonly Listed[], type: string, name: string): Listed => {
  const found = objects.find((object) => object.type.endsWith(`:${type}`) && object.name === name);
  if (!found) throw new Error(`no ${type} ${name}`);
  return found;
};

test("the stored cloud can be looked at, tampered with and told to fail", async () => {
  const objects = await list();
  expect(objects).toHaveLength(100);
  for (const object of objects) expect(Object.keys(object).sort()).toEqual(["id", "inputs", "name", "outputs", "provider", "type"]);
  const app = only(objects, "App", "template-staging");
  expect(app).toMatchObject({ provider: "digitalocean", type: "digitalocean:index/app:App" });
  expect(JSON.stringify(app.inputs)).not.toContain("__defaults");
  expect(JSON.stringify(app)).toContain("EV[1:");

  expect(await cloud("set", app.id, "spec.services[0].instanceCount", "3")).toMatchObject({ code: 0 });
  const shown = JSON.parse((await cloud("get", app.id)).output) as {
    outputs: { spec: { services: { instanceCount: number }[] } };
    deployments: unknown[];
  };
  expect(shown.outputs.spec.services[0]?.instanceCount).toBe(3);
  expect(shown.deployments).toHaveLength(1);
  expect((await npm(["sandbox", "--", "refresh", "--preview-only", "--expect-no-changes", "--stack", "staging"])).code).toBe(7);

  const user = only(objects, "DatabaseUser", "app");
  expect((await cloud("delete", user.id)).code).toBe(0);
  expect((await list()).some(({ id }) => id === user.id)).toBe(false);

  expect((await cloud("fail", "App", "update", "--with", "429", "--times", "2")).code).toBe(0);
  expect((await cloud("fail")).output).toMatch(/App +update +429 +struck 0 of 2/);
  expect((await cloud("fail", "--clear")).code).toBe(0);
  expect((await cloud("fail")).output).toBe("No fault waits.\n");
});

test.for<[string[], RegExp]>([
  [[], /no verb given/],
  [["lst"], /unknown verb "lst"/],
  [["set", "x"], /expected <id> <path> <json>, got x/],
  [["reset", "extra"], /expected no arguments, got extra/],
  [["list", "--with", "500"], /list has no option --with/],
  [["fail", "App", "update", "--with", "429", "--log", "x"], /--log means nothing with --with 429/],
  [
    ["fail", "Ap", "update", "--with", "500"],
    /no type "Ap" in the catalogue. Types: .*App, .*Cdn, Certificate, Container, ContainerRegistry/,
  ],
  [["fail", "App", "updte", "--with", "500"], /operation must be one of create, read, update, delete, got "updte"/],
  [["fail", "App", "update", "--with", "503"], /--with must be one of 429, 500, crash, slow, late, deployment, got "503"/],
  [["fail", "App", "delete", "--with", "deployment"], /a deployment fails when an App is created or updated/],
])("sandbox:cloud %j is refused with the way out", async ([args, words]) => {
  const { code, output } = await cloud(...args);
  expect(code).toBe(2);
  expect(output).toMatch(words);
});

test("after a kill the next up names the one command that recovers, and it does", async () => {
  expect((await cloud("fail", "App", "update", "--with", "slow", "--after", "--seconds", "60")).code).toBe(0);
  const file = join(clone, "Pulumi.staging.yaml");
  const before = readFileSync(file, "utf8");
  writeFileSync(file, before.replace("replicas: 1", "replicas: 2"));
  const killed = npm(["sandbox", "--", "up", "--stack", "staging", "--yes", "--skip-preview"]);
  while (!(await cloud("fail")).output.includes("struck 1 of 1")) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const pid of processes().filter((one) => readlinkSync(`/proc/${one}/exe`).endsWith("/pulumi"))) process.kill(Number(pid), "SIGKILL");
  expect((await killed).code).toBe(137);

  const blocked = await npm(["sandbox", "--", "up", "--stack", "staging", "--yes", "--skip-preview"]);
  expect(blocked.code).not.toBe(0);
  const command = /Recover with:\n {2}npm run (.*)$/m.exec(blocked.output)?.[1] ?? "";
  expect(command).toBe("ops -- unlock --sandbox --stack staging");
  expect(await npm(command.split(" "))).toMatchObject({ code: 0 });
  writeFileSync(file, before);
  expect((await npm(["sandbox", "--", "up", "--stack", "staging", "--yes", "--skip-preview"])).code).toBe(0);
  expect((await npm(["sandbox", "--", "preview", "--stack", "staging", "--expect-no-changes"])).code).toBe(0);
});

test("reset empties the cloud; equal seeds give equal ids", async () => {
  const ids = async (seed: string): Promise<string[]> => {
    expect((await cloud("reset", "--seed", seed)).code).toBe(0);
    expect(await list()).toEqual([]);
    expect((await npm(["sandbox", "--", "up", "--stack", "shared", "--yes", "--skip-preview"])).code).toBe(0);
    return (await list()).map(({ id }) => id);
  };
  const first = await ids("one");
  expect(await ids("one")).toEqual(first);
  expect(await ids("two")).not.toEqual(first);
});
