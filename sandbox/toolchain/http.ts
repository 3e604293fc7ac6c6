import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import http from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ToolchainError } from "./common.mjs";

/** How long a download may stand still. */
const stallAfter = 30_000;

/** The text at `url`. A server that does not answer is given up after seconds: there is a next way to try. */
export async function fetchText(
  url: string,
  { accept = "*/*", within = 5_000 } = {},
): Promise<{ readonly text: string; readonly url: string }> {
  return get(url, accept, within, async (response) => ({ text: await response.text(), url: response.url }));
}

/** Stores what is at `url` in `file`, and fails unless it has the published SHA-256. */
export async function download(url: string, file: string, sha256: string): Promise<void> {
  await get(url, "*/*", stallAfter, async (response, alive) => {
    if (!response.body) throw new ToolchainError(`${plain(url)} is empty`);
    const hash = createHash("sha256");
    const pieces = Readable.fromWeb(response.body).on("data", (piece: Buffer) => {
      alive();
      hash.update(piece);
    });
    await pipeline(pieces, createWriteStream(file));
    const actual = hash.digest("hex");
    if (actual !== sha256) throw new ToolchainError(`the checksum of ${plain(url)} is ${actual}, but ${sha256} is published`);
  });
}

async function get<T>(
  url: string,
  accept: string,
  within: number,
  take: (response: Response, alive: () => void) => Promise<T>,
): Promise<T> {
  // The proxy variables count here as they do for npm, Go and pip; not for the rest of the process.
  const restore = (http as { setGlobalProxyFromEnv?: () => () => void }).setGlobalProxyFromEnv?.();
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error(`no answer within ${within / 1000} s`)), within);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new Error(`nothing arrived for ${stallAfter / 1000} s`)), stallAfter);
  };
  try {
    const { username, password } = new URL(url);
    const login = username && `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;
    const headers = { accept, ...(login && { authorization: login }) };
    const response = await fetch(plain(url), { headers, signal: abort.signal });
    if (!response.ok) throw new ToolchainError(`${plain(url)} answered ${response.status}`);
    alive();
    return await take(response, alive);
  } catch (error) {
    if (error instanceof ToolchainError) throw error;
    throw new ToolchainError(`${plain(url)}: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
    restore?.();
  }
}

/** The URL without a login, as it may be shown. */
export function plain(url: string): string {
  const shown = new URL(url);
  shown.username = shown.password = "";
  return shown.href;
}

/** The innermost message: `fetch` itself only says that it failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
