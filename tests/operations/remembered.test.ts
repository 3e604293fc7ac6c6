import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lostFinding, spoiledFinding } from "../../operations/doctor/lost.ts";
import { lostText, rememberedBy, remembers } from "../../operations/remembered.ts";
import { readState, SpoiledState, unreadable } from "../../operations/stack-state.ts";
import { unlock } from "../../operations/unlock.ts";
import { server } from "./loopback/http.ts";

const system = "tests/systems/tiny";
const [first, second] = ["staging-1795339740543985108", "staging-1795341662731976518"];
const full = JSON.stringify({ version: 3, checkpoint: { stack: "staging", latest: { resources: [{ urn: "u" }] } } });

describe("what the backend remembers of a stack that it does not find", () => {
  test("in a folder: how many runs, the last one, and the newest that left something whole", async () => {
    const root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      const environment = { PULUMI_BACKEND_URL: `file://${root}` };
      expect(await remembers({ system, stack: "staging" }, environment)).toBeUndefined();
      const folder = join(root, ".pulumi/history/tiny/staging");
      mkdirSync(folder, { recursive: true });
      // `pulumi stack rm` leaves the folder.
      expect(await remembers({ system, stack: "staging" }, environment)).toBeUndefined();
      for (const [name, state] of [
        [first, full],
        [second, full.slice(0, 40)],
      ] as const) {
        writeFileSync(join(folder, `${name}.history.json`), "{}");
        writeFileSync(join(folder, `${name}.checkpoint.json`), state);
      }
      expect(await remembers({ system, stack: "staging" }, environment)).toEqual({ runs: 2, last: "2026-11-22T10:01:02.731Z", whole: 1 });
      expect(await remembers({ system, stack: "production" }, environment)).toBeUndefined();
      // One that was emptied is nothing to put back.
      writeFileSync(join(folder, `${first}.checkpoint.json`), full.replace('{"urn":"u"}', ""));
      expect(await remembers({ system, stack: "staging" }, environment)).toEqual({ runs: 2, last: "2026-11-22T10:01:02.731Z" });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
  test("in a bucket, page by page; one that refuses says nothing here", async () => {
    const key = (name: string, kind: string): string =>
      `<Contents><Key>web/.pulumi/history/tiny/staging/${name}.${kind}.json</Key></Contents>`;
    let answers = true;
    await using bucket = await server(({ path }) => {
      if (!answers) return { status: 403 };
      const files = path.includes("&continuation-token=a%2Fb")
        ? key(second, "checkpoint") + key(second, "history")
        : `<NextContinuationToken>a/b</NextContinuationToken>${key(first, "checkpoint")}${key(first, "history")}`;
      return {
        body: path.includes("history%2Ftiny%2Fstaging%2F") ? `<ListBucketResult>${files}</ListBucketResult>` : "<ListBucketResult/>",
      };
    });
    const environment = {
      PULUMI_BACKEND_URL: `s3://state/web?endpoint=${bucket.origin}`,
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "s",
    };
    expect(await remembers({ system, stack: "staging" }, environment)).toEqual({ runs: 2, last: "2026-11-22T10:01:02.731Z" });
    expect(await remembers({ system, stack: "production" }, environment)).toBeUndefined();
    answers = false;
    expect(await remembers({ system, stack: "staging" }, environment)).toBeUndefined();
    expect(await remembers({ system, stack: "staging" }, {})).toBeUndefined();
  });
  test("is told with the way out", () => {
    const remembered = rememberedBy([`${first}.history.json`, `${first}.checkpoint.json`]);
    expect(remembered).toEqual({ runs: 1, last: "2026-11-22T09:29:00.543Z" });
    expect(lostText("staging", remembered ?? { runs: 0 })).toBe(
      "the state of staging is lost: the backend does not find it, and remembers a run, of 2026-11-22 09:29 UTC. What it knew may still stand in the cloud. Put it back: npm run ops -- restore --stack staging",
    );
    const found = lostFinding("staging", "--stack staging --system shop", { runs: 7, whole: 6 });
    expect(found.what).toContain("remembers 7 runs. What");
    expect(found.fix[0]).toMatch(/^npm run ops -- restore --stack staging --system shop --to 6 {3}# /);
    expect(spoiledFinding("staging", "--stack staging", undefined).fix).toEqual(["npm run ops -- restore --stack staging"]);
  });
});

describe("a state that is spoiled", () => {
  const way = "Put a former one back: npm run ops -- restore --stack staging";
  test.each([
    "error: failed to load checkpoint: place 1: unexpected end of JSON input",
    "error: failed to load checkpoint: place 1: invalid character 'g' looking for beginning of value",
  ])("by what pulumi says: %s", async (stderr) => {
    expect(unreadable("staging", stderr)).toBeInstanceOf(SpoiledState);
    expect(unreadable("staging", stderr).message).toContain(way);
    const runner = { capture: ([verb]: readonly string[]) => Promise.resolve({ code: verb === "cancel" ? 0 : 255, stdout: "", stderr }) };
    const options = {
      stack: "staging",
      holder: { text: "ann", alive: false },
      force: false,
      find: () => null,
      clean: () => [],
      say: () => undefined,
    };
    await expect(unlock(runner, options)).rejects.toThrow(way);
  });
  test("by a file that is JSON and no state", async () => {
    const stdout = JSON.stringify({ version: 3, deployment: null });
    await expect(readState({ capture: () => Promise.resolve({ code: 0, stdout, stderr: "" }) }, "staging")).rejects.toThrow(way);
  });
  test.each([
    `error: failed to load checkpoint: blob (key ".pulumi/stacks/tiny/staging.json") (code=Unknown): invalid character '\\n' in string literal`,
    "error: failed to load checkpoint: EOF",
    "error: dial tcp: no such host",
  ])("is not what is half written beside it, nor a backend out of reach: %s", (said) =>
    expect(unreadable("staging", said)).not.toBeInstanceOf(SpoiledState),
  );
});
