import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { loadEnvironment } from "../../../config/load.ts";
import { load, problems, problemsOf, source, system } from "./file.ts";

test("provided secrets leave as secret outputs; an optional one may be missing", async () => {
  const { provided } = load();
  expect(await pulumi.isSecret(provided.apiKey)).toBe(true);
  expect(provided.sentryDsn).toBeUndefined();
});

test("a secret under a wrong key is refused, and nothing else is said about it", () => {
  expect(problems({}, { secretKeys: new Set(["groundwork:provided", "groundwork:zone"]) })).toEqual([
    "zone: holds a secret, and secrets stand under groundwork:provided only. Move it there, or store it without --secret.",
  ]);
});

test("secrets that are not encrypted are refused", () => {
  expect(problems({}, { secretKeys: new Set() })).toEqual([
    "provided: is not encrypted. Set each one again with pulumi config set --secret --path 'groundwork:provided.<name>' --stack staging, and replace what was stored in the open.",
  ]);
});

test("no message ever holds a secret", () => {
  const value = "sk-live-0123456789";
  const everything = [
    problems({ "groundwork:provided": { apiKey: `${value} changethis` } }),
    problems({ "groundwork:provided": { [value]: value } }),
    problems({ "groundwork:provided": value }),
    problems({ "groundwork:provided": { apiKey: value } }, { secretKeys: new Set() }),
    problems({ "groundwork:zone": value }, { secretKeys: new Set(["groundwork:provided", "groundwork:zone"]) }),
    problems({ "groundwork:apiKey": value }, { secretKeys: new Set(["groundwork:provided", "groundwork:apiKey"]) }),
  ];
  for (const lines of everything) {
    expect(lines).not.toEqual([]);
    expect(lines.join("\n")).not.toContain(value);
  }
});

test("a secret in the open under a wrong key is not echoed", () => {
  const planted = `sk_live_${"4f1d07planted".repeat(2)}`;
  const said = problems({ "groundwork:domain": planted, "groundwork:environment": planted, [`groundwork:${planted}`]: "x" }).join("\n");
  expect(said).not.toContain("planted");
  expect(said).toContain('domain: must be a domain such as "staging.example.com", got a value that looks like a secret (not shown).');
});

test("a secret that was set without --path is told how, and its value is shown nowhere", () => {
  const given = source(
    { "groundwork:provided.apiKey": "hunter2-hunter2" },
    { secretKeys: new Set(["groundwork:provided", "groundwork:provided.apiKey"]) },
  );
  const [only, ...others] = problemsOf(() => loadEnvironment(given, system));
  expect(others).toEqual([]);
  expect(only).toContain("add --path: pulumi config set --path 'groundwork:provided.apiKey' <value>.");
  expect(only).not.toContain("hunter2");
});
