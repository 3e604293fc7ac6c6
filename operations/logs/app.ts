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
export async function readAppLogs(environment: NodeJS.ProcessEnv, app: string, wish: Wish, { say, stop }: Ears): Promise<void> {
  const token = environment["DIGITALOCEAN_TOKEN"] || environment["DIGITALOCEAN_ACCESS_TOKEN"];
  if (!token)
    throw new Error(
      "an App's logs need DIGITALOCEAN_TOKEN, with app:read. Set it with: read -rs DIGITALOCEAN_TOKEN && export DIGITALOCEAN_TOKEN",
    );
  const url = logsUrl(environment["DIGITALOCEAN_API_URL"] ?? "https://api.digitalocean.com", app, wish);
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([stop, AbortSignal.timeout(30_000)]),
  });
  if (!answer.ok) throw new Error(refusal(answer.status, wish));
  const { live_url: live = "", historic_urls: historic = [] } = (await answer.json()) as Places;
  // What runs is told by the live address, which begins with the last lines; what has ended, by those that are kept.
  if (wish.follow && live !== "") return follow(new URL(live), { say, stop });
  const lines: string[] = [];
  // These addresses are signed by themselves: they get no token.
  for (const address of historic) {
    const kept = await fetch(address, { signal: stop });
    lines.push(...splitLines(await kept.text()));
  }
  if (historic.length === 0 && live !== "") lines.push(...(await lately(new URL(live), stop)));
  if (lines.length === 0) say(`no ${wish.kind} lines${wish.service === undefined ? "" : ` of ${wish.service}`}`);
  for (const line of lines.slice(-wish.tail)) say(line);
  if (wish.follow) say("no further lines come: the deployment has ended, or does not run yet");
}

/** The request, as the API describes it. */
export function logsUrl(base: string, app: string, { kind, service, tail, follow, deployment }: Wish): URL {
  const of = deployment === undefined ? "" : `/deployments/${encodeURIComponent(deployment)}`;
  const part = service === undefined ? "" : `/components/${encodeURIComponent(service)}`;
  const url = new URL(`/v2/apps/${app}${of}${part}/logs`, base);
  url.searchParams.set("type", kind.toUpperCase());
  url.searchParams.set("follow", String(follow));
  url.searchParams.set("tail_lines", String(tail));
  return url;
}

function refusal(status: number, { kind, service }: Wish): string {
  if (status === 401) return "DigitalOcean refuses the token in DIGITALOCEAN_TOKEN. npm run ops -- doctor says more";
  if (status === 403) return "the token in DIGITALOCEAN_TOKEN may not read Apps: it needs app:read";
  if (status === 404)
    return `the App has no ${kind} lines${service === undefined ? "" : ` of ${service}`}: nothing of it runs, or it is not there any more`;
  return `DigitalOcean answers ${status} to the question for logs`;
}

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
    if (!stop.aborted) throw error;
  }
}

function followSocket(url: URL, { say, stop }: Ears): Promise<void> {
  const socket = new WebSocket(url);
  const end = (): void => socket.close();
  return new Promise<void>((resolve, reject) => {
    stop.addEventListener("abort", end, { once: true });
    socket.addEventListener("message", ({ data }) => {
      for (const line of splitLines(text(String(data)))) say(line);
    });
    socket.addEventListener("close", () => resolve());
    socket.addEventListener("error", () => (stop.aborted ? resolve() : reject(new Error("the connection for new lines broke off"))));
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
