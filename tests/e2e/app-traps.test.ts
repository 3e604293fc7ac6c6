import { describe, expect, test } from "vitest";
import type { Description } from "./data-program.ts";
import { DataStack, twice } from "./data.ts";
import { fail, types } from "./faults.ts";
import { cloud, objectOf } from "./template.ts";

const env = { MODE: "fast", TOKEN: "secret:t0p" };

describe.each(twice({}, { App: ["spec.services[*].envs[*].type=GENERAL"] }))(
  "a variable beside a secret says its type: %s",
  (_, more, holds) => {
    test("and the next preview has nothing to do", async () => {
      await using stack = await DataStack.open();
      await stack.up({ ...more, env });
      expect(await stack.plan({ ...more, env })).toEqual(
        holds ? [] : [expect.stringMatching(/^update App app: spec\.services\[0\]\.envs/)],
      );
    });
  },
);

describe.each(twice({ App: ["ignoreChanges"] }))("credentials of a private image are sent once: %s", (_, more, holds) => {
  test("and the next preview has nothing to do", async () => {
    await using stack = await DataStack.open();
    await stack.up({ ...more, pull: 1 });
    const changes = "update App app: spec.services[0].image.registryCredentials";
    expect(await stack.plan({ ...more, pull: 1 })).toEqual(holds ? [] : [changes]);
    // A new generation is sent all the same.
    expect(await stack.plan({ ...more, pull: 2 })).toEqual([changes]);
  });
});

describe.each([
  ["with the countermeasure", 1],
  ["without it", 0],
] as const)("a deployment that failed is deployed again: %s", (_, attempt) => {
  test("instead of turning green by a read", async () => {
    await using stack = await DataStack.open();
    await stack.up({ image: "1" });
    const before = objectOf(stack.engine, "App").outputs["activeDeploymentId"];
    fail(stack.engine, { type: types.app, operation: "update", kind: "deployment" });
    const failed = await stack.run(["up", "--yes", "--skip-preview"], { image: "2" });
    expect(failed.code).not.toBe(0);
    await stack.up({ image: "2", attempt });
    const serves = objectOf(stack.engine, "App").outputs["activeDeploymentId"];
    // Both are green. Without the mark of another attempt, the old version still serves.
    expect(serves !== before).toBe(attempt === 1);
  });
});

describe.each(twice({}, { App: ["spec.alerts[0].destinations"] }))("who is told stands at every alert: %s", (_, more, holds) => {
  test("since the plugin looks at the first one only", async () => {
    await using stack = await DataStack.open();
    const emails = ["ops@example.com"];
    await stack.up({ ...more, monitoring: { to: { emails }, hosts: {} } });
    const { spec } = objectOf(stack.engine, "App").outputs as { spec: { alerts: { rule: string; destinations: unknown }[] } };
    const told = spec.alerts.filter(({ destinations }) => JSON.stringify(destinations).includes("ops@example.com"));
    expect(told.map(({ rule }) => rule)).toEqual(holds ? ["DEPLOYMENT_FAILED", "DOMAIN_FAILED"] : []);
  });
});

describe.each(twice({ App: ["dependsOn"] }))("the door of a database is shut before the first service runs: %s", (_, more, holds) => {
  test("though the firewall takes its time", async () => {
    await using stack = await DataStack.open();
    const description: Description = { ...more, database: { version: "17", size: { memory: 1024, standby: 0 } } };
    fail(stack.engine, { type: types.firewall, operation: "create", kind: "slow", details: { seconds: 5 } });
    await stack.up(description);
    const order = cloud(stack.engine, (store) => store.list().map(({ type }) => type));
    expect(order.indexOf(types.firewall) < order.indexOf(types.app)).toBe(holds);
  });
});

test("a refresh of an App with secrets always shows it, and a real one makes the next up deploy", async () => {
  await using stack = await DataStack.open();
  await stack.up({ env });
  expect(await stack.plan({ env })).toEqual([]);
  const shown = await stack.run(["refresh", "--preview-only", "--expect-no-changes"], { env });
  expect(shown.code).not.toBe(0);
  expect(shown.stdout).toContain("digitalocean:index:App");
  expect((await stack.run(["refresh", "--yes", "--skip-preview"], { env })).code).toBe(0);
  expect(await stack.plan({ env })).toEqual([expect.stringMatching(/^update App app: spec\.services\[0\]\.envs/)]);
});
