import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect, onTestFinished, test } from "vitest";
import { importSystem } from "../../systems/import-system.ts";

test("a project that is named after no system is refused, with the nearest one", async () => {
  const error = await importSystem("templat", "tests").catch((error: unknown) => error);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).toBe(
    'Pulumi.yaml:\n  name: there is no system "templat". Did you mean "template"? A project has its system.ts beside its Pulumi.yaml, or is named after a folder in systems/.',
  );
});

test("a system says what it needs from outside", async () => {
  const { services, provided } = await importSystem("template", "tests");
  expect({ services, provided }).toEqual({
    services: ["backend", "dashboard"],
    provided: ["clerkSecretKey", "supabaseUrl", "supabaseServiceKey", "sentryDsn", "slackWebhook", "logsKey"],
  });
});

test("a system that cannot be loaded is said as the program's own error, with its file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "system.ts"), 'throw new Error("not today");\n');
  const error = await importSystem("elsewhere", folder).catch((error: unknown) => error);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).toMatch(/system\.ts(:1)? cannot be loaded:\nnot today$/);
});

test("a system that forgot a part is told which, and not by the first line that needs it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const definition = join(import.meta.dirname, "..", "..", "systems", "define-system.ts");
  writeFileSync(
    join(folder, "system.ts"),
    `import { defineSystem } from ${JSON.stringify(definition)};\nexport default defineSystem({ services: [], provided: {}, build: () => ({}) });\n`,
  );
  const error = await importSystem("elsewhere", folder).catch((error: unknown) => error);
  expect((error as Error).message).toMatch(
    /system\.ts:2 cannot be loaded:\ndefineSystem\(\{ … \}\) lacks schema, shared: systems\/template\/system\.ts has all of it$/,
  );
});
