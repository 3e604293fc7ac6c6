import { servingRelease } from "../../operations/deploy.ts";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isMarked, readSaid, refuseObstacles } from "../../operations/migrations.ts";
import { promote } from "../../operations/promote.ts";
import { chooseRelease, claimProblems, formerBuilds, listReleases, renderReleases } from "../../operations/releases.ts";
import { chooseReturn } from "../../operations/rollback.ts";
import type { ExportedState } from "../../operations/stack-state.ts";

const recordType = "groundwork:components:ReleaseRecord";
const entry = (image: string, serving: string, rest: object = {}) => ({
  verdict: "healthy",
  images: { api: image },
  serving,
  attempt: 0,
  ...rest,
});

function list(healthy: readonly object[], { failures = [] as object[], serving = "d3", active = "d3", initErrors = [] as string[] } = {}) {
  const state: ExportedState[] = [
    { type: recordType, name: "releases", outputs: { releases: healthy, serving }, initErrors: [] },
    { type: recordType, name: "failed-releases", outputs: { failures }, initErrors: [] },
    { type: "digitalocean:index/app:App", name: "app", outputs: { activeDeploymentId: active }, initErrors },
  ];
  return listReleases("staging", state);
}

const three = [
  entry("a", "d1", { number: 1, commit: "aaaaaaaa", time: "t1" }),
  entry("b", "d2", { number: 2, commit: "bbbbbbbb" }),
  entry("c", "d3", { number: 4, commit: "cccccccc", unproven: ["api"] }),
];
const failed = [entry("x", "d2", { number: 3, verdict: "failed", commit: "cccccccc" })];

test("healthy and failed releases are one list; what serves is the one that the platform says", () => {
  const releases = list(three, { failures: failed });
  expect(releases.releases.map(({ number, verdict, serves }) => `${number} ${verdict} ${serves}`)).toEqual([
    "1 healthy false",
    "2 healthy false",
    "3 failed false",
    "4 healthy true",
  ]);
  expect(renderReleases(releases)).toContain(
    "*   4  healthy  cccccccc\n       api: c  (not proven)\n    3  failed  cccccccc\n       api: x\n",
  );
  expect(list(three, { active: "d9" }).serving).toBeUndefined();
  expect(renderReleases(list(three, { active: "d9" }))).toContain("What serves is not on the list");
  expect(renderReleases(list(three, { initErrors: ["error deploying app\nmore"] }))).toContain(
    "no run has looked at it since: error deploying app",
  );
  // As version 0.1 wrote them.
  expect(list([entry("a", "d1"), entry("b", "d3")]).releases.map(({ number }) => number)).toEqual([1, 2]);
});

/** Two services that two repositories build, each with commits of its own. */
const pair = (api: string, web: string, number: number, more: object) => ({
  ...entry(api, `d${number}`, { number, time: `2026-11-0${number}T10:00:00Z`, ...more }),
  images: { api, web },
});
const both = [
  pair("api@sha256:1", "web@sha256:1", 1, { commit: "aaaaaaa1" }),
  pair("api@sha256:1", "web@sha256:2", 2, { commit: "bbbbbbb1" }),
  pair("api@sha256:3", "web@sha256:2", 3, { commit: "aaaaaaa2" }),
  pair("api@sha256:3", "web@sha256:4", 4, {}),
];

test("an image is of the commit with which it began to run, and of no other that was deployed beside it", () => {
  const releases = list(both, { serving: "d4", active: "d4" });
  const said = (images: Record<string, string>, commit: string) => claimProblems(releases, images, commit);
  expect(said({ api: "api@sha256:1", web: "web@sha256:1" }, "aaaaaaa1")).toEqual([]);
  expect(said({ web: "web@sha256:2" }, "bbbbbbb")).toEqual([]);
  expect(said({ api: "api@sha256:1" }, "bbbbbbb1")).toEqual(["  api: api@sha256:1, and staging ran it for aaaaaaa1"]);
  expect(said({ api: "api@sha256:3", web: "web@sha256:2" }, "aaaaaaa2")).toEqual(["  web: web@sha256:2, and staging ran it for bbbbbbb1"]);
  expect(said({ web: "web@sha256:4" }, "bbbbbbb1")).toEqual([
    "  web: web@sha256:4, and staging ran it, and nobody wrote down for which commit",
  ]);
  expect(said({ web: "web@sha256:9" }, "bbbbbbb1")).toEqual(["  web: web@sha256:9, and staging has not run it"]);
});

