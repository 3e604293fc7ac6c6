import { type Answer, type Pace, type Question, request } from "../http.ts";

/** Asks APIs, and notes how far the clock of this machine is from theirs. */
export class Probe {
  /** Seconds by which this machine is ahead of each server that told its time. */
  readonly ahead: number[] = [];
  readonly #pace: Pace;

  constructor(pace: Partial<Pace> = {}) {
    this.#pace = { second: 1000, timeout: 10_000, tries: 3, ...pace };
  }

  async ask(url: string | URL, question: Question = {}): Promise<Answer> {
    const answer = await request(url, question, this.#pace);
    const date = answer.headers.get("date");
    if (date !== null) this.ahead.push(Math.round((Date.now() - Date.parse(date)) / 1000));
    return answer;
  }

  get(url: string | URL, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask(url, { headers });
  }
}
