import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
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
