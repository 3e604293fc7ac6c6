import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { openGitHub } from "../../../operations/github/client.ts";
import { explain, GitHubError } from "../../../operations/github/errors.ts";
import { UsageError } from "../../../sandbox/command-line.ts";
import { actions, octocat } from "../../github-api/records.ts";
import { type Fault, GitHubApi } from "../../github-api/server.ts";
import { hurried } from "./hurried.ts";

const place = { owner: "acme", repo: "web" };
const now = new Date("2026-11-21T18:10:30Z");

test.each([
  [{ GITHUB_TOKEN: "" }, "GITHUB_TOKEN is not set. A workflow's step gets it with env: { GITHUB_TOKEN: ${{ github.token }} }"],
  [{ GITHUB_TOKEN: "ghp_a b" }, "GITHUB_TOKEN is no token: it has spaces, line ends or letters that none has"],
  [{ GITHUB_TOKEN: "ghp_ä" }, "GITHUB_TOKEN is no token: it has spaces, line ends or letters that none has"],
  [{ GITHUB_REPOSITORY: undefined }, 'GITHUB_REPOSITORY has to be <owner>/<name>, is ""'],
  [{ GITHUB_REPOSITORY: "web" }, 'GITHUB_REPOSITORY has to be <owner>/<name>, is "web"'],
  [{ GITHUB_REPOSITORY: "a/b/c" }, 'GITHUB_REPOSITORY has to be <owner>/<name>, is "a/b/c"'],
  [{ GITHUB_REPOSITORY: "https://github.com/acme/web" }, 'GITHUB_REPOSITORY has to be <owner>/<name>, is "https://github.com/acme/web"'],
  [{ GITHUB_API_URL: "github.com" }, 'GITHUB_API_URL has to be an https address, as https://api.github.com, is "github.com"'],
  // A token in the clear.
  [
    { GITHUB_API_URL: "http://api.github.com" },
    'GITHUB_API_URL has to be an https address, as https://api.github.com, is "http://api.github.com"',
  ],
])("the environment %j is refused before anything is asked", async (wrong, words) => {
  const error: unknown = await openGitHub({ GITHUB_TOKEN: "ghp_x", GITHUB_REPOSITORY: "acme/web", ...wrong }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toBe(words);
});

test("each refusal says what helps", () => {
  const told = (path: string, status: number, message: string, headers: Record<string, string> = {}): string =>
    explain({ method: "POST", path, repository: "acme/web", answer: { status, message, headers } }, now);
  const comments = "/repos/acme/web/issues/7/comments";
  const reset = (minutes: number) => ({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now.getTime() / 1000 + minutes * 60) });
  const accepts = (permissions: string) => ({ "x-accepted-github-permissions": permissions });
  expect([
    told(comments, 401, "Bad credentials"),
    told(comments, 403, "Resource not accessible by integration", accepts("issues=write; pull_requests=write")),
    told(comments, 403, "Resource not accessible by integration", accepts("contents=read,pull_requests=write")),
    told(comments, 403, "Resource not accessible by integration"),
    told(comments, 403, "Resource not accessible by personal access token", accepts("issues=write")),
    told(comments, 403, "Unable to create comment because issue is locked."),
    told(comments, 403, "Repository was archived so is read-only."),
    told("/repos/acme/web/pulls/7", 404, "Not Found"),
    told("/repos/acme/web/issues", 404, "Not Found"),
    told("/repos/acme/web/issues", 410, "Issues has been disabled in this repository."),
    told(comments, 422, "Validation Failed: Body is too long"),
    told(comments, 403, "API rate limit exceeded", reset(31)),
    told(comments, 429, "API rate limit exceeded", reset(0.1)),
    told(comments, 403, "You have exceeded a secondary rate limit", { "retry-after": "120" }),
    told(comments, 403, "You have exceeded a secondary rate limit"),
    told(comments, 502, "Bad Gateway"),
    explain({ method: "GET", path: "/user", repository: "acme/web", reason: "connect ECONNREFUSED 127.0.0.1:1" }, now),
  ]).toMatchInlineSnapshot(`
    [
      "GitHub does not know the token in GITHUB_TOKEN (401, "Bad credentials"). In a workflow it is \${{ github.token }}; one of your own may have expired.",
      "The token in GITHUB_TOKEN may not do this in acme/web: POST /repos/acme/web/issues/7/comments (403, "Resource not accessible by integration"). Add to the job in the workflow: permissions: { issues: write } or { pull-requests: write }. Runs of forks and of Dependabot can only read, whatever it says.",
      "The token in GITHUB_TOKEN may not do this in acme/web: POST /repos/acme/web/issues/7/comments (403, "Resource not accessible by integration"). Add to the job in the workflow: permissions: { contents: read, pull-requests: write }. Runs of forks and of Dependabot can only read, whatever it says.",
      "The token in GITHUB_TOKEN may not do this in acme/web: POST /repos/acme/web/issues/7/comments (403, "Resource not accessible by integration"). GitHub does not say which permission it lacks.",
      "The token in GITHUB_TOKEN may not do this in acme/web: POST /repos/acme/web/issues/7/comments (403, "Resource not accessible by personal access token"). It needs the permissions { issues: write }.",
      "#7 in acme/web is locked, so nothing can be written there (403, "Unable to create comment because issue is locked."). Unlock it, and run this again.",
      "GitHub refuses POST /repos/acme/web/issues/7/comments (403, "Repository was archived so is read-only.")",
      "There is no pull request 7 in acme/web, or the token in GITHUB_TOKEN may not see it (404, "Not Found").",
      "There is no repository acme/web (GITHUB_REPOSITORY), or the token in GITHUB_TOKEN may not see it (404, "Not Found").",
      "acme/web has its issues switched off (410, "Issues has been disabled in this repository."). Switch them on in its settings under General, Features.",
      "GitHub refuses POST /repos/acme/web/issues/7/comments (422, "Validation Failed: Body is too long")",
      "This token's requests to GitHub are used up: it goes on at 18:42 UTC, in 31 minutes (403, "API rate limit exceeded"). Run it again then.",
      "This token's requests to GitHub are used up: it goes on at 18:11 UTC, in 1 minute (429, "API rate limit exceeded"). Run it again then.",
      "GitHub asks for a pause, since much was written in a short time: it goes on at 18:13 UTC, in 2 minutes (403, "You have exceeded a secondary rate limit"). Run it again then.",
      "GitHub asks for a pause, since much was written in a short time: it goes on at 18:12 UTC, in 1 minute (403, "You have exceeded a secondary rate limit"). Run it again then.",
      "GitHub is in trouble: POST /repos/acme/web/issues/7/comments failed (502, "Bad Gateway"). Run it again later; https://www.githubstatus.com tells when.",
      "GitHub gives no answer to GET /user: connect ECONNREFUSED 127.0.0.1:1. Is GITHUB_API_URL right, and GitHub up (https://www.githubstatus.com)?",
    ]
  `);
});

