import { Document, isMap, isScalar, parseDocument, type YAMLMap } from "yaml";
import type { Option } from "./adopt.ts";

/**
 * A stack file with options set. Everything else stays as it was written, to the space: a diff shows what was adopted and nothing else. A number
 * that becomes a range gives way to it. Pure.
 */
export const withOptions = (text: string, options: readonly Option[]): string =>
  options.reduce((before, { path, value }) => withValue(before, ["config", ...path], value), text);

function withValue(text: string, keys: readonly string[], value: Option["value"]): string {
  let node: unknown = parseDocument(text).contents;
  let depth = 0;
  while (isMap(node) && depth < keys.length) {
    const below = node.items.find(({ key }) => isScalar(key) && key.value === keys[depth])?.value;
    if (below === undefined) break;
    node = below;
    depth++;
  }
  const rest = keys.slice(depth);
  const { range } = node as { readonly range?: readonly [start: number, end: number, after: number] };
  if (range === undefined) throw new Error(`the stack file has no place for ${keys.join("/")}`);
  const [start, end] = range;
  if (!isMap(node) || rest.length === 0) {
    const space = text[start - 1] === ":" ? " " : "";
    return `${text.slice(0, start)}${space}${inline(rest, value)}${text.slice(end)}`;
  }
  const [key = "", ...inner] = rest;
  const added = `${key}: ${inline(inner, value)}`;
  if (node.flow === true) {
    const inside = text.slice(start + 1, end - 1).trimEnd();
    const before = inside.trim() === "" ? " " : inside.endsWith(",") ? `${inside} ` : `${inside}, `;
    return `${text.slice(0, start + 1)}${before}${added} ${text.slice(end - 1)}`;
  }
  const last = node.items.at(-1);
  const indent = " ".repeat(columnOf(text, startOf(node.items[0]?.key)));
  const at = text.indexOf("\n", Math.max(0, endOf(last?.value ?? last?.key) - 1));
  return at < 0 ? `${text}\n${indent}${added}\n` : `${text.slice(0, at)}\n${indent}${added}${text.slice(at)}`;
}

/** A value, below these keys, on one line. */
function inline(keys: readonly string[], value: Option["value"]): string {
  // As it is written inside of braces, where more has to be quoted.
  const document = new Document({ value: keys.toReversed().reduce<unknown>((inner, key) => ({ [key]: inner }), value) });
  (document.contents as YAMLMap).flow = true;
  return document.toString({ lineWidth: 0 }).trim().slice("{ value: ".length, -" }".length);
}

const rangeOf = (node: unknown): readonly number[] => (node as { readonly range?: readonly number[] } | null | undefined)?.range ?? [];
const startOf = (node: unknown): number => rangeOf(node)[0] ?? 0;
const endOf = (node: unknown): number => rangeOf(node)[1] ?? 0;
const columnOf = (text: string, at: number): number => at - (text.lastIndexOf("\n", at - 1) + 1);

/** Lines that went, with `-`, and that came, with `+`, in the file's order. Pure. */
export function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  // How many lines are the same from here on, at best: a stack file is short.
  const same = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (i: number, j: number): number => same[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      (same[i] as number[])[j] = old[i] === now[j] ? 1 + at(i + 1, j + 1) : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) [i, j] = [i + 1, j + 1];
    else if (i < old.length && (j === now.length || at(i + 1, j) >= at(i, j + 1))) lines.push(`- ${old[i++]}`);
    else lines.push(`+ ${now[j++]}`);
  }
  return lines;
}
