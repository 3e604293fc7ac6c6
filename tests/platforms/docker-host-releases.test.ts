import { describe, expect, test } from "vitest";
import { resolvePast } from "../../config/releases.ts";
import type { StateResource } from "../../config/state.ts";
import { readLastDeployment } from "../../platforms/docker-host/last-deployment.ts";

const component = (name: string, image: string): StateResource => ({ type: "groundwork:components:Service", name, outputs: { image } });
const service = (name: string, image: string, { order = "start-first", attempt = 0, env = {} } = {}): StateResource => ({
  type: "docker:index/service:Service",
  name,
  outputs: {
    taskSpec: { containerSpec: { image, env } },
    mode: { replicated: { replicas: 1 } },
    updateConfig: { order },
    labels: attempt === 0 ? [] : [{ label: "groundwork.attempt", value: String(attempt) }],
  },
});
const job = (image: string, exitCode: number, tries = 1): StateResource => ({
  type: "docker:index/container:Container",
  name: "web-migrate",
  outputs: { name: `shop-local-web-migrate-${tries}`, image, exitCode },
});
const database = service("database", "postgres", { order: "stop-first" });
const records = (asked: string, failures: unknown[] = []): StateResource[] => [
  { type: "groundwork:components:ReleaseRecord", name: "releases", outputs: { serving: "1", asked, releases: [] } },
  { type: "groundwork:components:ReleaseRecord", name: "failed-releases", outputs: { failures } },
];
const past = (state: StateResource[]) => resolvePast(state, readLastDeployment(state));
const healthy = [component("web", "a"), service("web", "a"), job("a", 0), database];
const asked = readLastDeployment(healthy)?.asked ?? "";

describe("the last deployment of a Docker host", () => {
  test("there was none: what keeps data and the proxy are no deployment", () => {
    expect(readLastDeployment([database])).toBeUndefined();
    expect(past([component("web", "a"), database]).failed).toBeUndefined();
  });

  test("served, and nothing else was asked for since", () => {
    expect(past([...healthy, ...records(asked)])).toMatchObject({ running: { web: "a" }, attempt: 0, failures: [] });
    expect(past([...healthy, ...records(asked)]).failed).toBeUndefined();
  });

  test("of before there were records serves as far as services say so", () => {
    expect(past(healthy)).toMatchObject({ running: { web: "a" }, attempt: 0, failures: [] });
    expect(past(healthy).failed).toBeUndefined();
  });

  test("failed in a service: the state has what was asked for, the service itself says what runs", () => {
    const state = [component("web", "a"), service("web", "b"), job("b", 0), database, ...records(asked)];
    expect(past(state)).toMatchObject({
      running: { web: "a" },
      failed: { web: "b" },
      attempt: 1,
      failures: [{ verdict: "failed", images: { web: "b" }, serving: "1", attempt: 0 }],
    });
  });

  test("failed with the same image and another variable", () => {
    const state = [component("web", "a"), service("web", "a", { env: { A: "1" } }), job("a", 0), ...records(asked)];
    expect(past(state)).toMatchObject({ running: { web: "a" }, failed: { web: "a" }, attempt: 1 });
  });

  test("failed in the migration, twice: each is listed once", () => {
    const first = past([component("web", "a"), service("web", "a"), job("b", 1, 2), ...records(asked)]);
    expect(first).toMatchObject({
      running: { web: "a" },
      failed: { web: "b" },
      attempt: 3,
      failures: [{ attempt: 2, images: { web: "b" } }],
    });
    const again = past([component("web", "a"), service("web", "a"), job("b", 1, 2), ...records(asked, [...first.failures])]);
    expect(again.failures).toHaveLength(1);
    const second = past([component("web", "a"), service("web", "a"), job("b", 1, 3), ...records(asked, [...first.failures])]);
    expect(second.failures.map(({ attempt }) => attempt)).toEqual([2, 3]);
  });

  test("failed in the first migration ever: nothing runs", () => {
    expect(past([job("b", 1)])).toMatchObject({ running: {}, failed: { "web-migrate": "b" }, attempt: 2 });
  });

  test("failed in one of two services: the other one keeps what it has got", () => {
    const state = [component("api", "b"), component("web", "a"), service("api", "b"), service("web", "b"), ...records(asked)];
    expect(past(state)).toMatchObject({ running: { api: "b", web: "a" }, failed: { api: "b", web: "b" } });
  });

  test("came back with a mark, which stays", () => {
    const state = [component("web", "a"), service("web", "a", { attempt: 3 }), job("a", 0)];
    const mark = readLastDeployment(state)?.asked ?? "";
    expect(past([...state, ...records(mark)])).toMatchObject({ running: { web: "a" }, attempt: 3 });
    expect(past([...state, ...records(mark)]).failed).toBeUndefined();
  });
});
