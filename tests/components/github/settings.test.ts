import { expect, test } from "vitest";
import { Repository, type RepositoryArgs } from "../../../components/github/repository.ts";
import type { DeliveryPlan } from "../../../components/github/plan.ts";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { push, release } from "../../../components/github/definition.ts";
import { type RepositorySettings, resolveSettings } from "../../../components/github/settings.ts";
import { workflowFiles } from "../../../components/github/workflow-files.ts";
import { record, type Registration } from "../../harness.ts";

const planWith = (branches: readonly string[]): DeliveryPlan =>
  resolveDelivery(
    {
      repositories: {
        application: {
          visibility: "private",
          program: true,
          branches,
          builds: { web: { context: "." } },
          ci: [{ name: "Test", steps: [{ name: "Test", run: "npm test" }] }],
        },
      },
      environments: { staging: { deploysOn: push("main") }, production: { deploysOn: release(), promotes: "staging" } },
    },
    {
      system: { name: "shop", folder: ".", services: ["web"] },
      owner: "acme",
      plan: "team",
      repositories: { application: { name: "shop" } },
      environments: { staging: { platform: "app-platform" }, production: { platform: "app-platform" } },
    },
  ).plan;

/** What a repository with these settings registers. */
async function registrations(
  settings: RepositorySettings,
  { plan = planWith([]), ...more }: Partial<Pick<RepositoryArgs, "choice" | "branches">> & { readonly plan?: DeliveryPlan } = {},
): Promise<readonly Registration[]> {
  const repository = plan.repositories["application"];
  if (repository === undefined) throw new Error("no plan");
  const froms = [...repository.secrets, ...repository.environments.flatMap(({ secrets }) => secrets)].map(({ from }) => from);
  const { resources } = await record(async () => {
    const { secret } = await import("@pulumi/pulumi");
    new Repository("application", {
      plan: repository,
      settings: resolveSettings(settings),
      choice: { name: "shop", from: "create", deployKeys: {} },
      workflows: workflowFiles(plan, repository),
      state: "s3://state",
      secrets: Object.fromEntries(froms.map((from) => [from, secret(from)])),
      reviewers: {},
      waits: {},
      branches: [],
      standing: {},
      ...more,
      held: [],
      keptBefore: false,
    });
  });
  return resources;
}

/** The same by type and name. */
async function registered(settings: RepositorySettings): Promise<Map<string, string>> {
  const resources = await registrations(settings);
  const text = ({ inputs, options }: Registration): string => JSON.stringify({ inputs, options });
  return new Map(resources.map((one) => [`${one.type} ${one.name}`, text(one)]));
}

/** Each setting with another value than its default, and all that it changes. */
const changes: Required<{ [Name in keyof RepositorySettings]: readonly [RepositorySettings[Name], readonly string[]] }> = {
  description: ["What we sell", ["Repository"]],
  homepage: ["https://example.com", ["Repository"]],
  topics: [["shop"], ["Repository"]],
  labels: [{ question: { color: "cc317c" } }, ["IssueLabel"]],
  merges: [["merge"], ["Repository", "RepositoryRuleset"]],
  approvals: [2, ["RepositoryRuleset"]],
  codeOwners: [true, ["RepositoryRuleset"]],
  upToDate: [false, ["RepositoryRuleset"]],
  releasers: ["writers", ["RepositoryRuleset"]],
  allowedActions: [["pnpm/action-setup"], ["ActionsRepositoryPermissions"]],
  workflowFiles: ["kept", ["RepositoryFile", "RepositoryRuleset"]],
};

test.each(Object.entries(changes))("the setting %s changes what it is about, and nothing else", async (name, [value, expected]) => {
  const before = await registered({});
  const after = await registered({ [name]: value });
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  expect([...new Set(changed.map((key) => key.split(" ")[0]?.split(":").at(-1)))].sort()).toEqual(expected);
});

test("of a repository that stood, files are written over only on branches that this stack cuts, or where the stack file says so", async () => {
  const plan = planWith(["next", "live"]);
  const over = async (change: { readonly from: "create" | "import"; readonly overwrite?: boolean }): Promise<string[]> => {
    const choice = { name: "shop", deployKeys: {}, ...change };
    const all = await registrations({}, { plan, choice, branches: change.from === "create" ? [] : ["main", "next"] });
    const files = all.filter(({ type }) => type.endsWith(":RepositoryFile")).map(({ inputs }) => inputs);
    const branches = (wish: boolean) =>
      new Set(files.filter((one) => one["overwriteOnCreate"] === wish).map((one) => String(one["branch"])));
    expect([...branches(true)].filter((one) => branches(false).has(one))).toEqual([]);
    return [...branches(true)].sort();
  };
  expect(await over({ from: "create" })).toEqual(["live", "main", "next"]);
  expect(await over({ from: "import" })).toEqual(["live"]);
  expect(await over({ from: "import", overwrite: true })).toEqual(["live", "main", "next"]);
});
