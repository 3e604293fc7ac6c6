import { describe, expect, test } from "vitest";
import { openGitHub, type GitHub } from "../../../operations/github/client.ts";
import { decide, type DriftFinding, isChangeOfState, putDriftIssue } from "../../../operations/github/drift-issue.ts";
import { actions, octocat, stranger } from "../../github-api/records.ts";
import { GitHubApi } from "../../github-api/server.ts";
import { hurried } from "./hurried.ts";

const label = { name: "drift", color: "d93f0b", description: "The cloud is not what the program says" };
const marker = "<!-- groundwork: drift of template: staging -->";
const drift = (findings: string): DriftFinding => ({
  marker,
  title: "Drift in staging",
  body: `Changed by hand: ${findings}`,
  labels: [label],
  found: true,
  digest: findings,
});
const clean: DriftFinding = { ...drift(""), found: false };

async function hub(token = "ghs_one"): Promise<{ api: GitHubApi; github: GitHub; put: (finding: DriftFinding) => Promise<string> }> {
  const api = await GitHubApi.start();
  const github = await openGitHub(api.environment(token), hurried);
  return { api, github, put: async (finding) => (await putDriftIssue(github, finding)).change };
}

const writes = (api: GitHubApi): string[] => api.operations.filter((one) => /create|update|delete/.test(one));

test("what happens to the issue as it stands", () => {
  const open = (digest: string) => ({ state: "open", digest });
  const closed = (digest: string) => ({ state: "closed", digest });
  const rows = [
    [undefined, "none", "leave"],
    [undefined, "a", "open"],
    [open("a"), "a", "leave"],
    [open("a"), "b", "update"],
    [open("a"), "none", "close"],
    // Opened again by hand while there is nothing.
    [open("none"), "none", "close"],
    [open("none"), "a", "update"],
    [closed("none"), "none", "leave"],
    [closed("none"), "a", "reopen"],
    // Closed by hand while the drift is there.
    [closed("a"), "a", "leave"],
    [closed("a"), "b", "reopen"],
    [closed("a"), "none", "forget"],
  ] as const;
  expect(rows.map(([issue, found]) => decide(issue, found))).toEqual(rows.map(([, , step]) => step));
  expect((["opened", "closed", "reopened", "updated", "unchanged"] as const).filter(isChangeOfState)).toEqual([
    "opened",
    "closed",
    "reopened",
  ]);
});

