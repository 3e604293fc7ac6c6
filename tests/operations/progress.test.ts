import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { Pulumi } from "../../operations/pulumi.ts";
import { scrubbed, scrubber } from "../../operations/scrub.ts";

/** What a screen was told by a `pulumi` that is this script. */
async function shown(script: string, isTerminal = false): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const pulumi = Pulumi.real("tests/systems/tiny").elsewhere(folder, { PATH: [folder, process.env["PATH"]].join(delimiter) });
  let text = "";
  const screen = new Writable({
    write(piece: Buffer, _, done) {
      text += piece.toString();
      done();
    },
  });
  const to = isTerminal ? Object.assign(screen, { isTTY: true }) : scrubbed(screen, scrubber(["planted-secret"]));
  await pulumi.show(["up"], {}, to);
  if (to !== screen) await new Promise((done) => to.end(done as () => void));
  return text;
}

test("what is said after a run that was killed in the middle of a line begins on a line of its own", async () => {
  expect(await shown("printf '@ updating....'; kill -9 $$")).toBe("@ updating....\n");
  expect(await shown("printf '@ updating planted-secret'; exit 255")).toBe("@ updating [secret]\n");
  expect(await shown("echo whole; kill -9 $$")).toBe("whole\n");
  expect(await shown("echo whole")).toBe("whole\n");
  expect(await shown("kill -9 $$")).toBe("");
});

test("on a terminal, which pulumi draws on by itself, the line is ended, the cursor seen and the colour as before", async () => {
  expect(await shown("kill -9 $$", true)).toBe("\u001b[0m\u001b[?25h\r\n");
  expect(await shown("exit 1", true), "it has ended in order").toBe("");
  expect(await shown("exit 0", true)).toBe("");
});
