import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Secrets in a folder that only its owner can enter, one file each, so that none is ever on a command line or in a shell's history. */
export class SecretFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  has(name: string): boolean {
    return existsSync(this.file(name));
  }

  read(name: string): string | undefined {
    return this.has(name) ? readFileSync(this.file(name), "utf8").trimEnd() : undefined;
  }

  /** Never writes over what is there. The file has all of it or is not there, whenever this is killed. */
  write(name: string, value: string): void {
    const draft = this.#draft(name, value);
    try {
      linkSync(draft, this.file(name));
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** The same, in place of what is there. */
  replace(name: string, value: string): void {
    renameSync(this.#draft(name, value), this.file(name));
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  #draft(name: string, value: string): string {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if ((statSync(this.path).mode & 0o077) !== 0) chmodSync(this.path, 0o700);
    const draft = this.file(`.${name}.draft`);
    // Of a run that was killed.
    rmSync(draft, { force: true });
    writeFileSync(draft, `${value}\n`, { mode: 0o600, flag: "wx" });
    return draft;
  }
}