test("a commit that is built once more is known by the image that it ran with before", () => {
  const releases = list(both, { serving: "d4", active: "d4" });
  expect(formerBuilds({ api: "api@sha256:7" }, "aaaaaaa1", releases)).toEqual({ api: "api@sha256:1" });
  expect(formerBuilds({ api: "api@sha256:1" }, "aaaaaaa1", releases)).toEqual({});
  expect(formerBuilds({ api: "api@sha256:7" }, "ccccccc1", releases)).toEqual({});
  expect(formerBuilds({ api: "api@sha256:7" }, undefined, releases)).toEqual({});
});

test("promote: refused before anything is planned, where commit and images do not belong together, or an old commit was built again", async () => {
  const state = (stack: string) => ({
    deployment: {
      resources: [
        ["releases", { releases: both, serving: "d4" }],
        ["failed-releases", { failures: [] }],
      ].map(([name, outputs]) => ({ urn: `urn:pulumi:${stack}::shop::${recordType}::${name as string}`, type: recordType, outputs })),
    },
  });
  const asked: string[] = [];
  const pulumi = {
    capture: (args: readonly string[]) => {
      asked.push(args.join(" "));
      return Promise.resolve({ code: 0, stdout: JSON.stringify(state("staging")), stderr: "" });
    },
  };
  const run = (options: object) =>
    promote(
      {
        ...{ to: "production", from: undefined, before: "staging", images: undefined, migrations: {}, only: [], unproven: [], force: [] },
        ...{ imagesOnly: false, back: false, ...options },
      },
      { pulumi: pulumi as never, cloud: undefined, say: () => undefined, progress: undefined as never, confirm: undefined },
    );
  await expect(run({ images: { api: "api@sha256:3" }, commit: "ccccccc1" })).rejects.toThrow(
    "these images are not what staging ran healthy for commit ccccccc1:\n  api: api@sha256:3, and staging ran it for aaaaaaa2\n",
  );
  await expect(run({ images: { api: "api@sha256:9" }, commit: "aaaaaaa1", before: undefined, to: "staging" })).rejects.toThrow(
    "these images would take staging back:\n  api: api@sha256:1, of the same commit, ran here before api@sha256:3",
  );
  await expect(run({ from: "staging", commit: "aaaaaaa2", only: ["wbe"] })).rejects.toThrow(
    'release 3 of staging has no image of "wbe". Did you mean "web"?',
  );
  expect(asked.filter((one) => !one.startsWith("stack export"))).toEqual([]);
});

test("a release is chosen by number or commit, and only a healthy one", () => {
  const releases = list(three, { failures: failed });
  expect(chooseRelease(releases, {}).number).toBe(4);
  expect(chooseRelease(releases, { release: 1 }).number).toBe(1);
  expect(chooseRelease(releases, { commit: "bbbbbbb" }).number).toBe(2);
  expect(chooseRelease(releases, { commit: "ccccccc" }).number).toBe(4);
  expect(() => chooseRelease(releases, { release: 3 })).toThrow(
    "release 3 of staging failed (number 3). Only what it ran healthy is taken.",
  );
  expect(() => chooseRelease(releases, { commit: "0000000" })).toThrow(
    'staging has no release of commit "0000000". npm run ops -- releases --stack staging',
  );
  expect(() => chooseRelease(list([], { serving: "", active: "" }), {})).toThrow("staging has no release that serves");
});

