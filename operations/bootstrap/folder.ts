import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
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

  /** Never writes over what is there. */
  write(name: string, value: string): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if ((statSync(this.path).mode & 0o077) !== 0) chmodSync(this.path, 0o700);
    writeFileSync(this.file(name), `${value}\n`, { mode: 0o600, flag: "wx" });
  }
}
