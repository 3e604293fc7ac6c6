import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HooksDefinition } from "../../../components/github/definition.ts";
import { hookFiles, hookProblems } from "../../../components/github/hooks.ts";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { workflowFiles } from "../../../components/github/workflow-files.ts";
import { documents } from "./documents/index.ts";

let folder = "";
beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-hooks-")))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const { definition, settings } = documents["medusa-shop"];
const { plan } = resolveDelivery(definition, settings);
const backend = plan.repositories["backend"]!;

/** Runs the hook as Husky does, with an `npx` that notes what it is asked for and is red for one of the programs. */
function commit(files: Readonly<Record<string, string>>, red: string): { status: number | null; ran: string[] } {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, "npx"), `#!/bin/sh\necho "$*" >> ${folder}/ran\ncase "$*" in *${red}*) exit 1 ;; esac\n`);
  chmodSync(join(folder, "npx"), 0o755);
  writeFileSync(join(folder, "ran"), "");
  const env = { PATH: `${folder}:${process.env["PATH"]}` };
  const { status } = spawnSync("sh", ["-e", ".husky/pre-commit"], { cwd: folder, env });
  return { status, ran: readFileSync(join(folder, "ran"), "utf8").trim().split("\n") };
}

test("a repository gets its hooks by the same way as its workflows, and one without hooks gets none", () => {
  const { files } = workflowFiles(plan, backend);
  expect(Object.keys(files).filter((path) => !path.startsWith(".github/workflows/"))).toEqual([
    ".husky/pre-commit",
    "lint-staged.config.mjs",
  ]);
  const template = resolveDelivery(documents.template.definition, documents.template.settings).plan;
  const paths = Object.keys(workflowFiles(template, template.repositories["application"]!).files);
  expect(paths.filter((path) => !path.startsWith(".github/workflows/"))).toEqual([]);
});

test("a commit is made only where everything is green", async () => {
  const files = hookFiles(backend, "systems/medusa-shop/system.ts");
  const [first, ...rest] = files[".husky/pre-commit"]?.split("\n") ?? [];
  expect(first).toBe("# Generated from systems/medusa-shop/system.ts: a change here is overwritten.");
  expect(rest).toEqual(["npx --no-install lint-staged", "npx --no-install tsc --noEmit", ""]);
  const both = ["--no-install lint-staged", "--no-install tsc --noEmit"];
  expect(commit(files, "nothing")).toEqual({ status: 0, ran: both });
  expect(commit(files, "lint-staged")).toEqual({ status: 1, ran: both.slice(0, 1) });
  expect(commit(files, "tsc")).toEqual({ status: 1, ran: both });
  const { default: staged } = (await import(pathToFileURL(join(folder, "lint-staged.config.mjs")).href)) as { default: unknown };
  expect(staged).toEqual(backend.hooks?.staged);
});

test("without commands for staged files there is nothing for lint-staged to do", () => {
  expect(hookFiles({ hooks: { commit: ["npm run check"] } }, "x")).toEqual({
    ".husky/pre-commit": "# Generated from x: a change here is overwritten.\nnpm run check\n",
  });
});

const ci = (...scripts: string[]) => [{ name: "Check", steps: scripts.map((run) => ({ name: run, run })) }];

test.for<[string, HooksDefinition | undefined, string[], string[]]>([
  ["no hooks", undefined, [], []],
  ["all of it in CI", { staged: { "*": ["eslint --fix"] }, commit: ["npx tsc"] }, ["npx eslint .", "npx --no-install tsc --noEmit"], []],
  ["a program that CI does not run", { staged: { "*": ["eslint --fix", "prettier --write"] } }, ["npx eslint ."], ["prettier"]],
  ["a program whose name only begins like it", { commit: ["npx tsc"] }, ["npx tsc-watch"], ["tsc"]],
  ["started in another way", { commit: ["pnpm exec biome check"] }, ["corepack enable\npnpm biome ci"], []],
  ["named once for many patterns", { staged: { a: ["prettier --write"], b: ["prettier --write"] } }, [], ["prettier"]],
])("what stops a commit is asked for by CI too: %s", ([, hooks, scripts, missing]) => {
  const problems = hookProblems({ ...(hooks === undefined ? {} : { hooks }), ci: ci(...scripts) });
  expect(problems.map(({ message }) => message)).toEqual(
    missing.map(
      (tool) => `"${tool}" stops a commit, and no job of ci runs it, so a commit that was made without hooks gets through. Add it to ci.`,
    ),
  );
});

test("hooks that stop nothing are refused", () => {
  expect(hookProblems({ hooks: { staged: {} }, ci: [] })).toEqual([
    { path: "hooks", message: "names no command, so it stops no commit. Leave it out." },
  ]);
});
