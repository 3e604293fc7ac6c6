import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { sectionOf } from "../../operations/comment/merge.ts";
import { lookAt } from "../../operations/comment/preview.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import { plainly } from "./previews.ts";
import { openTemplate } from "./template.ts";

// A figure, so nothing runs beside it: what else takes a core takes it from one side more than from the other.

test("a comment on three stacks takes at most 1.1 times as long as three plain previews", { timeout: 300_000 }, async () => {
  await using engine = await openTemplate();
  const pulumi = Pulumi.sandbox(engine.sandbox);
  const stacks = ["shared", "delivery", "staging"];
  for (const stack of stacks) await engine.sandbox.ensureStack(stack);
  const time = async (run: () => Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await run();
    return performance.now() - from;
  };
  const plain = async (): Promise<void> => {
    for (const stack of stacks) await pulumi.capture(["preview", "--stack", stack]);
  };
  const ours = async (): Promise<unknown> => (await lookAt(stacks, { ...plainly, pulumi, atOnce: availableParallelism() })).map(sectionOf);
  // Ours is cold in the first round, as every run of the command is.
  await plain();
  const ratios: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const [before, after] = [await time(plain), await time(ours)];
    ratios.push(after / before);
  }
  const median = ratios.sort((a, b) => a - b)[2] ?? Number.POSITIVE_INFINITY;
  console.info(`ops comment for three stacks: ${ratios.map((one) => one.toFixed(2)).join(", ")} times three plain previews`);
  expect(median).toBeLessThanOrEqual(1.1);
});
