import { expect, test } from "vitest";
import { type DigitalOceanError, openDigitalOcean } from "../../operations/digitalocean.ts";
import { type Pace, type Question, request } from "../../operations/http.ts";
import { type Reply, server } from "./loopback/http.ts";

const quick: Pace = { second: 5, timeout: 300, tries: 4 };

/** How often it is asked by a server that answers like this, and what comes of it. */
async function ask(
  answers: readonly (Reply | "silence")[],
  question: Question = {},
): Promise<{ status: number; asked: number; text: string }> {
  let asked = 0;
  await using other = await server(() => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    return answer === "silence" ? new Promise<Reply>(() => undefined) : answer;
  });
  const { status, text, error } = await request(other.origin, question, quick);
  return { status, asked, text: error ?? text };
}

const limited = (after: string): Reply => ({ status: 429, headers: { "retry-after": after } });

test.each<[string, readonly (Reply | "silence")[], Question, { status: number; asked: number; text?: string }]>([
  ["busy, then there", [limited("0"), { status: 503 }, { body: "x" }], {}, { status: 200, asked: 3, text: "x" }],
  ["in trouble for good", [{ status: 500, body: "why" }], {}, { status: 500, asked: 4, text: "why" }],
  ["a write that says the same when it is done twice", [{ status: 502 }, {}], { method: "PUT", body: "{}" }, { status: 200, asked: 2 }],
  ["something new, turned away for being too many", [limited("0"), {}], { method: "POST", body: "{}" }, { status: 200, asked: 2 }],
  ["something new, that may have been made", [{ status: 500 }, {}], { method: "POST", body: "{}" }, { status: 500, asked: 1 }],
  ["something new, and no answer", ["silence"], { method: "POST", body: "{}" }, { status: 0, asked: 1, text: "no answer in time" }],
  ["no answer, then one", ["silence", {}], {}, { status: 200, asked: 2 }],
  ["a refusal", [{ status: 403 }], {}, { status: 403, asked: 1 }],
])("%s", async (_, answers, question, expected) => {
  expect(await ask(answers, question)).toMatchObject(expected);
});

/** An address at which nobody is any more. */
async function deserted(): Promise<string> {
  await using gone = await server(() => undefined);
  return gone.origin;
}

test("nobody there is no error of ours: it is said why", async () => {
  expect(await request(await deserted(), {}, quick)).toMatchObject({ status: 0, error: "ECONNREFUSED" });
});

test("DigitalOcean's refusals say what is missing; the token is in none of them", async () => {
  const status = { now: 401 };
  await using api = await server(() => ({ status: status.now, body: { message: "no such cluster" } }));
  const environment = { DIGITALOCEAN_TOKEN: "dop_v1_planted", DIGITALOCEAN_API_URL: api.origin };
  const open = (env: NodeJS.ProcessEnv) => openDigitalOcean(env, "keys of Spaces", ["spaces_key:read", "spaces_key:delete"], quick);
  const said = async (code: number): Promise<string> => {
    status.now = code;
    return open(environment)
      .ask("GET", "/v2/x?page=1")
      .then(String, (error: DigitalOceanError) => {
        expect(error.status).toBe(code);
        expect(error.message).not.toContain("planted");
        return error.message;
      });
  };
  expect(await said(401)).toBe("DigitalOcean refuses the token in DIGITALOCEAN_TOKEN. npm run ops -- doctor says more");
  expect(await said(403)).toBe(
    "keys of Spaces: the token in DIGITALOCEAN_TOKEN is not enough: it needs spaces_key:read and spaces_key:delete",
  );
  expect(await said(404)).toBe("DigitalOcean answers 404 to GET /v2/x: no such cluster");
  expect(() => open({})).toThrow(
    "keys of Spaces need DIGITALOCEAN_TOKEN, with spaces_key:read and spaces_key:delete. Set it with: read -rs",
  );
  await expect(open({ ...environment, DIGITALOCEAN_API_URL: await deserted() }).ask("GET", "/v2/x")).rejects.toThrow(
    /^DigitalOcean's API at 127.0.0.1:[0-9]+ does not answer .ECONNREFUSED.$/,
  );
});
