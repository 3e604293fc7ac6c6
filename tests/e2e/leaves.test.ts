import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deviations } from "../../config/acknowledge.ts";
import { environments } from "../../config/environments.ts";
import { regions } from "../../config/regions.ts";
import { stacksOf } from "../../sandbox/systems.ts";
import { repository } from "../../sandbox/home.ts";
import { TestEngine } from "../engine.ts";
import { copyGolden } from "./golden-sandbox.ts";
import { configure } from "./template.ts";
import { inject } from "vitest";

type Path = readonly (string | number)[];

/** What a tracked stack file leaves out, and may hold as well. */
const more: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  shared: { "groundwork:registry": { name: "house", tier: "basic", region: "fra" } },
};

/** Every leaf of a tracked stack file, with what it may hold beside: where it is, and what it holds. */
function leavesOf(stack: string): { path: Path; value: unknown }[] {
  const walk = (node: unknown, path: Path): { path: Path; value: unknown }[] => {
    if (isMap(node)) return node.items.flatMap(({ key, value }) => walk(value, [...path, isScalar(key) ? String(key.value) : String(key)]));
    if (isSeq(node)) return node.items.flatMap((item, index) => walk(item, [...path, index]));
    return [{ path, value: isScalar(node) ? node.value : node }];
  };
  const document = parseDocument(readFileSync(join(repository, `Pulumi.${stack}.yaml`), "utf8"));
  for (const [key, value] of Object.entries(more[stack] ?? {})) document.setIn(["config", key], document.createNode(value));
  return walk(document.get("config", true), []);
}

/** Words that may stand where another of them stands. */
const words: readonly (readonly string[])[] = [
  Object.keys(environments),
  Object.keys(regions),
  Object.keys(deviations),
  ["DEBUG", "INFO", "WARNING", "ERROR"],
  ["starter", "basic", "professional"],
  // A larger plan of GitHub's only permits more.
  ["free", "team"],
];

/** Other values of the same type that look right. None of them may go unnoticed; they are tried until one is taken. */
function othersOf(value: unknown): unknown[] {
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return [value + 1, value - 1, value * 2];
  if (typeof value !== "string") return ["other"];
  const siblings = words.filter((list) => list.includes(value)).flatMap((list) => list.filter((word) => word !== value));
  if (siblings.length > 0) return siblings.slice(0, 2);
  const memory = /^(\d+) (MB|GB)$/.exec(value);
  if (memory) return [`${Number(memory[1]) * 2} ${memory[2]}`, "3 GB"];
  if (/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(value))
    return [value.replace(/^(\d+)\.(\d+)/, (_, a: string, b: string) => `${a}.${Number(b) + 50}`)];
  if (value.includes("://")) return [value.replace("://", ":///other"), `${value}-other`];
  if (value.endsWith(".localhost")) return [`other-${value}`, "example.org"];
  if (value.includes(".")) return [`other-${value}`, value.replace(/\.com$/, ".org")];
  return [`${value}-other`];
}

let engine: TestEngine;

beforeAll(async () => {
  engine = await TestEngine.open("template", (root) => copyGolden(inject("goldenSandbox"), root));
});

afterAll(() => engine[Symbol.asyncDispose]());

const tried: string[] = [];
let walked = 0;
const inert: string[] = [];

/** What a preview of a changed file does: refuse and name the path, plan something, or neither. */
async function effectOf(stack: string, path: Path): Promise<string> {
  const { code, stdout, stderr } = await engine.run(["preview", "--stack", stack, "--expect-no-changes"]);
  if (code === 0) return "nothing happens";
  const place = path.map((part) => String(part).replace(/^groundwork:/, "")).join("/");
  // A rule about several fields stands where they meet, one level above the leaf.
  const above = place.split("/").slice(0, -1).join("/");
  const isNamed =
    [`${place}: `, `groundwork:${place}`].some((name) => stdout.includes(name)) || (above !== "" && stdout.includes(`${above}: `));
  if (stdout.includes(`Pulumi.${stack}.yaml:`)) return isNamed ? "refused" : `refused without its path:\n${stdout}`;
  // What the platform finds once it knows all hosts: of an entry of a list, the list is named.
  const list = place.replace(/\/\d+\/.*$/, "");
  if (stdout.includes("error: ") && list !== place && stdout.includes(`${list}: `)) return "refused";
  return /^ +[-+~]+ \d+ to /m.test(stdout) ? "planned" : `neither:\n${stdout}\n${stderr}`;
}

test.for(stacksOf(repository))("every leaf of %s does something", { timeout: 600_000 }, async (stack) => {
  const isUp = engine.home.hasStack("template", stack);
  if (!isUp) await engine.sandbox.ensureStack(stack);
  for (const [key, value] of Object.entries(more[stack] ?? {})) configure(engine, stack, [key], value);
  if (!isUp || more[stack] !== undefined) await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
  tried.push(stack);
  const file = join(engine.home.project("template"), `Pulumi.${stack}.yaml`);
  const right = readFileSync(file, "utf8");
  expect(await effectOf(stack, [])).toBe("nothing happens");
  const effects: string[] = [];
  for (const { path, value } of leavesOf(stack)) {
    walked++;
    for (const other of othersOf(value)) {
      const document = parseDocument(right);
      document.setIn(["config", ...path], other);
      writeFileSync(file, document.toString());
      const effect = await effectOf(stack, path);
      const line = `${stack} ${path.join("/")}: ${JSON.stringify(value)} → ${JSON.stringify(other)}: ${effect}`;
      effects.push(line);
      if (effect === "planned") break;
      if (effect !== "refused") inert.push(line);
    }
  }
  writeFileSync(file, right);
  console.log(effects.join("\n"));
  expect(inert).toEqual([]);
});

test("no leaf is inert", () => {
  console.log(`leaves walked: ${walked}, inert: ${inert.length}`);
  expect(walked).toBe(tried.flatMap(leavesOf).length);
  expect(tried).toEqual(expect.arrayContaining(["shared", "delivery", "staging", "production"]));
  expect(inert).toEqual([]);
});
