import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A named pipe, through which a command that wants a file gets a text from us or hands us one. Nothing of it touches a disk. */
export class Pipe {
  readonly #folder = mkdtempSync(join(tmpdir(), "groundwork-"));
  readonly path = join(this.#folder, "plan");
  #isRead = false;

  constructor() {
    execFileSync("mkfifo", ["-m", "600", this.path]);
  }

  /** Everything that is written into it. */
  read(): Promise<string> {
    const child = spawn("cat", [this.path], { stdio: ["ignore", "pipe", "ignore"] });
    this.#isRead = true;
    return new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (data: string) => (text += data));
      child.once("error", reject).once("close", () => resolve(text));
    }).finally(() => (this.#isRead = false));
  }

  /** Gives a text to whoever reads it. Nobody may come. */
  async write(text: string): Promise<void> {
    const file = await open(this.path, "w");
    try {
      await file.writeFile(text);
    } catch {
      // who read it went away
    } finally {
      await file.close();
    }
  }

  /** Ends the waiting for an other end that never came. */
  async release(): Promise<void> {
    this.#touch();
    // A command may end sooner than our own end is opened, and then nothing would ever come to it.
    for (; this.#isRead; await sleep(10)) this.#touch();
  }

  #touch(): void {
    for (const how of [constants.O_WRONLY, constants.O_RDONLY]) {
      try {
        closeSync(openSync(this.path, how | constants.O_NONBLOCK));
      } catch {
        // nobody waits there
      }
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
