import { expect, test } from "vitest";
import { ConfigError, didYouMean, quote } from "../../config/errors.ts";

test.each([
  ["replcias", ["replicas", "memory"], ' Did you mean "replicas"?'],
  ["Replicas", ["replicas"], ' Did you mean "replicas"?'],
  ["zon", ["zone", "domain"], ' Did you mean "zone"?'],
  ["stagin", ["local", "staging"], ' Did you mean "staging"?'],
  ["prod", ["local", "staging", "production"], ""],
  ["banana", ["zone", "domain"], ""],
  ["x", [], ""],
])("%s among %j", (word, known, hint) => {
  expect(didYouMean(word, known)).toBe(hint);
});

test("values are quoted, and never pages of them", () => {
  expect(quote("a")).toBe('"a"');
  expect(quote(5)).toBe("5");
  expect(quote("a".repeat(500))).toHaveLength(120);
});

test("an error names the file once and each problem on its own line", () => {
  const error = new ConfigError("Pulumi.staging.yaml", [
    { path: "a/b", message: "is required." },
    { path: "", message: "unknown key." },
  ]);
  expect(error.message).toBe("Pulumi.staging.yaml:\n  a/b: is required.\n  unknown key.");
});
