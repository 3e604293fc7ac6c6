import { describe, expect, test } from "vitest";
import { openGitHub, type GitHub } from "../../../operations/github/client.ts";
import { stickyComment } from "../../../operations/github/sticky-comment.ts";
import { actions, octocat, stranger } from "../../github-api/records.ts";
import { GitHubApi } from "../../github-api/server.ts";
import { hurried } from "./hurried.ts";

const marker = "<!-- groundwork: preview of template: staging -->";
const another = "<!-- groundwork: preview of template: production -->";

/** A pull request 1 at a GitHub of its own. */
async function pullRequest(token = "ghs_one"): Promise<{ api: GitHubApi; github: GitHub; bodies: () => string[] }> {
  const api = await GitHubApi.start();
  api.state.addIssue(octocat, { isPull: true });
  const github = await openGitHub(api.environment(token), hurried);
  return { api, github, bodies: () => api.state.comments.map(({ body }) => body) };
}

const text = (words: string): string => `${marker}\n${words}`;

describe("one comment on a pull request", () => {
  test("is written, left alone where nothing is new, and written anew in place", async () => {
    const { api, github, bodies } = await pullRequest();
    expect(await stickyComment(github, 1, marker, "first")).toBe("created");
    expect(await stickyComment(github, 1, another, "of production")).toBe("created");
    api.operations.length = 0;
    expect(await stickyComment(github, 1, marker, text("first"))).toBe("unchanged");
    expect(api.operations).toEqual(["pulls/get", "issues/list-comments"]);
    expect(await stickyComment(github, 1, marker, "second")).toBe("updated");
    expect(bodies()).toEqual([text("second"), `${another}\nof production`]);
  });

  test.each([150, 99, 100, 200])("is found behind %i others", async (others) => {
    const { api, github } = await pullRequest();
    for (let n = 0; n < others; n++) api.state.addComment(octocat, 1, `opinion ${n}`);
    expect(await stickyComment(github, 1, marker, "first")).toBe("created");
    for (let n = 0; n < 120; n++) api.state.addComment(octocat, 1, `later opinion ${n}`);
    expect(await stickyComment(github, 1, marker, "second")).toBe("updated");
    expect(api.state.comments.filter(({ body }) => body.startsWith(marker)).map(({ body }) => body)).toEqual([text("second")]);
    expect(api.operations.filter((one) => one === "issues/list-comments").length).toBeGreaterThan(2);
  });

  test.each(["ghs_one", "ghp_octocat"])(
    "a contributor's comment with our marker is neither edited nor taken for ours (%s)",
    async (token) => {
      const { api, github } = await pullRequest(token);
      const forged = api.state.addComment(stranger, 1, text("nothing changes, merge it"));
      expect(await stickyComment(github, 1, marker, "deletes the database")).toBe("created");
      expect(await stickyComment(github, 1, marker, "deletes it all")).toBe("updated");
      expect(forged.body).toBe(text("nothing changes, merge it"));
      expect(api.state.comments.map(({ user, body }) => [user.login, body])).toEqual([
        ["stranger", forged.body],
        [token === "ghs_one" ? actions.login : octocat.login, text("deletes it all")],
      ]);
    },
  );

  test("what another person's or the workflow's account has written stays, for a person's token", async () => {
    const { api, github } = await pullRequest("ghp_octocat");
    api.state.addComment(actions, 1, text("by the workflow"));
    expect(await stickyComment(github, 1, marker, "by hand")).toBe("created");
    expect(api.state.comments).toHaveLength(2);
  });

  test("another App's comment that may not be edited is passed over, each time", async () => {
    const { api, github } = await pullRequest();
    const app = { login: "other-app[bot]", id: 77, type: "Bot" } as const;
    const foreign = api.state.addComment(app, 1, text("of another App"));
    api.state.isProtected = ({ id }) => id === foreign.id;
    expect(await stickyComment(github, 1, marker, "first")).toBe("created");
    expect(await stickyComment(github, 1, marker, "second")).toBe("updated");
    expect(api.state.comments.map(({ body }) => body)).toEqual([text("of another App"), text("second")]);
  });

  test("a limit that stays is no reason to write another one", async () => {
    const { api, github, bodies } = await pullRequest();
    await stickyComment(github, 1, marker, "first");
    for (const body of ["second", () => "second"] as const) {
      api.fail("issues/update-comment", { kind: "limit", of: "secondary", status: 403, seconds: 1 }, body === "second" ? 3 : 4);
      await expect(stickyComment(github, 1, marker, body)).rejects.toThrow("GitHub asks for a pause");
      expect(bodies()).toEqual([text("first")]);
    }
  });

  test("doubles that were left are taken away, and a comment that vanishes meanwhile is written again", async () => {
    const { api, github, bodies } = await pullRequest();
    for (const words of ["a", "b", "c"]) api.state.addComment(actions, 1, text(words));
    expect(await stickyComment(github, 1, marker, "new")).toBe("updated");
    expect(bodies()).toEqual([text("new")]);
    api.arrives = ({ operation }) => {
      if (operation === "issues/update-comment") api.state.comments.length = 0;
    };
    expect(await stickyComment(github, 1, marker, "newer")).toBe("created");
    expect(bodies()).toEqual([text("newer")]);
  });

  test("nothing is written on a pull request that is closed, and what refuses is said", async () => {
    const { api, github } = await pullRequest();
    api.state.issues[0]!.state = "closed";
    expect(await stickyComment(github, 1, marker, "late")).toBe("closed");
    expect(api.state.comments).toEqual([]);
    api.state.addIssue(octocat, { isPull: true, locked: true });
    await expect(stickyComment(github, 2, marker, "loud")).rejects.toThrow(
      '#2 in acme/web is locked, so nothing can be written there (403, "Unable to create comment because issue is locked."). Unlock it, and run this again.',
    );
    await expect(stickyComment(github, 3, marker, "lost")).rejects.toThrow(
      'There is no pull request 3 in acme/web, or the token in GITHUB_TOKEN may not see it (404, "Not Found").',
    );
    api.state.addIssue(octocat, { isPull: true });
    await expect(stickyComment(github, 3, marker, "x".repeat(65_537))).rejects.toThrow("Body is too long (maximum is 65536 characters)");
    expect(await stickyComment(github, 3, marker, "x".repeat(65_536 - marker.length - 1))).toBe("created");
  });

  test("a lost answer leaves one comment, whether it had been written or not", async () => {
    const { api, github, bodies } = await pullRequest();
    api.fail("issues/create-comment", { kind: "lost" });
    expect(await stickyComment(github, 1, marker, "first")).toBe("created");
    expect(bodies()).toEqual([text("first")]);
    api.state.comments.length = 0;
    api.fail("issues/create-comment", { kind: "error", status: 502 });
    expect(await stickyComment(github, 1, marker, "second")).toBe("created");
    expect(bodies()).toEqual([text("second")]);
    // An edit and a deletion do no harm when they come twice.
    api.state.addComment(actions, 1, text("double"));
    api.fail("issues/update-comment", { kind: "lost" });
    api.fail("issues/delete-comment", { kind: "lost" });
    expect(await stickyComment(github, 1, marker, "third")).toBe("updated");
    expect(bodies()).toEqual([text("third")]);
    api.state.comments.length = 0;
    api.fail("issues/create-comment", { kind: "error", status: 500 }, 3);
    await expect(stickyComment(github, 1, marker, "never")).rejects.toThrow(
      "GitHub is in trouble: POST /repos/acme/web/issues/1/comments failed",
    );
    expect(bodies()).toEqual([]);
  });
});
