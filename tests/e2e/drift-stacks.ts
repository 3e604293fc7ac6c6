import { Pulumi } from "../../operations/pulumi.ts";
import type { TestEngine } from "../engine.ts";
import { openTemplate } from "./template.ts";

/** The stacks of the template system that live in the cloud. */
export const allStacks = ["shared", "delivery", "staging", "production"];

/** The template system, up, with these stacks beside shared and staging. */
export async function openAll(more: readonly string[] = ["delivery", "production"]): Promise<{ engine: TestEngine; pulumi: Pulumi }> {
  const engine = await openTemplate();
  for (const stack of more) {
    await engine.sandbox.ensureStack(stack);
    await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
  }
  return { engine, pulumi: Pulumi.sandbox(engine.sandbox) };
}