test("GitHub's own refusals come out as such errors, and a token in none of them", async () => {
  const api = await GitHubApi.start();
  api.state.addIssue(octocat, { isPull: true });
  api.tokens.set("ghs_reads", { ...actions, permissions: { issues: "read", pull_requests: "read" } });
  const comment = async (token: string, number = 1): Promise<GitHubError> => {
    const { rest } = await openGitHub(api.environment(token), hurried);
    const error: unknown = await rest.issues
      .createComment({ ...place, issue_number: number, body: "x" })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GitHubError);
    expect(JSON.stringify([error, (error as Error).stack, (error as Error).cause])).not.toContain(token);
    return error as GitHubError;
  };
  expect(await comment("ghs_unknown_to_github")).toMatchObject({ status: 401 });
  const refused = await comment("ghs_reads");
  expect(refused.status).toBe(403);
  expect(refused.message).toContain("permissions: { issues: write } or { pull-requests: write }.");
  expect(await comment("ghs_one", 2)).toMatchObject({ status: 404 });
  expect(api.operations).toHaveLength(3);
});

describe("what GitHub cannot answer at once", () => {
  const limit = (of: "primary" | "secondary", status: 403 | 429, seconds: number): Fault => ({ kind: "limit", of, status, seconds });
  const get = async (faults: readonly Fault[]) => {
    const api = await GitHubApi.start();
    api.state.addLabel("drift");
    for (const fault of faults) {
      api.fail("issues/get-label", fault);
      api.fail("issues/create-comment", fault);
    }
    api.state.addIssue(octocat);
    const { rest } = await openGitHub(api.environment(), { ...hurried, timeout: 300 });
    const read = (): Promise<unknown> => rest.issues.getLabel({ ...place, name: "drift" });
    const create = (): Promise<unknown> => rest.issues.createComment({ ...place, issue_number: 1, body: "x" });
    return { api, read, create };
  };

  test.each<[string, readonly Fault[]]>([
    ["trouble, three times", Array.from({ length: 3 }, () => ({ kind: "error", status: 503 }) as const)],
    ["an answer that is lost", [{ kind: "lost" }]],
    ["an answer that does not come", [{ kind: "slow", milliseconds: 5000 }]],
    ["limits that end soon", [limit("primary", 403, 1), limit("secondary", 403, 1)]],
    ["limits that end soon, by their other status", [limit("primary", 429, 1), limit("secondary", 429, 1)]],
  ])("%s: a read waits, and is answered", async (_, faults) => {
    const { api, read } = await get(faults);
    await read();
    expect(api.operations).toHaveLength(faults.length + 1);
  });

  test.each<[string, Fault, number]>([
    ["trouble", { kind: "error", status: 502 }, 0],
    ["an answer that is lost", { kind: "lost" }, 1],
    ["an answer that does not come", { kind: "slow", milliseconds: 1000 }, 1],
  ])("%s: what makes something new is not sent twice", async (_, fault, made) => {
    const { api, create } = await get([fault]);
    const error: unknown = await create().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "Error", mayBeDone: true });
    expect(api.operations).toHaveLength(1);
    // A slow answer's effect comes when it comes.
    await expect.poll(() => api.state.comments.length, { timeout: 3000 }).toBe(made);
  });

  test("a limit has kept what makes something new from happening, so that it is sent again", async () => {
    const { api, create } = await get([limit("secondary", 403, 1)]);
    await create();
    expect(api.state.comments).toHaveLength(1);
  });

  test("a limit that ends late is said with its end, at once", async () => {
    for (const [fault, words] of [
      [
        limit("primary", 403, 3000),
        /^This token's requests to GitHub are used up: it goes on at \d\d:\d\d UTC, in 5[01] minutes \(403, "API rate limit exceeded/,
      ],
      [
        limit("secondary", 429, 600),
        /^GitHub asks for a pause, since much was written in a short time: it goes on at \d\d:\d\d UTC, in 10 minutes \(429, "You have/,
      ],
    ] as const) {
      const { api, read } = await get([fault]);
      await expect(read()).rejects.toThrow(words);
      expect(api.operations).toHaveLength(1);
    }
  });

  test("trouble that stays is said after four attempts, a limit that stays after three", async () => {
    const trouble = await get(Array.from({ length: 9 }, () => ({ kind: "error", status: 500 }) as const));
    await expect(trouble.read()).rejects.toThrow("GitHub is in trouble: GET /repos/acme/web/labels/drift failed");
    expect(trouble.api.operations).toHaveLength(4);
    const limited = await get(Array.from({ length: 9 }, () => limit("secondary", 403, 1)));
    await expect(limited.read()).rejects.toThrow("GitHub asks for a pause");
    expect(limited.api.operations).toHaveLength(3);
  });
});

