import type { Paint } from "../paint.ts";

/**
 * A comment of ours for somebody who sits at a terminal: the same words without Markdown's marks, nothing folded, in colours. Knows the Markdown that
 * is written here, and no more of it. Pure.
 */
export function forTerminal(comment: string, paint: Paint): string {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of comment.split("\n")) {
    const [, opens] = /^(`{3,})\w*$/.exec(line) ?? [];
    if (fence !== undefined) {
      if (line === fence) fence = undefined;
      else lines.push(`  ${ofDiff(line, paint)}`);
    } else if (opens !== undefined) fence = opens;
    else if (!isMark(line)) lines.push(...shown(line, paint));
  }
  return lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

/** What only GitHub reads. */
const isMark = (line: string): boolean => /^(?:<!-- .* -->|<\/?details>|\| Stack \|.*|[| -]+)$/.test(line) && line !== "";

function ofDiff(line: string, paint: Paint): string {
  const colour = { "+": "green", "-": "red", "!": "yellow", "#": "bold" } as const;
  const [sign = ""] = line;
  return sign in colour ? paint(colour[sign as keyof typeof colour], line) : line;
}

function shown(line: string, paint: Paint): string[] {
  const [, title] = /^#+ (.*)$/.exec(line) ?? [];
  if (title !== undefined)
    return [
      paint(
        "bold",
        inline(title, (text) => text),
      ),
    ];
  const [, summary] = /^<summary>(.*)<\/summary>$/.exec(line) ?? [];
  if (summary !== undefined) return [unescaped(summary)];
  const loud = line.includes("🛑") ? "red" : line.includes("⚠️") ? "yellow" : "bold";
  if (line.startsWith("| ")) return [`  ${cells(line).join("  ")}`];
  return inline(line, (text) => paint(loud, text))
    .split(breaks)
    .map((part, at) => (at === 0 ? part : `  ${part}`));
}

/** Takes the place of `<br>` until the text is split, so that none within code is taken for one. */
const breaks = "\n";

/** A row of the table; a bar within code has a stroke before it. */
const cells = (row: string): string[] =>
  row
    .split(/(?<!\\)\|/)
    .map((cell) => inline(cell.trim(), (text) => text))
    .filter((cell) => cell !== "" && cell !== "–");

const inline = (text: string, bold: (text: string) => string): string =>
  text.replaceAll(
    /(?<fence>`+)(?<code>.+?)\k<fence>(?!`)|\*\*(?<strong>.+?)\*\*|(?<![\w*])[*_](?<soft>[A-Z].*?)[*_](?![\w*])|<br>/g,
    (_: string, ...found: unknown[]) => {
      const { code, strong, soft } = found.at(-1) as Readonly<Record<"code" | "strong" | "soft", string | undefined>>;
      if (code !== undefined) return code.replaceAll(String.raw`\|`, "|").replace(/^ (`.*|.*`) $/, "$1");
      if (strong !== undefined) return bold(inline(strong, (inner) => inner));
      return soft === undefined ? breaks : inline(soft, (inner) => inner);
    },
  );

const entities: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&#64;": "@", "&#96;": "`", "&amp;": "&" };
const unescaped = (text: string): string => text.replaceAll(/&(?:lt|gt|amp|#64|#96);/g, (entity) => entities[entity] ?? entity);
