import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { workflowFiles } from "../../../components/github/workflow-files.ts";
import { importSystem } from "../../../systems/import-system.ts";
import type { Registration } from "../../harness.ts";
import { deliver } from "./delivered.ts";

/** Two repositories with everything switched on, and the template with what everybody gets. */
const systems = { delivered: "tests/systems/delivered", template: "." };

/** The plugin's types have names that components have as well. */
const fileName = ({ type, name }: Registration) =>
  `${type.startsWith("github:") ? "github." : ""}${type.split(":").at(-1)}.${name.replaceAll("/", "-").replaceAll("*", "+")}.json`;

/** Workflows have golden files of their own. */
const withoutText = ({ inputs, ...rest }: Registration) => ({
  ...rest,
  inputs: "content" in inputs ? { ...inputs, content: "[text of the workflow]" } : inputs,
});

test.each(Object.entries(systems))("%s: the delivery stack registers exactly its golden files", async (name, project) => {
  const golden = `${import.meta.dirname}/golden/registered/${name}`;
  const { resources, result } = await deliver({}, { project });
  expect(result).not.toHaveProperty("error");
  const rendered = new Map(resources.map((resource) => [fileName(resource), `${JSON.stringify(withoutText(resource), null, 2)}\n`]));
  expect(rendered.size).toBe(resources.length);
  rendered.set("outputs.json", `${JSON.stringify(result, null, 2)}\n`);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    rmSync(golden, { recursive: true, force: true });
    mkdirSync(golden, { recursive: true });
    for (const [name, text] of rendered) writeFileSync(`${golden}/${name}`, text);
  }
  expect(existsSync(golden) ? readdirSync(golden).sort() : []).toEqual([...rendered.keys()].sort());
  for (const [name, text] of rendered) expect(text, name).toBe(readFileSync(`${golden}/${name}`, "utf8"));
});

test.each(Object.entries(systems))("%s: a first preview registers the same", async (_, project) => {
  const names = async (preview: boolean) => (await deliver({}, { preview, project })).resources.map(fileName);
  expect(await names(true)).toEqual(await names(false));
});

test("each workflow of the plan is committed as it is rendered, to every branch that stays, by a commit that starts nothing and comes after branches and environments", async () => {
  const { resources } = await deliver();
  const files = resources.filter(({ type }) => type.endsWith(":RepositoryFile"));
  const { delivery } = await importSystem("delivered", "tests/systems/delivered");
  const { config } = parse(readFileSync("tests/systems/delivered/Pulumi.delivery.yaml", "utf8")) as {
    config: {
      "groundwork:github": { owner: string; plan: "enterprise" };
      "groundwork:repositories": Record<string, { name: string }>;
    };
  };
  const { plan } = resolveDelivery(delivery as NonNullable<typeof delivery>, {
    system: { name: "delivered", folder: ".", services: ["api", "web"] },
    ...config["groundwork:github"],
    repositories: config["groundwork:repositories"],
    environments: { staging: { platform: "app-platform" }, production: { platform: "app-platform", reviewers: ["ann", "acme/platform"] } },
  });
  const rendered = Object.values(plan.repositories).flatMap((repository) =>
    repository.protectedBranches.flatMap(({ name: branch }) =>
      Object.entries(workflowFiles(plan, repository).files).map(([file, content]) => `${repository.name} ${branch} ${file}\n${content}`),
    ),
  );
  expect(new Set(rendered.map((text) => text.split(" ", 2).join(" ")))).toEqual(
    new Set(["delivered main", "delivered next", "delivered-front main"]),
  );
  const placeOf = ({ inputs: { repository, branch, file } }: Registration): string => [repository, branch, file].map(String).join(" ");
  expect(files.map((file) => `${placeOf(file)}\n${String(file.inputs["content"])}`).sort()).toEqual(rendered.sort());
  // The names of those on the default branch are what they were before there were others.
  expect(files.filter(({ inputs, name }) => inputs["branch"] === "main" && name.includes("main"))).toEqual([]);
  for (const { name, inputs, options } of files) {
    expect(inputs["commitMessage"], name).toContain("[skip ci]");
    const key = name.split("-")[0];
    const environments = resources.filter((one) => one.type.endsWith(":RepositoryEnvironment") && one.name.startsWith(`${key}-`));
    const branches = resources.filter((one) => one.type.endsWith(":Branch") && one.name.startsWith(`${key}-`));
    expect(options["dependsOn"], name).toEqual(
      expect.arrayContaining([
        ...environments.map((one) => `RepositoryEnvironment ${one.name}`),
        ...branches.map((one) => `Branch ${one.name}`),
      ]),
    );
  }
});
