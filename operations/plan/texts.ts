import { structuredPatch } from "diff";

/** A text of several lines, which says nothing on one. */
export const isText = (value: unknown): value is string => typeof value === "string" && value.trimEnd().includes("\n");

/** Longer lines say nothing more to anybody. */
const longest = 200;

/**
 * The lines that go and come between two texts, as a unified diff with a line around each place; the marks stand in front of the indentation, where
 * what colours diffs looks for them. Pure.
 *
 * @param most So many lines that go or come are shown.
 */
export function textDiff(from: string, to: string, most: number, indent = ""): string[] {
  const { hunks } = structuredPatch("", "", from, to, undefined, undefined, { context: 1 });
  const all = hunks.flatMap((hunk) => hunk.lines);
  const [goes, comes] = ["-", "+"].map((mark) => all.filter((line) => line.startsWith(mark)).length) as [number, number];
  // What comes is not hidden behind what goes.
  const mostGoing = Math.min(goes, Math.max(Math.floor(most / 2), most - comes));
  const left = { "-": mostGoing, "+": most - mostGoing };
  const isShown = (line: string): boolean => {
    const [mark = " "] = line;
    return mark === "-" || mark === "+" ? left[mark]-- > 0 : mark === " " && left["-"] + left["+"] > 0;
  };
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: own }) => {
    const kept = own.filter(isShown).map((line) => marked(line, indent));
    const place = `${indent}@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`;
    return kept.every((line) => line.startsWith(" ")) ? [] : from === "" || to === "" ? kept : [place, ...kept];
  });
  const more = goes + comes - most;
  return more <= 0 ? lines : [...lines, `${indent}… and ${more} more ${more === 1 ? "line that goes or comes" : "lines that go or come"}`];
}

function marked(line: string, indent: string): string {
  const text = `${line.slice(0, 1)}${indent}${line.slice(1)}`.trimEnd();
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
