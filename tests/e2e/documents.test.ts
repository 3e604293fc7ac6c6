import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { commandsOf, runDocumented } from "./documents.ts";
import { TestEngine } from "../engine.ts";
import { openTemplate } from "./template.ts";

/** Pages whose blocks of `sh` are run as they stand, in order, in a sandbox where shared and staging are up. */
const pages = ["operations.md", "recovery.md"];

test.each(pages)("the commands of %s do what the page says", { timeout: 300_000 }, async (page) => {
  const commands = commandsOf(page);
  expect(commands.length).toBeGreaterThan(0);
  await using engine = await openTemplate();
  // The sandbox's database is no server, so its psql only says that it was started.
  const programs = join(engine.home.root, "programs");
  mkdirSync(programs);
  writeFileSync(join(programs, "psql"), '#!/bin/sh\necho "psql: $PGUSER at $PGHOST"\n', { mode: 0o755 });
  const PATH = [programs, engine.sandbox.environment["PATH"]].join(delimiter);
  await engine.sandbox.ensureStack("delivery");
  const variables = { PATH, DEPLOYED: "any", BACKUP: engine.home.root, NEW_PASSPHRASE: join(engine.home.root, "new-passphrase") };
  writeFileSync(variables.NEW_PASSPHRASE, "another one\n");
  for (const command of commands) {
    const { code, stdout, stderr } = await runDocumented(engine, command, variables);
    expect(command.codes, `${page}:${command.line}: ${command.command}\n${stdout}\n${stderr}`).toContain(code);
  }
});

test("commands are found with the codes that their comments name", () => {
  const text = "```sh\na --b 'c # d' # exit code 7 where\n\n# alone\nx \\\n  y\n```\n```text\nz\n```\n";
  expect(commandsOf("p", text)).toEqual([
    { page: "p", line: 2, command: "a --b 'c # d'", codes: [0, 7] },
    { page: "p", line: 5, command: "x y", codes: [0] },
  ]);
});

test("the sandbox refuses another passphrase, and a stack that has no file, before anything is changed", { timeout: 60_000 }, async () => {
  await using engine = await TestEngine.open("tests/systems/tiny");
  await expect(engine.sandbox.run(["stack", "change-secrets-provider", "passphrase", "--stack", "staging"])).rejects.toThrow(
    "the sandbox has one passphrase for everything, which protects nothing and cannot be changed. Nothing was changed",
  );
  await expect(engine.sandbox.run(["up", "--stack", "stagin"])).rejects.toThrow('tiny has no stack "stagin". Did you mean "staging"?');
  for (const stack of ["staging", "stagin"]) expect(engine.home.hasStack(engine.sandbox.system, stack)).toBe(false);
});
