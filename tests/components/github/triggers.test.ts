import { join } from "node:path";
import { expect, test } from "vitest";
import type { RepositoryPlan } from "../../../components/github/plan.ts";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { fileOf, type WorkflowFile } from "../../../components/github/workflow-file.ts";
import { workflowsOf } from "../../../components/github/workflows/index.ts";
import { documents } from "./documents/index.ts";
import { branchOf, type Happening, runsOf } from "./runs.ts";

const branches = ["main", "staging", "dev", "feature/x", "hotfix/x"];
const pullRequest = (repository: string, login = "ann") => ({
  pull_request: { number: 1, head: { repo: { full_name: repository } }, user: { login } },
});

/** Everything that is looked at in a repository: what happens → what it is. */
function happenings(files: readonly WorkflowFile[], stacks: readonly string[]): Record<string, Happening> {
  const byHand = files.filter(({ on }) => "workflow_dispatch" in on).map(({ path }) => path.split("/").at(-1) ?? "");
  const withStack = new Set(["rollback.yml", "rotate.yml"]);
  const dispatches = byHand.flatMap((workflow) =>
    ["main", "feature/x"].flatMap((branch) =>
      (withStack.has(workflow) ? stacks : [""]).map((stack): [string, Happening] => [
        `${workflow} started on ${branch}${stack === "" ? "" : ` for ${stack}`}`,
        { event: "workflow_dispatch", ref: `refs/heads/${branch}`, workflow, inputs: { stack } },
      ]),
    ),
  );
  const onPullRequest = (base: string, repository: string, login?: string): Happening => ({
    event: "pull_request",
    ref: "refs/pull/1/merge",
    base,
    payload: pullRequest(repository, login),
  });
  return {
    ...Object.fromEntries(branches.map((branch) => [`push to ${branch}`, { event: "push", ref: `refs/heads/${branch}` }])),
    "push to main of files that nobody has built": { event: "push", ref: "refs/heads/main", isNew: true },
    "push to main in design-system/": { event: "push", ref: "refs/heads/main", paths: ["design-system/tokens/color.json"] },
    "push to feature/x in design-system/": { event: "push", ref: "refs/heads/feature/x", paths: ["design-system/tokens/color.json"] },
    "push of the tag v1.2.3": { event: "push", ref: "refs/tags/v1.2.3" },
    "pull request to main": onPullRequest("main", "Acme/ours"),
    "pull request to dev": onPullRequest("dev", "Acme/ours"),
    "pull request to staging": onPullRequest("staging", "Acme/ours"),
    "pull request to main from a fork": onPullRequest("main", "Mallory/ours"),
    "pull request to main of Dependabot": onPullRequest("main", "Acme/ours", "dependabot[bot]"),
    "pull request retargeted to main": { ...onPullRequest("main", "Acme/ours"), type: "edited" },
    "pull request to main gets a label": { ...onPullRequest("main", "Acme/ours"), type: "labeled" },
    // GitHub says "released" of one that is published as such and of one that was a pre-release before, "published" of every one once.
    "release v1.2.3 published": { event: "release", ref: "refs/tags/v1.2.3", type: "released" },
    "pre-release v1.2.3 published": { event: "release", ref: "refs/tags/v1.2.3", type: "published" },
    "release v1.2.3 as a draft": { event: "release", ref: "refs/tags/v1.2.3", type: "created" },
    "every night": { event: "schedule", ref: "refs/heads/main" },
    ...Object.fromEntries(dispatches),
    ...Object.fromEntries(
      stacks.map((stack) => [
        `digests for ${stack} handed over`,
        { event: "repository_dispatch", ref: "refs/heads/main", type: `deploy-${stack}` },
      ]),
    ),
    "something else handed over": { event: "repository_dispatch", ref: "refs/heads/main", type: "deploy" },
  };
}

/** What runs, by what happens, in one repository: by the files of the branch that it happens to. */
const tableOf = (repository: RepositoryPlan, files: readonly WorkflowFile[], stacks: readonly string[]): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(happenings(files, stacks)).map(([name, happening]) => {
      const permanent = repository.protectedBranches.map((one) => one.name);
      const holds = repository.workflowsOn.includes(branchOf(happening, permanent, repository.branch));
      return [name, runsOf(repository, holds ? files : [], happening)];
    }),
  );

