import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pins, pulumiVersion } from "../../../components/github/actions/pins.ts";
import { engineVersion } from "../../../sandbox/toolchain/engine-version.ts";

interface Evidence {
  readonly read: string;
  readonly tags: Readonly<
    Record<string, Readonly<Record<string, { readonly commit: string; readonly date: string; readonly annotated?: boolean }>>>
  >;
}

const evidence = JSON.parse(readFileSync(join(import.meta.dirname, "pins.json"), "utf8")) as Evidence;

test.for(pins)("$action is pinned to the commit of $tag", ({ action, commit, tag }) => {
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  expect(tag).toMatch(/^v\d+\.\d+\.\d+$/);
  expect(evidence.tags[action]?.[tag]?.commit).toBe(commit);
});

test("nothing is pinned twice, and the evidence is about what is pinned", () => {
  expect(new Set(pins.map(({ action }) => action)).size).toBe(pins.length);
  expect(Object.keys(evidence.tags).sort()).toEqual(pins.map(({ action }) => action).sort());
});

test("workflows install the engine that the sandbox runs", () => {
  expect(pulumiVersion).toBe(engineVersion);
});