describe("one issue for a stack", () => {
  test("lives from its opening over an update to its end, and comes back", async () => {
    const { api, github, put } = await hub();
    expect(await put(clean)).toBe("unchanged");
    expect(writes(api)).toEqual([]);
    const opened = await putDriftIssue(github, drift("a"));
    expect(opened).toEqual({ change: "opened", url: "https://github.com/acme/web/issues/1" });
    const [issue] = api.state.issues;
    expect(issue).toMatchObject({ title: "Drift in staging", labels: ["drift"], state: "open" });
    expect(issue?.body).toMatch(
      /^<!-- groundwork: drift of template: staging -->\n<!-- groundwork: findings [0-9a-f]{16} -->\nChanged by hand: a$/,
    );
    expect(api.state.labels).toMatchObject([label]);

    api.operations.length = 0;
    expect(await put(drift("a"))).toBe("unchanged");
    expect(api.operations).toEqual(["issues/list-for-repo"]);
    expect(await put(drift("b"))).toBe("updated");
    expect(writes(api)).toEqual(["issues/update"]);
    expect(issue?.body).toContain("Changed by hand: b");

    expect(await put(clean)).toBe("closed");
    expect(issue).toMatchObject({ state: "closed", reason: "completed" });
    expect(issue?.body).toContain("Changed by hand: b");
    expect(api.state.comments.map(({ body }) => body.split("\n")[1])).toEqual(["The drift is gone."]);
    expect(await put(clean)).toBe("unchanged");

    // The very same finding, and the very same issue.
    expect(await put(drift("b"))).toBe("reopened");
    expect(issue).toMatchObject({ state: "open", reason: "reopened" });
    expect(await put(clean)).toBe("closed");
    expect(api.state.comments.map(({ body }) => body.split("\n")[1])).toEqual([
      "The drift is gone.",
      "The drift is back.",
      "The drift is gone.",
    ]);
    expect(api.state.issues).toHaveLength(1);
  });

  test("closed by hand it stays so, until something else is found", async () => {
    const { api, put } = await hub();
    await put(drift("a"));
    const [issue] = api.state.issues;
    Object.assign(issue!, { state: "closed", closedAt: "2026-01-02T00:00:00Z" });
    expect(await put(drift("a"))).toBe("unchanged");
    expect(issue?.state).toBe("closed");
    expect(await put(drift("b"))).toBe("reopened");
    Object.assign(issue!, { state: "closed", closedAt: "2026-01-03T00:00:00Z" });
    // Gone, and nobody is told; but the same finding is news after that.
    expect(await put(clean)).toBe("unchanged");
    expect(await put(drift("b"))).toBe("reopened");
    expect(api.state.issues).toHaveLength(1);
  });

  test("is found behind 250 others of the label, beside other stacks, pull requests and what strangers write", async () => {
    const { api, put } = await hub();
    const others = [
      api.state.addIssue(stranger, { body: marker, labels: ["drift"] }),
      api.state.addIssue(octocat, { body: marker, labels: ["drift"], isPull: true }),
      api.state.addIssue(actions, { body: marker }),
      ...Array.from({ length: 250 }, () =>
        api.state.addIssue(actions, { body: "<!-- groundwork: drift of template: production -->", labels: ["Drift"], state: "closed" }),
      ),
    ];
    const before = others.map(({ body, state }) => body + state);
    expect(await put(drift("a"))).toBe("opened");
    for (let n = 0; n < 120; n++) api.state.addIssue(actions, { body: "later", labels: ["drift"] });
    expect(await put(drift("b"))).toBe("updated");
    expect(await put(clean)).toBe("closed");
    expect(others.map(({ body, state }) => body + state)).toEqual(before);
    expect(api.operations.filter((one) => one === "issues/list-for-repo").length).toBeGreaterThan(9);
    // The label was there, and keeps how it looks.
    expect(api.state.labels).toMatchObject([{ name: "drift", color: "ededed" }]);
  });

  test("a colleague who runs it by hand goes on with the workflow's issue, and the other way round", async () => {
    const { api, put } = await hub();
    await put(drift("a"));
    const byHand = await openGitHub(api.environment("ghp_octocat"), hurried);
    expect((await putDriftIssue(byHand, drift("b"))).change).toBe("updated");
    api.state.issues.length = 0;
    expect((await putDriftIssue(byHand, drift("b"))).change).toBe("opened");
    expect(await put(clean)).toBe("closed");
  });

  test.each(["deleted", "transferred"] as const)("one that was %s is followed by another, also when it goes meanwhile", async (gone) => {
    const { api, put } = await hub();
    await put(drift("a"));
    api.state.issues[0]!.gone = gone;
    expect(await put(drift("a"))).toBe("opened");
    api.arrives = ({ operation }) => {
      if (operation === "issues/update") api.state.issues[1]!.gone = gone;
    };
    expect(await put(drift("b"))).toBe("opened");
    api.arrives = () => {};
    expect(api.state.issues.map((issue) => issue.gone)).toEqual([gone, gone, undefined]);
    expect(await put(clean)).toBe("closed");
  });

  test("a lost answer opens none twice", async () => {
    const { api, put } = await hub();
    api.fail("issues/create", { kind: "lost" });
    api.fail("issues/create-label", { kind: "lost" });
    api.fail("issues/list-for-repo", { kind: "error", status: 502 });
    await expect(put(drift("a"))).rejects.toThrow("GitHub gives no answer to POST /repos/acme/web/labels");
    expect(await put(drift("a"))).toBe("opened");
    expect(api.state.issues).toHaveLength(1);
    api.fail("issues/create-comment", { kind: "lost" });
    expect(await put(clean)).toBe("closed");
    expect(api.state.comments).toHaveLength(1);
  });

  test("issues that are switched off are said, with the way out", async () => {
    const { api, put } = await hub();
    api.state.hasIssues = false;
    await expect(put(drift("a"))).rejects.toThrow(
      'acme/web has its issues switched off (410, "Issues has been disabled in this repository."). Switch them on in its settings under General, Features.',
    );
  });
});
