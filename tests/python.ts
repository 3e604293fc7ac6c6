import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, findOnPath, runQuietly, withLock } from "../sandbox/toolchain/common.mjs";

/** Either what a test needs, or why it cannot be had here. */
export type Tool<T> = { readonly tool: T } | { readonly absent: string };

export const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";

/** The `bin` folder of a Python of its own in the cache, with what a requirements file names, in those versions and with those hashes. */
export async function pythonWith(name: string, requirements: string): Promise<Tool<string>> {
  if (findOnPath("python3") === undefined) return { absent: "python3 is not on PATH" };
  const stamp = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(cacheDirectory(), `${name}-python-${stamp}`);
  const bin = join(folder, "bin");
  try {
    await withLock(`${folder}.lock`, `Python ${name}`, async () => {
      if (existsSync(join(folder, "complete"))) return;
      rmSync(folder, { recursive: true, force: true });
      await runQuietly("python3", ["-m", "venv", folder], { timeout: 60_000 });
      const exact = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", requirements];
      await runQuietly(join(bin, "python3"), ["-m", "pip", "install", "--quiet", ...exact], { timeout: 120_000 });
      mkdirSync(join(folder, "complete"));
    });
    return { tool: bin };
  } catch (error) {
    return { absent: `the Python ${name} cannot be installed: ${firstLine(error)}` };
  }
}
