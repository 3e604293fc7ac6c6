import { afterAll, describe, expect, test } from "vitest";
import { readOptions } from "../e2e/options/documented.ts";
import { optionsOf, type Row } from "../e2e/options/row.ts";
import { dataStacks, programStacks } from "../e2e/options/stacks.ts";
import { unchanged } from "../e2e/options/unchanged.ts";

/** What `tests/e2e/options` changes in stacks that are up. */
const stacks = [...programStacks, ...dataStacks];
const rows = stacks.flatMap((stack) => stack.rows);
const tested = new Set(rows.flatMap(optionsOf));
const all = readOptions();
const names = (options: typeof all): string[] => options.map(({ name }) => name);

test("every option is changed in a stack that is up, or the reason why not is listed", () => {
  const missing = all.filter(({ name }) => !tested.has(name) && unchanged[name] === undefined);
  expect(names(missing), "add a row to tests/e2e/options, or a reason to tests/e2e/options/unchanged.ts").toEqual([]);
});

test("no row and no reason is about an option that is not there, and no option has both", () => {
  const known = new Set(names(all));
  expect([...tested, ...Object.keys(unchanged)].filter((name) => !known.has(name))).toEqual([]);
  expect(Object.keys(unchanged).filter((name) => tested.has(name))).toEqual([]);
});

describe("documentation of an option", () => {
  test("is there", () => {
    expect(names(all.filter(({ documentation }) => documentation === ""))).toEqual([]);
  });

  test("says what happens where it is left out", () => {
    expect(names(all.filter(({ optional, documentation }) => optional && !documentation.includes("@default")))).toEqual([]);
  });

  test("says what a change does", () => {
    const effect =
      /restart|replace|deploy|delete|refuse|rename|in place|starts them anew|made anew|\b[Aa]cts? (at once|on|within)|does nothing/;
    expect(names(all.filter(({ about, documentation }) => !effect.test(`${about} ${documentation}`)))).toEqual([]);
  });

  test("says what it costs, where it does", () => {
    const costly = all.filter(({ name }) => paid.includes(name));
    expect(names(costly)).toEqual(paid);
    expect(names(costly.filter(({ documentation }) => !/\bcosts?\b|USD/i.test(documentation)))).toEqual([]);
  });

  test("speaks of replacing exactly where a resource is replaced", () => {
    const replaces = (row: Row): boolean => !("refused" in row.plan) && row.plan.some((step) => step.startsWith("replace "));
    // A job on a Docker host is another container each time, which nobody means by it.
    const inCloud = stacks.filter(({ stack }) => stack !== "local").flatMap((stack) => stack.rows);
    for (const { name, documentation } of all.filter(({ name }) => tested.has(name))) {
      const about = inCloud.filter((row) => optionsOf(row).includes(name));
      expect(/replace/i.test(documentation), name).toBe(about.some(replaces));
    }
  });
});

/** What makes the bill larger. */
const paid = [
  "Bucket.cdn.host.name",
  "Bucket.cdn.host.zone",
  "Bucket.cdn.ttlSeconds",
  "Bucket.versioning",
  "Cache.size",
  "Database.replicas",
  "Database.size",
  "Database.storage.autoscale.increment",
  "Database.storage.autoscale.threshold",
  "Database.storage.size",
  "DatabaseSize.memory",
  "DatabaseSize.standby",
  "MadeRegistry.tier",
  "Monitoring.hosts",
  "Network.egress",
  "Program.scale",
  "Replica.memory",
  "Scale.cpu",
  "Scale.dedicated",
  "Scale.memory",
  "Scale.replicas",
  "StaticSiteContainer.memory",
];

afterAll(() => {
  const done = all.filter(({ name, documentation }) => documentation !== "" && tested.has(name));
  console.log(`options documented and tested: ${done.length} / ${all.length} (${Object.keys(unchanged).length} unchanged with a reason)`);
});
