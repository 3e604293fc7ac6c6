import { looksRandom, secretIn } from "./rules/keys.ts";

/** One thing that is wrong with the configuration, and what to do about it. */
export interface Problem {
  /** Where it stands, below `groundwork:`, parts joined by `/`; a key of another namespace in full. */
  readonly path: string;
  /** What is wrong, then the way out. Never holds a secret. */
  readonly message: string;
}

/** A report: the file once, then each problem on a line of its own. */
export function formatProblems(file: string, problems: readonly Problem[]): string {
  return [`${file}:`, ...problems.map(({ path, message }) => `  ${path === "" ? "" : `${path}: `}${message}`)].join("\n");
}

/** A value as it is shown in a message: text in quotes, never pages of it, and nothing that looks like a secret: it may stand in a wrong place. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  // A digest is as random as a key, and says nothing.
  const rest = (typeof value === "string" ? value : text).replace(/\bsha256:[0-9a-f]{64}\b/g, "sha256:");
  if (secretIn(rest) !== undefined || (typeof value === "string" && looksRandom(rest)))
    return "a value that looks like a secret (not shown)";
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/** Several allowed values in one line: `"a", "b"`. */
export function list(values: Iterable<unknown>): string {
  return [...values].map(quote).join(", ");
}

/** ` Did you mean "x"?`, where one of the known words is close enough, else nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  // One number is no misspelling of another.
  if (/^[\d.]+$/.test(word)) return "";
  const allowed = Math.max(1, Math.floor(word.length / 3));
  const nearest = [...known]
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest === undefined ? "" : ` Did you mean ${quote(nearest.candidate)}?`;
}

/** Levenshtein distance in which two swapped neighbours count as one edit, since that is the commonest slip. */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  rows[0] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = rows[i] ?? [];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(a.length, b.length);
}
