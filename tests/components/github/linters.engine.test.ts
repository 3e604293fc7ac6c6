import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { renderWorkflow } from "../../../components/github/actions/render.ts";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { workflowsOf } from "../../../components/github/workflows/index.ts";
import type { Tool } from "../../python.ts";
import { documents } from "./documents/index.ts";
import { actionlint, findActionlint, findPythonLinters, githubParser, makeFolder, readByZizmor, zizmor } from "./linters/linters.ts";

// Four linters that know more of GitHub Actions than we do, over every workflow of all five documents' repositories: nothing to say.

const root = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-workflows-")));
const rendered = makeFolder(join(root, "rendered"));
const bad = makeFolder(join(root, "bad", ".github", "workflows"));
const files: string[] = [];
let queues = 0;

beforeAll(() => {
  for (const [name, { definition, settings }] of Object.entries(documents)) {
    const { plan } = resolveDelivery(definition, settings);
    for (const repository of Object.values(plan.repositories)) {
      const folder = makeFolder(join(rendered, name, repository.key, ".github", "workflows"));
      for (const [path, workflow] of Object.entries(workflowsOf(plan, repository))) {
        const text = renderWorkflow(workflow, "system.ts");
        queues += text.split("\n").filter((line) => line.trim() === "queue: max").length;
        files.push(join(folder, basename(path)));
        writeFileSync(join(folder, basename(path)), text);
      }
    }
  }
  // What each of them has to find, so that silence means something.
  writeFileSync(
    join(bad, "bad.yml"),
    "name: Bad\non: pull_request_target\njobs:\n  bad:\n    runs-on: ubuntu-24.04\n    needs: [other]\n    steps:\n" +
      "      - uses: actions/checkout@v4\n      - run: |\n          rm $file\n          echo ${{ github.event.pull_request.title }}\n",
  );
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The tool; where it cannot be had, the test is skipped with the reason, and in CI it fails. */
function need<T>(found: Tool<T>, context: TestContext): T {
  if ("tool" in found) return found.tool;
  if (process.env["CI"]) throw new Error(found.absent);
  return context.skip(found.absent);
}

const unknownQueue = /unexpected key "queue" for "concurrency" section\. expected one of "cancel-in-progress", "group" \[syntax-check\]$/;

test("actionlint, with shellcheck over every script", { timeout: 600_000 }, async (context) => {
  const tool = need(await findActionlint(), context);
  const bin = need(await findPythonLinters(), context);
  const found = actionlint(tool, bin, rendered, files);
  // GitHub has had `queue` since May 2026, and its own parser below knows it; this version of actionlint is older.
  expect(found.filter((line) => !unknownQueue.test(line))).toEqual([]);
  expect(found.length).toBe(queues);
  const all = actionlint(tool, bin, join(root, "bad"), [join(bad, "bad.yml")]).join("\n");
  for (const rule of ["SC2086", "[expression]", "[job-needs]"]) expect(all).toContain(rule);
});

test("zizmor as its pedantic self", { timeout: 300_000 }, async (context) => {
  const bin = need(await findPythonLinters(), context);
  expect(zizmor(bin, rendered)).toEqual([]);
  expect(readByZizmor(bin, rendered)).toBe(files.length);
  const all = zizmor(bin, join(root, "bad")).join("\n");
  for (const audit of ["dangerous-triggers", "template-injection", "unpinned-uses", "artipacked", "excessive-permissions"])
    expect(all).toContain(audit);
});

test("GitHub's own parser", async () => {
  expect(await githubParser(files)).toEqual([]);
  expect((await githubParser([join(bad, "bad.yml")])).join("\n")).toContain("at least one job with no dependencies");
});
