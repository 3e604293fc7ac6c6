import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
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
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
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

test("a warm run passes with no network at all", async (context) => {
  const alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  if (spawnSync(alone[0] ?? "", [...alone.slice(1), "true"]).status !== 0)
    context.skip("this machine lets nobody make a network of his own (unshare --net, ip)");
  const { code, output } = await npm(["sandbox"], alone);
  expect(code, output).toBe(0);
  expect(output).toContain("up, and a second preview is clean");
});
