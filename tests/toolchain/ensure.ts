// Run by the tests as a process of its own: prints the engine, or the error's message.
import { ensureEngine } from "../../sandbox/toolchain/engine.ts";

try {
  console.log(JSON.stringify(await ensureEngine()));
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