describe("the way back", () => {
  test("is the last healthy release from before the images that serve", () => {
    expect(chooseReturn(list(three, { failures: failed }), undefined).number).toBe(2);
    // After a rollback from c to b: not to c again.
    const back = [...three, entry("b", "d5", { number: 5 })];
    expect(chooseReturn(list(back, { serving: "d5", active: "d5" }), undefined).number).toBe(1);
    // The same images, deployed again with other settings.
    const again = [...three, entry("c", "d5", { number: 5 })];
    expect(chooseReturn(list(again, { serving: "d5", active: "d5" }), undefined).number).toBe(2);
  });

  test("is what serves, where the last deployment failed", () => {
    expect(chooseReturn(list(three, { initErrors: ["error deploying app"] }), undefined).number).toBe(4);
  });

  test("does not exist for a first release", () => {
    expect(() => chooseReturn(list(three.slice(2)), undefined)).toThrow("staging has no healthy release from before what serves.");
  });
});

test("obstacles are forced by their names, all of them, and nothing else is", () => {
  const found = [
    { service: "api", name: "0002_drop" },
    { service: "web", name: "unknown:web" },
  ];
  expect(() => refuseObstacles("staging", found, [])).toThrow(
    'api: 0002_drop is not marked "groundwork: backward compatible"\n  web: nobody said which migrations its image brings (promote --migrations)\n' +
      "If you know that it does, add --force 0002_drop --force unknown:web. Else go forward",
  );
  expect(() => refuseObstacles("staging", found, ["0002_drop"])).toThrow("add --force unknown:web.");
  expect(() => refuseObstacles("staging", found, ["0002_dorp"])).toThrow(
    '--force 0002_dorp forces nothing here. Did you mean "0002_drop"?',
  );
  expect(() => refuseObstacles("staging", found, ["0002_drop", "unknown:web"])).not.toThrow();
});

describe("migrations", () => {
  test.each([
    ["# groundwork: backward compatible", true],
    ["  -- groundwork: backward compatible: adds a column", true],
    ["/* groundwork: backward compatible */", true],
    ["ALTER TABLE a;\n// groundwork: backward compatible", true],
    ['note = "groundwork: backward compatible"', false],
    ["# groundwork: not backward compatible", false],
    ["# backward compatible", false],
  ])("%j is marked: %s", (text, marked) => expect(isMarked(text)).toBe(marked));

  test("are read from files, one each, or from folders that hold one", () => {
    const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      for (const [path, text] of Object.entries({
        "versions/0001_first.py": "# first",
        "versions/0002_more.py": "# groundwork: backward compatible",
        "versions/__init__.py": "",
        "prisma/2026_init/migration.sql": "-- groundwork: backward compatible",
      })) {
        mkdirSync(join(folder, path, ".."), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      expect(readSaid([`api=${folder}/versions/*.py`, `web=${folder}/prisma/*/migration.sql`, '{"job":{"1":true}}'])).toEqual({
        api: { "0001_first": false, "0002_more": true },
        web: { "2026_init": true },
        job: { "1": true },
      });
      expect(() => readSaid([`api=${folder}/none/*.py`])).toThrow("--migrations: there is no file");
      expect(() => readSaid(["versions/*.py"])).toThrow("--migrations takes <service>=<files>");
      expect(() => readSaid(["{nothing"])).toThrow("which begins like JSON and is none");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test("a run that deploys no images needs nothing that serves, as in a stack without services; a failure is one all the same", () => {
  expect(servingRelease("shared", {}, { stack: "shared", releases: [] })).toBeUndefined();
  expect(() => servingRelease("shared", {}, { stack: "shared", releases: [], failure: "no space left" })).toThrow("no space left");
  expect(() => servingRelease("staging", { api: "ghcr.io/acme/api@sha256:a" }, { stack: "staging", releases: [] })).toThrow(
    "nothing instead of",
  );
});
