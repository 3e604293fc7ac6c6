// `npm run sandbox [-- [--system <name>] <pulumi arguments>]`: see the README.
import { UsageError } from "./command-line.ts";
import { Home } from "./home.ts";
import { showTemplate } from "./main-job.ts";
import { Sandbox } from "./sandbox.ts";

const [first, name, ...others] = process.argv.slice(2);
const chosen = first === "--system" && name !== undefined;
const system = chosen ? name : "template";
const args = chosen ? others : process.argv.slice(2);

try {
  const sandbox = await Sandbox.open(new Home(), system);
  process.exitCode = args.length === 0 ? await showTemplate(sandbox) : await sandbox.run(args);
} catch (error) {
  // What the toolchain could not get is said in full already; a stack trace would bury it.
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
