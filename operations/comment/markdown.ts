/**
 * What comes from a pull request (names, values, errors) stands in code, which it cannot end: so it makes no link, no picture, no mention, no
 * table and no comment of its own.
 */

/** Characters that show as nothing or turn a line round. */
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Longer texts say nothing more to anybody. */
const longest = 240;

const clean = (text: string): string =>
  text.replaceAll(/\r\n?/g, "\n").replaceAll(invisible, "").replaceAll("<!--", "<! --").replaceAll("-->", "-- >");

const fenceFor = (text: string, least: number): string =>
  "`".repeat(Math.max(least, 1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))));

/** On one line, also in a table. */
export function code(text: string): string {
  const line = cut(clean(text).replaceAll("\n", " ")).trim();
  if (line === "") return "`​`".replace("​", " ");
  const fence = fenceFor(line, 1);
  const inside = line.startsWith("`") || line.endsWith("`") ? ` ${line} ` : line;
  return `${fence}${inside.replaceAll("|", String.raw`\|`)}${fence}`;
}

/** Lines as they are. */
export function block(lines: readonly string[], language = ""): string {
  const text = clean(lines.join("\n"));
  const fence = fenceFor(text, 3);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Within HTML, such as the line of something folded. */
export const html = (text: string): string =>
  cut(clean(text))
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "&#64;")
    .replaceAll("`", "&#96;");

export const cut = (text: string, room = longest): string => (text.length <= room ? text : `${text.slice(0, room - 1)}…`);

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
