import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseEnv } from "node:util";
import { renderEnvExample } from "../../operations/env-example.ts";

const git = (...args: string[]) => spawnSync("git", args, { encoding: "utf8" });
const isTree = git("rev-parse", "--is-inside-work-tree").stdout.trim() === "true";

test("it names what a shell needs, holds no value, and is what npm run generate has written", () => {
  const text = renderEnvExample();
  const values = parseEnv(text);
  expect(Object.values(values).filter((value) => value !== "")).toEqual([]);
  expect(readFileSync(".env.example", "utf8")).toBe(text);
  // What README's first steps have somebody export stands in it.
  const [, exported = ""] = /^ +export (DIGITALOCEAN_TOKEN=.*)$/m.exec(readFileSync("README.md", "utf8")) ?? [];
  const names = [...exported.matchAll(/([A-Z_]+)=/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(3);
  expect(Object.keys(values)).toEqual(expect.arrayContaining(names));
});

test.skipIf(!isTree)("no .env is ever committed: git ignores them all, and tracks none", () => {
  for (const name of [".env", ".env.local", ".env.production", "systems/template/.env"]) {
    expect({ name, ignored: git("check-ignore", "--no-index", "--quiet", name).status === 0 }).toEqual({ name, ignored: true });
  }
  expect(git("check-ignore", "--no-index", "--quiet", ".env.example").status).toBe(1);
  const tracked = git("ls-files", "--", ".env*", "**/.env*")
    .stdout.split("\n")
    .filter((file) => file !== "" && !file.endsWith(".env.example"));
  expect(tracked).toEqual([]);
});
