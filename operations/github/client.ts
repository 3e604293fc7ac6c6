import type { Octokit } from "@octokit/rest";
import { UsageError } from "../../sandbox/command-line.ts";
import { explain, GitHubError, type Headers, pauseOf } from "./errors.ts";

/** The repository that a workflow runs in, at GitHub. Whatever it refuses is a {@link GitHubError}. */
export interface GitHub {
  readonly rest: Octokit["rest"];
  readonly paginate: Octokit["paginate"];
  readonly owner: string;
  readonly repo: string;
  /** Waits so many seconds before something is tried again. */
  readonly wait: (seconds: number) => Promise<void>;
}

/** How patient it is. Tests are less so. */
export interface Pace {
  /** Milliseconds that a second of waiting takes. */
  readonly second: number;
  /** Milliseconds after which an answer is taken for lost. */
  readonly timeout: number;
  /** Whether writes keep the distance that GitHub asks for: one a second, and one that notifies somebody in three. */
  readonly spaced: boolean;
}

const usual: Pace = { second: 1000, timeout: 30_000, spaced: true };

/** A limit that ends within so many seconds is waited for, twice at most; a workflow should not stand still for longer. */
export const patience = 90;

/** Options of a request whose body would be out of date after a pause: whoever sends it makes it anew, and sends that. */
export const once = { request: { once: true, retries: 0 } } as const;

interface Sent {
  readonly request?: Readonly<Record<string, unknown>>;
}

/**
 * GitHub as a workflow sees it, by `GITHUB_TOKEN`, `GITHUB_REPOSITORY` and `GITHUB_API_URL`. Asks for nothing yet. Reads and edits are tried again
 * where GitHub is in trouble, four times in all; what makes something new is not, since it would be there twice: see `postOnce`.
 */
export async function openGitHub(env: NodeJS.ProcessEnv, pace: Pace = usual): Promise<GitHub> {
  const { token, owner, repo, baseUrl } = readEnvironment(env);
  const [{ Octokit }, { retry }, { throttling }] = await Promise.all([
    import("@octokit/rest"),
    import("@octokit/plugin-retry"),
    import("@octokit/plugin-throttling"),
  ]);
  const isWorthIt = (seconds: number, { request }: Sent, _octokit: unknown, retries: number): boolean =>
    request?.["once"] !== true && seconds <= patience && retries < 2;
  // The plugin's groups of Bottleneck, which let everything through.
  const open = { key: () => ({ schedule: (_: unknown, run: (...args: unknown[]) => unknown, ...args: unknown[]) => run(...args) }) };
  const unspaced = { global: open, write: open, notifications: open };
  const octokit = new (Octokit.plugin(retry, throttling))({
    auth: token,
    baseUrl,
    userAgent: "groundwork",
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    request: { fetch: (url: string, options: RequestInit) => fetch(url, { ...options, signal: AbortSignal.timeout(pace.timeout) }) },
    // Limits are the other plugin's.
    retry: { doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451], retryAfterBaseValue: pace.second },
    throttle: {
      id: crypto.randomUUID(),
      onRateLimit: isWorthIt,
      onSecondaryRateLimit: isWorthIt,
      retryAfterBaseValue: pace.second,
      ...(pace.spaced ? {} : (unspaced as object)),
    },
  });
  octokit.hook.before("request", (options) => {
    options.headers["x-github-api-version"] = "2022-11-28";
    if (options.method === "POST") options.request = { ...options.request, retries: 0 };
  });
  octokit.hook.error("request", (error, options) => {
    const { url, method } = octokit.request.endpoint(options);
    const path = new URL(url).pathname.slice(new URL(baseUrl).pathname.replace(/\/$/, "").length);
    throw asGitHubError(error, { method, path, repository: `${owner}/${repo}` }, token);
  });
  const wait = (seconds: number) => new Promise<void>((done) => void setTimeout(done, seconds * pace.second));
  return { rest: octokit.rest, paginate: octokit.paginate, owner, repo, wait };
}

const quiet = (): void => {};

/** What a workflow has in its environment. */
function readEnvironment({ GITHUB_TOKEN = "", GITHUB_REPOSITORY = "", GITHUB_API_URL = "" }: NodeJS.ProcessEnv) {
  const token = GITHUB_TOKEN.trim();
  if (token === "")
    throw new UsageError("GITHUB_TOKEN is not set. A workflow's step gets it with env: { GITHUB_TOKEN: ${{ github.token }} }");
  // A header that is refused would be quoted with what is in it.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError("GITHUB_TOKEN is no token: it has spaces, line ends or letters that none has");
  const [owner, repo, ...more] = GITHUB_REPOSITORY.split("/");
  if (![owner, repo].every((part) => /^[\w.-]+$/.test(part ?? "")) || more.length > 0)
    throw new UsageError(`GITHUB_REPOSITORY has to be <owner>/<name>, is "${GITHUB_REPOSITORY}"`);
  const baseUrl = GITHUB_API_URL === "" ? "https://api.github.com" : GITHUB_API_URL.replace(/\/$/, "");
  const { protocol, hostname } = URL.canParse(baseUrl) ? new URL(baseUrl) : { protocol: "", hostname: "" };
  const isLoopback = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback))
    throw new UsageError(`GITHUB_API_URL has to be an https address, as https://api.github.com, is "${GITHUB_API_URL}"`);
  return { token, owner: owner!, repo: repo!, baseUrl };
}

interface Broken {
  readonly status?: number;
  readonly response?: { readonly headers: Headers } | undefined;
  readonly message: string;
}

function asGitHubError(error: Broken, asked: { method: string; path: string; repository: string }, token: string): GitHubError {
  if (error instanceof GitHubError) return error;
  const { status, response, message } = error;
  // A connection that breaks is a 500 without an answer to the client.
  const answer =
    status === undefined || response === undefined ? undefined : { status, headers: response.headers, message: withoutPage(message) };
  const [failure, now] = [{ ...asked, ...(answer ? { answer } : { reason: message }) }, new Date()];
  return new GitHubError(explain(failure, now).replaceAll(token, "[token]"), answer?.status, pauseOf(failure, now));
}

/** The client adds the address of a page of documentation to what GitHub says. */
const withoutPage = (message: string): string => message.replace(/ - https:\/\/docs\.github\.com\S*/, "");
