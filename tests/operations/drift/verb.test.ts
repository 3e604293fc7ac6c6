import { expect, test } from "vitest";
import { brokenOff } from "../../../operations/drift/broken-off.ts";
import { type Holder, nobody } from "../../../operations/unlock.ts";
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

test("what a run that broke off has left is said beside what differs, with the way out", () => {
  const away: Holder = { text: "ann@laptop (process 7)", alive: "unknown" };
  expect(brokenOff("staging", [], undefined, "")).toEqual([]);
  expect(brokenOff("staging", [], nobody, "")).toEqual([]);
  expect(brokenOff("staging", ["creating Vpc network"], nobody, " --sandbox")).toEqual([
    "A run that broke off was not done with creating Vpc network, which no state may know: npm run ops -- unlock --stack staging --sandbox",
  ]);
  expect(brokenOff("staging", ["creating Vpc network"], { ...away, alive: false }, "")).toEqual([
    "ann@laptop (process 7), which does not run any more, still holds staging and was not done with creating Vpc network, which no state may know: npm run ops -- unlock --stack staging",
  ]);
  // Whether it lives is for a person to say.
  expect(brokenOff("staging", [], away, "")).toEqual([
    "ann@laptop (process 7), which has had it for too long, still holds staging: npm run ops -- unlock --stack staging --force",
  ]);
});
