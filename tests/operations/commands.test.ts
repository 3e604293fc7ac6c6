import { expect, test } from "vitest";
import { choiceOf, opsCommand, pulumiCommand } from "../../operations/commands.ts";

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
