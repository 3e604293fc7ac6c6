import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { description } from "./description.ts";
import type { OperationName } from "./operations.ts";
import { type Account, actions, octocat, repository, stranger } from "./records.ts";
import { type Answer, Refusal, State } from "./state.ts";

/** How a request fails. */
export type Fault =
  /** Nothing has happened. */
  | { readonly kind: "error"; readonly status: 500 | 502 | 503 }
  /** It has happened, and nobody is told: the connection is cut. */
  | { readonly kind: "lost" }
  /** It is answered, but late. */
  | { readonly kind: "slow"; readonly milliseconds: number }
  /** Too many requests; `seconds` until it goes on. The secondary limit is the one for writing in a short time. */
  | { readonly kind: "limit"; readonly of: "primary" | "secondary"; readonly status: 403 | 429; readonly seconds: number };

/** A request that a test may hold back. */
export interface Arrival {
  readonly operation: OperationName;
  readonly token: string;
  readonly body: string;
}

const tooMany = 5000;

/**
 * GitHub's API on loopback, for tests. Each request and each of its own answers is held to the published description; whatever is wrong makes the
 * test fail when it ends. Knows one repository, `acme/web`.
 */
export class GitHubApi {
  readonly state = new State();
  /** Token → whose it is. */
  readonly tokens = new Map<string, Account>([
    ["ghs_one", actions],
    ["ghs_two", actions],
    ["ghp_octocat", octocat],
    ["ghp_stranger", stranger],
  ]);
  /** What was asked for, in order. */
  readonly operations: OperationName[] = [];
  /** What was wrong with requests or answers. */
  readonly problems: string[] = [];
  /** Called before a request has any effect. */
  arrives: (arrival: Arrival) => Promise<void> | void = () => {};
  readonly #faults: { readonly operation: OperationName; readonly fault: Fault; times: number }[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));

  /** Starts one that ends with the test, also with one that fails. */
  static async start(): Promise<GitHubApi> {
    const api = new GitHubApi();
    api.#server.listen(0, "127.0.0.1");
    await once(api.#server, "listening");
    onTestFinished(() => api.stop());
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a workflow's job has in its environment. */
  environment(token = "ghs_one"): { GITHUB_TOKEN: string; GITHUB_REPOSITORY: string; GITHUB_API_URL: string } {
    return { GITHUB_TOKEN: token, GITHUB_REPOSITORY: `${repository.owner}/${repository.name}`, GITHUB_API_URL: this.url };
  }

  /** The next requests of this operation fail. */
  fail(operation: OperationName, fault: Fault, times = 1): void {
    this.#faults.push({ operation, fault, times });
  }

  /** Ends it. Throws where anything was wrong. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
    if (this.problems.length > 0) throw new Error(`GitHub's description knows better:\n${[...new Set(this.problems)].join("\n")}`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? "/", this.url);
      const path = url.pathname.replace(`/repositories/${repository.id}`, `/repos/${repository.owner}/${repository.name}`);
      const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
      const { problems, meant } = description.read({
        method: request.method ?? "",
        path,
        query: url.searchParams,
        headers: request.headers,
        body,
      });
      this.problems.push(...problems);
      if (!meant || this.operations.length >= tooMany) {
        if (meant) this.problems.push(`more than ${tooMany} requests`);
        return this.#send(response, { status: 500, body: { message: "not in this world" } });
      }
      this.operations.push(meant.operation);
      const token = /^(?:token|bearer) (.*)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
      await this.arrives({ operation: meant.operation, token, body });
      const fault = this.#fault(meant.operation);
      if (fault?.kind === "error") return this.#send(response, { status: fault.status, body: { message: "Server Error" } });
      if (fault?.kind === "limit") return this.#send(response, limited(fault));
      if (fault?.kind === "slow") await new Promise((go) => this.#timers.add(setTimeout(go, fault.milliseconds)));
      const answer = this.#answer(() => {
        const who = this.tokens.get(token);
        if (!who) throw new Refusal(401, "Bad credentials");
        return this.state.answer(meant, who);
      });
      this.problems.push(...description.answerProblems(meant.operation, answer.status, answer.body));
      if (fault?.kind === "lost") return void request.socket.destroy();
      this.#send(response, answer);
    } catch (error) {
      this.problems.push(`the test's own server broke: ${error instanceof Error ? error.message : String(error)}`);
      response.destroy();
    }
  }

  #fault(operation: OperationName): Fault | undefined {
    const found = this.#faults.find((one) => one.operation === operation && one.times > 0);
    if (found) found.times--;
    return found?.fault;
  }

  #answer(ask: () => Answer): Answer {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message, errors, headers } = error;
      return {
        status,
        headers,
        body: { message, ...(errors && { errors }), documentation_url: "https://docs.github.com/rest", status: String(status) },
      };
    }
  }

  #send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
    const limit = {
      "x-ratelimit-limit": "5000",
      "x-ratelimit-remaining": "4999",
      "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 3600),
    };
    const link = headers["link"] === undefined ? {} : { link: headers["link"].replaceAll("$BASE", this.url) };
    response.writeHead(status, {
      ...limit,
      ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
      ...headers,
      ...link,
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }
}

function limited({ of, status, seconds }: Fault & { kind: "limit" }): Answer {
  const page = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api";
  if (of === "secondary") {
    const message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    return {
      status,
      headers: { "retry-after": String(seconds) },
      body: { message, documentation_url: `${page}#about-secondary-rate-limits` },
    };
  }
  const reset = String(Math.ceil(Date.now() / 1000) + seconds);
  return {
    status,
    headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset },
    body: { message: "API rate limit exceeded for installation ID 42.", documentation_url: page },
  };
}
