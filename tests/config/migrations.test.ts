import { describe, expect, test } from "vitest";
import { addMigrations, aheadOf, type Migration, obstacles, parseMigrations } from "../../config/migrations.ts";
import type { Release } from "../../config/releases.ts";

const release = (image: string, time: string | undefined, rest: Partial<Release> = {}): Release => ({
  verdict: "healthy",
  images: { api: image },
  serving: image,
  attempt: 0,
  ...(time === undefined ? {} : { time }),
  ...rest,
});
const said = { migrations: ["api"] };
const migration = (id: string, since: string, compatible = false): Migration => ({ service: "api", id, compatible, since });

test.each([
  ["none", 'must say of each migration of a service whether it is marked, as in {"backend":{"0001_first":false}}, got "none".'],
  ['{"api":["1"]}', /^must say of each migration/],
  ['{"api":{"1":"yes"}}', /^must say of each migration/],
  ['{"apo":{}}', 'unknown service "apo". Did you mean "api"?'],
])("GROUNDWORK_MIGRATIONS=%s is refused", (text, message) => {
  const [problem, ...others] = parseMigrations(text, ["api"]).problems;
  expect([problem?.path, others]).toEqual(["GROUNDWORK_MIGRATIONS", []]);
  expect(problem?.message).toMatch(message);
  expect(parseMigrations('{"api":{"1":true}}', ["api"])).toEqual({ said: { api: { "1": true } }, problems: [] });
});

describe("a migration came", () => {
  const releases = [release("a", "t1")];
  test("with the run that first named it, and keeps that; its mark may come later", () => {
    const first = addMigrations([], { api: { "2": false, "1": false } }, { images: { api: "b" }, releases, now: "t2" });
    expect(first).toEqual([migration("1", "t2"), migration("2", "t2")]);
    const second = addMigrations(first, { api: { "1": false, "2": true, "3": true } }, { images: { api: "c" }, releases, now: "t3" });
    expect(second).toEqual([migration("1", "t2"), migration("2", "t2", true), migration("3", "t3", true)]);
    expect(addMigrations(second, {}, { images: { api: "a" }, releases, now: "t4" })).toEqual(second);
  });

  test("with the first release of its image, where that was deployed before anybody said so", () => {
    expect(addMigrations([], { api: { "1": false } }, { images: { api: "a" }, releases, now: "t9" })).toEqual([migration("1", "t1")]);
  });
});

test("a database is ahead of an image that was released before one of its migrations came, also where that run failed", () => {
  const releases = [release("a", "t1"), release("b", "t2")];
  const migrations = [migration("1", "t1"), migration("2", "t2")];
  expect([...aheadOf(migrations, { api: "b" }, releases)]).toEqual([]);
  expect([...aheadOf(migrations, { api: "a" }, releases)]).toEqual(["api"]);
  expect([...aheadOf([...migrations, migration("3", "t3")], { api: "b" }, releases)]).toEqual(["api"]);
  // The first release of an image counts: that it was returned to does not make it know more.
  expect([...aheadOf(migrations, { api: "a" }, [...releases, release("a", "t3")])]).toEqual(["api"]);
  expect([...aheadOf(migrations, { api: "new", web: "a" }, releases)]).toEqual([]);
});

describe("on the way back", () => {
  const a = release("a", "t1");
  const b = release("b", "t2", said);
  const c = release("c", "t3", said);
  const migrating = ["api"];
  const migrations = [migration("1", "t1"), migration("2", "t2"), migration("3", "t3", true)];
  const names = (from: Release, to: Release, more: Partial<Parameters<typeof obstacles>[2]> = {}, releases = [a, b, c]): string[] =>
    obstacles(migrations, releases, { from, to, migrating, ...more }).map(({ name }) => name);

  test("stand the migrations since then that are not marked, those of releases in between too", () => {
    expect(names(c, b)).toEqual([]);
    expect(names(c, a)).toEqual(["2"]);
    expect(names(b, a)).toEqual(["2"]);
  });

  test("stands a service that migrates and did not say what, or whose time nobody knows", () => {
    const silent = release("c", "t3");
    expect(names(silent, b, {}, [a, b, silent])).toEqual(["unknown:api"]);
    expect(names(silent, b, { migrating: [] }, [a, b, silent])).toEqual([]);
    expect(names(c, release("b", undefined, said))).toEqual(["unknown:api"]);
  });

  test("stands nothing of a service that keeps its image, and nothing that came before the target ran", () => {
    expect(names(c, { ...c, images: { api: "c", web: "w" } })).toEqual([]);
    // "a" ran healthy after migration 2 had come.
    expect(names(c, release("a", "t2"), {}, [a, b, release("a", "t2"), c])).toEqual([]);
  });
});
