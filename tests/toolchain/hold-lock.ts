// Run by the tests as a process of its own: hold-lock.ts <lock> <milliseconds>. Says when it has the lock and when it gives it up, which is
// after that time or on SIGUSR2.
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../sandbox/toolchain/common.mjs";

const [path = "", time = "0"] = process.argv.slice(2);
await withLock(path, "a test", async () => {
  console.log(`has it ${Date.now()}`);
  const released = new AbortController();
  process.once("SIGUSR2", () => released.abort());
  await sleep(Number(time), undefined, { signal: released.signal }).catch(() => undefined);
  console.log(`gives it up ${Date.now()}`);
});
