import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readHistory, renderHistory } from "../../operations/restore/history.ts";
import { restore } from "../../operations/restore/restore.ts";
import type { Pulumi } from "../../operations/pulumi.ts";
import { compareStates, parseSavedState, saltOf, savedStateProblems } from "../../operations/restore/saved-state.ts";

const urn = (name: string, { stack = "staging", system = "template", type = "digitalocean:index/vpc:Vpc" } = {}): string =>
  `urn:pulumi:${stack}::${system}::${type}::${name}`;
const vpc = (name: string, id = name) => ({ urn: urn(name), type: "digitalocean:index/vpc:Vpc", custom: true, id });
const state = (resources: readonly object[], salt = "one") =>
  parseSavedState(JSON.stringify({ version: 3, deployment: { resources, secrets_providers: { type: "passphrase", state: { salt } } } }));

test("an export is read, and so is what the backend keeps", () => {
  const resources = [vpc("a")];
  expect(parseSavedState(JSON.stringify({ version: 3, deployment: { resources } })).deployment.resources).toEqual(resources);
  expect(parseSavedState(JSON.stringify({ version: 3, checkpoint: { stack: "s", latest: { resources } } }))).toEqual({
    version: 3,
    deployment: { resources },
  });
});

test.each([
  ["{", "it is no JSON, or it is cut off"],
  ["null", "it is no state: neither what"],
  ["[]", "it is no state: neither what"],
  ['{"version":3}', "it is no state: neither what"],
  ['{"version":3,"checkpoint":{"stack":"s","latest":null}}', "never deployed"],
  ['{"deployment":{}}', "it is no state"],
])("%s is refused in words", (text, words) => {
  expect(() => parseSavedState(text)).toThrow(words);
});

test("a state of another stack, another system or another passphrase is refused", () => {
  const place = { system: "template", stack: "staging" };
  const now = state([vpc("a")]);
  expect(savedStateProblems(state([vpc("b")]), now, place)).toEqual([]);
  expect(savedStateProblems(state([]), now, place)).toEqual(["it holds nothing"]);
  const foreign = state([{ ...vpc("a"), urn: urn("a", { stack: "production", system: "shop" }) }], "two");
  expect(savedStateProblems(foreign, now, place)).toEqual([
    "it is that of stack production of shop",
    "it is encrypted with another passphrase than the stack is now. Take the stack file of that time back first",
  ]);
  // Once the stack file of that time is back, what is there now is the one that does not go with it.
  const former = state([vpc("a")], "two");
  expect(savedStateProblems(former, now, { ...place, fileSalt: "of neither" })).toHaveLength(1);
  expect(savedStateProblems(former, now, { ...place, fileSalt: saltOf(former) })).toEqual([]);
});

test("what would be known again, forgotten or known as something else is told by name; components and providers are not", () => {
  const component = { urn: urn("web", { type: "groundwork:components:Service" }), type: "groundwork:components:Service" };
  const provider = { urn: urn("default", { type: "pulumi:providers:random" }), type: "pulumi:providers:random", custom: true, id: "p" };
  const gone = { ...vpc("replaced"), delete: true };
  expect(
    compareStates(
      state([vpc("same"), vpc("old"), vpc("moved", "1"), gone]),
      state([vpc("same"), vpc("new"), vpc("moved", "2"), component, provider]),
    ),
  ).toEqual({ back: ["Vpc old"], forgotten: ["Vpc new"], other: ["Vpc moved"] });
});

test("the history of a backend of files is listed, newest first, without what a kill left half written", () => {
  const files = mkdtempSync(join(tmpdir(), "groundwork-history-"));
  try {
    expect(readHistory(files, "template", "staging")).toEqual([]);
    expect(renderHistory("staging", [])).toBe("staging: the backend remembers no run");
    const folder = join(files, ".pulumi/history/template/staging");
    mkdirSync(folder, { recursive: true });
    const entry = (result: string, endTime: number) =>
      JSON.stringify({ kind: "update", result, endTime, environment: { "git.head": "abcdef0123" } });
    for (const [number, text] of [entry("succeeded", 1795284900), entry("failed", 1795285200), "{"].entries()) {
      writeFileSync(join(folder, `staging-${number}.history.json`), text);
      writeFileSync(join(folder, `staging-${number}.checkpoint.json`), "{}");
    }
    expect(renderHistory("staging", readHistory(files, "template", "staging"))).toBe(
      [
        "staging: the state after each run (time in UTC)",
        "     2  2026-11-21 18:20  update   failed     abcdef0",
        "     1  2026-11-21 18:15  update   succeeded  abcdef0",
        "Restore one: npm run ops -- restore --stack staging --to <number>",
      ].join("\n"),
    );
  } finally {
    rmSync(files, { recursive: true });
  }
});

test("what was known until then is kept in a file, whose name is handed on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  try {
    const exported = JSON.stringify(state([vpc("now")]));
    const pulumi = {
      capture: (args: readonly string[]) => Promise.resolve({ code: 0, stdout: args[1] === "export" ? exported : "", stderr: "" }),
      stackFile: () => "",
    } as unknown as Pulumi;
    const keep = join(folder, "kept.json");
    const options = { system: "template", stack: "staging", text: JSON.stringify(state([vpc("then")])), source: "x", keep };
    const run = (confirm: (() => Promise<boolean>) | undefined) =>
      restore(pulumi, { ...options, holder: undefined, say: () => undefined, confirm });
    expect(await run(undefined)).toEqual({ done: false });
    expect(existsSync(keep)).toBe(false);
    expect(await run(() => Promise.resolve(true))).toEqual({ done: true, kept: keep });
    expect(readFileSync(keep, "utf8")).toBe(exported);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
