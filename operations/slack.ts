import { setTimeout as wait } from "node:timers/promises";

/** Whether Slack was told, and if not, why. */
export interface Told {
  readonly told: boolean;
  /** In words, without the address. */
  readonly problem?: string;
}

/** How patient it is. Tests are less so. */
export interface SlackPace {
  /** Milliseconds after which no answer is expected any more. */
  readonly timeout: number;
  /** Milliseconds before the second and, four times that, before the third attempt. */
  readonly pause: number;
}

/**
 * Writes to the channel of `SLACK_WEBHOOK_URL`; without it nobody is told. Never throws, so that what was found is not lost where Slack cannot be
 * reached. The address is the whole secret of a webhook, and stands in no message.
 */
export async function tellSlack(
  text: string,
  { SLACK_WEBHOOK_URL = "" }: NodeJS.ProcessEnv,
  { timeout, pause }: SlackPace = { timeout: 10_000, pause: 1000 },
): Promise<Told> {
  const address = SLACK_WEBHOOK_URL.trim();
  if (address === "") return { told: false };
  if (!isAddress(address))
    return { told: false, problem: "SLACK_WEBHOOK_URL is no https address (its value is a secret, so it is not shown)" };
  for (let attempt = 1; ; attempt++) {
    const { problem, isLasting } = await post(address, text, timeout);
    if (problem === undefined) return { told: true };
    if (isLasting || attempt === 3) return { told: false, problem: `Slack was not told: ${problem}` };
    await wait(attempt * attempt * pause);
  }
}

/** In the clear to this machine only. */
function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));
}

async function post(address: string, text: string, timeout: number): Promise<{ problem?: string; isLasting?: boolean }> {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: escape(text) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeout),
    });
    const said = withoutAddress(await answer.text(), address).slice(0, 100);
    if (answer.ok) return {};
    return { problem: `it answers ${answer.status} ("${said}")`, isLasting: answer.status < 500 && answer.status !== 429 };
  } catch (error) {
    return { problem: reason(error) };
  }
}

const withoutAddress = (text: string, address: string): string =>
  text.replaceAll(address, "[address]").replaceAll(new URL(address).pathname, "[address]");

/** The messages of `fetch` may quote the address; its codes do not. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return "the connection broke";
  if (error.name === "TimeoutError") return "no answer in time";
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? `the connection broke (${code})` : "the connection broke";
}

/** Slack's three letters that are markup. */
const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
