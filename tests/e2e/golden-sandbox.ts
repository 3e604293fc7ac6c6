import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { Home } from "../../sandbox/home.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A sandbox folder in which shared and staging are up; to be copied, never used. */
    goldenSandbox: string;
  }
}

/** Makes the sandbox from which the tests start: copying one is quicker than bringing the stacks up each time. */
export default async function setup(project: TestProject): Promise<() => void> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "groundwork-golden-")));
  const remove = (): void => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  try {
    const sandbox = await Sandbox.open(new Home(root), "template");
    for (const stack of ["shared", "staging"]) {
      await sandbox.ensureStack(stack);
      const { code, stdout, stderr } = await sandbox.capture(["up", "--stack", stack, "--yes", "--skip-preview"]);
      if (code !== 0) throw new Error(`${stack} did not come up:\n${stdout}\n${stderr}`);
    }
    project.provide("goldenSandbox", root);
    return remove;
  } catch (error) {
    remove();
    throw error;
  }
}

/** Fills a new sandbox folder with what the golden one holds; Pulumi's home is made anew, since its plugins name their folder. */
export function copyGolden(golden: string, root: string, parts: readonly string[] = ["state", "cloud"]): void {
  for (const part of ["declared", "encryption.json", ...parts]) {
    if (existsSync(join(golden, part))) cpSync(join(golden, part), join(root, part), { recursive: true });
  }
}