const tables = Object.fromEntries(
  Object.entries(documents).map(([name, { definition, settings }]) => {
    const { plan } = resolveDelivery(definition, settings);
    const repositories = Object.values(plan.repositories).map((repository) => {
      const files = Object.entries(workflowsOf(plan, repository)).map(([path, workflow]) => fileOf(path, workflow));
      const stacks = plan.environments.map((environment) => environment.name);
      return [repository.key, tableOf(repository, files, stacks)] as const;
    });
    return [name, Object.fromEntries(repositories)];
  }),
) as Record<keyof typeof documents, Record<string, Record<string, string[]>>>;

test.for(Object.keys(documents) as (keyof typeof documents)[])("%s: what runs, by what happens", async (name) => {
  const parts = Object.entries(tables[name]).flatMap(([key, table]) => [
    `# ${key}`,
    "",
    ...Object.entries(table).flatMap(([what, runs]) => [
      `- ${what}`,
      ...(runs.length > 0 ? runs.map((run) => `  - ${run}`) : ["  - nothing"]),
    ]),
    "",
  ]);
  await expect(parts.join("\n")).toMatchFileSnapshot(join(import.meta.dirname, "golden", name, "triggers.md"));
});

const deploys = (runs: readonly string[] | undefined): string[] =>
  (runs ?? []).flatMap((run) => /: (?:deploy|hand-over)-\S+ \((\S+?)(?:, approved)?\)$/.exec(run)?.[1] ?? []);

test.for<[keyof typeof documents, string, string, string[]]>([
  ["septimius", "application", "push to main", ["staging", "production"]],
  ["septimius", "application", "push to feature/x", []],
  ["septimius", "application", "release v1.2.3 published", []],
  ["vectis", "infrastructure", "push to main", ["staging"]],
  ["vectis", "infrastructure", "deploy-production.yml started on main", ["production"]],
  ["vectis", "infrastructure", "deploy-production.yml started on feature/x", []],
  ["vectis", "infrastructure", "digests for production handed over", ["production"]],
  ["vectis", "shop", "push to main", ["staging-handover"]],
  ["vectis", "shop", "pull request to main from a fork", []],
  ["template", "application", "push to main", ["staging"]],
  ["template", "application", "push of the tag v1.2.3", []],
  ["template", "application", "release v1.2.3 published", ["production"]],
  ["template", "application", "release v1.2.3 as a draft", []],
  ["template", "application", "pre-release v1.2.3 published", []],
  ["medusa-shop", "backend", "push to dev", []],
  ["medusa-shop", "backend", "push to staging", ["staging"]],
  ["medusa-shop", "backend", "push to main", ["production"]],
  ["medusa-shop", "backend", "push to main of files that nobody has built", ["staging", "production"]],
  ["medusa-shop", "backend", "push to hotfix/x", []],
  ["medusa-shop", "storefront", "push to main", ["production-handover"]],
  ["sevalla", "monorepo", "push to main", ["staging", "production"]],
  ["sevalla", "monorepo", "push to staging", []],
])("%s, %s: %s", ([name, repository, what, expected]) => {
  const table = tables[name][repository];
  expect(Object.keys(table ?? {})).toContain(what);
  expect(deploys(table?.[what])).toEqual(expected);
});

test("a pull request that is retargeted is looked at like one that is opened", () => {
  for (const table of Object.values(tables).flatMap((repositories) => Object.values(repositories)))
    expect(table["pull request retargeted to main"]).toEqual(table["pull request to main"]);
  expect(tables.template["application"]?.["pull request retargeted to main"]).toContain("migrations.yml: migrations");
});

test("no fork's pull request, and none of Dependabot, is in any environment", () => {
  let seen = 0;
  for (const repositories of Object.values(tables)) {
    for (const table of Object.values(repositories)) {
      for (const what of ["pull request to main from a fork", "pull request to main of Dependabot"]) {
        expect((table[what] ?? ["missing ("]).filter((run) => run.includes("("))).toEqual([]);
        seen += 1;
      }
    }
  }
  expect(seen).toBe(16);
});

test("an environment refuses what is started on a branch of one's own, and nothing else that happens", () => {
  for (const repositories of Object.values(tables)) {
    for (const table of Object.values(repositories)) {
      for (const [what, runs] of Object.entries(table)) {
        const own = what.includes("started on feature/x");
        for (const run of runs.filter((line) => line.includes("("))) {
          const isOpen = run.includes("staging-preview") && !run.includes("REFUSED");
          expect({ what, run, refused: run.includes("REFUSED") }).toEqual({ what, run, refused: own && !isOpen });
        }
      }
    }
  }
});
