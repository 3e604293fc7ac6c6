import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Pipe } from "../../operations/plan/pipe.ts";

test("what is written arrives, and the pipe is gone afterwards", async () => {
  const pipe = new Pipe();
  const text = pipe.read();
  // Opening it waits for the reader, which is a process of its own.
  writeFileSync(pipe.path, "a plan");
  await pipe.release();
  expect(await text).toBe("a plan");
  pipe.remove();
  expect(existsSync(pipe.path)).toBe(false);
});

test("a command that ends at once, before the pipe is read, leaves nobody waiting", { timeout: 10_000 }, async () => {
  const pipe = new Pipe();
  const text = pipe.read();
  await pipe.release();
  expect(await text).toBe("");
  pipe.remove();
});
