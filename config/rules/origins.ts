import type { Environment } from "../environments.ts";
import { quote } from "../problems.ts";
import { isOwnMachine } from "./hosts.ts";
import { listItems, readingsOf, textsIn, tidy, upperSnake } from "./texts.ts";

/** What a name about CORS may be about beside origins. */
const settings =
  /CORS_?(?:MAX_?AGE|(?:ALLOW(?:ED)?_)?(?:CREDENTIALS|HEADERS|METHODS)|ALLOW_PRIVATE_NETWORK|EXPOSED?(?:_HEADERS)?|ENABLED?|DEBUG|PATH|PREFLIGHT|OPTIONS_SUCCESS|VARY|LOG|SUPPORTS|URLS_REGEX)|(?:^|_)(?:ENABLED?|USE|WITH|DISABLED?|SKIP|HAS)_CORS$/;
/** Other things than browsers that have an origin, or are one. */
const others = /(?:^|_)(?:GIT|CDN|REMOTE|DATA|OF|IMAGES?|ASSETS?|STATIC|S3|MEDIA|UPSTREAM|BUCKET|SOURCE|CONTENT|TRAFFIC)_ORIGINS?(?:_|$)/;

/** Whether a variable holds origins that may call a service, by its name. */
export function isOriginName(name: string): boolean {
  const upper = upperSnake(name);
  if (settings.test(upper) || others.test(upper)) return false;
  return /ORIGINS?(?:_(?:REGEX(?:ES)?|PATTERNS?|LIST|JSON|WHITE_?LIST|ALLOW_?LIST|ALLOW_ALL|ALL|\d+))*$|CORS|AUTHORIZED_PART(?:Y|IES)/.test(
    upper,
  );
}

/** Whether a name says that its value is a pattern of origins, or a switch that lets all of them in. */
export function isPatternName(name: string): boolean {
  return /(?:REGEX(?:ES)?|PATTERNS?)(?:_|$)/.test(upperSnake(name));
}

/** The origins in a value: a list of them, or what stands under "origin" in an object. */
export function originsIn(value: string): readonly string[] {
  const whole = readingsOf(value).at(-1) ?? value;
  const text = /[*,;\s:]/.test(value) ? value : whole;
  const object = objectIn(text);
  if (object === undefined)
    return listItems(text).map((origin) => (/%[0-9a-f]{2}/i.test(origin) ? (readingsOf(origin)[1] ?? origin) : origin));
  const fields = Object.entries(object);
  const named = fields.filter(([key]) => /origin/i.test(key));
  return (named.length > 0 ? named : fields)
    .flatMap(([, field]): unknown[] => (Array.isArray(field) ? field : [field]))
    .filter((one): one is string => typeof one === "string");
}

function objectIn(value: string): object | undefined {
  if (!tidy(value).startsWith("{")) return undefined;
  try {
    return JSON.parse(tidy(value)) as object;
  } catch {
    return undefined;
  }
}

/** Whether an origin lets more in than one site: a wildcard, a pattern, or what some frameworks take for "all". */
export function openOrigin(origin: string): boolean {
  return textsIn(origin).some(
    (text) =>
      text.includes("*") ||
      /^(?:all|any|null|true|yes|on|1|reflect)$/i.test(text) ||
      /[\\^$+()[\]|]|\.\?|:\/\/[%?]/.test(text.replace(/\[[0-9a-f:.]+\]/i, "")),
  );
}

/** Schemes of apps that are pages inside of a program: that is what they send. */
const apps = /^(?:capacitor|ionic|tauri|app|chrome-extension|moz-extension|safari-web-extension|vscode-webview):\/\/[\w.-]+$/i;

/** What is wrong with the form of an origin, or undefined. */
export function originForm(origin: string): string | undefined {
  if (apps.test(origin)) return undefined;
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return 'is not an origin. Write scheme and host, as in "https://dashboard.example.com".';
  }
  // A login in it stays out of the message.
  if (url.username !== "" || url.password !== "") return "holds a login, which browsers never send. Write scheme and host.";
  if (!/^https?:$/.test(url.protocol)) return "is not an origin: pages have http or https. Write scheme and host.";
  if (/^\.|\.\.|\.$/.test(url.hostname)) return "is not an origin: its host has a dot too many.";
  return url.origin === origin ? undefined : `is not an origin: browsers send ${quote(url.origin)}.`;
}

/** Whether an origin is one, and not encrypted. */
export function plainOrigin(origin: string): boolean {
  return /^(?:http|ws):/i.test(tidy(origin));
}

/** Whether an origin is a page on the machine of whoever looks at it. */
export function ownMachineOrigin(origin: string): boolean {
  return !apps.test(origin) && URL.canParse(origin) && isOwnMachine(new URL(origin).hostname);
}

/** What is wrong with one origin of a stack file, as a sentence without its full stop; undefined where nothing is. */
export function originProblem(origin: string, environment: Environment): string | undefined {
  if (openOrigin(origin)) return `${quote(origin)} lets every site in. Name each origin, as in "https://dashboard.example.com"`;
  const form = originForm(origin);
  if (form !== undefined) return `${quote(origin)} ${form.replace(/\.$/, "")}`;
  if (environment === "local") return undefined;
  if (plainOrigin(origin)) return `${quote(origin)} is not encrypted. Use https outside local`;
  return ownMachineOrigin(origin) ? `${quote(origin)} is a page on anybody's own machine. Leave it to local` : undefined;
}
