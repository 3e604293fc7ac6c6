import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { markerOf, sectionsOf } from "../../operations/comment/merge.ts";
import { publish } from "../../operations/comment/publish.ts";
import { openGitHub } from "../../operations/github/client.ts";
import { actions, octocat } from "../github-api/records.ts";
import { type Fault, GitHubApi } from "../github-api/server.ts";
import { hurried } from "./github/hurried.ts";

const section = (stack: string) => ({ meta: { stack, rank: 1, changes: "1 resource", hurts: "" }, body: `about ${stack}` });

/** A pull request 1, and how to write a stack's part of its comment. */
async function pullRequest(second: number) {
  const api = await GitHubApi.start();
  api.state.addIssue(octocat, { isPull: true });
  const write = async (token: string, stack: string) =>
    publish({ github: await openGitHub(api.environment(token), { ...hurried, second }), number: 1, head: "c0ffee" }, "template", [
      section(stack),
    ]);
  const stacks = () => sectionsOf(api.state.comments[0]?.body).map(({ meta }) => meta.stack);
  return { api, write, stacks };
}

test("a run whose part is taken out by another one's late edit writes it again", async () => {
  const { api, write, stacks } = await pullRequest(100);
  await write("ghs_one", "shared");
  // The second has read before the first writes, and writes after it: before the first looks again, if that takes its time.
  let [isHeld, hasWritten] = [false, false];
  const { promise: looked, resolve: looks } = Promise.withResolvers<void>();
  const { promise: wrote, resolve: writes } = Promise.withResolvers<void>();
  api.arrives = async ({ operation, token }) => {
    if (token === "ghs_one" && operation === "issues/update-comment") {
      hasWritten = true;
      writes();
    } else if (token === "ghs_one" && hasWritten) {
      looks();
    } else if (token === "ghs_two" && operation === "issues/update-comment" && !isHeld) {
      isHeld = true;
      await wrote;
      await Promise.race([wait(200), looked.then(() => wait(50))]);
    }
  };
  const late = write("ghs_two", "production");
  await expect.poll(() => isHeld, { timeout: 10_000 }).toBe(true);
  await Promise.all([late, write("ghs_one", "staging")]);
  expect(stacks().toSorted()).toEqual(["production", "shared", "staging"]);
  expect(api.state.comments).toHaveLength(1);
});

test.each<[string, Fault]>([
  ["a limit", { kind: "limit", of: "secondary", status: 403, seconds: 40 }],
  ["trouble", { kind: "error", status: 502 }],
  ["an answer that is lost", { kind: "lost" }],
])("%s: an edit that has to wait is made of what stands there then", async (_, fault) => {
  const { api, write, stacks } = await pullRequest(10);
  await write("ghs_one", "shared");
  const { promise: failed, resolve: fails } = Promise.withResolvers<void>();
  const { promise: wrote, resolve: writes } = Promise.withResolvers<void>();
  let edits = 0;
  api.fail("issues/update-comment", fault);
  api.arrives = async ({ operation, token }) => {
    if (token !== "ghs_two") return;
    if (operation === "issues/update-comment") edits += 1;
    if (operation === "issues/update-comment" && edits === 1) fails();
    // What it sends next comes when the other one has been and gone.
    else if (edits > 0) await wrote;
  };
  const late = write("ghs_two", "production");
  await failed;
  await write("ghs_one", "staging");
  writes();
  await late;
  expect(stacks().toSorted()).toEqual(["production", "shared", "staging"]);
});

test("where that happens each time, it says so in the end", async () => {
  const { api, write } = await pullRequest(1);
  const standing = api.state.addComment(actions, 1, markerOf("template"));
  api.arrives = ({ operation }) => {
    if (operation === "issues/list-comments") standing.body = `${markerOf("template")}\nof somebody else`;
  };
  await expect(write("ghs_one", "staging")).rejects.toThrow(
    "the comment on pull request 1 was written 6 times, and another run has taken our part out of it each time",
  );
});
