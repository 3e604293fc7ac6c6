import { describe, expect, test } from "vitest";
import type { Environment } from "../../config/environments.ts";
import { environments } from "../../config/environments.ts";
import { originProblem, secretProblem, variableProblems } from "../../config/rules.ts";

describe("secrets", () => {
  test.each([
    ["", "is empty"],
    [" \n", "is empty"],
    ["changethis", "still holds the placeholder of a template"],
    ["CHANGETHIS", "still holds the placeholder of a template"],
    ["my-change-this-key", "still holds the placeholder of a template"],
    ["ChangeMe!", "still holds the placeholder of a template"],
    ["<your key>", "still holds a placeholder"],
    ["[Secret manager]", "still holds a placeholder"],
    ["xxx", "still holds a placeholder"],
    [" XXXX ", "still holds a placeholder"],
    ["your-service-key", "still holds a placeholder"],
    ["...", "still holds a placeholder"],
  ])("%j %s", (value, problem) => {
    expect(secretProblem(value)).toBe(problem);
  });

  test.each(["sk_live_xxxy", "exchange-that", "yours-truly-42", "https://p.supabase.co", "a<b>c"])("%j passes", (value) => {
    expect(secretProblem(value)).toBeUndefined();
  });
});

describe("origins", () => {
  const open = (origin: string) => `"${origin}" lets every site in. Name each origin, as in "https://dashboard.example.com"`;
  test.each([
    ["*", open("*")],
    ["https://*.example.com", open("https://*.example.com")],
    ["dashboard.example.com", '"dashboard.example.com" is not an origin. Write scheme and host, as in "https://dashboard.example.com"'],
    ["https://a.example.com/", '"https://a.example.com/" is not an origin: browsers send "https://a.example.com"'],
    ["https://A.example.com", '"https://A.example.com" is not an origin: browsers send "https://a.example.com"'],
    ["https://a.example.com:443", '"https://a.example.com:443" is not an origin: browsers send "https://a.example.com"'],
    ["http://a.example.com", '"http://a.example.com" is not encrypted. Use https outside local'],
  ])("%s", (origin, problem) => {
    expect(originProblem(origin, "staging")).toBe(problem);
  });

  test("https with a host, and a port of its own, pass; http passes in local", () => {
    expect(originProblem("https://a.example.com", "production")).toBeUndefined();
    expect(originProblem("https://a.example.com:8443", "production")).toBeUndefined();
    expect(originProblem("http://localhost:5173", "local")).toBeUndefined();
  });

  test.each([
    ["https://a.example.com, *", 1],
    ['["https://a.example.com", "*"]', 1],
    ['["http://a.example.com", "*"]', 2],
    ["[*", 1],
    ["", 0],
    ["https://a.example.com,https://b.example.com", 0],
  ])("in a list: %s", (value, count) => {
    expect(variableProblems({ BACKEND_CORS_ORIGINS: value }, "production")).toHaveLength(count);
  });
});

test("no plain variable holds the placeholder of a template", () => {
  expect(variableProblems({ A: "changethis", B: "x" }, "staging")).toEqual([
    "A: still holds the placeholder of a template. Set its value.",
  ]);
});

test("no environment is laxer than the one before it", () => {
  const order: Environment[] = ["local", "staging", "production"];
  for (const [i, name] of order.slice(1).entries()) {
    const before = environments[order[i] ?? "local"];
    const after = environments[name];
    expect([after.keepData || !before.keepData, after.strict || !before.strict]).toEqual([true, true]);
    expect(after.minReplicas).toBeGreaterThanOrEqual(before.minReplicas);
    expect(after.minStandby).toBeGreaterThanOrEqual(before.minStandby);
  }
});
