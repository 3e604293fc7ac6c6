import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Pulumi } from "../../operations/pulumi.ts";
import { readHistory } from "../../operations/restore/history.ts";
import { restore, type RestoreOptions } from "../../operations/restore/restore.ts";
import type { TestEngine } from "../engine.ts";
import { cloud, configure, openTemplate, stateOf } from "./template.ts";

const clean = (engine: TestEngine): Promise<string> => engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);

/** Restores as the verb does, and returns what it said. */
async function run(engine: TestEngine, file: string, more: Partial<RestoreOptions> = {}): Promise<string> {
  const said: string[] = [];
  await restore(Pulumi.sandbox(engine.sandbox), {
    system: "template",
    stack: "staging",
    text: readFileSync(file, "utf8"),
    source: "the saved state",
    keep: join(engine.home.root, "kept.state.json"),
    holder: { text: "nobody", alive: false },
    say: (line) => said.push(line),
    confirm: () => Promise.resolve(true),
    ...more,
  });
  return said.join("\n");
}

test("a state that was spoiled, or is not there any more, is put back, and nothing in the cloud changes", async () => {
  await using engine = await openTemplate();
  configure(engine, "staging", ["groundwork:sizes", "backend", "memory"], "2 GB");
  await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
  const history = readHistory(engine.home.state, "template", "staging");
  const last = history.at(-1)?.file ?? "";
  const before = cloud(engine, (store) => store.list());

  // Somebody took resources out of it.
  const database = stateOf(engine, "staging").resources.find(({ type }) => type.endsWith(":DatabaseCluster"))?.urn ?? "";
  await engine.expect(["state", "delete", database, "--stack", "staging", "--yes", "--force", "--target-dependents"]);
  expect((await engine.run(["preview", "--stack", "staging", "--expect-no-changes"])).code).not.toBe(0);
  const plan = await run(engine, last, { confirm: undefined });
  expect(plan).toContain("staging, with the saved state:\n  known again (drift tells what of it is no longer there):\n    ");
  expect(plan).toContain("DatabaseCluster database");
  expect((await engine.run(["preview", "--stack", "staging", "--expect-no-changes"])).code).not.toBe(0);
  await run(engine, last);
  await clean(engine);
  // What was there before is kept, for its owner only, and never written over.
  const kept = join(engine.home.root, "kept.state.json");
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  await expect(run(engine, last)).rejects.toThrow("EEXIST");
  await clean(engine);

  // Cut off in the middle.
  const file = join(engine.home.state, ".pulumi/stacks/template/staging.json");
  truncateSync(file, 1000);
  await run(engine, last, { keep: join(engine.home.root, "none.state.json") });
  expect(existsSync(join(engine.home.root, "none.state.json"))).toBe(false);
  await clean(engine);

  // Gone altogether.
  for (const ending of ["", ".attrs", ".bak", ".bak.attrs"]) rmSync(`${file}${ending}`, { force: true });
  await run(engine, last, { keep: join(engine.home.root, "none.state.json") });
  await clean(engine);

  expect(cloud(engine, (store) => store.list())).toEqual(before);
});

test("what is not the stack's state is refused, and the stack stays as it is", async () => {
  await using engine = await openTemplate();
  const file = join(engine.home.root, "other.json");
  writeFileSync(file, await engine.expect(["stack", "export", "--stack", "shared"]));
  await expect(run(engine, file)).rejects.toThrow("cannot be restored to staging: it is that of stack shared of template");
  writeFileSync(file, "{");
  await expect(run(engine, file)).rejects.toThrow("the saved state cannot be restored: it is no JSON, or it is cut off");
  await expect(run(engine, file, { holder: { text: "ann, process 7", alive: true } })).rejects.toThrow("held by ann, process 7");
  await clean(engine);
});
