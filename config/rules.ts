import type { Environment } from "./environments.ts";
import { quote } from "./errors.ts";

/** What is wrong with the text of a secret, or undefined. The answer never holds the text. */
export function secretProblem(value: string): string | undefined {
  const text = value.trim();
  if (text === "") return "is empty";
  if (/change[-_ ]?(this|me)/i.test(text)) return "still holds the placeholder of a template";
  if (/^(<.*>|\[.*\]|x{3,}|\*{3,}|\.{3,}|your[-_ ].*|todo|secret|password|example)$/i.test(text)) return "still holds a placeholder";
  return undefined;
}

/** What is wrong with a list of origins that may call a service, or undefined. */
export function originProblem(origin: string, environment: Environment): string | undefined {
  if (origin.includes("*")) return `${quote(origin)} lets every site in. Name each origin, as in "https://dashboard.example.com"`;
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return `${quote(origin)} is not an origin. Write scheme and host, as in "https://dashboard.example.com"`;
  }
  if (url.origin !== origin) return `${quote(origin)} is not an origin: browsers send ${quote(url.origin)}`;
  if (environment !== "local" && url.protocol !== "https:") return `${quote(origin)} is not encrypted. Use https outside local`;
  return undefined;
}

/** What is wrong with the plain variables of a service, by the name of the variable. */
export function variableProblems(variables: Readonly<Record<string, string>>, environment: Environment): string[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    if (/ORIGIN|CORS(?!_(MAX_AGE|ALLOW_(CREDENTIALS|HEADERS|METHODS)|EXPOSE))/i.test(name)) {
      return splitList(value).flatMap((origin) => {
        const problem = originProblem(origin, environment);
        return problem === undefined ? [] : [`${name}: ${problem}.`];
      });
    }
    if (/change[-_ ]?this/i.test(value)) return [`${name}: still holds the placeholder of a template. Set its value.`];
    return [];
  });
}

/** The items of a list as services read it: a JSON array, or separated by commas. */
function splitList(value: string): string[] {
  const text = value.trim();
  if (text.startsWith("[")) {
    try {
      return (JSON.parse(text) as unknown[]).map((item) => (typeof item === "string" ? item : JSON.stringify(item)));
    } catch {
      return [text];
    }
  }
  return text === "" ? [] : text.split(",").map((item) => item.trim());
}
