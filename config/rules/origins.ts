import type { Environment } from "../environments.ts";
import { quote } from "../problems.ts";
import { textsIn, tidy, upperSnake } from "./texts.ts";

/** Whether a variable holds origins that may call a service, by its name. */
export function isOriginName(name: string): boolean {
  return /ORIGINS?(?:_|$)|CORS(?!_(?:MAX_AGE|ALLOW_(?:CREDENTIALS|HEADERS|METHODS)|ALLOWED_(?:HEADERS|METHODS)|CREDENTIALS|HEADERS|METHODS|EXPOSE|ENABLED?|DEBUG))|AUTHORIZED_PARTIES/.test(
    upperSnake(name),
  );
}

/** Whether an origin lets more in than one site: a wildcard, a pattern, or what some frameworks take for "all". */
export function openOrigin(origin: string): boolean {
  return textsIn(origin).some(
    (text) =>
      text.includes("*") || /^(?:all|any|null|true)$/i.test(text) || /[\\^$+()[\]|]|\.\?/.test(text.replace(/\[[0-9a-f:.]+\]/i, "")),
  );
}

/** What is wrong with the form of an origin, or undefined. */
export function originForm(origin: string): string | undefined {
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return 'is not an origin. Write scheme and host, as in "https://dashboard.example.com".';
  }
  // A login in it stays out of the message.
  if (url.username !== "" || url.password !== "") return "holds a login, which browsers never send. Write scheme and host.";
  return url.origin === origin ? undefined : `is not an origin: browsers send ${quote(url.origin)}.`;
}

/** Whether an origin is one, and not encrypted. */
export function plainOrigin(origin: string): boolean {
  return /^(?:http|ws):/i.test(tidy(origin));
}

/** What is wrong with one origin of a stack file, as a sentence without its full stop; undefined where nothing is. */
export function originProblem(origin: string, environment: Environment): string | undefined {
  if (openOrigin(origin)) return `${quote(origin)} lets every site in. Name each origin, as in "https://dashboard.example.com"`;
  const form = originForm(origin);
  if (form !== undefined) return `${quote(origin)} ${form.replace(/\.$/, "")}`;
  return environment !== "local" && plainOrigin(origin) ? `${quote(origin)} is not encrypted. Use https outside local` : undefined;
}
