import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromPackage } from "../github-api/extract.ts";

test("the kept description is what the published package says", ({ skip }) => {
  let published = "";
  try {
    published = fromPackage();
  } catch (error) {
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(String(error))) skip("the npm registry cannot be reached");
    throw error;
  }
  expect(readFileSync(new URL("../github-api/description.json", import.meta.url), "utf8")).toBe(published);
});
