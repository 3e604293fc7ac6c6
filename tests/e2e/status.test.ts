import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StackStatus } from "../../operations/status/status.ts";
import { runDocumented } from "./documents.ts";
import { fail, types } from "./faults.ts";
import { objectOf, openTemplate } from "./template.ts";

test(
  "status tells a failed deployment, a lock and what a promotion would bring, with nobody's passphrase",
  { timeout: 300_000 },
  async () => {
    await using engine = await openTemplate();
    const status = async (...args: string[]) => {
      const command = `npm run ops -- status ${args.join(" ")}`;
      return runDocumented(engine, { page: "", line: 0, command, codes: [0] }, { PULUMI_CONFIG_PASSPHRASE: "" });
    };
    const read = async (): Promise<Record<string, StackStatus>> => {
      const { stdout, stderr } = await status("--json");
      if (stdout === "") throw new Error(stderr);
      return Object.fromEntries((JSON.parse(stdout) as StackStatus[]).map((one) => [one.stack, one]));
    };
    const before = await read();
    expect(Object.keys(before)).toEqual(["staging", "production", "local", "shared", "delivery"]);
    expect(before).toMatchObject({
      staging: { verdict: "healthy", serving: { number: 1 }, cost: "35.15 USD a month", last: { kind: "update", result: "succeeded" } },
      production: { verdict: "missing" },
      shared: { verdict: "up" },
    });

    const password = String(objectOf(engine, "DatabaseUser").outputs["password"]);
    fail(engine, {
      type: types.app,
      operation: "update",
      kind: "deployment",
      details: { phase: "deploy", log: ["boom", `connecting to ${password}`] },
    });
    const image = `ghcr.io/example/template-backend@sha256:${"b".repeat(64)}`;
    const { code } = await engine.run(["up", "--stack", "staging", "--yes", "--skip-preview"], {
      env: { GROUNDWORK_IMAGES: JSON.stringify({ backend: image }), GROUNDWORK_COMMIT: "b".repeat(40) },
    });
    expect(code).not.toBe(0);
    // Nobody changed anything by hand, and what comes next goes from what failed.
    const told = (command: string) => runDocumented(engine, { page: "", line: 0, command: `npm run ops -- ${command}`, codes: [0] });
    const look = await told("drift --stack staging");
    expect(look, look.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("staging: no drift\n  note: The last change of App app failed") as string,
    });
    const plan = (await told("up --stack staging --plan")).stdout;
    expect(plan).toContain("    deployed anew, since the last deployment failed\n");
    expect(plan).toMatch(/ {4}backend image\.digest: "sha256:b{64}" → "sha256:2770/);
    expect(plan).not.toContain("GROUNDWORK_ATTEMPT");

    const locks = engine.home.locks("template", "shared");
    mkdirSync(locks, { recursive: true });
    // A process that is there no more: its number is beyond what the system gives.
    const lock = { pid: 4_999_999, username: "ann", hostname: hostname(), timestamp: new Date().toISOString() };
    writeFileSync(join(locks, "1.json"), JSON.stringify(lock));

    const after = await read();
    expect(after).toMatchObject({
      staging: { verdict: "unwell", serving: { number: 1 }, last: { result: "failed" } },
      shared: { lock: { alive: false } },
    });
    expect(after["staging"]?.problems.join("\n")).toContain("ended with ERROR, in deploy\n  | boom\n  | connecting to [secret]");
    for (const command of [
      "status --stack staging",
      "status --stack staging --json",
      "verify --stack staging",
      "verify --stack staging --json",
    ]) {
      const told = await runDocumented(engine, { page: "", line: 0, command: `npm run ops -- ${command}`, codes: [0, 1] });
      expect(told.stdout, command).toContain("boom");
      expect(told.stdout, command).toContain("connecting to [secret]");
      expect(told.stdout + told.stderr, command).not.toContain(password);
    }
    const { stdout } = await status("--stack staging --stack shared");
    expect(stdout).toMatch(/● staging {2}unwell {7}35\.15 USD a month\n/);
    expect(stdout).toMatch(
      /\n {4}problem {3}deployment \S+ ended with ERROR, in deploy\n {16}\| boom\n {16}\| connecting to \[secret\]\n {14}what it said: .*--type deploy --sandbox; the next deployment goes back to what serves\n● shared/,
    );
    expect(stdout).toContain("which does not run any more: npm run ops -- unlock --stack shared --sandbox");
    expect(stdout).not.toContain("\u001b[");
    const logs = (words: string) =>
      runDocumented(engine, { page: "", line: 0, command: `npm run ops -- logs --stack staging ${words}`, codes: [0] });
    expect(await logs("--service backend --type deploy")).toMatchObject({ code: 0, stderr: "" });
    const strange = await logs("--service bakend");
    expect(strange).toMatchObject({ code: 2, stdout: "" });
    expect(strange.stderr).toContain(
      'nothing that staging runs is called "bakend". Did you mean "backend"? There are: "backend", "backend-migrate", "dashboard".',
    );
    const never = await logs("--type deploy --deployment d1");
    expect(never).toMatchObject({ code: 2, stdout: "" });
    expect(never.stderr).toMatch(/the App has no deployment "d1"\. Its last ones, newest first: "[\da-f-]{36}", "[\da-f-]{36}"/);
    expect((await status("--stack stagign")).stderr).toContain('template has no stack "stagign". Did you mean "staging"?');
  },
);
