/** What an address answered, or why there is no answer. */
export interface Answer {
  /** 0: nobody answered. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** Why nobody answered. */
  readonly error?: string;
}

/** Asks APIs, and notes how far the clock of this machine is from theirs. */
export class Probe {
  /** Seconds by which this machine is ahead of each server that told its time. */
  readonly ahead: number[] = [];

  async get(url: string | URL, headers: Readonly<Record<string, string>> = {}, method: "GET" | "HEAD" = "GET"): Promise<Answer> {
    try {
      const answer = await fetch(url, { method, headers, signal: AbortSignal.timeout(10_000) });
      const date = answer.headers.get("date");
      if (date !== null) this.ahead.push(Math.round((Date.now() - Date.parse(date)) / 1000));
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: parse(text) };
    } catch (error) {
      const { message, cause } = error as Error & { cause?: { code?: string } };
      return { status: 0, headers: new Headers(), body: undefined, error: cause?.code ?? message };
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
