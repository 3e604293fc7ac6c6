import { expect, test } from "vitest";
import { readSealed, sealedValues, type Sealed } from "../../config/sealed.ts";
import { readExport } from "../../operations/stack-state.ts";
import type { Description } from "./data-program.ts";
import { DataStack } from "./data.ts";
import { fail, types } from "./faults.ts";
import { cloud, objectOf } from "./template.ts";

const env = { MODE: "fast", TOKEN: "secret:t0p", OTHER: "secret:0ther" };

async function recorded(stack: DataStack): Promise<Sealed | undefined> {
  const pulumi = {
    capture: (args: readonly string[]) =>
      stack.run(
        args.filter((arg) => arg !== "dev" && arg !== "--stack"),
        {},
      ),
  };
  const state = await readExport(pulumi, "dev");
  // What is a secret stands encrypted in an export.
  const plain = state.map((one) => ("asked" in one.outputs ? { ...one, outputs: { ...one.outputs, asked: "a secret" } } : one));
  return readSealed(plain);
}

const inTheCloud = (stack: DataStack): unknown => sealedValues(objectOf(stack.engine, "App").outputs["spec"]);

/** Changes a secret of the App as somebody would at the cloud's website. */
function tamper(stack: DataStack): void {
  const app = objectOf(stack.engine, "App");
  const text = JSON.stringify(app.outputs).replace(/EV\[1:[^\]]+\]/, "EV[1:by:hand]");
  cloud(stack.engine, (store) => store.put({ ...app, outputs: JSON.parse(text) as Record<string, unknown> }));
}

test("what the API makes of secrets is written down once for each deployment, and stays through whatever comes between", async () => {
  await using stack = await DataStack.open();
  const up = (description: Description) => stack.up({ env, pull: 1, ...description });
  await up({});
  const first = await recorded(stack);
  expect(Object.keys(first?.values ?? {}).sort()).toEqual([
    "services/web/envs/OTHER",
    "services/web/envs/TOKEN",
    "services/web/image/registryCredentials",
  ]);
  expect(first?.values).toEqual(inTheCloud(stack));
  expect(JSON.stringify(first)).not.toContain("EV[");

  // A plain up after somebody was there must not take theirs for ours; it does not even look.
  tamper(stack);
  fail(stack.engine, { type: "digitalocean:index/getApp:getApp", operation: "read", kind: "500", times: 9 });
  await up({});
  expect(await recorded(stack)).toEqual(first);
  expect(first?.values).not.toEqual(inTheCloud(stack));
  expect(await stack.plan({ env, pull: 1 })).toEqual([]);

  // A deployment that fails leaves what is known of the one before.
  fail(stack.engine, { type: types.app, operation: "update", kind: "deployment" });
  expect((await stack.run(["up", "--yes", "--skip-preview"], { env, pull: 1, image: "2" })).code).not.toBe(0);
  expect(await recorded(stack)).toEqual(first);

  // One that serves while the API does not answer is no failure: it says so, and the next run looks.
  const deaf = await stack.run(["up", "--yes", "--skip-preview"], { env, pull: 1, image: "2", attempt: 1 });
  expect(deaf.code).toBe(0);
  expect(deaf.stdout).toContain("so a secret replaced by hand is not found");
  expect(await recorded(stack)).toBeUndefined();
  cloud(stack.engine, (store) => store.clearFaults());
  await up({ image: "2", attempt: 1 });
  const second = await recorded(stack);
  expect(second?.values).toEqual(inTheCloud(stack));
  expect(second?.values).not.toEqual(first?.values);
});
