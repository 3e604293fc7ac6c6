import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { deploy, failureText, type Surroundings } from "../../operations/deploy.ts";
import { heldText, withoutLockAdvice } from "../../operations/held-stack.ts";
import type { Pulumi } from "../../operations/pulumi.ts";
import { nobody } from "../../operations/unlock.ts";
import { captured } from "../../sandbox/captured.ts";

const ann = "ann@elsewhere (process 7, since 2026-01-02T03:04:05Z)";
const serving = { number: 4 } as NonNullable<Parameters<typeof failureText>[1]["serving"]>;
const unlock = "npm run ops -- unlock --stack staging";
/** The engine's own words. */
const locked = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.`;

test.each([
  [true, `staging is being changed by ${ann}, which still runs. Wait for it to end, then run this again.`],
  [false, `staging is held by ${ann}, a run that was killed. First: ${unlock}`],
  ["unknown", `staging is held by ${ann}, on another machine. Wait for it to end; if it was killed: ${unlock}`],
] as const)("a holder that lives (%s) has its own way out", (alive, said) => expect(heldText("staging", { text: ann, alive })).toBe(said));

test("nobody, and who cannot be seen, stop no run", () => {
  expect(heldText("staging", nobody)).toBeUndefined();
  expect(heldText("staging", undefined)).toBeUndefined();
});

test("a pulumi that was killed is told as that, with what to do first", async () => {
  const result = await captured(spawn("sh", ["-c", "echo begun; kill -9 $$"], { stdio: ["ignore", "pipe", "pipe"] }));
  expect(result).toMatchObject({ code: 255, signal: "SIGKILL" });
  expect(failureText("staging", { serving, failure: undefined }, result)).toBe(
    `the deployment of staging failed; release 4 still serves. pulumi was killed (SIGKILL), so nobody saw the end of it, and staging stays locked. First: ${unlock}. The next run finishes what was begun.`,
  );
});

test.each([
  [{ text: ann, alive: true }, `staging is being changed by ${ann}, which still runs. Wait for it to end, then run this again.`],
  [nobody, "Somebody else was changing staging at the same time, and has ended. Run this again."],
  [undefined, `Somebody else is changing staging, or a run was killed: ${unlock}`],
] as const)("a run that met another one (%o) says what to do, and passes on no advice to take its lock away", (holder, said) =>
  expect(failureText("staging", { serving, failure: undefined }, { stdout: "", stderr: locked }, holder)).toBe(
    `nothing was done in this run. ${said}`,
  ),
);

test("the engine's words on the screen lose that advice too, and nothing else", () => {
  const told = `Updating (staging):\n${locked}\n  file:///state/1.json: created by ann@elsewhere (pid 7)\n`;
  expect(withoutLockAdvice(told)).toBe(
    "Updating (staging):\nerror: the stack is currently locked by 1 lock(s).\n  file:///state/1.json: created by ann@elsewhere (pid 7)\n",
  );
});

test.each([
  ["before the plan", 0, false],
  ["while the plan was read", 1, true],
])("nothing is begun where somebody has begun %s", async (_, free, isPlanned) => {
  const called: string[] = [];
  let looks = 0;
  const answers: Readonly<Record<string, string>> = { preview: '{"steps":[]}', stack: '{"deployment":{"resources":[]}}' };
  const pulumi = {
    capture: ([verb = ""]: readonly string[]) => {
      called.push(verb);
      return Promise.resolve({ code: 0, stdout: answers[verb] ?? "", stderr: "" });
    },
    show: () => Promise.reject(new Error("up was begun")),
    stackFile: () => "",
    passphraseOf: () => undefined,
    stacks: [],
  } as unknown as Pulumi;
  const around: Surroundings = {
    pulumi,
    cloud: undefined,
    say: () => undefined,
    progress: process.stdout,
    confirm: () => Promise.resolve(true),
    holder: () => Promise.resolve(looks++ < free ? nobody : { text: ann, alive: true }),
  };
  await expect(deploy({ stack: "staging", images: {} }, around)).rejects.toThrow(`staging is being changed by ${ann}, which still runs.`);
  expect(called.includes("preview")).toBe(isPlanned);
});

test("any other failure says what returns, and why", () => {
  const text = failureText("staging", { serving, failure: undefined }, { stdout: "  error: 422 no\n", stderr: "error: 422 no\n" });
  expect(text).toBe(
    "the deployment of staging failed; release 4 still serves. The next run without new images returns to it and says so.\n  422 no",
  );
});

test("what is gone from the cloud is told with the run that leads out, since every other one ends like this", () => {
  const refused = (path: string) => `error: PUT https://api.digitalocean.com/v2/${path}: 404 (request "x") not found\n`;
  const text = (path: string, more = {}) =>
    failureText("staging", { serving, failure: undefined, choice: " --sandbox", ...more }, { stdout: "", stderr: refused(path) });
  expect(text("apps/1b2c")).toMatch(
    /^the deployment of staging failed; the App is gone from the cloud, so nothing serves\. .*: npm run sandbox -- up --refresh --stack staging\n/,
  );
  expect(text("apps/1b2c", { choice: "" })).toContain(": pulumi up --refresh --stack staging\n");
  expect(text("domains/example.com/records/1")).toMatch(/release 4 still serves\. .* the way back: npm run ops -- drift --stack staging\n/);
  expect(text("domains/example.com/records/1", { isGone: true })).toContain("up --refresh --stack staging");
  // A read that finds nothing is another thing.
  const read = { stdout: "", stderr: "error: GET https://api.digitalocean.com/v2/apps/1b2c: 404 not found\n" };
  expect(failureText("staging", { serving, failure: undefined }, read)).not.toContain("--refresh");
});
