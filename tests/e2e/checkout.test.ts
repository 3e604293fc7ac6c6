import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TestEngine } from "../engine.ts";
import { commandsOf, runDocumented } from "./documents.ts";
import { configure, openTemplate, stateOf } from "./template.ts";

/** A repository of commits with nothing in them, which git then takes for that of the program. Returns their names. */
function history(folder: string): string[] {
  const run = (args: readonly string[], time = ""): string =>
    execFileSync("git", ["-C", folder, "-c", "user.name=Ann", "-c", "user.email=ann@example.com", ...args], {
      env: { ...process.env, GIT_COMMITTER_DATE: time, GIT_AUTHOR_DATE: time },
      encoding: "utf8",
    }).trim();
  run(["init", "--quiet", "--bare", "checkout.git"]);
  const tree = run(["--git-dir", "checkout.git", "hash-object", "-t", "tree", "-w", "/dev/null"]);
  const names: string[] = [];
  for (const day of [11, 12, 13]) {
    const parents = names.slice(-1).flatMap((parent) => ["-p", parent]);
    names.push(run(["--git-dir", "checkout.git", "commit-tree", tree, ...parents, "-m", String(day)], `2026-11-${day}T10:00:00Z`));
  }
  return names;
}

const checkOut = (engine: TestEngine, commit: string | undefined): string =>
  execFileSync("git", ["--git-dir", join(engine.home.root, "checkout.git"), "update-ref", "--no-deref", "HEAD", commit ?? ""], {
    encoding: "utf8",
  });

test("staging is deployed from no checkout that lacks what it was last deployed from", async () => {
  await using engine = await openTemplate();
  const [first, second, third] = history(engine.home.root);
  const up = ["up", "--stack", "staging", "--yes", "--skip-preview"];
  Object.assign(engine.sandbox.environment, { GIT_DIR: join(engine.home.root, "checkout.git"), GROUNDWORK_OLDER_CHECKOUT: "" });

  checkOut(engine, second);
  // What stands was deployed from the commit that this test lies in.
  await engine.expect(up, { env: { GROUNDWORK_OLDER_CHECKOUT: "any" } });
  const before = stateOf(engine, "staging").resources.length;

  // Older: a preview only warns, an up takes nothing back.
  checkOut(engine, first);
  configure(engine, "staging", ["groundwork:sizes", "backend", "memory"], "2 GB");
  const preview = await engine.expect(["preview", "--stack", "staging"]);
  expect(preview).toMatch(/An up from here would be refused: \w{7} of 2026-11-11 10:00 is older than \w{7} of 2026-11-12 10:00/);
  const refused = await engine.run(up);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain(`GROUNDWORK_OLDER_CHECKOUT=${second} pulumi up --stack staging`);
  expect(refused.stdout).toContain("Pulumi.staging.yaml:");
  expect(stateOf(engine, "staging").resources).toHaveLength(before);
  await engine.expect(["preview", "--stack", "staging"]);

  // Newer passes, and is then what counts.
  checkOut(engine, third);
  await engine.expect(up);
  checkOut(engine, second);
  expect((await engine.run(up)).stdout).toContain("from which staging was last deployed");

  // On purpose, by name; then that one counts.
  await engine.expect(up, { env: { GROUNDWORK_OLDER_CHECKOUT: third ?? "" } });
  await engine.expect(up);
  await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);
});

test("what recovery.md says of an older checkout is what gets past the refusal: the commit that it names, and not the one that is checked out", async () => {
  await using engine = await openTemplate();
  const [, second, third] = history(engine.home.root);
  Object.assign(engine.sandbox.environment, { GIT_DIR: join(engine.home.root, "checkout.git"), GROUNDWORK_OLDER_CHECKOUT: "" });
  checkOut(engine, third);
  await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"], { env: { GROUNDWORK_OLDER_CHECKOUT: "any" } });

  checkOut(engine, second);
  const [line, ...more] = commandsOf("recovery.md").filter(({ command }) => command.includes("GROUNDWORK_OLDER_CHECKOUT="));
  if (line === undefined) throw new Error("the page says nothing of it");
  expect(more).toEqual([]);
  const bare = { ...line, command: line.command.replace(/^GROUNDWORK_OLDER_CHECKOUT=\S+ /, "") };
  const refused = await runDocumented(engine, bare);
  expect(refused.code).toBe(1);
  const [, named = ""] = /GROUNDWORK_OLDER_CHECKOUT=(\S+) pulumi up/.exec(refused.stdout) ?? [];
  expect(named).toBe(third);
  const variables = { DEPLOYED: named };
  const wrong = { ...line, command: line.command.replace("$DEPLOYED", second ?? "") };
  expect(await runDocumented(engine, wrong, variables)).toMatchObject({ code: 1 });
  expect(await runDocumented(engine, line, variables)).toMatchObject({ code: 0 });
});
