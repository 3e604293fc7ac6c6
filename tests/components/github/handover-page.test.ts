import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { push, release } from "../../../components/github/definition.ts";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { workflowsOf } from "../../../components/github/workflows/index.ts";
import { appPlatform, settings } from "./documents/settings.ts";

const page = readFileSync("docs/promotion.md", "utf8").split("## Images from other repositories")[1]?.split("\n## ")[0] ?? "";

test("what the page on handing over says is what the plan of its example comes to", () => {
  expect(page).toContain('shop: { visibility: "public", builds: { api: { context: "backend" }, web: { context: "frontend" } } }');
  const { plan, problems } = resolveDelivery(
    {
      repositories: {
        infrastructure: { visibility: "private", program: true },
        shop: { visibility: "public", builds: { api: { context: "backend" }, web: { context: "frontend" } } },
      },
      environments: { staging: { deploysOn: push("main") }, production: { deploysOn: release(), promotes: "staging" } },
    },
    settings("shop", ["api", "web"], {
      repositories: { infrastructure: { name: "infrastructure" }, shop: { name: "shop" } },
      environments: { staging: appPlatform, production: appPlatform },
    }),
  );
  expect(problems).toEqual([]);
  const shop = plan.repositories["shop"]!;
  for (const { name, secrets } of shop.environments) {
    expect(page).toContain(`\`${name}\``);
    for (const secret of secrets) expect(page).toContain(`\`${secret.name}\``);
  }
  expect(page).toContain(`groundwork:provided.${shop.environments[0]?.secrets[0]?.from}`);
  const receive = workflowsOf(plan, plan.repositories["infrastructure"]!)[".github/workflows/receive-staging.yml"];
  expect(page).toContain("`receive-staging.yml`");
  const [event = ""] = receive?.on.repositoryDispatch?.types ?? [];
  expect(page).toContain(`"event_type": "${event}"`);
  const jobs = Object.values(workflowsOf(plan, shop)[".github/workflows/deploy-staging.yml"]?.jobs ?? {}).map(({ name }) => name);
  expect(jobs).toContain("Hand over to staging");
});
