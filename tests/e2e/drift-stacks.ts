import { Pulumi } from "../../operations/pulumi.ts";
import type { TestEngine } from "../engine.ts";
import { openTemplate } from "./template.ts";

/** Every stack of the template system: those in the cloud, that at GitHub, and the one on a Docker host. */
export const allStacks = ["shared", "delivery", "staging", "production", "local"];

/** The template system, up, with these stacks beside shared and staging. */
export async function openAll(
  more: readonly string[] = ["delivery", "production", "local"],
): Promise<{ engine: TestEngine; pulumi: Pulumi }> {
  const engine = await openTemplate();
  for (const stack of more) {
    await engine.sandbox.ensureStack(stack);
    await engine.expect(["up", "--stack", stack, "--yes", "--skip-preview"]);
  }
  return { engine, pulumi: Pulumi.sandbox(engine.sandbox) };
}
