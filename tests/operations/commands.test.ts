import { expect, test } from "vitest";
import { choiceOf, opsCommand, pulumiCommand, withChoice } from "../../operations/commands.ts";

test("a command that is told is one for where it was told: in the sandbox none that changes what is real", () => {
  const real = choiceOf({ system: "template", sandbox: false });
  expect(pulumiCommand(real, ["up", "--target", "a::b$c"], { GROUNDWORK_REDEPLOY: "1" })).toBe(
    "GROUNDWORK_REDEPLOY=1 pulumi up --target 'a::b$c'",
  );
  expect(opsCommand(real, "status", "--stack", "it's")).toBe(String.raw`npm run ops -- status --stack 'it'\''s'`);
  const made = choiceOf({ system: "my shop", sandbox: true });
  expect(pulumiCommand(made, ["up"], { GROUNDWORK_REDEPLOY: "1" })).toBe("GROUNDWORK_REDEPLOY=1 npm run sandbox -- --system 'my shop' up");
  expect(opsCommand(made, "status")).toBe("npm run ops -- status --system 'my shop' --sandbox");
  expect(pulumiCommand(choiceOf({ system: "template", sandbox: true }), ["up"])).toBe("npm run sandbox -- up");
});

const sandbox = choiceOf({ system: "template", sandbox: true });
const shop = choiceOf({ system: "my shop", sandbox: false });
const both = choiceOf({ system: "shop", sandbox: true });
const unlock = "npm run ops -- unlock --stack staging";

test.each([
  ["for real", "", unlock, unlock],
  ["in the sandbox", sandbox, `First: ${unlock}`, "First: npm run ops -- unlock --sandbox --stack staging"],
  ["of another system", shop, `${unlock}.`, "npm run ops -- unlock --system 'my shop' --stack staging."],
  ["of both", both, unlock, "npm run ops -- unlock --system shop --sandbox --stack staging"],
  ["without options", sandbox, "npm run ops -- doctor says more", "npm run ops -- doctor --sandbox says more"],
  ["at the end", sandbox, "says: npm run ops -- doctor", "says: npm run ops -- doctor --sandbox"],
  ["that says it already", both, `${unlock} --system shop --sandbox`, `${unlock} --system shop --sandbox`],
  ["that says half of it", both, `${unlock} --sandbox`, "npm run ops -- unlock --system shop --stack staging --sandbox"],
  [
    "beside one that says it",
    sandbox,
    "`npm run ops -- status` and `npm run ops -- doctor --sandbox`; npm run ops -- logs && npm run ops -- logs --sandbox",
    "`npm run ops -- status --sandbox` and `npm run ops -- doctor --sandbox`; npm run ops -- logs --sandbox && npm run ops -- logs --sandbox",
  ],
  ["before a sentence of it", sandbox, "npm run ops -- doctor. Or add --sandbox", "npm run ops -- doctor --sandbox. Or add --sandbox"],
  [
    "on each line",
    sandbox,
    "npm run ops -- doctor\nnpm run ops -- status",
    "npm run ops -- doctor --sandbox\nnpm run ops -- status --sandbox",
  ],
  ["that no sandbox is for", both, "npm run ops -- cost --stack a", "npm run ops -- cost --system shop --stack a"],
  ["of Pulumi", both, "pulumi up --stack staging", "pulumi up --stack staging"],
  ["that names no verb", both, "usage: npm run ops -- <verb>", "usage: npm run ops -- <verb>"],
])("a command %s is one for where it is told", (_, choice, text, told) => {
  expect(withChoice(text, choice)).toBe(told);
  expect(withChoice(told, choice)).toBe(told);
});
