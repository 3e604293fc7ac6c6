import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { failureText } from "../../operations/deploy.ts";
import { heldText } from "../../operations/held-stack.ts";
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

test("a run that met another one says who it is, and passes on no advice to take its lock away", () => {
  const text = failureText("staging", { serving, failure: undefined }, { stdout: "", stderr: locked }, { text: ann, alive: true });
  expect(text).toBe(
    `the deployment of staging failed; release 4 still serves. staging is being changed by ${ann}, which still runs. Wait for it to end, then run this again.`,
  );
  expect(failureText("staging", { serving, failure: undefined }, { stdout: "", stderr: locked })).toContain(unlock);
});

test("any other failure says what returns, and why", () => {
  const text = failureText("staging", { serving, failure: undefined }, { stdout: "  error: 422 no\n", stderr: "error: 422 no\n" });
  expect(text).toBe(
    "the deployment of staging failed; release 4 still serves. The next run without new images returns to it and says so.\n  422 no",
  );
});
