import ky, { isHTTPError, isTimeoutError } from "ky";

/** What an address answered, or why there is no answer. */
export interface Answer {
  /** 0: nobody answered. */
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
  /** As it came; of a refusal, what could be read of it. */
  readonly text: string;
  /** Why nobody answered. */
  readonly error?: string;
}

/** How patient a request is. Tests are less so. */
export interface Pace {
  /** Milliseconds that a second of waiting takes. */
  readonly second: number;
  /** Milliseconds after which an answer is taken for lost. */
  readonly timeout: number;
  /** How often it is asked in all. */
  readonly tries: number;
}

export const usual: Pace = { second: 1000, timeout: 20_000, tries: 4 };

/** A limit that ends later than this is not waited for. In seconds. */
const longestWait = 60;

export interface Question {
  readonly method?: "GET" | "HEAD" | "PUT" | "PATCH" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/**
 * Asks once more where the other side is busy, in trouble or silent. What makes something new (POST) is asked again only where it was turned
 * away for being too many: after anything else it may have been done, and would be done twice.
 */
export async function request(
  url: string | URL,
  { method = "GET", headers = {}, body, signal }: Question = {},
  { second, timeout, tries }: Pace = usual,
): Promise<Answer> {
  try {
    const answer = await ky(url, {
      method,
      headers: { ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
      timeout,
      retry: {
        limit: tries - 1,
        methods: ["get", "head", "put", "patch", "post", "delete"],
        statusCodes: [408, 429, 500, 502, 503, 504],
        afterStatusCodes: [429, 503],
        maxRetryAfter: longestWait * second,
        delay: (attempt) => 0.5 * 2 ** (attempt - 1) * second,
        jitter: true,
        retryOnTimeout: method !== "POST" && method !== "PATCH",
        shouldRetry: ({ error }) =>
          method !== "POST" && method !== "PATCH" ? undefined : isHTTPError(error) && error.response.status === 429 ? undefined : false,
      },
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: parse(text), text };
  } catch (error) {
    if (isHTTPError(error)) {
      const { response, data = "" } = error;
      const [body, text] = typeof data === "string" ? [parse(data), data] : [data, JSON.stringify(data)];
      return { status: response.status, headers: response.headers, body, text };
    }
    if (signal?.aborted) throw error;
    return {
      status: 0,
      headers: new Headers(),
      body: undefined,
      text: "",
      error: isTimeoutError(error) ? "no answer in time" : codeOf(error),
    };
  }
}

/** The system's word for a broken connection, which stands deep within. */
export function codeOf(error: unknown): string {
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    if ("code" in inner && typeof inner.code === "string") return inner.code;
  return error instanceof Error ? error.message : String(error);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
