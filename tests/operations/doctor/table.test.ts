import { expect, onTestFinished, test } from "vitest";
import { findingIds } from "../../../operations/doctor/finding.ts";
import { machineCases } from "./cases-machine.ts";
import { outsideCases } from "./cases-outside.ts";
import { engineIds } from "./engine-ids.ts";
import { openStage, runFix } from "./scene.ts";

const cases = [...machineCases, ...outsideCases];

test("every kind of finding is broken, seen, mended and seen gone, once", () => {
  expect([...cases.map(({ id }) => id), ...engineIds].sort()).toEqual([...findingIds].sort());
});

test.each(cases.map((one) => [one.id, one.broken, one.mended, one] as const))("%s: %s; %s", { timeout: 30_000 }, async (id, _, __, one) => {
  using stage = openStage();
  const scene = await one.open(stage);
  onTestFinished(async () => void (await scene.close?.()));
  expect(await scene.look()).toEqual([]);
  await scene.breaks();
  const broken = await scene.look();
  expect(broken.map((finding) => finding.id)).toEqual([id]);
  const [finding] = broken;
  if (finding === undefined) return;
  await scene.person?.();
  await runFix(finding, stage, scene);
  expect(await scene.look()).toEqual([]);
});
