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

test("what looks like a secret is not shown, wherever it stands", () => {
  const mask = "a value that looks like a secret (not shown)";
  for (const value of [
    `sk_live_${"4f1d07aBcDeF"}`,
    "postgres://app:hunter2@db/app",
    { nested: `sk_live_${"4f1d07aBcDeF"}` },
    "kQ8vZ2nW5xR7tY1uP4sD6fG9hJ3lA0cE",
  ])
    expect(quote(value)).toBe(mask);
  for (const value of [
    "staging.example.com",
    `ghcr.io/acme/web@sha256:${"a1".repeat(32)}`,
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "10.42.0.0/20",
  ])
    expect(quote(value)).toBe(`"${value}"`);
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

test("a digest is shown, though it is as random as a key", () => {
  const image = "ghcr.io/acme/web@sha256:3a82e1f56c8f0f5616a11103ac3d47e632c3938698946a7ad26da0df1334744a";
  expect(quote(image)).toBe(`"${image}"`);
  expect(quote("3fA9kQ2xLm7Rt8Wz1Yb6Nc4Vd5Hs0JgPuE")).toBe("a value that looks like a secret (not shown)");
});

test("one number is no misspelling of another", () => {
  expect(didYouMean("18", ["14", "15"])).toBe("");
  expect(didYouMean("replcias", ["replicas"])).toBe(' Did you mean "replicas"?');
});
