import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { repository } from "../../sandbox/toolchain/common.mjs";
import { type Engine, ensureEngine } from "../../sandbox/toolchain/engine.ts";
import { type Ended, type Started, gone, isAlive, start, temporaryFolder } from "./harness.ts";

vi.setConfig({ testTimeout: 60_000 }); // processes, on machines that have much to do

let engine: Engine;
beforeAll(async () => {
  engine = await ensureEngine();
}, 20 * 60_000);

/** A Pulumi project whose program is these lines, with a stack `dev` in a backend of its own. */
async function project(
  program: string,
  options = "typescript: false",
): Promise<{ folder: string; pulumi: (...args: string[]) => Started }> {
  const folder = temporaryFolder();
  for (const name of ["backend", "home", "systems/probe", "src"]) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "probe", type: "module" }));
  writeFileSync(join(folder, "src", "index.ts"), program);
  writeFileSync(
    join(folder, "systems/probe/Pulumi.yaml"),
    `name: probe\nmain: ../../src/index.ts\nruntime:\n  name: nodejs\n  options:\n    ${options}\n`,
  );
  const env: NodeJS.ProcessEnv = {
    PATH: [...engine.path, process.env.PATH].join(":"),
    HOME: folder,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}/backend`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const pulumi = (...args: string[]): Started =>
    start(engine.pulumi, [...args, "--non-interactive", "--color=never"], { env, cwd: join(folder, "systems/probe") });
  expect(await pulumi("stack", "init", "dev").ended).toMatchObject({ code: 0 });
  return { folder, pulumi };
}

const output = ({ stdout, stderr }: Ended): string => stdout + stderr;

test("a program gets its configuration, its place and its options; what it writes and returns arrives", async () => {
  const { folder, pulumi } = await project(
    `import * as pulumi from "@pulumi/pulumi";
    const config = new pulumi.Config();
    console.log("a line on stdout");
    console.error("a line on stderr", pulumi.runtime.isDryRun() ? "of a preview" : "of an update");
    export const seen: object = {
      plain: config.require("plain"), nested: config.requireObject("nested"), isSecret: await pulumi.isSecret(config.requireSecret("hidden")),
      stack: pulumi.getStack(), project: pulumi.getProject(), root: pulumi.getRootDirectory(), cwd: process.cwd(),
      node: Number(process.versions.node.split(".")[0]) >= 24, title: process.title,
    };`,
    `{ typescript: false, nodeargs: '--title "a probe"' }`,
  );
  for (const args of [
    ["plain", "x=1"],
    ["--path", "nested.list[0]", "one"],
    ["--secret", "hidden", "shh"],
  ]) {
    expect(await pulumi("config", "set", ...args).ended).toMatchObject({ code: 0 });
  }
  const up = await pulumi("up", "--yes").ended;
  expect(output(up)).toContain("a line on stdout");
  expect(output(up)).toContain("a line on stderr of a preview");
  expect(output(up)).toContain("a line on stderr of an update");
  expect(output(up)).not.toContain("warning");
  expect(up.code).toBe(0);
  expect(JSON.parse((await pulumi("stack", "output", "--json").ended).stdout)).toEqual({
    seen: {
      plain: "x=1",
      nested: { list: ["one"] },
      isSecret: true,
      stack: "dev",
      project: "probe",
      root: join(folder, "systems/probe"),
      cwd: join(folder, "src"),
      node: true,
      title: "a probe",
    },
  });
});

describe("a program that fails", () => {
  test.each([
    ["by an error of its own", `throw new Error("boom");`, ["Running program", "Error: boom"], "exit code"],
    ["by a RunError", `import { RunError } from "@pulumi/pulumi"; throw new RunError("do this");`, ["error: do this"], "Running program"],
    ["by its exit code", `process.exit(7);`, ["Program exited with non-zero exit code: 7"], "boom"],
    [
      "by a signal",
      `process.kill(process.pid, "SIGKILL"); await new Promise(() => {});`,
      ["Program exited with non-zero exit code: -1"],
      "boom",
    ],
  ])("%s", async (_, program, expected, unexpected) => {
    const { pulumi } = await project(program);
    const preview = await pulumi("preview").ended;
    for (const text of expected) expect(output(preview)).toContain(text);
    expect(output(preview)).not.toContain(unexpected);
    expect(preview.code).not.toBe(0);
  });

  test("by a wrong option, in the official words", async () => {
    const { pulumi } = await project("", "typescript: 1");
    expect(output(await pulumi("preview").ended)).toContain("typescript option must be a boolean");
  });
});

test("pulumi about and missing plugins know the packages", async () => {
  const { pulumi } = await project("");
  const about = JSON.parse((await pulumi("about", "--json").ended).stdout) as {
    runtime: object;
    plugins: { name: string; version: string }[];
  };
  expect(about.runtime).toMatchObject({ language: "nodejs", executable: process.execPath, version: process.version });
  expect(about.plugins).toContainEqual(expect.objectContaining({ name: "random", version: installedVersion("random") }));
});

const installedVersion = (name: string): string =>
  (JSON.parse(readFileSync(join(repository, "node_modules/@pulumi", name, "package.json"), "utf8")) as { version: string }).version;

/** Writes the program's, its child's and its host's process ids to a file, and never ends. */
const endless = (file: string): string => `import { spawn } from "node:child_process";
  import { renameSync, writeFileSync } from "node:fs";
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  process.on("SIGINT", () => {});
  writeFileSync("${file}.new", JSON.stringify([process.pid, child.pid, process.ppid]));
  renameSync("${file}.new", "${file}");
  await new Promise((resolve) => setTimeout(resolve, 600_000));`;

describe("nothing is left of an endless program", () => {
  test.each([
    ["when the engine is killed", "SIGKILL", 1_000],
    ["when the engine is interrupted twice", "SIGINT", 10_000],
    ["when the engine is terminated", "SIGTERM", 10_000],
  ] as const)(
    "%s",
    async (_, signal, within) => {
      const file = join(temporaryFolder(), "pids");
      const { pulumi } = await project(endless(file));
      const preview = pulumi("preview");
      while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
      const pids = JSON.parse(readFileSync(file, "utf8")) as number[];
      expect(pids.every(isAlive)).toBe(true);
      preview.child.kill(signal);
      if (signal === "SIGINT") setTimeout(() => preview.child.kill(signal), 500);
      const killed = Date.now();
      for (const pid of pids) await gone(pid, within - (Date.now() - killed));
      await preview.ended;
    },
    30_000,
  );
});

test("a host whose engine is not there ends at once", async () => {
  const host = start(join(engine.path[0] ?? "", "pulumi-language-nodejs"), ["127.0.0.1:1"]);
  expect((await host.ended).signal ?? (await host.ended).code).toBe(0);
});
