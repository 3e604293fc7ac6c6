import { DigitalOceanError, openDigitalOcean } from "../digitalocean.ts";
import { codeOf, type Pace, request } from "../http.ts";

/** What kind of lines, in the words of the verb. */
export type LogKind = "run" | "build" | "deploy";

/** Which lines are wanted. */
export interface Wish {
  readonly kind: LogKind;
  /** Only this service or job; undefined: all of them. */
  readonly service: string | undefined;
  /** So many of the last lines. */
  readonly tail: number;
  readonly follow: boolean;
  /** Of this deployment instead of the one that serves. */
  readonly deployment: string | undefined;
}

/** Where DigitalOcean keeps the lines, and where new ones come. */
interface Places {
  readonly live_url?: string;
  readonly historic_urls?: readonly string[];
}

/** What a reader of logs asks of its surroundings. */
export interface Ears {
  readonly say: (line: string) => void;
  /** Ends following. */
  readonly stop: AbortSignal;
}

/** Reads an App's lines through DigitalOcean's API. Throws and says what is missing. */
export async function readAppLogs(
  environment: NodeJS.ProcessEnv,
  app: string,
  wish: Wish,
  { say, stop }: Ears,
  pace?: Pace,
): Promise<void> {
  const api = openDigitalOcean(environment, "an App's logs", ["app:read"], pace);
  const { live_url: live = "", historic_urls: historic = [] } = await api
    .ask<Places>("GET", logsPath(app, wish), undefined, stop)
    .catch((error: unknown) => {
      throw error instanceof DigitalOceanError && error.status === 404 ? new Error(missing(wish)) : error;
    });
  // What runs is told by the live address, which begins with the last lines; what has ended, by those that are kept.
  if (wish.follow && live !== "") return follow(new URL(live), { say, stop });
  const lines: string[] = [];
  // These addresses are signed by themselves: they get no token.
  for (const address of historic) {
    const { status, text, error } = await request(address, { signal: stop }, pace);
    if (status === 0) throw new Error(`the lines that are kept cannot be read: ${new URL(address).host} does not answer (${error ?? ""})`);
    if (status !== 200)
      throw new Error(`the lines that are kept cannot be read: the store answers ${status}. Its addresses are short-lived: try again`);
    lines.push(...splitLines(text));
  }
  if (historic.length === 0 && live !== "") lines.push(...(await lately(new URL(live), stop)));
  if (lines.length === 0) say(`no ${wish.kind} lines${wish.service === undefined ? "" : ` of ${wish.service}`}`);
  for (const line of lines.slice(-wish.tail)) say(line);
  if (wish.follow) say("no further lines come: the deployment has ended, or does not run yet");
}

/** The request, as the API describes it. */
export function logsPath(app: string, { kind, service, tail, follow, deployment }: Wish): string {
  const of = deployment === undefined ? "" : `/deployments/${encodeURIComponent(deployment)}`;
  const part = service === undefined ? "" : `/components/${encodeURIComponent(service)}`;
  const query = new URLSearchParams({ type: kind.toUpperCase(), follow: String(follow), tail_lines: String(tail) });
  return `/v2/apps/${app}${of}${part}/logs?${query.toString()}`;
}

const missing = ({ kind, service }: Wish): string =>
  `the App has no ${kind} lines${service === undefined ? "" : ` of ${service}`}: nothing of it runs, or it is not there any more`;

/** New lines as they come, until the other side ends it or the user does. */
async function follow(url: URL, { say, stop }: Ears): Promise<void> {
  if (url.protocol === "ws:" || url.protocol === "wss:") return followSocket(url, { say, stop });
  try {
    const { body } = await fetch(url, { signal: stop });
    if (body === null) return;
    let rest = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) say(text(line));
    }
    if (rest !== "") say(text(rest));
  } catch (error) {
    if (!stop.aborted) throw brokenOff(url, codeOf(error), error);
  }
}

const brokenOff = ({ host }: URL, why: string, cause?: unknown): Error =>
  new Error(`the connection for new lines to ${host} broke off${why === "" ? "" : ` (${why})`}`, { cause });

function followSocket(url: URL, { say, stop }: Ears): Promise<void> {
  const socket = new WebSocket(url);
  const end = (): void => socket.close();
  return new Promise<void>((resolve, reject) => {
    stop.addEventListener("abort", end, { once: true });
    socket.addEventListener("message", ({ data }) => {
      for (const line of splitLines(text(String(data)))) say(line);
    });
    socket.addEventListener("close", () => resolve());
    socket.addEventListener("error", () => (stop.aborted ? resolve() : reject(brokenOff(url, ""))));
  }).finally(() => stop.removeEventListener("abort", end));
}

/** The last lines of something that goes on: what comes at once, and nothing that is waited for. */
async function lately(url: URL, stop: AbortSignal): Promise<string[]> {
  const lines: string[] = [];
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(), 3000);
  const say = (line: string): void => {
    lines.push(line);
    clearTimeout(timer);
    timer = setTimeout(() => quiet.abort(), 500);
  };
  await follow(url, { say, stop: AbortSignal.any([stop, quiet.signal]) }).finally(() => clearTimeout(timer));
  return lines;
}

/** A message of the live connection is JSON with the text in it, or the text. */
function text(message: string): string {
  if (!message.startsWith("{")) return message;
  try {
    const { data } = JSON.parse(message) as { data?: unknown };
    return typeof data === "string" ? data.replace(/\n$/, "") : message;
  } catch {
    return message;
  }
}

const splitLines = (whole: string): string[] => {
  const lines = whole.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
};
