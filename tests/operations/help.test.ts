import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../../sandbox/systems.ts";

const help = (verb: string): string =>
  execFileSync(process.execPath, [join(repository, "operations", "cli.ts"), verb, "--help"], { cwd: repository, encoding: "utf8" });

test("help offers the sandbox to the verbs that know it", () => {
  for (const verb of ["cost", "access"]) expect(help(verb)).not.toContain("--sandbox");
  expect(help("logs")).toContain("--sandbox");
});
