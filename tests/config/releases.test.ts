import { describe, expect, test } from "vitest";
import type { LastDeployment, Release } from "../../config/releases.ts";
import { append, describeReturn, keptReleases, nextNumber, resolvePast } from "../../config/releases.ts";
import type { StateResource } from "../../config/state.ts";

const record = (name: string, outputs: Record<string, unknown>): StateResource => ({
  type: "groundwork:components:ReleaseRecord",
  name,
  outputs,
});
const service = (name: string, image?: string): StateResource => ({ type: "groundwork:components:Service", name, outputs: { image } });
const release = (images: Record<string, string>, serving: string, rest: Partial<Release> = {}): Release => ({
  verdict: "healthy",
  images,
  serving,
  attempt: 0,
  ...rest,
});
const last = (rest: Partial<LastDeployment>): LastDeployment => ({ serving: "d1", asked: "f1", images: { web: "b" }, attempt: 0, ...rest });

const first = release({ web: "a" }, "d1");
const state = [service("web", "a"), record("releases", { serving: "d1", asked: "f1", releases: [first] })];

describe("the last deployment", () => {
  test("there was none", () => {
    expect(resolvePast([], undefined)).toEqual({ running: {}, attempt: 0, recorded: { releases: [] }, failures: [] });
  });

  test("of a platform without one, services say themselves what they run", () => {
    expect(resolvePast([service("web", "a"), service("api")], undefined).running).toEqual({ web: "a" });
  });

  test("serves, and nothing else was asked for since", () => {
    const past = resolvePast(state, last({ images: { web: "a" }, attempt: 2 }));
    expect(past).toEqual({
      running: { web: "a" },
      attempt: 2,
      recorded: { serving: "d1", asked: "f1", releases: [first] },
      failures: [],
    });
  });

  test("serves, though the run broke off before it wrote that down", () => {
    const past = resolvePast(state, last({ serving: "d2", asked: "f2" }));
    expect(past.running).toEqual({ web: "b" });
    expect(past.failed).toBeUndefined();
    expect(past.attempt).toBe(0);
    expect(past.recorded).toEqual({ serving: "d2", asked: "f2", releases: [first, release({ web: "b" }, "d2", { number: 2 })] });
  });

  test("failed: what was asked for does not serve", () => {
    const past = resolvePast(state, last({ asked: "f2" }));
    expect(past.running).toEqual({ web: "a" });
    expect(past.failed).toEqual({ web: "b" });
    expect(past.attempt).toBe(1);
    expect(past.recorded.releases).toEqual([first]);
    expect(past.failures).toEqual([release({ web: "b" }, "d1", { number: 2, verdict: "failed" })]);
  });

  test("failed and was the first: nothing runs", () => {
    const past = resolvePast([], last({ serving: "" }));
    expect(past.running).toEqual({});
    expect(past.attempt).toBe(1);
    expect(past.failures).toEqual([release({ web: "b" }, "", { number: 1, verdict: "failed" })]);
  });

  test("failed again: each failure is listed once", () => {
    const failures = [release({ web: "b" }, "d1", { verdict: "failed" })];
    const known = [...state, record("failed-releases", { failures })];
    expect(resolvePast(known, last({ asked: "f2" })).failures).toEqual(failures);
    const again = resolvePast(known, last({ asked: "f3", images: { web: "c" }, attempt: 1 }));
    expect(again.attempt).toBe(2);
    expect(again.failures).toEqual([...failures, release({ web: "c" }, "d1", { number: 2, verdict: "failed", attempt: 1 })]);
  });

  test("failed, and the release before it never reached its service's own output", () => {
    const lagging = [
      service("web", "a"),
      record("releases", { serving: "d2", asked: "f2", releases: [first, release({ web: "b" }, "d2")] }),
    ];
    expect(resolvePast(lagging, last({ serving: "d2", asked: "f3", images: { web: "c" } })).running).toEqual({ web: "b" });
  });
});

test("numbers go on after those of both lists, also where version 0.1 wrote none", () => {
  expect(nextNumber([], [])).toBe(1);
  expect(nextNumber([first, first], [first])).toBe(3);
  expect(nextNumber([release({}, "d9", { number: 9 })], [release({}, "d9", { number: 31 })])).toBe(32);
});

test("the oldest release goes when there are too many", () => {
  const many = Array.from({ length: keptReleases }, (_, index) => release({ web: "a" }, `d${index}`));
  const kept = append(many, release({ web: "a" }, "new"));
  expect(kept).toHaveLength(keptReleases);
  expect([kept[0]?.serving, kept.at(-1)?.serving]).toEqual(["d1", "new"]);
});

test("what goes back is said, by service; what is tried again is not", () => {
  const past = resolvePast(state, last({ asked: "f2", images: { web: "b", api: "a" } }));
  expect(describeReturn(past, { web: "a", api: "a", fresh: "x" })).toBe(
    "The last deployment did not come to serve, so this run deploys again.\n  web: a instead of b, which failed.",
  );
  expect(describeReturn(resolvePast(state, last({})), { web: "a" })).toBeUndefined();
});
