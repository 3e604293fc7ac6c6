import { expect, test } from "vitest";
import drift from "../../../operations/verbs/drift.ts";

const asked = { system: "template", sandbox: false, stack: ["staging"], json: false, issue: false, all: false, yes: false, plan: false };

test.each([
  [{ stack: [] }, "which stack? Add --stack <name>"],
  [{ restore: "app", adopt: "app" }, "either --restore or --adopt"],
  [{ adopt: "app", all: true }, "--restore and --adopt take neither --issue nor --json nor --all"],
  [{ issue: true, all: true }, "--all is for people, and an issue tells what belongs to its stack: either --issue or --all"],
  [{ yes: true }, "--yes and --plan mean something with --restore and --adopt only"],
])("drift %j is refused before anything is looked at", async (more, words) => {
  await expect(drift.run({ ...asked, ...more } as never)).rejects.toThrow(words);
});
