import { afterAll, expect, test } from "vitest";
import { readOptions } from "../e2e/options/documented.ts";
import { docker } from "../e2e/options/docker.ts";
import { edge } from "../e2e/options/edge.ts";
import { production } from "../e2e/options/production.ts";
import { programs } from "../e2e/options/programs.ts";
import { optionsOf, type Row } from "../e2e/options/row.ts";
import { later, unchanged } from "../e2e/options/unchanged.ts";

/** What `tests/e2e/options` changes in stacks that are up. */
const rows: readonly Row[] = [...programs, ...edge, ...production, ...docker];
const tested = new Set(rows.flatMap(optionsOf));
const all = readOptions(later);
const own = all.filter(({ root }) => !later.includes(root));

test("every option is changed in a stack that is up, or the reason why not is listed", () => {
  const missing = own.filter(({ name }) => !tested.has(name) && unchanged[name] === undefined);
  const help = "add a row to tests/e2e/options, or a reason (or, for a whole component, its interface) to tests/e2e/options/unchanged.ts";
  expect(
    missing.map(({ name }) => name),
    help,
  ).toEqual([]);
});

test("every option is documented", () => {
  expect(own.filter(({ documentation }) => documentation === "").map(({ name }) => name)).toEqual([]);
});

test("no row and no reason is about an option that is not there", () => {
  const names = new Set(all.map(({ name }) => name));
  expect([...tested, ...Object.keys(unchanged)].filter((name) => !names.has(name))).toEqual([]);
});

test("what replaces a resource says so, and nothing else does", () => {
  const replaces = (row: Row): boolean => !("refused" in row.plan) && row.plan.some((step) => step.startsWith("replace "));
  // A job on a Docker host is another container each time, which nobody means by it.
  const inCloud = rows.filter((row) => !docker.includes(row));
  for (const { name, documentation } of own.filter(({ name }) => tested.has(name))) {
    const about = inCloud.filter((row) => optionsOf(row).includes(name));
    expect(/replace/i.test(documentation), name).toBe(about.some(replaces));
  }
});

afterAll(() => {
  const done = all.filter(({ name, documentation }) => documentation !== "" && tested.has(name));
  console.log(
    `options documented and tested / all: ${done.length} / ${all.length} (${Object.keys(unchanged).length} unchanged with a reason)`,
  );
});
