import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** What the real plugins did and what is published of them lies beside the repository; it is data to check against, not part of it. */
const folder = resolve(import.meta.dirname, "../../../shared");

/** Why a test that needs the shared data is skipped; nothing where it is there. */
export const absent: string | undefined = existsSync(join(folder, "recordings"))
  ? undefined
  : "the folder ../shared (recordings, schemas, openapi) is not beside this repository";

/** The content of one of its files; nothing where it is not there. */
export function readShared<T>(path: string): T | undefined {
  return absent === undefined ? (JSON.parse(readFileSync(join(folder, path), "utf8")) as T) : undefined;
}
