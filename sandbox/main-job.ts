import { type Sandbox } from "./sandbox.ts";
import { CloudStore } from "./cloud/store.ts";

/** The order in which stacks need each other: what environments share comes first, production last. */
const order = ["shared", "delivery", "staging", "production"];

/** Brings every stack up and proves that a second preview has nothing to do. Returns the exit code. */
export async function showTemplate(sandbox: Sandbox): Promise<number> {
  const plain = process.stdout.isTTY ? [] : ["--color", "never", "--non-interactive"];
  const stacks = order.filter((stack) => sandbox.stacks.includes(stack));
  if (stacks.length === 0)
    throw new Error(`${sandbox.system} has no stack file for any of ${order.join(", ")}: there is nothing to bring up.`);
  const started = Date.now();
  for (const stack of stacks) {
    await sandbox.ensureStack(stack);
    say(`${stack}: pulumi up`);
    const up = await sandbox.run(["up", "--stack", stack, "--yes", "--skip-preview", ...plain]);
    if (up !== 0) return up;
  }
  const clean: string[] = [];
  for (const stack of stacks) {
    say(`${stack}: a second preview must have nothing to do`);
    const preview = await sandbox.pulumi(["preview", "--stack", stack, "--expect-no-changes", ...plain]);
    if (preview !== 0) return preview;
    clean.push(stack);
  }

  say("What is in the cloud now");
  const store = new CloudStore(sandbox.home.cloud);
  for (const { type, name, id } of store.list()) console.log(`  ${(type.split(":").at(-1) ?? "").padEnd(18)} ${name.padEnd(34)} ${id}`);
  store.close();
  console.log(`\n${clean.join(", ")}: up, and a second preview is clean (${((Date.now() - started) / 1000).toFixed(0)} s).`);
  const wrapper = `npm run sandbox -- ${sandbox.choice}`;
  const shown = stacks.find((stack) => stack !== "shared" && stack !== "delivery") ?? stacks[0];
  console.log(`
Try next:
  ${wrapper}preview --stack ${shown} --diff
  npm run sandbox:cloud -- list
  ${wrapper}destroy --stack ${shown} --yes`);
  return 0;
}

function say(title: string): void {
  const line = `── ${title} `;
  console.log(`\n${line}${"─".repeat(Math.max(0, 78 - line.length))}`);
}
