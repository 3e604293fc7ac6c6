import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { StackPreview } from "../../operations/comment/section.ts";
import { dangersOf } from "../../operations/dangers.ts";
import { deploy, type Surroundings } from "../../operations/deploy.ts";
import { previewOf, UnexpectedChanges } from "../../operations/plan.ts";
import { Pulumi } from "../../operations/pulumi.ts";
import type { TestEngine } from "../engine.ts";
import { Clone } from "./clone.ts";
import { openTemplate } from "./template.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTemplate();
});
afterAll(() => engine[Symbol.asyncDispose]());

test(
  "one passphrase and one secret for two environments: told in both, refused in production until accepted",
  { timeout: 240_000 },
  async () => {
    using clone = new Clone(engine);
    await engine.sandbox.ensureStack("production");
    const passphrase = "one for both of them";
    const pulumi = Pulumi.sandbox(engine.sandbox).elsewhere(clone.folder, {});
    for (const stack of ["shared", "staging", "production"])
      cpSync(join(engine.home.project("template"), `Pulumi.${stack}.yaml`), join(clone.folder, `Pulumi.${stack}.yaml`));
    const keyOf = (stack: string): string => {
      const text = readFileSync(join(clone.folder, `Pulumi.${stack}.yaml`), "utf8");
      const { config } = parse(text) as { config: { "groundwork:provided": { supabaseServiceKey: { secure: string } } } };
      return config["groundwork:provided"].supabaseServiceKey.secure;
    };
    clone.edit("Pulumi.production.yaml", [keyOf("production"), keyOf("staging")]);
    for (const stack of ["staging", "production"]) {
      const args = ["stack", "change-secrets-provider", "passphrase", "--stack", stack];
      expect(await pulumi.capture(args, {}, `${passphrase}\n`)).toMatchObject({ code: 0 });
    }
    const ops = (...args: string[]) => clone.real({ PULUMI_CONFIG_PASSPHRASE: passphrase }, ...args);

    const { code, stdout } = await ops("comment", "--dry-run", "--json", "--stack", "staging", "--stack", "production");
    expect(code).toBe(7);
    const told = (JSON.parse(stdout) as StackPreview[]).map(({ stack, dangers }) => [
      stack,
      ...dangers.filter(({ name }) => name.startsWith("share:")).map(({ severity, name, what }) => [severity, name, what]),
    ]);
    expect(told).toEqual([
      [
        "staging",
        ["warning", "share:passphrase", "passphrase of staging opens production too"],
        ["warning", "share:supabaseServiceKey", "supabaseServiceKey is the same secret as in production"],
      ],
      [
        "production",
        ["refusal", "share:passphrase", "passphrase of production opens staging too"],
        ["refusal", "share:supabaseServiceKey", "supabaseServiceKey is the same secret as in staging"],
      ],
    ]);
    expect(stdout).not.toContain(keyOf("staging"));
    const accept = (...names: string[]): string[] => names.flatMap((name) => ["--accept", `share:${name}`]);
    // What the comment of both named is what a run of one alone refuses, and takes.
    const refused = await ops("up", "--stack", "production", "--plan", ...accept("passphrase"));
    expect(refused.code).toBe(7);
    expect(refused.stderr.match(/--accept \S+/g)).toEqual(["--accept share:supabaseServiceKey"]);
    const taken = await ops("up", "--stack", "production", "--plan", ...accept("passphrase", "supabaseServiceKey"));
    expect([taken.code, taken.stderr]).toEqual([0, ""]);
  },
);

test("a network of a Docker host that stops being internal", { timeout: 120_000 }, async () => {
  const folder = await engine.project("vault", join(import.meta.dirname, "network-program.ts"), "production");
  await engine.expect(["stack", "init", "staging"], { folder });
  await engine.expect(["up", "--stack", "production", "--yes", "--skip-preview"], { folder, env: { NETWORK: "internal" } });
  const pulumi = Pulumi.sandbox(engine.sandbox).elsewhere(folder, { NETWORK: "open" });
  const plan = await previewOf(pulumi, "production", {});
  const of = (stack: string) => dangersOf(stack, plan).map(({ severity, name, what }) => [severity, name, what]);
  const what = "vault (network): internal true → false";
  expect(of("production")).toEqual([
    ["refusal", "outlet:Network/vault", what],
    ["warning", "replace:Network/vault", "vault (network) is replaced (internal true → false)"],
  ]);
  expect(of("staging")[0]).toEqual(["warning", "outlet:Network/vault", what]);

  const run = (accept: string[]) =>
    deploy({ stack: "production", images: {} }, {
      pulumi,
      cloud: undefined,
      say: () => undefined,
      progress: process.stderr,
      confirm: undefined,
      accept,
    } satisfies Surroundings);
  const refused = await run([]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UnexpectedChanges);
  expect(String(refused)).toContain(`exposure: ${what}\n    What lives in it was cut off`);
  expect((await run(["outlet:Network/vault"])).plan.dangers.map(({ accepted }) => accepted)).toEqual([true, false]);
});
