import { describe, expect, test } from "vitest";
import { openGitHub } from "../../operations/github/client.ts";
import { hurried } from "../operations/github/hurried.ts";
import { jsonSchema } from "./description.ts";
import { excerpt } from "./extract.ts";
import { operations } from "./operations.ts";
import { octocat } from "./records.ts";
import { GitHubApi } from "./server.ts";

const place = { owner: "acme", repo: "web" };
const headers = {
  "user-agent": "test",
  accept: "application/vnd.github+json",
  authorization: "Bearer ghs_one",
  "content-type": "application/json",
  "x-github-api-version": "2022-11-28",
};

test("every operation that it knows is answered in the published form", async () => {
  const api = await GitHubApi.start();
  api.state.addIssue(octocat, { isPull: true });
  const { rest } = await openGitHub(api.environment("ghp_octocat"), hurried);
  const label = { ...place, name: "drift" };
  await rest.users.getAuthenticated();
  await rest.repos.get(place);
  await rest.pulls.get({ ...place, pull_number: 1 });
  await rest.issues.createLabel({ ...label, color: "d93f0b", description: "x" });
  await rest.issues.getLabel(label);
  await rest.issues.listLabelsForRepo(place);
  const { data: issue } = await rest.issues.create({ ...place, title: "t", body: "b", labels: ["drift", "new"] });
  await rest.issues.update({ ...place, issue_number: issue.number, state: "closed", state_reason: "not_planned", labels: [] });
  expect((await rest.issues.get({ ...place, issue_number: issue.number })).data).toMatchObject({
    number: 2,
    state: "closed",
    state_reason: "not_planned",
    closed_by: { login: "octocat" },
    labels: [],
  });
  expect((await rest.issues.listForRepo({ ...place, state: "all" })).data.map(({ number }) => number)).toEqual([2, 1]);
  const { data: comment } = await rest.issues.createComment({ ...place, issue_number: 1, body: "x" });
  await rest.issues.updateComment({ ...place, comment_id: comment.id, body: "y" });
  expect((await rest.issues.getComment({ ...place, comment_id: comment.id })).data.body).toBe("y");
  expect((await rest.issues.listComments({ ...place, issue_number: 1 })).data).toHaveLength(1);
  await rest.pulls.listFiles({ ...place, pull_number: 1 });
  await rest.repos.listPullRequestsAssociatedWithCommit({ ...place, commit_sha: "0".repeat(40) });
  await rest.repos.compareCommitsWithBasehead({ ...place, basehead: `${"0".repeat(40)}...${"1".repeat(40)}` });
  await rest.issues.deleteComment({ ...place, comment_id: comment.id });
  const known = Object.values(operations).flatMap((methods): string[] => Object.values(methods));
  expect([...new Set<string>(api.operations)].sort()).toEqual(known.sort());
});

