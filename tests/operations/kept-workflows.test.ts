import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { keptWorkflows, leftOverWorkflows } from "../../operations/kept-workflows.ts";
import { findSystem } from "../../sandbox/systems.ts";
import { loadSystem } from "../../systems/load-system.ts";

const { name, project, file } = findSystem("template");
const text = readFileSync(`${project}/Pulumi.delivery.yaml`, "utf8");

test("a system that keeps its workflows has them written, the same that its stack would commit; another one has none written", async () => {
  const system = await loadSystem(file);
  expect(keptWorkflows(system, { name, project }, text)).toEqual({});
  const { delivery } = system;
  const application = delivery?.repositories["application"];
  if (delivery === undefined || application === undefined) throw new Error("the template has no delivery");
  const kept = { ...delivery, repositories: { application: { ...application, workflowFiles: "kept" as const } } };
  const files = keptWorkflows({ ...system, delivery: kept }, { name, project }, text);
  const golden = "tests/components/github/golden/template/application";
  expect(Object.keys(files)).toContain(".github/workflows/deploy-staging.yml");
  for (const [path, content] of Object.entries(files)) {
    // Golden files are those of another owner.
    const ours = (text: string): string => text.replaceAll(/ghcr\.io\/[^/]+\/[^/]+\//g, "ghcr.io/…/").replaceAll(/^# .*\n/g, "");
    expect(ours(content), path).toBe(ours(readFileSync(`${golden}/${path.split("/").at(-1)}`, "utf8")));
  }
});

test("a repository without the program cannot keep them", async () => {
  const delivered = findSystem("tests/systems/delivered");
  const system = await loadSystem(delivered.file);
  const { delivery } = system;
  const storefront = delivery?.repositories["storefront"];
  if (delivery === undefined || storefront === undefined) throw new Error("the system has no storefront");
  const wrong = { ...delivery, repositories: { ...delivery.repositories, storefront: { ...storefront, workflowFiles: "kept" as const } } };
  const stackFile = readFileSync(`${delivered.project}/Pulumi.delivery.yaml`, "utf8");
  expect(() => keptWorkflows({ ...system, delivery: wrong }, delivered, stackFile)).toThrow(
    'repositories/storefront: has workflowFiles: "kept" in the system file, and npm run generate only reaches the repository with the program.',
  );
});

test("what a system no longer has is left over, and nothing of anybody else's, nor of a stack that commits its files itself", () => {
  const path = (name: string): string => `.github/workflows/${name}.yml`;
  const kept = { [path("ci")]: "new" };
  const header = "# Generated from systems/shop/system.ts: a change here is overwritten.\n";
  const standing = {
    [path("ci")]: `${header}old`,
    [path("migrations")]: header,
    [path("by-hand")]: "name: By hand\n",
    [path("other")]: header.replace("shop", "shopping"),
  };
  expect(leftOverWorkflows("shop", kept, standing)).toEqual([path("migrations")]);
  expect(leftOverWorkflows("shop", {}, standing)).toEqual([]);
});
