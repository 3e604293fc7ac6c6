import { Pulumi } from "../../operations/pulumi.ts";
import type { TestEngine } from "../engine.ts";
import { openTemplate } from "./template.ts";

/** The stacks of the template system that live in the cloud. */
export const allStacks = ["shared", "delivery", "staging", "production"];

/** The whole template system, up. */
export async function openAll(): Promise<{ engine: TestEngine; pulumi: Pulumi }> {
  const engine = await openTemplate();
  for (const stack of allStacks) {
    await engine.sandbox.ensureStack(stack);
    if (stack === "delivery" || stack === "production") await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
  }
  return { engine, pulumi: Pulumi.sandbox(engine.sandbox) };
}