describe("a request that is not as published makes the test fail", () => {
  test.each<[method: string, path: string, change: { body?: string; headers?: Record<string, string> }, problem: string]>([
    ["GET", "/repos/acme/web/stargazers", {}, "GET /repos/acme/web/stargazers is not published, or not known here"],
    ["PUT", "/repos/acme/web/issues/1", {}, "PUT /repos/acme/web/issues/1 is not published, or not known here"],
    ["GET", "/repos/acme/web/issues?stat=all", {}, "GET /repos/acme/web/issues: unknown query parameter stat"],
    ["GET", "/repos/acme/web/issues?state=shut", {}, "state body must be equal to one of the allowed values"],
    ["GET", "/repos/acme/web/issues?per_page=101", {}, "per_page must be 1 to 100, is 101"],
    ["GET", "/repos/acme/web/issues/one", {}, "issue_number body must be integer"],
    ["GET", "/repos/acme/web/labels", { headers: { "user-agent": "" } }, "the header User-Agent is missing"],
    ["GET", "/repos/acme/web/labels", { headers: { accept: "text/html" } }, 'GitHub is asked for "text/html", not for JSON of its API'],
    ["GET", "/repos/acme/web/labels", { headers: { "x-github-api-version": "2020-01-01" } }, "X-GitHub-Api-Version names no version"],
    ["POST", "/repos/acme/web/issues", {}, "POST /repos/acme/web/issues: needs a body"],
    [
      "POST",
      "/repos/acme/web/issues",
      { body: '{"title":"t","text":"x"}' },
      'NOT have additional properties {"additionalProperty":"text"}',
    ],
    ["POST", "/repos/acme/web/issues", { body: '{"body":"x"}' }, "must have required property 'title'"],
    ["PATCH", "/repos/acme/web/issues/1", { body: '{"state":"shut"}' }, "/state must be equal to one of the allowed values"],
    [
      "POST",
      "/repos/acme/web/issues",
      { body: '{"title":"t"}', headers: { "content-type": "text/plain" } },
      "the body is not said to be JSON",
    ],
    ["DELETE", "/repos/acme/web/issues/comments/1", { body: "{}" }, "DELETE /repos/acme/web/issues/comments/1: takes no body"],
  ])("%s %s %j", async (method, path, change, problem) => {
    const api = await GitHubApi.start();
    await fetch(api.url + path, {
      method,
      headers: { ...headers, ...change.headers },
      ...(change.body === undefined ? {} : { body: change.body }),
    });
    expect(api.problems.join("\n")).toContain(problem);
    await expect(api.stop()).rejects.toThrow(problem);
  });

  test("so does an answer of its own that is not", async () => {
    const api = await GitHubApi.start();
    api.state.addComment(octocat, api.state.addIssue(octocat).number, "x").updatedAt = "yesterday";
    await fetch(`${api.url}/repos/acme/web/issues/1/comments`, { headers });
    await expect(api.stop()).rejects.toThrow('our answer to issues/list-comments: /0/updated_at must match format "date-time"');
  });
});

