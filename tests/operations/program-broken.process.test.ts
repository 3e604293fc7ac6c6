import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { markerOf } from "../../operations/comment/merge.ts";
import { repository } from "../../sandbox/systems.ts";
import { octocat } from "../github-api/records.ts";
import { GitHubApi } from "../github-api/server.ts";

const token = `dop_v1_${"c".repeat(64)}`;

let root: string;
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), "groundwork-test-"))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A system of its own, whose description is this text. */
function system(text: string): string {
  const folder = mkdtempSync(join(root, "system-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "system.ts"), text);
  writeFileSync(join(folder, "given.ts"), "export const given = 1;\n");
  writeFileSync(join(folder, "Pulumi.yaml"), "name: broken\nruntime: nodejs\n");
  writeFileSync(join(folder, "Pulumi.staging.yaml"), "config:\n  groundwork:environment: staging\n");
  const script = `#!/bin/sh\ncase "$*" in "stack ls"*) echo '[{ "name": "staging" }]';; "stack export"*) echo '{ "deployment": {} }';; *) exit 255;; esac\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
  return folder;
}

function ops(
  folder: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    PATH: [folder, process.env["PATH"]].join(delimiter),
    PULUMI_BACKEND_URL: `file://${folder}`,
    DIGITALOCEAN_TOKEN: token,
    DIGITALOCEAN_API_URL: "http://127.0.0.1:9",
    ...more,
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(repository, "operations", "cli.ts"), ...args, "--system", folder],
      { cwd: repository, env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** What Node itself makes of it: the tests' own loader words things differently. */
function failureOf(folder: string): Promise<string> {
  const script = `import { loadSystem } from "${repository}/systems/load-system.ts"; await loadSystem("${folder}/system.ts").catch((e) => console.log(e.message));`;
  return new Promise((resolve, reject) =>
    execFile(process.execPath, ["--input-type=module", "-e", script], { cwd: repository }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(new Error(error.message)),
    ),
  );
}

describe("what is wrong with a system's file is said with the file and the line", () => {
  test.each([
    ["wrong TypeScript", "const a = 1;\nconst x: = 2;\nexport default x;\n", 2, "SyntaxError: Unexpected token `=`"],
    [
      "an import of a file that is not there",
      'import { given } from "./given.ts";\nimport { gone } from "./gone.ts";\nexport default { given, gone };\n',
      2,
      "Cannot find module",
    ],
    [
      "an import of a package that is not there",
      'import { given } from "./given.ts";\nimport gone from "no-such-package";\nexport default { given, gone };\n',
      2,
      "Cannot find package 'no-such-package'",
    ],
    [
      "an import of a name that is not there",
      'import { gone } from "./given.ts";\nexport default gone;\n',
      1,
      "does not provide an export named 'gone'",
    ],
    ["something that is thrown", 'export const a = 1;\n\nthrow new Error("not today");\n', 3, "not today"],
    ["a name that nobody gave", "export const a = 1;\nexport default [b];\n", 2, "ReferenceError: b is not defined"],
  ])("%s", async (_, text, line, what) => {
    const folder = system(text);
    const message = await failureOf(folder);
    expect(message).toContain(`${folder}/system.ts:${line} cannot be loaded:\n`);
    expect(message).toContain(what);
  });
  test("nothing that is exported", async () => {
    const folder = system("export const a = 1;\n");
    expect(await failureOf(folder)).toContain(`${folder}/system.ts cannot be loaded:\nit has no default export`);
  });
});

describe("verbs say it, and never a secret of the shell", () => {
  let folder: string;
  beforeAll(() => {
    folder = system('const token = process.env["DIGITALOCEAN_TOKEN"];\nthrow new Error(`top ${token}`);\n');
  });
  const said = "system.ts:2 cannot be loaded";

  test("a comment tells a failed preview in place of what stood there", { timeout: 60_000 }, async () => {
    const api = await GitHubApi.start(); // stops with the test
    api.state.addIssue(octocat, { isPull: true });
    const { code, stderr } = await ops(folder, ["comment", "--pr", "1", "--stack", "staging"], api.environment());
    const [comment] = api.state.comments;
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(comment?.body).toContain(markerOf("broken"));
    expect(comment?.body).toContain("It failed while loading the system.");
    expect(comment?.body).toContain(`${said}:\ntop [secret]`);
    expect(comment?.body).not.toContain(token);
  });
  test("status shows what runs all the same", { timeout: 60_000 }, async () => {
    const { code, stdout, stderr } = await ops(folder, ["status"]);
    expect(stdout).toContain("staging");
    expect(stderr).toContain(`${said}:\ntop [secret]`);
    expect({ code, leaks: `${stdout}${stderr}`.includes(token) }).toEqual({ code: 1, leaks: false });
  });
  test("doctor has it among its findings", { timeout: 60_000 }, async () => {
    const { code, stdout } = await ops(folder, ["doctor", "--json", "--resolver", "127.0.0.1:9"]);
    const { findings } = JSON.parse(stdout) as { findings: { id: string; what: string }[] };
    expect(findings.find(({ id }) => id === "program")?.what).toContain(`${said}: top [secret]`);
    expect(stdout).not.toContain("its stack file is wrong");
    expect({ code, leaks: stdout.includes(token) }).toEqual({ code: 7, leaks: false });
  });
  test.each([["cost"], ["promote", "--to", "staging", "--plan"]])("%s", { timeout: 60_000 }, async (...args) => {
    const { code, stdout, stderr } = await ops(folder, args);
    expect(stderr).toContain(`${said}:\ntop [secret]`);
    expect({ code, leaks: `${stdout}${stderr}`.includes(token) }).toEqual({ code: 1, leaks: false });
  });
});
