import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { lookup } from "node:dns";

/** What a health URL came to. */
export interface Health {
  readonly url: string;
  readonly healthy: boolean;
  /** The status, or why there was no answer. */
  readonly answer: string;
}

/** `.localhost` is this machine, also where the resolver does not know. */
const resolve: LookupFunction = (host, options, callback) =>
  /(^|\.)localhost$/.test(host) ? lookup("localhost", options, callback) : lookup(host, options, callback);

/** Asks once. */
export function ask(url: string, timeout = 10_000): Promise<Health> {
  const get = url.startsWith("https:") ? getHttps : getHttp;
  return new Promise((done) => {
    const request = get(url, { timeout, lookup: resolve, headers: { "user-agent": "groundwork-verify" } }, (response) => {
      response.resume();
      done({ url, healthy: response.statusCode === 200, answer: String(response.statusCode) });
    });
    request.once("timeout", () => request.destroy(new Error(`no answer in ${timeout / 1000} s`)));
    request.once("error", (error: NodeJS.ErrnoException) => done({ url, healthy: false, answer: error.code ?? error.message }));
  });
}

/** Asks all of them until all are well, or the time is up: DNS and certificates of a new host take a while. */
export async function askAll(urls: readonly string[], { seconds, pause = 3 }: { seconds: number; pause?: number }): Promise<Health[]> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answers = await Promise.all(urls.map((url) => ask(url)));
    if (answers.every(({ healthy }) => healthy) || Date.now() + pause * 1000 > end) return answers;
    await new Promise((wake) => setTimeout(wake, pause * 1000));
  }
}
