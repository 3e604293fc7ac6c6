import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { tellSlack } from "../../operations/slack.ts";

const pace = { timeout: 300, pause: 5 };
const secret = "T0000/B0000/XXXXsecretXXXX";

/** A Slack that answers like this, one after the other; the last one for all that follow. */
async function slack(...answers: ((response: ServerResponse) => void)[]): Promise<{ env: NodeJS.ProcessEnv; heard: unknown[] }> {
  const heard: unknown[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((parts) => {
      heard.push({ type: request.headers["content-type"], path: request.url, ...(JSON.parse(parts.join("")) as object) });
      answers[Math.min(heard.length, answers.length) - 1]!(response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { env: { SLACK_WEBHOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/${secret}` }, heard };
}

const ok = (response: ServerResponse): void => void response.end("ok");
const status =
  (code: number, words: string) =>
  (response: ServerResponse): void =>
    void response.writeHead(code).end(words);
const cut = (response: ServerResponse): void => void response.destroy();

test("Slack hears the text, with nothing in it that is markup", async () => {
  const { env, heard } = await slack(ok);
  expect(await tellSlack("Drift in <staging> & more: https://github.com/acme/web/issues/1", env, pace)).toEqual({ told: true });
  expect(heard).toEqual([
    {
      type: "application/json",
      path: `/services/${secret}`,
      text: "Drift in &lt;staging&gt; &amp; more: https://github.com/acme/web/issues/1",
    },
  ]);
});

test("nobody is told without an address, and one that is none is refused unseen", async () => {
  expect(await tellSlack("x", {}, pace)).toEqual({ told: false });
  for (const wrong of [secret, `http://hooks.slack.com/services/${secret}`, `ftp://hooks.slack.com/${secret}`])
    expect(await tellSlack("x", { SLACK_WEBHOOK_URL: wrong }, pace)).toEqual({
      told: false,
      problem: "SLACK_WEBHOOK_URL is no https address (its value is a secret, so it is not shown)",
    });
});

test.each([
  ["a webhook that was taken away", [status(404, "no_service")], 1, 'it answers 404 ("no_service")'],
  ["a redirect", [status(302, "")], 1, 'it answers 302 ("")'],
  ["trouble", [status(500, "rollup_error")], 3, 'it answers 500 ("rollup_error")'],
  ["a connection that breaks", [cut], 3, "the connection broke (UND_ERR_SOCKET)"],
  ["silence", [() => {}], 3, "no answer in time"],
])("%s is a problem in words, never an error, and never with the address", async (_, answers, times, words) => {
  const { env, heard } = await slack(...answers);
  expect(await tellSlack("x", env, pace)).toEqual({ told: false, problem: `Slack was not told: ${words}` });
  expect(heard).toHaveLength(times);
});

test("an answer that quotes the address does not bring it into the message", async () => {
  const { env } = await slack((response) => void response.writeHead(400).end(`${"x".repeat(60)} ${env["SLACK_WEBHOOK_URL"]}`));
  const { problem } = await tellSlack("x", env, pace);
  expect(problem).toBe(`Slack was not told: it answers 400 ("${"x".repeat(60)} [address]")`);
});

test("trouble that passes is waited for", async () => {
  const { env, heard } = await slack(status(429, "rate_limited"), cut, ok);
  expect(await tellSlack("x", env, pace)).toEqual({ told: true });
  expect(heard).toHaveLength(3);
});