test("nobody there, and somebody who sends the token back", async () => {
  const server = createServer(
    (request, response) => void response.writeHead(418).end(JSON.stringify({ message: request.headers.authorization })),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { GITHUB_TOKEN: "ghp_secret", GITHUB_REPOSITORY: "acme/web", GITHUB_API_URL: `${address}/api/v3/` };
  onTestFinished(() => void server.close());
  const { rest } = await openGitHub(env, hurried);
  await expect(rest.issues.createComment({ ...place, issue_number: 1, body: "x" })).rejects.toThrow(
    'GitHub refuses POST /repos/acme/web/issues/1/comments (418, "',
  );
  await expect(rest.issues.createComment({ ...place, issue_number: 1, body: "x" })).rejects.not.toThrow("ghp_secret");
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  await expect(rest.users.getAuthenticated()).rejects.toThrow(
    /^GitHub gives no answer to GET \/user: connect ECONNREFUSED 127\.0\.0\.1:\d+\. Is GITHUB_API_URL right, and GitHub up/,
  );
});

test("writes keep their distance, as GitHub asks for", async () => {
  const api = await GitHubApi.start();
  api.state.addIssue(octocat);
  const { rest } = await openGitHub(api.environment(), { ...hurried, spaced: true });
  const { data } = await rest.issues.createComment({ ...place, issue_number: 1, body: "x" });
  const begin = performance.now();
  await rest.issues.updateComment({ ...place, comment_id: data.id, body: "y" });
  expect(performance.now() - begin).toBeGreaterThan(800);
});
