import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { openGitHub } from "../../operations/github/client.ts";
import { type DriftFinding, isChangeOfState, putDriftIssue } from "../../operations/github/drift-issue.ts";
import { stickyComment } from "../../operations/github/sticky-comment.ts";
import { interleavings } from "../github-api/interleavings.ts";
import { actions, octocat } from "../github-api/records.ts";
import { GitHubApi } from "../github-api/server.ts";
import { hurried } from "../operations/github/hurried.ts";

const tokens = ["ghs_one", "ghs_two"] as const;
type Token = (typeof tokens)[number];

const clients = async (api: GitHubApi) => ({
  ghs_one: await openGitHub(api.environment("ghs_one"), hurried),
  ghs_two: await openGitHub(api.environment("ghs_two"), hurried),
});

describe("two runs that write a comment", () => {
  const marker = "<!-- groundwork: preview of template: staging -->";

  test.each([
    ["first", 0, 82, "created"],
    ["anew", 1, 6, "updated"],
  ] as const)(
    "%s end with one, and with the text that came last, in whatever order GitHub hears them",
    async (_, standing, count, change) => {
      const orders = await interleavings(tokens, async (api, begin) => {
        api.state.addIssue(octocat, { isPull: true });
        for (let n = 0; n < standing; n++) api.state.addComment(actions, 1, `${marker}\nold`);
        const github = await clients(api);
        let last = "";
        const changes = await begin(
          (token) => stickyComment(github[token], 1, marker, token),
          ({ body, token }) => {
            if (body.includes(token)) last = token;
          },
        );
        expect(api.state.comments.map(({ body }) => body)).toEqual([`${marker}\n${last}`]);
        expect(changes.filter((one) => one === change)).toHaveLength(standing + 1);
      });
      expect(orders).toBe(count);
    },
  );

  test("are two processes", async () => {
    const api = await GitHubApi.start();
    api.state.addIssue(octocat, { isPull: true });
    // None is written before both want to write, having seen nothing.
    let want = 0;
    let bothWant = (): void => {};
    const both = new Promise<void>((resolve) => (bothWant = resolve));
    api.arrives = ({ operation }) => {
      if (operation !== "issues/create-comment") return;
      if (++want === 2) bothWant();
      return both;
    };
    const script = fileURLToPath(new URL("../operations/github/comment-process.ts", import.meta.url));
    const said = await Promise.all(
      tokens.map((token) =>
        promisify(execFile)(process.execPath, [script, "1", marker, token], {
          env: { ...process.env, ...api.environment(token) },
          timeout: 60_000,
        }),
      ),
    );
    expect(said.map(({ stdout }) => stdout.trim()).sort()).toEqual(["created", "updated"]);
    expect(api.operations.filter((one) => one === "issues/create-comment")).toHaveLength(2);
    expect(api.state.comments).toHaveLength(1);
  });
});

// Hundreds of orders: on a busy machine they take their time.
describe("two runs that look for drift, in whatever order GitHub hears them", { timeout: 400_000 }, () => {
  const marker = "<!-- groundwork: drift of template: staging -->";
  const label = { name: "drift", color: "d93f0b", description: "The cloud is not what the program says" };
  const drift: DriftFinding = { marker, title: "Drift in staging", body: "by hand", labels: [label], found: true, digest: "a" };
  const clean: DriftFinding = { ...drift, found: false };

  async function race(begin: (api: GitHubApi) => void, finding: (token: Token) => DriftFinding, told: string): Promise<number> {
    return interleavings(tokens, async (api, start) => {
      begin(api);
      const github = await clients(api);
      const outcomes = await start((token) => putDriftIssue(github[token], finding(token)));
      const ours = api.state.issues.filter(({ body }) => body.startsWith(marker));
      expect(ours).toHaveLength(1);
      expect(ours[0]!.state).toBe(told === "closed" ? "closed" : "open");
      // What came twice is closed, and points to the other.
      for (const other of api.state.issues.filter((issue) => issue !== ours[0]))
        expect(other).toMatchObject({ state: "closed", body: `Opened twice at once: see #${ours[0]!.number}.` });
      expect(outcomes.map(({ change }) => change).filter(isChangeOfState)).toEqual([told]);
      expect(api.state.comments).toHaveLength(told === "opened" ? 0 : 1);
    });
  }

  test("open one issue", async () => {
    expect(
      await race(
        ({ state }) => void state.addLabel("drift"),
        () => drift,
        "opened",
      ),
    ).toBe(32);
  });

  test("open one issue although they found different things", async () => {
    expect(
      await race(
        ({ state }) => void state.addLabel("drift"),
        (token) => ({ ...drift, digest: token, body: token }),
        "opened",
      ),
    ).toBe(82);
  });

  test("close it once", async () => {
    const standing = ({ state }: GitHubApi) =>
      void state.addIssue(actions, { body: `${marker}\n<!-- groundwork: findings abc -->\n`, labels: ["drift"] });
    expect(await race(standing, () => clean, "closed")).toBe(212);
  });

  test("open it again once", async () => {
    const standing = ({ state }: GitHubApi) => {
      const issue = state.addIssue(actions, {
        body: `${marker}\n<!-- groundwork: findings none -->\n`,
        labels: ["drift"],
        state: "closed",
      });
      issue.closedAt = "2026-01-02T00:00:00Z";
    };
    expect(await race(standing, () => drift, "reopened")).toBe(212);
  });
});
