import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runQuietly, step } from "../../sandbox/toolchain/common.mjs";
import { gone, start } from "./harness.ts";

function screen(isTTY: boolean): { out: NodeJS.WriteStream; text: () => string } {
  const out = Object.assign(new PassThrough(), { isTTY, columns: 60 });
  let text = "";
  out.on("data", (piece: Buffer) => (text += piece.toString()));
  return { out: out as unknown as NodeJS.WriteStream, text: () => text };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("without a terminal there is a line at the start, every 30 seconds and at the end", async () => {
  const { out, text } = screen(false);
  let finish = (): void => undefined;
  const done = step(
    "building it",
    (detail) => {
      detail("12 modules downloaded");
      return new Promise<void>((resolve) => (finish = resolve));
    },
    out,
  );
  await vi.advanceTimersByTimeAsync(61_000);
  finish();
  await done;
  expect(text()).toBe(
    [
      "groundwork: building it …",
      "groundwork: building it: 12 modules downloaded, 30 s so far",
      "groundwork: building it: 12 modules downloaded, 60 s so far",
      "groundwork: building it: done after 61 s",
      "",
    ].join("\n"),
  );
});

test("on a terminal the seconds tick in place", async () => {
  const { out, text } = screen(true);
  const done = step("building it", () => new Promise<void>((resolve) => setTimeout(resolve, 2500)), out);
  await vi.advanceTimersByTimeAsync(2500);
  await done;
  const clear = "\r\x1b[2K";
  expect(text()).toBe(
    `${clear}groundwork: building it: 0 s${clear}groundwork: building it: 1 s${clear}groundwork: building it: 2 s${clear}groundwork: building it: done after 3 s\n`,
  );
});

test("a failed step says so", async () => {
  const { out, text } = screen(false);
  await expect(step("building it", () => Promise.reject(new Error("no")), out)).rejects.toThrow(new Error("no"));
  expect(text()).toBe("groundwork: building it …\ngroundwork: building it: failed after 0 s\n");
});

test("a command is reported with the last lines of what it wrote", async () => {
  vi.useRealTimers();
  expect(await runQuietly("sh", ["-c", "echo out; echo err >&2"])).toBe("out\n");
  await expect(runQuietly("sh", ["-c", "echo why >&2; exit 3"])).rejects.toThrow(new Error("sh ended with exit code 3: why"));
  await expect(runQuietly("no-such-program", [])).rejects.toThrow(new Error("no-such-program is not on PATH"));
  await expect(runQuietly("sleep", ["60"], { timeout: 100 })).rejects.toThrow(/^sleep took longer than 0.1 s/);
});

test("a command ends with a killed start", async () => {
  vi.useRealTimers();
  const program = `import { runQuietly } from ${JSON.stringify(new URL("../../sandbox/toolchain/common.mjs", import.meta.url).href)};
    await runQuietly("sh", ["-c", "echo pid $$ >&2; exec sleep 60"], { onLine: (line) => console.log(line) });`;
  const started = start(process.execPath, ["--input-type=module", "-e", program]);
  await started.says("pid ");
  started.child.kill("SIGKILL");
  const { stdout } = await started.ended;
  await gone(Number(/pid (\d+)/.exec(stdout)?.[1]), 1000);
});
