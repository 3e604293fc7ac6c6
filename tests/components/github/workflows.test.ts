import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { renderWorkflow } from "../../../components/github/actions/render.ts";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { workflowsOf } from "../../../components/github/workflows/index.ts";
import { documents } from "./documents/index.ts";

const golden = join(import.meta.dirname, "golden");

test.for(Object.entries(documents))("%s: the workflows of its repositories", async ([name, { definition, settings }]) => {
  const { plan, problems } = resolveDelivery(definition, settings);
  expect(problems).toEqual([]);
  for (const repository of Object.values(plan.repositories)) {
    const workflows = workflowsOf(plan, repository);
    const folder = join(golden, name, repository.key);
    for (const [path, workflow] of Object.entries(workflows)) {
      await expect(renderWorkflow(workflow, `systems/${name}/system.ts`)).toMatchFileSnapshot(join(folder, basename(path)));
    }
    // What is new is written by -u; what is no longer rendered has to be deleted.
    const kept = existsSync(folder) ? readdirSync(folder) : [];
    expect(kept.filter((file) => !Object.hasOwn(workflows, `.github/workflows/${file}`))).toEqual([]);
  }
});
