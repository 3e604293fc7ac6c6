import { describe, expect, test } from "vitest";
import type { Environment } from "../../../config/environments.ts";
import { environments } from "../../../config/environments.ts";
import type { ContentProblem } from "../../../config/rules/content.ts";
import { contentProblems } from "../../../config/rules/content.ts";
import { originProblem } from "../../../config/rules/origins.ts";
import { contentRules } from "../../../config/rules/table.ts";
import { browsers } from "./cases/browsers.ts";
import { innocents } from "./cases/innocents.ts";
import { origins } from "./cases/origins.ts";
import { placeholders } from "./cases/placeholders.ts";
import { running } from "./cases/running.ts";
import { secrets } from "./cases/secrets.ts";
import { transport } from "./cases/transport.ts";
import { type RuleCases, type Told, variable } from "./told.ts";

const cases = [...placeholders, ...origins, ...browsers, ...secrets, ...transport, ...running];
const order: readonly Environment[] = ["local", "staging", "production"];
const rank = { off: 0, warning: 1, error: 2 } as const;

function judge(told: Told, { beside = [] }: Pick<RuleCases, "beside">, environment: Environment): readonly ContentProblem[] {
  const variables = [told, ...beside].map(variable);
  return contentProblems({ environment, service: "web", variables }).filter((problem) => problem.variable === told[0]);
}

const each = (list: "evasions" | "passes"): [string, RuleCases, Told][] =>
  cases.flatMap((one) =>
    one[list].map((told): [string, RuleCases, Told] => [
      `${one.rule} in ${one.environment}: ${told[0]}=${JSON.stringify(told[1] ?? told[3])}`,
      one,
      told,
    ]),
  );

test.each(each("evasions"))("caught: %s", (_, one, told) => {
  const found = judge(told, one, one.environment).filter(({ rule }) => rule === one.rule);
  expect(found).toHaveLength(1);
  expect(found[0]?.severity).toBe(contentRules.find(({ id }) => id === one.rule)?.severity[one.environment]);
});

test.each(each("passes"))("passes: %s", (_, one, told) => {
  expect(judge(told, one, one.environment).filter(({ rule }) => rule === one.rule)).toEqual([]);
});

test.each(
  order.flatMap((environment) =>
    innocents[environment].map((told) => [`${told[0]}=${JSON.stringify(told[1])}`, environment, told] as const),
  ),
)("no rule finds anything: %s in %s", (_, environment, told) => {
  expect(judge(told, {}, environment)).toEqual([]);
});

test("every rule has three evasions that are caught and three near misses that pass, at least", () => {
  const counts = contentRules.map(({ id }) => {
    const own = cases.filter(({ rule }) => rule === id);
    return { id, evasions: own.flatMap((one) => one.evasions).length, passes: own.flatMap((one) => one.passes).length };
  });
  expect(counts.filter(({ evasions, passes }) => evasions < 3 || passes < 3)).toEqual([]);
  expect(new Set(cases.map(({ rule }) => rule))).toEqual(new Set(contentRules.map(({ id }) => id)));
  const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
  console.log(
    `rules × evasions: ${counts.length} × ${sum(counts.map(({ evasions }) => evasions))} caught, ${sum(counts.map(({ passes }) => passes))} near misses pass`,
  );
});

describe("a stricter environment never lacks what a laxer one has", () => {
  test.each(contentRules.map((rule) => [rule.id, rule] as const))("%s", (_, { severity }) => {
    const ranks = order.map((environment) => rank[severity[environment]]);
    expect(ranks).toEqual([...ranks].sort());
    expect(severity.production).not.toBe("off");
  });

  test("what is wrong stays wrong, except where a rule is bound to its environment", () => {
    const bound = contentRules.filter((rule) => rule.bound).map(({ id }) => id);
    expect(bound).toEqual(["key-mode", "error-tracking", "workers", "environment-name", "payment-mode"]);
    for (const [name, one, told] of [...each("evasions"), ...each("passes")]) {
      const found = order.map((environment) => judge(told, one, environment).filter(({ rule }) => !bound.includes(rule)));
      for (const [index, problems] of found.slice(0, -1).entries()) {
        for (const { rule, severity } of problems) {
          const later = found[index + 1]?.find((problem) => problem.rule === rule);
          expect(rank[later?.severity ?? "off"], `${rule} of ${name} in ${order[index + 1]}`).toBeGreaterThanOrEqual(rank[severity]);
        }
      }
    }
  });

  test("demands of an environment", () => {
    for (const [index, name] of order.slice(1).entries()) {
      const before = environments[order[index] ?? "local"];
      const after = environments[name];
      expect(after.keepData || !before.keepData).toBe(true);
      expect(after.minReplicas).toBeGreaterThanOrEqual(before.minReplicas);
      expect(after.minStandby).toBeGreaterThanOrEqual(before.minStandby);
    }
  });
});

