import { expect, test } from "vitest";
import { physicalName } from "../../platforms/naming.ts";

test.each([
  [["template", "staging"], "template-staging"],
  [["shop", "staging", "database"], "shop-staging-database"],
  [["Shop", "staging"], "shop-staging-19c552"],
  [["2048", "staging"], "staging-531367"],
  [["a-rather-long-system", "production", "backend"], "a-rather-long-system-prod-c9d325"],
])("%j", (parts, name) => {
  expect(physicalName(parts)).toBe(name);
});

test("names that are cut stay apart, fit, and are valid for an App", () => {
  const names = ["one", "two", "three"].map((tail) => physicalName(["a-rather-long-system-name", "production", tail]));
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/);
});
