import { expect, test } from "vitest";
import { cloud, mismatches, openEmpty, openTemplate, stateOf } from "./template.ts";

const left = (names: string[]): string[] => names.sort();

test("destroy of staging leaves nothing but the firewall's cluster gone and the shared stack alone", async () => {
  await using engine = await openTemplate();
  await engine.expect(["destroy", "--stack", "staging", "--yes", "--skip-preview"]);
  expect(stateOf(engine, "staging").resources).toEqual([]);
  expect(mismatches(engine, ["shared"])).toEqual([]);
  expect(left(cloud(engine, (store) => store.list().map(({ type }) => type.split(":").at(-1) ?? "")))).toEqual(["Domain", "Project"]);
});

test("production is protected; destroyed all the same it leaves its data, closed, and says so", { timeout: 300_000 }, async () => {
  await using engine = await openEmpty();
  // Staging, which would prove these images, is not needed here.
  const images = engine.sandbox.environment["GROUNDWORK_IMAGES"] ?? "";
  engine.sandbox.environment["GROUNDWORK_UNPROVEN"] = images.match(/sha256:[0-9a-f]{64}/g)?.join(" ");
  for (const stack of ["shared", "production"]) {
    await engine.sandbox.ensureStack(stack);
    await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
  }
  const refused = await engine.run(["destroy", "--stack", "production", "--yes", "--skip-preview"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toMatch(/cannot be deleted|protect/);

  await engine.expect(["state", "unprotect", "--all", "--yes", "--stack", "production"]);
  await engine.expect(["destroy", "--stack", "production", "--yes", "--skip-preview"]);
  const kept = engine.sandbox.unmanaged();
  expect(left(kept.map(({ type }) => type.split(":").at(-1) ?? ""))).toEqual([
    "DatabaseCluster",
    "DatabaseDb",
    "DatabaseFirewall",
    "DatabaseUser",
    "Vpc",
  ]);
  expect(kept.find(({ type }) => type.endsWith(":DatabaseFirewall"))?.outputs.rules).toMatchObject([
    { type: "ip_addr", value: "10.42.16.0/20" },
  ]);
});