describe("it answers as GitHub does", () => {
  const ask = async (api: GitHubApi, path: string, more: RequestInit = {}) => {
    const answer = await fetch(api.url + path, { headers, ...more });
    return {
      status: answer.status,
      link: answer.headers.get("link"),
      headers: answer.headers,
      body: (await answer.json()) as Record<string, unknown>,
    };
  };

  test("in pages of 30 or as many as asked for, with links by the repository's id", async () => {
    const api = await GitHubApi.start();
    for (let n = 0; n < 31; n++) api.state.addIssue(octocat, { labels: ["Drift"] });
    const link = (page: number, rel: string, size = 10): string =>
      `<${api.url}/repositories/1296269/issues?labels=drift&per_page=${size}&page=${page}>; rel="${rel}"`;
    const first = await ask(api, "/repos/acme/web/issues");
    expect(Object.values(first.body)).toHaveLength(30);
    const second = await ask(api, "/repos/acme/web/issues?labels=drift&per_page=10&page=2");
    expect(second.link).toBe([link(1, "prev"), link(3, "next"), link(4, "last"), link(1, "first")].join(", "));
    const last = await ask(api, "/repositories/1296269/issues?labels=drift&per_page=10&page=4");
    expect(last).toMatchObject({ link: [link(3, "prev"), link(1, "first")].join(", "), body: [{ number: 1 }] });
    expect((await ask(api, "/repos/acme/web/issues?per_page=31&direction=asc")).link).toBeNull();
    expect((await ask(api, "/repos/acme/web/issues?labels=drift,bug")).body).toEqual([]);
  });

  test("ids and times only grow", async () => {
    const api = await GitHubApi.start();
    const made = [api.state.addIssue(octocat), api.state.addComment(octocat, 1, "a"), api.state.addComment(octocat, 1, "b")];
    expect(made.map(({ id }) => id)).toEqual(made.map(({ id }) => id).toSorted((a, b) => a - b));
    expect(new Set(made.map(({ createdAt }) => createdAt)).size).toBe(3);
  });

  test("refusals have its status and its words", async () => {
    const api = await GitHubApi.start();
    api.state.addIssue(octocat);
    api.tokens.set("ghs_reads", { login: "app[bot]", id: 5, type: "Bot", permissions: { issues: "read" } });
    const reader = { ...headers, authorization: "Bearer ghs_reads" };
    const post = (path: string, body: object, by = headers) =>
      ask(api, `/repos/acme/web${path}`, { method: "POST", headers: by, body: JSON.stringify(body) });
    expect(await ask(api, "/user")).toMatchObject({ status: 403, body: { message: "Resource not accessible by integration" } });
    expect((await ask(api, "/user", { headers: { ...headers, authorization: "Bearer ghp_octocat" } })).body).toMatchObject({
      login: "octocat",
    });
    expect(await ask(api, "/repos/acme/other")).toMatchObject({ status: 404, body: { message: "Not Found" } });
    const refused = await post("/issues/1/comments", { body: "x" }, reader);
    expect(refused).toMatchObject({ status: 403, body: { message: "Resource not accessible by integration" } });
    expect(refused.headers.get("x-accepted-github-permissions")).toBe("issues=write; pull_requests=write");
    const invalid = (error: object) => ({ status: 422, body: { message: "Validation Failed", errors: [error] } });
    expect(await post("/labels", { name: "red", color: "f29513" })).toMatchObject({ status: 201 });
    expect(await post("/labels", { name: "Red" })).toMatchObject(invalid({ resource: "Label", code: "already_exists", field: "name" }));
    expect(await post("/labels", { name: "x", color: "#fff" })).toMatchObject(
      invalid({ resource: "Label", code: "invalid", field: "color" }),
    );
    const long = "x".repeat(65_537);
    expect(await post("/issues/1/comments", { body: long })).toMatchObject(
      invalid({
        resource: "IssueComment",
        code: "unprocessable",
        field: "data",
        message: "Body is too long (maximum is 65536 characters)",
      }),
    );
    expect(await post("/issues", { title: "t", body: long })).toMatchObject(
      invalid({ resource: "Issue", code: "custom", field: "body", message: "body is too long (maximum is 65536 characters)" }),
    );
    // What is not ASCII counts by character.
    expect(await post("/issues/1/comments", { body: "😀".repeat(65_536) })).toMatchObject({ status: 201 });
  });
});

test("an excerpt takes what it refers to along, and nothing that is not published", () => {
  const description = (name: string): Record<string, unknown> => ({
    openapi: "3.0.3",
    paths: Object.fromEntries(
      Object.entries(operations).map(([path, methods]) => [
        path,
        Object.fromEntries(
          Object.entries(methods).map(([method, operationId]) => [
            method,
            {
              operationId: operationId === "issues/create" ? name : operationId,
              description: "long",
              schema: { $ref: "#/components/schemas/a" },
            },
          ]),
        ),
      ]),
    ),
    components: {
      schemas: {
        a: { properties: { description: { type: "string", description: "words" }, b: { $ref: "#/components/schemas/b" } } },
        b: { properties: { a: { $ref: "#/components/schemas/a" } } },
        unused: {},
      },
    },
  });
  expect(excerpt(description("issues/create"))["components"]).toEqual({
    schemas: {
      a: { properties: { description: { type: "string" }, b: { $ref: "#/components/schemas/b" } } },
      b: { properties: { a: { $ref: "#/components/schemas/a" } } },
    },
  });
  expect(() => excerpt(description("issues/make"))).toThrow("the description has no post /repos/{owner}/{repo}/issues named issues/create");
});

test("what OpenAPI calls nullable may be null", () => {
  expect(jsonSchema({ type: "string", nullable: true, enum: ["a"] })).toEqual({
    anyOf: [{ type: "null" }, { type: "string", enum: ["a"] }],
  });
  expect(jsonSchema({ properties: { nullable: { type: "boolean" } } })).toEqual({ properties: { nullable: { type: "boolean" } } });
});