test("no message holds a secret, or a plain value that looks like one", () => {
  for (const [, one, told] of [...each("evasions"), ...each("passes")]) {
    const [, value = "", kind] = told;
    const planted = "planted7f3a";
    for (const environment of order) {
      const asSecret: Told = [told[0], `${value}${planted}`, "secret"];
      for (const { message } of judge(asSecret, one, environment)) expect(message).not.toContain(planted);
      if (kind === "secret" && value.trim().length > 6)
        for (const { message } of judge(told, one, environment)) expect(message).not.toContain(value.trim());
    }
  }
  const key = `sk_live_${"planted7f3a".repeat(2)}`;
  for (const name of ["LOG_LEVEL", "BACKEND_CORS_ORIGINS", "WEB_CONCURRENCY", "ENVIRONMENT", "NEXT_PUBLIC_X", "LOG_FORMAT"]) {
    for (const { message } of judge([name, key], {}, "production")) expect(message).not.toContain("planted");
  }
});

test("messages name the way out", () => {
  const lines = (name: string, value: string, environment: Environment): string[] =>
    judge([name, value], {}, environment).map(({ message }) => message);
  expect(lines("BACKEND_CORS_ORIGINS", "https://a.example.com, *", "production")).toEqual([
    '"*" lets every site in. Name each origin, as in "https://dashboard.example.com".',
  ]);
  expect(lines("WEB_CONCURRENCY", "3", "production")).toEqual(['"3" does not fit production: it takes 4 processes at least.']);
  expect(lines("LOG_LEVEL", "DEBUG", "production")).toEqual([
    "writes everything down, personal data too. Use INFO or WARNING.",
    "is talkative for production, where WARNING is usual.",
  ]);
});

const open = (origin: string) => `"${origin}" lets every site in. Name each origin, as in "https://dashboard.example.com"`;
test.each([
  ["*", open("*")],
  ["https://*.example.com", open("https://*.example.com")],
  ["dashboard.example.com", '"dashboard.example.com" is not an origin. Write scheme and host, as in "https://dashboard.example.com"'],
  ["https://a.example.com/", '"https://a.example.com/" is not an origin: browsers send "https://a.example.com"'],
  ["https://A.example.com", '"https://A.example.com" is not an origin: browsers send "https://a.example.com"'],
  ["https://a.example.com:443", '"https://a.example.com:443" is not an origin: browsers send "https://a.example.com"'],
  ["http://a.example.com", '"http://a.example.com" is not encrypted. Use https outside local'],
])("the origin %s of a stack file", (origin, problem) => {
  expect(originProblem(origin, "staging")).toBe(problem);
  expect(originProblem("http://localhost:5173", "local")).toBeUndefined();
});

test("a key that is known by its form is never accepted, whatever kind of variable it was written into; nor an open origin in production", () => {
  const accepts = (environment: Environment, name: string, value: string): boolean =>
    contentProblems({ environment, service: "web", variables: [{ name, kind: "plain", value }] }).every(({ acceptable }) => acceptable);
  expect(accepts("production", "STRIPE", "sk_live_abcdef1234567890XYZ")).toBe(false);
  expect(accepts("production", "VITE_STRIPE", "sk_live_abcdef1234567890XYZ")).toBe(false);
  expect(accepts("production", "CORS_ORIGINS", "*")).toBe(false);
  expect(accepts("staging", "CORS_ORIGINS", "*")).toBe(true);
});
