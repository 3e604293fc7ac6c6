import { expect, test } from "vitest";
import { costOfState, runningCost } from "../../operations/cost/running.ts";
import type { FullState } from "../../operations/plan/steps.ts";
import { costWords } from "../../operations/status/cost.ts";

const mark = "4dabf18193072939515e22adb298388d";
const services = (count: number): unknown => [
  {
    name: "backend",
    instanceSizeSlug: "apps-s-1vcpu-1gb",
    instanceCount: count,
    envs: [{ key: "KEY", type: "SECRET", value: { [mark]: "1b47061264138c4ac30d75fd1eb44270", plaintext: '"planted"' } }],
  },
];
/** A state with an App, whose services are one secret, as the engine has them. */
const state = (count: number): FullState => ({
  deployment: {
    resources: [
      {
        urn: "urn:pulumi:staging::template::digitalocean:index/app:App::app",
        type: "digitalocean:index/app:App",
        custom: true,
        inputs: { spec: { services: { [mark]: "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(services(count)) } } },
      },
    ],
  },
});
const total = (usd: number) => ({ usd, most: usd, incomplete: false });

test("a stack's bill is that of what it holds, though its sizes stand beside secrets", async () => {
  expect(costOfState(state(3))).toEqual(total(36));
  expect(costOfState({ deployment: {} })).toBeUndefined();
  const asked: string[][] = [];
  const capture = (code: number) => (args: readonly string[]) => {
    asked.push([...args]);
    return Promise.resolve({ code, stdout: JSON.stringify(state(2)), stderr: "" });
  };
  expect(await runningCost({ capture: capture(0) }, "staging")).toEqual(total(24));
  expect(asked).toEqual([["stack", "export", "--stack", "staging", "--show-secrets"]]);
  // Nobody has the passphrase.
  expect(await runningCost({ capture: capture(255) }, "staging")).toBeUndefined();
});

test("an edited stack file that is not deployed is no bill: it is told beside it", () => {
  const words = (running: number | undefined, planned: number | undefined, isWrong = false) =>
    costWords({
      running: running === undefined ? undefined : total(running),
      planned: planned === undefined ? undefined : total(planned),
      isWrong,
    });
  expect(words(59.15, 47.15)).toBe("59.15 USD a month; the stack file, not deployed yet, makes it 47.15 USD a month");
  expect(words(59.15, 59.15)).toBe("59.15 USD a month");
  expect(words(59.15, undefined)).toBe("59.15 USD a month");
  expect(words(undefined, 47.15)).toBe("47.15 USD a month by its stack file");
  expect(words(undefined, undefined)).toBeUndefined();
  expect(words(undefined, undefined, true)).toBe("cost unknown: the stack file is wrong (npm run check)");
  expect(words(59.15, undefined, true)).toBe("59.15 USD a month; the stack file is wrong (npm run check)");
});
