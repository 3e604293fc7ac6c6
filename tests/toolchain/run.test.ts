import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../../sandbox/toolchain/common.mjs";
import { type Started, gone, start, temporaryFolder } from "./harness.ts";

const run = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): Started =>
  start(process.execPath, [join(repository, "sandbox", "toolchain", "run.mjs"), ...args], { env, cwd: temporaryFolder() });

/** An entry made of these lines. */
function entry(lines: string): string {
  const file = join(temporaryFolder(), "entry.ts");
  writeFileSync(file, lines);
  return file;
}

test("the entry runs in the repository's root, with its arguments, Node first on PATH and its exit code", async () => {
  const file = entry(`const args: string[] = process.argv.slice(2);
    console.log(JSON.stringify({ args, cwd: process.cwd(), first: process.env.PATH?.split(":")[0] }));
    process.exit(7);`);
  const { stdout, stderr, code } = await run([file, "a b", "--stack", "staging"]).ended;
  expect(JSON.parse(stdout)).toEqual({ args: ["a b", "--stack", "staging"], cwd: repository, first: dirname(process.execPath) });
  expect(stderr).toBe("");
  expect(code).toBe(7);
});

test("an empty HOME is the user's own, so that nothing is left where one stands", async () => {
  const started = run([entry("console.log(process.env.HOME)")], { ...process.env, HOME: "", GROUNDWORK_CACHE: temporaryFolder() });
  expect(await started.ended).toMatchObject({ code: 0, stdout: `${userInfo().homedir}\n` });
});

test("a tool of node_modules runs the same way", async () => {
  const { stdout, code } = await run(["--tool", "prettier", "--version"]).ended;
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(code).toBe(0);
});

test("without an entry there is the usage", async () => {
  expect(await run([]).ended).toMatchObject({
    code: 1,
    stderr: "groundwork: Usage: node sandbox/toolchain/run.mjs <entry.ts> [arguments], or --tool <name> [arguments]\n",
  });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s reaches the entry, whose exit code counts", async (signal) => {
  const started = run([entry(`process.on("${signal}", () => process.exit(5)); setInterval(() => {}, 1000); console.log("ready");`)]);
  await started.says("ready");
  started.child.kill(signal);
  expect(await started.ended).toMatchObject({ code: 5 });
});

test("an entry that a signal ends gives 128 and the signal's number", async () => {
  expect(await run([entry(`process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);`)]).ended).toMatchObject({ code: 137 });
});

/** A checkout with one package of its own, and an `npm` in front that notes each call. */
function checkout(): { root: string; env: NodeJS.ProcessEnv; calls: () => string[]; install: () => Started } {
  const root = temporaryFolder();
  const tools = temporaryFolder();
  mkdirSync(join(root, "local"));
  writeFileSync(join(root, "local", "package.json"), JSON.stringify({ name: "local", version: "1.0.0" }));
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "checkout", dependencies: { local: "file:local" } }));
  lock(root, "1.0.0");
  const note = join(tools, "calls");
  writeFileSync(join(tools, "npm"), `#!/bin/sh\necho "$@" >> '${note}'\nPATH="\${PATH#*${tools}:}"\nexec npm "$@"\n`);
  chmodSync(join(tools, "npm"), 0o755);
  const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
  const program = `import { ensurePackages } from ${JSON.stringify(join(repository, "sandbox/toolchain/packages.mjs"))};
    await ensurePackages(${JSON.stringify(process.execPath)}, ${JSON.stringify(root)});`;
  return {
    root,
    env,
    calls: () => (existsSync(note) ? readFileSync(note, "utf8").trim().split("\n") : []),
    install: () => start(process.execPath, ["--input-type=module", "-e", program], { env }),
  };
}

function lock(root: string, version: string): void {
  const local = { version, resolved: "local", link: true };
  const packages = { "": { name: "checkout", dependencies: { local: "file:local" } }, local: { version }, "node_modules/local": local };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ name: "checkout", lockfileVersion: 3, requires: true, packages }));
}

test("packages are installed when they are missing or of another lock file, once for two starts, and then no more", async () => {
  const { root, calls, install } = checkout();
  const both = await Promise.all([install().ended, install().ended]);
  for (const { code } of both) expect(code).toBe(0);
  expect(calls()).toHaveLength(1);
  expect(calls()[0]).toMatch(/--ignore-scripts .* ci --include=dev --include=optional$/);
  expect(existsSync(join(root, "node_modules/local/package.json"))).toBe(true);

  expect(await install().ended).toMatchObject({ code: 0, stderr: "" });
  expect(calls()).toHaveLength(1);

  writeFileSync(join(root, "local", "package.json"), JSON.stringify({ name: "local", version: "1.1.0" }));
  lock(root, "1.1.0");
  expect(await install().ended).toMatchObject({ code: 0 });
  expect(calls()).toHaveLength(2);
  expect(readdirSync(root).sort()).toEqual([".sandbox", "local", "node_modules", "package-lock.json", "package.json"]);
}, 30_000);

test("packages that were installed by hand are taken as they are", async () => {
  const { root, env, calls, install } = checkout();
  expect(await start("npm", ["ci"], { cwd: root, env }).ended).toMatchObject({ code: 0 });
  expect(await install().ended).toMatchObject({ code: 0, stderr: "" });
  expect(calls()).toEqual(["ci"]);
}, 30_000);

test("an installation that was killed ends its npm and is done again", async () => {
  const { root, env, calls, install } = checkout();
  const tools = env.PATH?.split(":")[0] ?? "";
  const npm = readFileSync(join(tools, "npm"), "utf8");
  writeFileSync(
    join(tools, "npm"),
    `#!/bin/sh\nmkdir -p node_modules\necho $$ > '${tools}/pid.new'\nmv '${tools}/pid.new' '${tools}/pid'\nexec sleep 60\n`,
  );
  const killed = install();
  while (!existsSync(join(tools, "pid"))) await new Promise((resolve) => setTimeout(resolve, 20));
  killed.child.kill("SIGKILL");
  await killed.ended;
  await gone(Number(readFileSync(join(tools, "pid"), "utf8")), 1000);
  rmSync(join(tools, "pid"));
  writeFileSync(join(tools, "npm"), npm);
  expect(await install().ended).toMatchObject({ code: 0 });
  expect(calls()).toHaveLength(1);
  expect(existsSync(join(root, "node_modules/local/package.json"))).toBe(true);
}, 30_000);

test("a registry out of reach is said in one message", async () => {
  const { root, env, install } = checkout();
  const tools = env.PATH?.split(":")[0] ?? "";
  writeFileSync(join(tools, "npm"), "#!/bin/sh\necho 'npm error network request failed' >&2\nexit 1\n");
  const { code, stderr } = await install().ended;
  expect(code).toBe(1);
  expect(stderr).toContain(
    "The packages could not be installed:\n  npm ended with exit code 1: npm error network request failed\nThe npm registry must be",
  );
  expect(existsSync(join(root, "node_modules"))).toBe(false);
});
